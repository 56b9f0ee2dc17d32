"""A lamp on an MQTT broker as Zigbee2MQTT speaks of it: `BASE/LAMP`, `.../set`, `.../get`. Needs the extra `mqtt`.

Zigbee2MQTT's `on_time` would end a glow by itself, but it is ignored beside a brightness, and the lamp comes up at
once with it (zigbee-herdsman-converters, `light_onoff_brightness`). So a glow has its own connection whose last will is
the command to go out: when the night process dies, however it dies, the broker puts the lamp out. What still needs the
desk is only the ordinary end. A lamp is asked, by `/get`, what it is; what was retained is not believed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vigil.devices.nudgers.lamp import FADE_MS, OUT_MS, Lamp, Look, Pause
from vigil.devices.nudgers.mqtt_broker import TIMEOUT_S, Broker, MqttChoice
from vigil.domain.errors import DeviceError
from vigil.domain.units import MS_PER_S

if TYPE_CHECKING:
    import aiomqtt

MOST_BYTES = 64 * 1024
"""Longest message that is read. Our choice: a lamp's state is one or two kilobytes."""

_BRIGHTEST = 254
"""Brightness of Zigbee2MQTT at a hundred percent."""

_FADE_S = FADE_MS / MS_PER_S
_GO = json.dumps({"state": "OFF", "transition": OUT_MS / MS_PER_S})
_ASK = json.dumps({"state": "", "brightness": ""})


@dataclass(frozen=True, slots=True)
class Heard:
    """What a lamp has said of itself: is_on is None until it has said, dims once it has said its brightness."""

    is_on: bool | None = None
    dims: bool = False

    def after(self, payload: object) -> Heard:
        """What is known after a message; one that is too long or cannot be read says nothing."""
        if not isinstance(payload, bytes) or len(payload) > MOST_BYTES:
            return self
        try:
            state: object = json.loads(payload)
        except (ValueError, RecursionError):
            return self
        if not isinstance(state, dict):
            return self
        said = {"ON": True, "OFF": False}.get(str(state.get("state")), self.is_on)
        return Heard(said, self.dims or "brightness" in state)


def brightness_of(percent: int) -> int:
    """Percent of what a lamp can as Zigbee2MQTT's brightness, at least 1, rounded down."""
    return max(1, percent * _BRIGHTEST // 100)


class MqttLight(Lamp):
    """A lamp of Zigbee2MQTT that can be dimmed; raises SettingsError where the extra `mqtt` is not installed."""

    def __init__(
        self,
        choice: MqttChoice,
        marker: Path,
        *,
        pause: Pause = asyncio.sleep,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        super().__init__(f"the lamp {choice.lamp}", f"{choice.host}:{choice.port} {choice.topic}", marker, pause)
        self._topic = choice.topic
        self._broker = Broker(choice, timeout_s)
        self._glow: contextlib.AsyncExitStack | None = None
        self._timeout_s = timeout_s

    async def _look(self) -> Look:
        async with self._broker.connection() as client:
            await client.subscribe(self._topic, qos=1)
            await self._broker.say(client, f"{self._topic}/get", _ASK)
            heard = await self._heard(client, lambda lamp: lamp.is_on is not None and lamp.dims)
        if heard.is_on is None:
            raise DeviceError(f"{self.name} did not answer")
        return Look(heard.is_on, "" if heard.dims else f"{self.name} cannot be dimmed")

    async def _heard(self, client: aiomqtt.Client, enough: Callable[[Heard], bool]) -> Heard:
        """What the lamp says from now on, until it is `enough` or it has had its time. What was retained is old."""
        heard = Heard()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._timeout_s):
                async for message in client.messages:
                    heard = heard if message.retain else heard.after(message.payload)
                    if enough(heard):
                        break
        return heard

    async def _come(self, percent: int) -> None:
        await self._end_glow()
        come = {"state": "ON", "brightness": brightness_of(percent), "transition": _FADE_S}
        async with contextlib.AsyncExitStack() as opened:
            will = self._broker.will(f"{self._topic}/set", _GO)
            client = await opened.enter_async_context(self._broker.connection(will))
            await client.subscribe(self._topic, qos=1)
            await self._broker.say(client, f"{self._topic}/set", json.dumps(come))
            heard = await self._heard(client, lambda lamp: lamp.is_on is True)
            self._glow = opened.pop_all()
        if heard.is_on is not True:
            raise DeviceError(f"{self.name} did not say that it lit")

    async def _go(self) -> None:
        async with self._broker.connection() as client:
            await self._broker.say(client, f"{self._topic}/set", _GO)

    async def _surely_out(self) -> None:
        await super()._surely_out()
        # Only now: until the lamp is known to be out, the last will waits with it.
        await self._end_glow()

    async def _end_glow(self) -> None:
        glow, self._glow = self._glow, None
        if glow is not None:
            with contextlib.suppress(DeviceError):
                await glow.aclose()

    async def _let_go(self) -> None:
        # A lamp that is not known to be out keeps its last will: it goes out when this process ends, at the latest.
        if not self._marker.is_set():
            await self._end_glow()
