"""A lamp of Home Assistant, against a stand-in on the loopback."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lamp_hosts import Home
from tests.loopback import CANARY, glow, http_server, no_pause
from vigil.devices.nudgers.home_assistant import HomeAssistantChoice, HomeAssistantLight
from vigil.devices.nudgers.one_host import Answer
from vigil.domain.errors import DeviceError, SettingsError

Result = TypeVar("Result")


def with_lamp(
    home: Home,
    marker: Path,
    do: Callable[[HomeAssistantLight], Awaitable[Result]],
    *,
    token: str = CANARY,
    entity: str = "light.bed",
) -> Result:
    async def run() -> Result:
        async with http_server(home.handle) as port:
            choice = HomeAssistantChoice(f"http://127.0.0.1:{port}", token, entity)
            lamp = HomeAssistantLight(choice, marker, pause=no_pause)
            try:
                return await do(lamp)
            finally:
                await lamp.close()

    return asyncio.run(run())


def test_a_glow_comes_slowly_and_goes_slowly(tmp_path: Path) -> None:
    """As bright as was asked, over a second, and what Home Assistant is told is all it needs."""
    home = Home()

    async def do(lamp: HomeAssistantLight) -> None:
        assert await lamp.probe() == ""
        await lamp.start(glow(7), 0)
        assert home.state == "on"
        await lamp.off()

    with_lamp(home, tmp_path / "lit", do)
    assert home.state == "off"
    assert home.calls == [
        ("turn_on", {"entity_id": "light.bed", "transition": 1.0, "brightness_pct": 7}),
        ("turn_off", {"entity_id": "light.bed", "transition": 0.2}),
    ]
    assert not (tmp_path / "lit").exists()


def test_after_a_kill_the_next_process_puts_it_out(tmp_path: Path) -> None:
    """A new object with the same note."""
    home = Home()

    async def run() -> None:
        async with http_server(home.handle) as port:
            choice = HomeAssistantChoice(f"http://127.0.0.1:{port}", CANARY, "light.bed")
            before = HomeAssistantLight(choice, tmp_path / "lit", pause=no_pause)
            await before.start(glow(), 0)
            after = HomeAssistantLight(choice, tmp_path / "lit", pause=no_pause)
            await after.off()
            await before.close()
            await after.close()

    asyncio.run(run())
    assert home.state == "off"
    assert CANARY not in "".join(str(call) for call in home.calls)


def test_a_lamp_that_is_on_is_left_alone_and_goes_out_when_chosen(tmp_path: Path) -> None:
    """Start and off touch nothing; go_out does, once."""
    home = Home()
    home.state = "on"

    async def do(lamp: HomeAssistantLight) -> None:
        with pytest.raises(DeviceError, match="on already"):
            await lamp.start(glow(), 0)
        await lamp.off()
        assert home.calls == []
        assert await lamp.go_out() is True

    with_lamp(home, tmp_path / "lit", do)
    assert [service for service, _ in home.calls] == ["turn_off"]


def test_a_lamp_that_does_not_obey_is_not_confirmed_off(tmp_path: Path) -> None:
    """What is read back counts, not that the command was taken."""
    home = Home()

    async def do(lamp: HomeAssistantLight) -> None:
        await lamp.start(glow(), 0)
        home.deaf = True
        with pytest.raises(DeviceError, match="not known to be out"):
            await lamp.off()

    with_lamp(home, tmp_path / "lit", do)
    assert (tmp_path / "lit").exists()


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "refused the token"), (403, "refused the token"), (404, "knows no light.bed"), (500, "error 500")],
)
def test_what_home_assistant_refuses_is_said_in_plain_words(tmp_path: Path, status: int, said: str) -> None:
    """Probe says it, start and go_out raise it, nothing is noted as lit."""
    home = Home()
    home.status = status

    async def do(lamp: HomeAssistantLight) -> None:
        assert said in await lamp.probe()
        with pytest.raises(DeviceError, match=f"{said}; nothing was lit"):
            await lamp.start(glow(), 0)
        with pytest.raises(DeviceError, match=said):
            await lamp.go_out()

    with_lamp(home, tmp_path / "lit", do)
    assert not (tmp_path / "lit").exists()


def test_an_error_while_lighting_leaves_the_note(tmp_path: Path) -> None:
    """The lamp may have been lit, and is put out by the next off."""
    home = Home()

    async def do(lamp: HomeAssistantLight) -> None:
        look = lamp._look

        async def look_then_break() -> Any:
            seen = await look()
            home.status = 500
            return seen

        lamp._look = look_then_break  # type: ignore[method-assign] # it breaks between the look and the light
        with pytest.raises(DeviceError, match="may have been lit, and will be put out"):
            await lamp.start(glow(), 0)
        home.status = 0
        lamp._look = look  # type: ignore[method-assign] # well again
        await lamp.off()

    with_lamp(home, tmp_path / "lit", do)
    assert [service for service, _ in home.calls] == ["turn_off"]


def test_a_wrong_token_is_said_and_never_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the record, nor an error, nor a log holds it."""
    caplog.set_level(logging.DEBUG)
    wrong = "wrong-canary-77"

    async def do(lamp: HomeAssistantLight) -> str:
        with pytest.raises(DeviceError) as caught:
            await lamp.start(glow(), 0)
        return "".join(traceback.format_exception(caught.value)) + await lamp.probe() + repr(lamp.__dict__)

    said = with_lamp(Home(), tmp_path / "lit", do, token=wrong)
    assert "refused the token" in said
    assert wrong not in said
    assert wrong not in caplog.text
    assert wrong not in repr(HomeAssistantChoice("http://host", wrong, "light.bed"))


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"supported_color_modes": ["onoff"], "supported_features": 44}, "cannot be dimmed"),
        ({"supported_color_modes": "brightness", "supported_features": 44}, "cannot be dimmed"),
        ({}, "cannot be dimmed"),
        ({"supported_color_modes": ["brightness"], "supported_features": 4}, "cannot come up slowly"),
        ({"supported_color_modes": ["brightness"], "supported_features": True}, "cannot come up slowly"),
        ({"supported_color_modes": ["brightness"]}, "cannot come up slowly"),
    ],
)
def test_a_lamp_that_cannot_glow_is_refused(tmp_path: Path, attributes: dict[str, object], said: str) -> None:
    """It would come up at once, or with all it has."""
    home = Home()
    home.attributes = attributes

    async def do(lamp: HomeAssistantLight) -> None:
        assert said in await lamp.probe()
        with pytest.raises(DeviceError, match=said):
            await lamp.start(glow(), 0)

    with_lamp(home, tmp_path / "lit", do)
    assert home.calls == []


@pytest.mark.parametrize("state", ["unavailable", "unknown", "", "ON"])
def test_a_lamp_without_power_is_said(tmp_path: Path, state: str) -> None:
    """What is neither on nor off is not believed to be either."""
    home = Home()
    home.state = state

    async def do(lamp: HomeAssistantLight) -> str:
        return await lamp.probe()

    assert with_lamp(home, tmp_path / "lit", do) == "the lamp light.bed is not available to Home Assistant"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(
    anything
    | st.fixed_dictionaries(
        {"state": anything | st.sampled_from(["on", "off"])},
        optional={
            "attributes": anything
            | st.fixed_dictionaries({"supported_color_modes": anything, "supported_features": anything})
        },
    )
)
def test_whatever_it_answers_probe_raises_nothing(content: object) -> None:
    """The contract of probe: words, never an exception."""
    lamp = HomeAssistantLight(HomeAssistantChoice("http://host", CANARY, "light.bed"), Path("unused"))

    async def answer(*_: object) -> Answer:
        return Answer(200, content)

    lamp._host.ask = answer  # type: ignore[method-assign, assignment] # any JSON there is
    assert isinstance(asyncio.run(lamp.probe()), str)


@pytest.mark.parametrize(
    "entity", ["", "switch.bed", "light.", "light.Bed", "light.bed/../x", "light.bed\n", "light.*"]
)
def test_an_entity_that_is_no_light_is_refused(entity: str) -> None:
    """Nothing else of the home can be switched by a setting."""
    with pytest.raises(SettingsError, match=r"light\.bed"):
        HomeAssistantChoice("http://host", CANARY, entity)


def test_an_address_or_token_that_is_none_is_refused() -> None:
    """Said at setup, not at night."""
    with pytest.raises(SettingsError, match="address"):
        HomeAssistantChoice("host:8123", CANARY, "light.bed")
    with pytest.raises(SettingsError, match="token") as caught:
        HomeAssistantChoice("http://host", "a canary with spaces", "light.bed")
    assert "canary" not in str(caught.value)
