"""A button "Stop" in Home Assistant, made by MQTT discovery: its press reaches the watch by way of the broker.

The broker keeps what describes the button, and says "offline" for us when we vanish (the last will), so that a button
that would stop nothing is shown as not available. A press can only stop: nothing on the broker can begin anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from vigil.devices.nudgers.lamp import Pause
from vigil.devices.nudgers.mqtt_broker import TIMEOUT_S, Broker, MqttChoice
from vigil.domain.errors import DeviceError

if TYPE_CHECKING:
    import aiomqtt

_PRESS = "STOP"
_HERE, _GONE = "online", "offline"

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
"""Between attempts to reach the broker again, doubled each time. Our choice."""


class StopButton:
    """Listens for the button until it is cancelled; calls `pressed`, which must return at once, in the loop.

    Raises SettingsError where the extra `mqtt` is not installed.
    """

    def __init__(
        self,
        choice: MqttChoice,
        pressed: Callable[[], object],
        *,
        pause: Pause = asyncio.sleep,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._broker = Broker(choice, timeout_s)
        self._pressed = pressed
        self._pause = pause
        self._stop = f"vigil/{choice.node}/stop"
        self._here = f"vigil/{choice.node}/availability"
        self._config = f"{choice.discovery}/button/{choice.node}/stop/config"
        self._node = choice.node

    async def listen(self) -> None:
        """Keep the button alive through every trouble of the broker; returns only by being cancelled."""
        pause_s = FIRST_PAUSE_S
        while True:
            with contextlib.suppress(DeviceError):
                async with self._broker.connection(self._broker.will(self._here, _GONE, retain=True)) as client:
                    await self._announce(client)
                    pause_s = FIRST_PAUSE_S
                    await self._hear(client)
            await self._pause(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _announce(self, client: aiomqtt.Client) -> None:
        await client.subscribe(self._stop, qos=1)
        await self._broker.say(client, self._config, json.dumps(self._description()), retain=True)
        await self._broker.say(client, self._here, _HERE, retain=True)

    async def _hear(self, client: aiomqtt.Client) -> None:
        try:
            async for message in client.messages:
                # A press that the broker kept is from another night.
                if not message.retain and message.payload == _PRESS.encode():
                    self._pressed()
        finally:
            # Leaving in good order leaves no last will, so it is said here.
            with contextlib.suppress(DeviceError):
                await self._broker.say(client, self._here, _GONE, retain=True)

    def _description(self) -> dict[str, object]:
        """The button as Home Assistant wants it described (MQTT button, discovery of a single component)."""
        return {
            "name": "Stop",
            "unique_id": f"vigil_{self._node}_stop",
            "command_topic": self._stop,
            "payload_press": _PRESS,
            "availability_topic": self._here,
            "payload_available": _HERE,
            "payload_not_available": _GONE,
            "qos": 1,
            "icon": "mdi:hand-back-right",
            "device": {"identifiers": [f"vigil_{self._node}"], "name": "Vigil"},
            "origin": {"name": "Vigil"},
        }
