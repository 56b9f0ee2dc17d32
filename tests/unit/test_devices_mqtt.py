"""A lamp of Zigbee2MQTT, against a broker on the loopback."""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.loopback import CANARY, closed_port, glow, no_pause
from tests.mqtt_stand_in import StandInBroker, ZigbeeLamp, mqtt_broker
from vigil.devices.nudgers.mqtt import MOST_BYTES, Heard, MqttLight, brightness_of
from vigil.devices.nudgers.mqtt_broker import MqttChoice
from vigil.domain.errors import DeviceError, SettingsError

Result = TypeVar("Result")

pytest.importorskip("aiomqtt", reason="the extra mqtt is not installed")

COME = {"state": "ON", "brightness": 17, "transition": 1.0}
GO = {"state": "OFF", "transition": 0.2}


class Room:
    """A broker and a lamp on it."""

    def __init__(self, password: str = "") -> None:
        self.broker = StandInBroker(password)
        self.lamp = ZigbeeLamp(self.broker)

    def with_light(
        self,
        marker: Path,
        do: Callable[[MqttLight], Awaitable[Result]],
        *,
        timeout_s: float = 5.0,
        password: str = "",
    ) -> Result:
        async def run() -> Result:
            async with mqtt_broker(self.broker) as port:
                choice = MqttChoice("127.0.0.1", "bed", port, "vigil" if password else "", password)
                light = MqttLight(choice, marker, pause=no_pause, timeout_s=timeout_s)
                try:
                    return await do(light)
                finally:
                    marker.unlink(missing_ok=True)
                    await light.close()

        return asyncio.run(run())


def test_a_glow_comes_slowly_and_goes_slowly(tmp_path: Path) -> None:
    """One on, one off, and no will is left lying in wait."""
    room = Room()

    async def do(light: MqttLight) -> None:
        assert await light.probe() == ""
        await light.start(glow(7), 0)
        assert room.lamp.is_on
        assert room.broker.wills() == ["zigbee2mqtt/bed/set"]
        await light.off()
        assert not (tmp_path / "lit").exists()
        await room.broker.until(lambda: room.broker.wills() == [])
        room.broker.drop_all()

    room.with_light(tmp_path / "lit", do)
    assert room.lamp.told == [COME, GO]


def test_when_the_connection_dies_the_broker_puts_the_lamp_out(tmp_path: Path) -> None:
    """Nobody is needed for it; the next off finds the lamp out and says so."""
    room = Room()

    async def do(light: MqttLight) -> None:
        await light.start(glow(7), 0)
        room.broker.drop_all()
        assert room.lamp.told == [COME, GO]
        await light.off()

    room.with_light(tmp_path / "lit", do)
    assert room.lamp.told == [COME, GO, GO]


KILLED = """
import asyncio, sys
from pathlib import Path
from tests.loopback import glow, no_pause
from vigil.devices.nudgers.mqtt import MqttLight
from vigil.devices.nudgers.mqtt_broker import MqttChoice

async def main():
    light = MqttLight(MqttChoice("127.0.0.1", "bed", int(sys.argv[1])), Path(sys.argv[2]), timeout_s=30.0)
    await light.start(glow(7), 0)
    print("lit", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_when_the_night_process_is_killed_the_broker_puts_the_lamp_out(tmp_path: Path) -> None:
    """kill -9 in the middle of a glow, truly; and the next process confirms it."""
    room = Room()

    async def do(light: MqttLight) -> None:
        port, marker = light._broker._choice.port, tmp_path / "lit"
        killed = await asyncio.create_subprocess_exec(
            sys.executable, "-c", KILLED, str(port), str(marker), stdout=asyncio.subprocess.PIPE
        )
        assert killed.stdout is not None
        assert await killed.stdout.readline() == b"lit\n"
        assert room.lamp.told == [COME]
        room.lamp.changed.clear()
        killed.kill()
        await killed.wait()
        await room.lamp.changed.wait()
        assert room.lamp.told == [COME, GO]
        assert marker.exists()
        await light.off()
        assert not marker.exists()

    room.with_light(tmp_path / "lit", do, timeout_s=30.0)


def test_a_lamp_that_is_on_is_left_alone_and_goes_out_when_chosen(tmp_path: Path) -> None:
    """Start and off touch nothing; go_out does, once."""
    room = Room()
    room.lamp.is_on = True

    async def do(light: MqttLight) -> None:
        with pytest.raises(DeviceError, match="on already"):
            await light.start(glow(), 0)
        await light.off()
        assert room.lamp.told == []
        assert await light.go_out() is True

    room.with_light(tmp_path / "lit", do)
    assert room.lamp.told == [GO]


def test_what_the_broker_kept_is_not_believed(tmp_path: Path) -> None:
    """A retained state is as old as it may be."""
    room = Room()
    room.broker.retained["zigbee2mqtt/bed"] = b'{"state": "OFF", "brightness": 3}'
    room.lamp.reachable = False

    async def do(light: MqttLight) -> str:
        return await light.probe()

    assert room.with_light(tmp_path / "lit", do, timeout_s=0.1) == "the lamp bed did not answer"


def test_a_lamp_that_cannot_be_dimmed_is_refused(tmp_path: Path) -> None:
    """It would come up with all it has."""
    room = Room()
    room.lamp.dims = False

    async def do(light: MqttLight) -> str:
        with pytest.raises(DeviceError, match="cannot be dimmed; nothing was lit"):
            await light.start(glow(), 0)
        return await light.probe()

    assert room.with_light(tmp_path / "lit", do, timeout_s=0.1) == "the lamp bed cannot be dimmed"
    assert room.lamp.told == []


def test_a_lamp_that_does_not_say_that_it_lit_is_put_out(tmp_path: Path) -> None:
    """The broker has the command, the lamp may still take it: the note and the will stay until it is out."""
    room = Room()

    async def do(light: MqttLight) -> None:
        room.lamp.deaf = True
        with pytest.raises(DeviceError, match=r"did not say that it lit.*will be put out"):
            await light.start(glow(7), 0)
        room.lamp.deaf = False
        assert room.broker.wills() == ["zigbee2mqtt/bed/set"]
        await light.off()
        await room.broker.until(lambda: room.broker.wills() == [])

    room.with_light(tmp_path / "lit", do, timeout_s=0.2)
    assert room.lamp.told == [COME, GO]


def test_a_lamp_that_does_not_obey_keeps_its_will(tmp_path: Path) -> None:
    """Not confirmed off is said, and closing does not take back what puts it out at the end of the process."""
    room = Room()

    async def do(light: MqttLight) -> None:
        await light.start(glow(7), 0)
        room.lamp.deaf = True
        with pytest.raises(DeviceError, match="not known to be out"):
            await light.off()
        await light.close()
        assert room.broker.wills() == ["zigbee2mqtt/bed/set"]

    room.with_light(tmp_path / "lit", do)


def test_a_broker_that_is_not_there_is_said(tmp_path: Path) -> None:
    """With the address, so that the person sees what is wrong."""
    port = closed_port()
    light = MqttLight(MqttChoice("127.0.0.1", "bed", port), tmp_path / "lit", pause=no_pause)
    assert asyncio.run(light.probe()) == f"the MQTT broker did not answer at 127.0.0.1:{port}"
    with pytest.raises(DeviceError, match=r"did not answer.*nothing was lit"):
        asyncio.run(light.start(glow(), 0))


def test_a_broker_that_is_mute_is_given_up(tmp_path: Path) -> None:
    """It takes the connection and never says welcome."""
    room = Room()
    room.broker.mute = True

    async def do(light: MqttLight) -> str:
        return await light.probe()

    assert "did not answer" in room.with_light(tmp_path / "lit", do, timeout_s=0.1)


def test_a_connection_that_comes_too_late_is_closed_in_good_order(tmp_path: Path) -> None:
    """Given up while it was being made, it would hold a will that puts out somebody's lamp in the morning."""
    room = Room()

    async def do(light: MqttLight) -> None:
        broker = light._broker
        client = broker._client(broker.will("zigbee2mqtt/bed/set", "{}"))
        entering = asyncio.create_task(broker._enter(client))
        await asyncio.sleep(0)
        entering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await entering
        while not broker._leaving:
            await asyncio.sleep(0)
        await asyncio.gather(*broker._leaving)

    room.with_light(tmp_path / "lit", do)
    assert room.lamp.told == []


def test_a_wrong_password_is_said_and_never_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the record, nor an error, nor a log holds it."""
    caplog.set_level(logging.DEBUG)
    wrong = "wrong-canary-99"

    async def do(light: MqttLight) -> str:
        with pytest.raises(DeviceError) as caught:
            await light.start(glow(), 0)
        return "".join(traceback.format_exception(caught.value)) + await light.probe() + repr(light.__dict__)

    said = Room(CANARY).with_light(tmp_path / "lit", do, password=wrong)
    assert "refused the login" in said
    assert wrong not in said + caplog.text + repr(MqttChoice("host", "bed", 1883, "vigil", wrong))


def test_the_right_password_is_taken(tmp_path: Path) -> None:
    """A broker that asks for a login can be used."""

    async def do(light: MqttLight) -> str:
        return await light.probe()

    assert Room(CANARY).with_light(tmp_path / "lit", do, password=CANARY) == ""


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"[]", b"7", b"\xff", b"[" * 60_000, b'{"x": "' + b"x" * MOST_BYTES + b'"}', None, "text", 5.0],
    ids=["empty", "half", "list", "number", "no text", "deep", "long", "none", "str", "float"],
)
def test_a_message_that_cannot_be_read_says_nothing(payload: object) -> None:
    """Anybody on the broker can write to a topic."""
    heard = Heard(True, dims=True)
    assert heard.after(payload) is heard


@given(st.integers(1, 100))
def test_a_brightness_is_never_more_than_was_asked(percent: int) -> None:
    """Rounded down, but never out."""
    assert 1 <= brightness_of(percent) <= max(1, percent * 254 / 100)


def test_without_the_extra_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Vigil runs without it, and nothing is started half."""
    monkeypatch.setitem(sys.modules, "aiomqtt", None)
    with pytest.raises(SettingsError, match=r"pip install 'vigil\[mqtt\]'"):
        MqttLight(MqttChoice("host", "bed"), tmp_path / "lit")


@pytest.mark.parametrize(
    "given_",
    [
        {"host": ""},
        {"host": "mqtt://host"},
        {"host": "user@host"},
        {"port": 0},
        {"port": True},
        {"port": 70_000},
        {"lamp": ""},
        {"lamp": "#"},
        {"lamp": "be+d"},
        {"lamp": "a//b"},
        {"lamp": "/bed"},
        {"lamp": "bed\n"},
        {"lamp": "x" * 300},
        {"base": "$SYS"},
        {"discovery": ""},
        {"node": "my vigil"},
        {"password": "canary"},
        {"username": "vigil", "password": "can\nary"},
    ],
)
def test_a_choice_that_cannot_be_one_is_refused(given_: dict[str, object]) -> None:
    """Said at setup, not at night, and without the password."""
    with pytest.raises(SettingsError) as caught:
        MqttChoice(**{"host": "host", "lamp": "bed", **given_})  # type: ignore[arg-type] # wrong on purpose
    assert "can\nary" not in str(caught.value)
    assert "canary" not in str(caught.value)


def test_a_lamp_may_be_named_as_people_name_theirs() -> None:
    """With spaces, letters of every language, and folders."""
    assert MqttChoice("broker.local", "Schlafzimmer/Lämpchen links").topic == "zigbee2mqtt/Schlafzimmer/Lämpchen links"
