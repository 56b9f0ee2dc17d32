"""The button "Stop" in Home Assistant, against a broker on the loopback."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Awaitable, Callable

import pytest

from tests.loopback import closed_port
from tests.mqtt_stand_in import StandInBroker, mqtt_broker
from vigil.devices.nudgers.mqtt_broker import MqttChoice
from vigil.devices.nudgers.mqtt_stop import LONGEST_PAUSE_S, StopButton
from vigil.domain.errors import SettingsError

pytest.importorskip("aiomqtt", reason="the extra mqtt is not installed")

STOP = "vigil/bedroom/stop"
HERE = "vigil/bedroom/availability"
CONFIG = "homeassistant/button/bedroom/stop/config"


class Listening:
    """A button that listens to a broker, and how often it was pressed."""

    def __init__(self) -> None:
        self.broker = StandInBroker()
        self.presses = 0
        self.pauses: list[float] = []

    def press(self) -> None:
        self.presses += 1

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0)

    def run(self, do: Callable[[], Awaitable[None]]) -> None:
        async def run() -> None:
            async with mqtt_broker(self.broker) as port:
                choice = MqttChoice("127.0.0.1", "bed", port, node="bedroom")
                button = StopButton(choice, self.press, pause=self.pause, timeout_s=5.0)
                listening = asyncio.create_task(button.listen())
                await self.broker.until(lambda: HERE in self.broker.retained)
                await do()
                listening.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await listening
                await self.broker.until(lambda: self.broker.retained[HERE] == b"offline")

        asyncio.run(run())


def test_home_assistant_finds_a_button_that_stops() -> None:
    """What is described is what is listened to, and it is said to be there."""
    one = Listening()

    async def do() -> None:
        described = json.loads(one.broker.retained[CONFIG])
        assert described["command_topic"] == STOP
        assert described["availability_topic"] == HERE
        assert described["unique_id"] == "vigil_bedroom_stop"
        assert described["device"]["identifiers"] == ["vigil_bedroom"]
        assert one.broker.retained[HERE] == described["payload_available"].encode()
        one.broker.publish(described["command_topic"], described["payload_press"].encode())
        await one.broker.until(lambda: one.presses == 1)

    one.run(do)
    assert one.presses == 1


def test_a_press_of_another_night_stops_nothing() -> None:
    """A press that the broker kept would stop every night."""
    one = Listening()
    one.broker.retained[STOP] = b"STOP"

    async def do() -> None:
        one.broker.publish(STOP, b"anything else")
        one.broker.publish(STOP, b"STOP")
        await one.broker.until(lambda: one.presses > 0)

    one.run(do)
    assert one.presses == 1


def test_a_button_that_vanishes_is_shown_as_not_available_and_comes_back() -> None:
    """The broker says so for us, and a broken connection is made anew."""
    one = Listening()

    async def do() -> None:
        one.broker.drop_all()
        assert one.broker.said[-1] == (HERE, b"offline")
        await one.broker.until(lambda: one.broker.said[-1] == (HERE, b"online"))
        one.broker.publish(STOP, b"STOP")
        await one.broker.until(lambda: one.presses == 1)

    one.run(do)
    assert one.pauses == [1.0]


def test_a_broker_that_is_not_there_is_tried_again_ever_more_slowly() -> None:
    """A night without its broker costs next to nothing, and stopping still works elsewhere."""
    pauses: list[float] = []

    async def run() -> None:
        enough = asyncio.Event()

        async def pause(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 9:
                enough.set()
                await asyncio.Event().wait()

        button = StopButton(MqttChoice("127.0.0.1", "bed", closed_port()), lambda: None, pause=pause, timeout_s=5.0)
        listening = asyncio.create_task(button.listen())
        await enough.wait()
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening

    asyncio.run(run())
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, LONGEST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_PAUSE_S]


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is started half."""
    monkeypatch.setitem(sys.modules, "aiomqtt", None)
    with pytest.raises(SettingsError, match="pip install"):
        StopButton(MqttChoice("host", "bed"), lambda: None)
