"""A lamp of a Hue bridge, against a stand-in on the loopback that speaks TLS as a bridge does."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lamp_hosts import LIGHT, Bridge
from tests.loopback import BRIDGE_SHA256, CANARY, bridge_tls, closed_port, glow, http_server, no_pause
from vigil.devices.nudgers.home_assistant import HomeAssistantChoice, HomeAssistantLight
from vigil.devices.nudgers.hue import HueChoice, HueLight
from vigil.devices.nudgers.one_host import Answer, certificate_of
from vigil.domain.errors import DeviceError, SettingsError

Result = TypeVar("Result")


def with_lamp(
    bridge: Bridge,
    marker: Path,
    do: Callable[[HueLight], Awaitable[Result]],
    *,
    key: str = CANARY,
    certificate: str = BRIDGE_SHA256,
) -> Result:
    async def run() -> Result:
        async with http_server(bridge.handle, bridge_tls()) as port:
            choice = HueChoice(f"https://127.0.0.1:{port}", key, LIGHT, certificate, any_certificate=not certificate)
            lamp = HueLight(choice, marker, name="the lamp by the bed", pause=no_pause, timeout_s=5.0)
            try:
                return await do(lamp)
            finally:
                await lamp.close()

    return asyncio.run(run())


async def glow_once(lamp: HueLight) -> str:
    said = await lamp.probe()
    await lamp.start(glow(7), 0)
    await lamp.off()
    return said


def test_a_glow_begins_at_the_dimmest_and_comes_and_goes_slowly(tmp_path: Path) -> None:
    """One on, one rise, one off: a bridge ignores the time of a change that lights a lamp."""
    bridge = Bridge()
    assert with_lamp(bridge, tmp_path / "lit", glow_once) == ""
    assert bridge.puts == [
        {"on": {"on": True}, "dimming": {"brightness": 1}},
        {"dimming": {"brightness": 7}, "dynamics": {"duration": 1000}},
        {"on": {"on": False}, "dynamics": {"duration": 200}},
    ]
    assert not (tmp_path / "lit").exists()


def test_any_certificate_is_taken_only_where_that_was_said(tmp_path: Path) -> None:
    """A bridge's certificate cannot be verified, so the person pins it or says that it need not be."""
    assert with_lamp(Bridge(), tmp_path / "lit", glow_once, certificate="") == ""
    with pytest.raises(SettingsError, match="certificate of the Hue bridge is missing"):
        HueChoice("https://host", CANARY, LIGHT)


def test_another_certificate_gets_no_key(tmp_path: Path) -> None:
    """Somebody who took over the bridge's address learns nothing."""
    bridge = Bridge()

    async def do(lamp: HueLight) -> str:
        with pytest.raises(DeviceError, match="another certificate than at setup; nothing was lit"):
            await lamp.start(glow(), 0)
        return await lamp.probe()

    assert "another certificate" in with_lamp(bridge, tmp_path / "lit", do, certificate="00" * 32)
    assert bridge.seen_keys == []


def test_a_certificate_that_is_not_pinned_is_verified_for_home_assistant(tmp_path: Path) -> None:
    """Only a pin makes a self-signed certificate good."""
    seen: list[str] = []

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request.path)
        return web.json_response({"state": "off"})

    async def run(certificate: str) -> str:
        async with http_server(handle, bridge_tls()) as port:
            choice = HomeAssistantChoice(f"https://127.0.0.1:{port}", CANARY, "light.bed", certificate)
            lamp = HomeAssistantLight(choice, tmp_path / "lit", timeout_s=5.0)
            try:
                return await lamp.probe()
            finally:
                await lamp.close()

    assert "cannot be trusted" in asyncio.run(run(""))
    assert seen == []
    assert "cannot be dimmed" in asyncio.run(run(BRIDGE_SHA256))


def test_the_certificate_can_be_read_for_setup() -> None:
    """What is shown now is what is pinned; nobody there is said."""

    async def run() -> str:
        async with http_server(Bridge().handle, bridge_tls()) as port:
            return await certificate_of(f"https://127.0.0.1:{port}", 5.0)

    assert asyncio.run(run()) == BRIDGE_SHA256
    with pytest.raises(DeviceError, match="no certificate was read"):
        asyncio.run(certificate_of(f"https://127.0.0.1:{closed_port()}", 5.0))


def test_after_a_kill_the_next_process_puts_it_out(tmp_path: Path) -> None:
    """A new object with the same note; without a note a lamp that is on is not touched."""
    bridge = Bridge()

    async def run() -> None:
        async with http_server(bridge.handle, bridge_tls()) as port:
            choice = HueChoice(f"https://127.0.0.1:{port}", CANARY, LIGHT, BRIDGE_SHA256)
            before = HueLight(choice, tmp_path / "lit", pause=no_pause, timeout_s=5.0)
            await before.start(glow(), 0)
            after = HueLight(choice, tmp_path / "lit", pause=no_pause, timeout_s=5.0)
            await after.off()
            assert bridge.light["on"] == {"on": False}
            bridge.light["on"] = {"on": True}
            await after.off()
            with pytest.raises(DeviceError, match="on already"):
                await after.start(glow(), 0)
            assert await after.go_out() is True
            await before.close()
            await after.close()

    asyncio.run(run())
    assert [put["on"]["on"] for put in bridge.puts if "on" in put] == [True, False, False]


def test_a_lamp_that_the_bridge_does_not_reach_is_said(tmp_path: Path) -> None:
    """For a lamp without power the bridge says what it last knew, so its connection is looked at too."""
    bridge = Bridge()
    bridge.link = "connectivity_issue"

    async def do(lamp: HueLight) -> str:
        return await lamp.probe()

    assert with_lamp(bridge, tmp_path / "lit", do) == "the Hue bridge does not reach the lamp by the bed"


def test_a_command_that_may_have_no_effect_is_an_error(tmp_path: Path) -> None:
    """The bridge says 207 and an error inside; the lamp may be lit, and the next off puts it out."""
    bridge = Bridge()
    bridge.errors = [{"description": "device (light) has communication issues, command (on) may not have effect"}]

    async def do(lamp: HueLight) -> None:
        with pytest.raises(DeviceError, match="may have been lit, and will be put out"):
            await lamp.start(glow(), 0)
        bridge.errors = []
        await lamp.off()

    with_lamp(bridge, tmp_path / "lit", do)
    assert bridge.light["on"] == {"on": False}


def test_a_lamp_that_does_not_obey_is_not_confirmed_off(tmp_path: Path) -> None:
    """What is read back counts."""
    bridge = Bridge()

    async def do(lamp: HueLight) -> None:
        await lamp.start(glow(), 0)
        bridge.deaf = True
        with pytest.raises(DeviceError, match="not known to be out"):
            await lamp.off()

    with_lamp(bridge, tmp_path / "lit", do)
    assert (tmp_path / "lit").exists()


@pytest.mark.parametrize(
    ("status", "said"), [(401, "refused the key"), (403, "refused the key"), (404, "no such lamp"), (503, "could not")]
)
def test_what_the_bridge_refuses_is_said_in_plain_words(tmp_path: Path, status: int, said: str) -> None:
    """Probe says it, start raises it, nothing is lit."""
    bridge = Bridge()
    bridge.status = status

    async def do(lamp: HueLight) -> str:
        with pytest.raises(DeviceError, match=f"{said}.*nothing was lit"):
            await lamp.start(glow(), 0)
        return await lamp.probe()

    assert said in with_lamp(bridge, tmp_path / "lit", do)
    assert bridge.puts == []


def test_a_lamp_that_cannot_be_dimmed_is_refused(tmp_path: Path) -> None:
    """A plug would come up with all it has."""
    bridge = Bridge()
    del bridge.light["dimming"]

    async def do(lamp: HueLight) -> str:
        with pytest.raises(DeviceError, match="cannot be dimmed"):
            await lamp.start(glow(), 0)
        return await lamp.probe()

    assert with_lamp(bridge, tmp_path / "lit", do) == "the lamp by the bed cannot be dimmed"
    assert bridge.puts == []


def test_a_wrong_key_is_said_and_never_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the record, nor an error, nor a log holds it."""
    caplog.set_level(logging.DEBUG)
    wrong = "wrong-canary-88"

    async def do(lamp: HueLight) -> str:
        with pytest.raises(DeviceError) as caught:
            await lamp.start(glow(), 0)
        return "".join(traceback.format_exception(caught.value)) + repr(lamp.__dict__)

    said = with_lamp(Bridge(), tmp_path / "lit", do, key=wrong)
    assert "refused the key" in said
    assert wrong not in said + caplog.text + repr(HueChoice("https://host", wrong, LIGHT, BRIDGE_SHA256))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
lights = st.fixed_dictionaries(
    {"on": anything | st.fixed_dictionaries({"on": anything})}, optional={"owner": anything, "dimming": anything}
)


@settings(max_examples=200, deadline=None)
@given(
    anything
    | st.fixed_dictionaries(
        {"data": anything | st.lists(lights | anything, max_size=2)}, optional={"errors": anything, "status": anything}
    )
)
def test_whatever_it_answers_probe_raises_nothing(content: object) -> None:
    """The contract of probe: words, never an exception."""
    lamp = HueLight(HueChoice("https://host", CANARY, LIGHT, BRIDGE_SHA256), Path("unused"))

    async def answer(*_: object) -> Answer:
        return Answer(200, content)

    lamp._host.ask = answer  # type: ignore[method-assign, assignment] # any JSON there is
    assert isinstance(asyncio.run(lamp.probe()), str)


@pytest.mark.parametrize("light", ["", "1", "../../api", LIGHT.upper(), LIGHT + "\n"])
def test_an_id_that_is_none_is_refused(light: str) -> None:
    """Nothing else of the bridge can be reached by a setting."""
    with pytest.raises(SettingsError, match="named by its id"):
        HueChoice("https://host", CANARY, light, BRIDGE_SHA256)


def test_a_key_is_not_sent_in_the_clear() -> None:
    """Plain http is no address of a bridge."""
    with pytest.raises(SettingsError, match="https"):
        HueChoice("http://host", CANARY, LIGHT, BRIDGE_SHA256)
