"""What every lamp keeps to, whatever it is reached by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.loopback import glow, no_pause
from vigil.devices.nudgers.lamp import MOST_MS, MOST_PERCENT, Lamp, Look
from vigil.domain.errors import DeviceError, PermitError
from vigil.domain.requests import Output


class Bulb:
    """A bulb in the world, which outlives every process, and what was ever asked of it."""

    def __init__(self) -> None:
        self.is_on = False
        self.why_not = ""
        self.asked: list[str] = []
        self.trouble = ""
        self.stuck = False
        self.after_off: list[bool] = []

    def look(self) -> bool:
        return self.after_off.pop(0) if self.after_off else self.is_on


class ABulb(Lamp):
    """The lamp of a `Bulb`; trouble "refused" does nothing and says so, "lost" does it and says that it did not."""

    def __init__(self, bulb: Bulb, marker: Path) -> None:
        super().__init__("the lamp", "bulb", marker, no_pause)
        self.bulb = bulb
        self.closed = False

    async def _look(self) -> Look:
        if self.bulb.trouble == "blind":
            raise DeviceError("the lamp did not answer")
        return Look(self.bulb.look(), self.bulb.why_not)

    async def _come(self, percent: int) -> None:
        self._do(f"on {percent}", True)

    async def _go(self) -> None:
        self._do("off", self.bulb.stuck and self.bulb.is_on)

    async def _let_go(self) -> None:
        self.closed = True

    def _do(self, asked: str, is_on: bool) -> None:
        self.bulb.asked.append(asked)
        if self.bulb.trouble != "refused":
            self.bulb.is_on = is_on
        if self.bulb.trouble in {"refused", "lost"}:
            raise DeviceError("the lamp did not answer")


def lamp(tmp_path: Path) -> ABulb:
    return ABulb(Bulb(), tmp_path / "lit")


def test_a_glow_comes_and_goes_once(tmp_path: Path) -> None:
    """One on, one off, as bright as the request says, and nothing is left behind."""
    one = lamp(tmp_path)
    asyncio.run(one.start(glow(7), 0))
    assert one.bulb.look()
    asyncio.run(one.off())
    assert not one.bulb.look()
    assert one.bulb.asked == ["on 7", "off"]
    assert not (tmp_path / "lit").exists()


def test_a_glow_is_never_brighter_than_the_lamps_own_ceiling(tmp_path: Path) -> None:
    """Even a request that says a hundred percent."""
    one = lamp(tmp_path)
    asyncio.run(one.start(glow(100), 0))
    assert one.bulb.asked == [f"on {MOST_PERCENT}"]


@pytest.mark.parametrize("percent", [0, -1, 101, True, None, float("nan"), 5.0, "5"])
def test_a_strength_that_is_none_lights_nothing(tmp_path: Path, percent: object) -> None:
    """Whole and within bounds, or refused, though the guard has looked already."""
    one = lamp(tmp_path)
    with pytest.raises(DeviceError, match="nothing was lit"):
        asyncio.run(one.start(glow(percent), 0))
    assert one.bulb.asked == []


@pytest.mark.parametrize("duration_ms", [0, -1, MOST_MS + 1, True, None, float("inf"), 100.0])
def test_a_duration_that_is_none_lights_nothing(tmp_path: Path, duration_ms: object) -> None:
    """A glow longer than a lamp's own maximum does not begin."""
    one = lamp(tmp_path)
    with pytest.raises(DeviceError, match="nothing was lit"):
        asyncio.run(one.start(glow(5, duration_ms), 0))
    assert one.bulb.asked == []


def test_a_lamp_takes_no_permit_for_another_output(tmp_path: Path) -> None:
    """A permit to buzz is none to shine."""
    one = lamp(tmp_path)
    with pytest.raises(DeviceError, match="no glow"):
        asyncio.run(one.start(glow(output=Output.SOUND), 0))
    assert one.bulb.asked == []


def test_a_permit_lights_a_lamp_once(tmp_path: Path) -> None:
    """A used permit is refused before anything is looked at."""
    one, permit = lamp(tmp_path), glow()
    asyncio.run(one.start(permit, 0))
    asyncio.run(one.off())
    with pytest.raises(PermitError):
        asyncio.run(one.start(permit, 1))
    assert one.bulb.asked == ["on 10", "off"]


def test_a_lamp_that_is_on_already_is_left_as_it_is(tmp_path: Path) -> None:
    """Somebody is up or reading; neither start nor off touches it."""
    one = lamp(tmp_path)
    one.bulb.is_on = True
    with pytest.raises(DeviceError, match="on already"):
        asyncio.run(one.start(glow(), 0))
    asyncio.run(one.off())
    assert one.bulb.asked == []
    assert one.bulb.is_on


def test_a_lamp_on_which_no_glow_can_be_shown_is_not_lit(tmp_path: Path) -> None:
    """A lamp that cannot be dimmed would come up with all it has."""
    one = lamp(tmp_path)
    one.bulb.why_not = "the lamp cannot be dimmed"
    assert asyncio.run(one.probe()) == "the lamp cannot be dimmed"
    with pytest.raises(DeviceError, match="cannot be dimmed; nothing was lit"):
        asyncio.run(one.start(glow(), 0))
    assert one.bulb.asked == []


def test_a_lamp_that_does_not_answer_is_not_lit(tmp_path: Path) -> None:
    """What cannot be looked at may be somebody's reading lamp."""
    one = lamp(tmp_path)
    one.bulb.trouble = "blind"
    assert asyncio.run(one.probe()) == "the lamp did not answer"
    with pytest.raises(DeviceError, match="nothing was lit"):
        asyncio.run(one.start(glow(), 0))
    assert one.bulb.asked == []
    assert not (tmp_path / "lit").exists()


def test_nothing_is_lit_that_could_not_be_noted(tmp_path: Path) -> None:
    """Without the note a restart would leave the lamp on until morning."""
    one = ABulb(Bulb(), tmp_path / "no folder" / "lit")
    with pytest.raises(DeviceError, match="nothing was lit"):
        asyncio.run(one.start(glow(), 0))
    assert one.bulb.asked == []


def test_what_was_lit_before_a_kill_is_put_out_after_it(tmp_path: Path) -> None:
    """A new process with the same note knows."""
    bulb = Bulb()
    asyncio.run(ABulb(bulb, tmp_path / "lit").start(glow(), 0))
    after = ABulb(bulb, tmp_path / "lit")
    with pytest.raises(DeviceError, match="not known to be out"):
        asyncio.run(after.start(glow(), 0))
    asyncio.run(after.off())
    assert not bulb.is_on
    asyncio.run(after.off())
    assert bulb.asked == ["on 10", "off"]


def test_a_lamp_that_stays_on_is_said_and_stays_noted(tmp_path: Path) -> None:
    """An off that cannot be confirmed is an error, the lamp is not lit again, and the next off tries again."""
    one = lamp(tmp_path)
    asyncio.run(one.start(glow(), 0))
    one.bulb.stuck = True
    with pytest.raises(DeviceError, match="says that it is on; the lamp is not known to be out"):
        asyncio.run(one.off())
    with pytest.raises(DeviceError, match="nothing was lit"):
        asyncio.run(one.start(glow(), 0))
    one.bulb.stuck = False
    asyncio.run(one.off())
    assert one.bulb.asked == ["on 10", "off", "off"]
    assert not (tmp_path / "lit").exists()


def test_off_is_believed_only_when_it_lasts(tmp_path: Path) -> None:
    """A command that was under way when the lamp was put out could light it once more."""
    one = lamp(tmp_path)
    asyncio.run(one.start(glow(), 0))
    one.bulb.after_off = [False, True, False, True, False, True]
    with pytest.raises(DeviceError, match="not known to be out"):
        asyncio.run(one.off())
    one.bulb.after_off = [True, True, False, False]
    asyncio.run(one.off())
    assert not (tmp_path / "lit").exists()


def test_a_note_that_cannot_be_removed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lamp is out, and no second glow begins while the note says otherwise."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError

    one = lamp(tmp_path)
    asyncio.run(one.start(glow(), 0))
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refuse)
        with pytest.raises(DeviceError, match="is out, but the note"):
            asyncio.run(one.off())
    with pytest.raises(DeviceError, match="nothing was lit"):
        asyncio.run(one.start(glow(), 0))


def test_a_lamp_that_was_left_on_goes_out_when_that_was_chosen(tmp_path: Path) -> None:
    """Once, confirmed, and nothing is asked of a lamp that is out."""
    one = lamp(tmp_path)
    assert asyncio.run(one.go_out()) is False
    one.bulb.is_on = True
    assert asyncio.run(one.go_out()) is True
    assert asyncio.run(one.go_out()) is False
    assert one.bulb.asked == ["off"]


def test_an_off_waits_for_the_on_it_follows(tmp_path: Path) -> None:
    """An off that overtook an on would leave the lamp on."""
    one = lamp(tmp_path)

    async def both() -> None:
        started = asyncio.create_task(one.start(glow(), 0))
        await asyncio.sleep(0)
        await one.off()
        await started

    asyncio.run(both())
    assert one.bulb.asked == ["on 10", "off"]
    assert not one.bulb.is_on


def test_closing_lets_go_and_touches_no_lamp(tmp_path: Path) -> None:
    """What is lit is for off to put out."""
    one = lamp(tmp_path)
    asyncio.run(one.start(glow(), 0))
    asyncio.run(one.close())
    assert one.closed
    assert one.bulb.asked == ["on 10"]
    assert (one.output, one.name) == (Output.LIGHT, "the lamp")


def turn_the_switch(bulb: Bulb) -> None:
    bulb.is_on = not bulb.is_on


MOVES: dict[str, Callable[[Bulb], None]] = {
    "switch": turn_the_switch,
    "refused": lambda bulb: setattr(bulb, "trouble", "refused"),
    "lost": lambda bulb: setattr(bulb, "trouble", "lost"),
    "blind": lambda bulb: setattr(bulb, "trouble", "blind"),
    "well": lambda bulb: setattr(bulb, "trouble", ""),
    "stuck": lambda bulb: setattr(bulb, "stuck", not bulb.stuck),
}


async def attempt(one: ABulb, what: str) -> bool:
    try:
        await (one.start(glow(), 0) if what == "start" else one.off())
    except DeviceError:
        return False
    return True


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["start", "off", "restart", *MOVES]), max_size=14))
def test_whatever_happens_a_lamp_is_not_lit_twice_and_none_but_its_own_is_put_out(moves: list[str]) -> None:
    """Between two glows there is a confirmed off; off touches nothing that Vigil did not light, or may have lit."""
    with TemporaryDirectory() as folder:
        bulb = Bulb()
        one = ABulb(bulb, Path(folder) / "lit")
        owed = False  # an on was asked for and no off has been confirmed since
        for move in moves:
            before, was_on = len(bulb.asked), bulb.is_on
            if move == "restart":
                one = ABulb(bulb, Path(folder) / "lit")
            elif move in MOVES:
                MOVES[move](bulb)
            else:
                done = asyncio.run(attempt(one, move))
                asked = bulb.asked[before:]
                if move == "start":
                    assert asked in ([], ["on 10"])
                    assert not (asked and (owed or was_on))
                    owed = owed or bool(asked)
                else:
                    assert asked == (["off"] if owed else [])
                    assert bulb.is_on == was_on if not owed else not (done and bulb.is_on)
                    owed = owed and not done
