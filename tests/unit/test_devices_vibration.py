"""Vibration: a train of single pulses, each of which ends by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.loopback import no_pause
from vigil.devices.nudgers.vibration import MOST_MS, MOST_PULSE_MS, VibrationNudger, VirtualBuzzer
from vigil.domain import permits
from vigil.domain.errors import DeviceError, PermitError
from vigil.domain.permits import PERMIT_LIFE_NS, Permit
from vigil.domain.requests import NudgeRequest, Output, Purpose
from vigil.domain.steps import LADDERS, Step


def allowed(level: Any = 1, duration_ms: Any = None, strength: Any = 25) -> Permit:
    """A permit, good at 0; what it asks for may be anything."""
    steps = LADDERS[Output.VIBRATION]
    length = steps[level - 1].duration_ms if duration_ms is None else duration_ms
    request = NudgeRequest(Purpose.NUDGE, 1, Output.VIBRATION, level, length, strength)
    return Permit(key=permits._KEY, serial=1, request=request, issued_ns=0)


class Band(VirtualBuzzer):
    """A wearable that can refuse, be away, or hold its breath."""

    def __init__(self, *, refuses_at: int = 10**9, still: bool = True, here: bool = True) -> None:
        super().__init__("the band")
        self._refuses_at, self._still, self._here = refuses_at, still, here
        self.stills = 0

    async def reachable(self) -> bool:
        return self._here

    async def pulse(self, duration_ms: int, strength_percent: int) -> None:
        if len(self.pulses) >= self._refuses_at:
            message = "the band did not take it; nothing was done"
            raise DeviceError(message)
        await super().pulse(duration_ms, strength_percent)

    async def still(self) -> None:
        self.stills += 1
        if not self._still:
            message = "the band did not confirm"
            raise DeviceError(message)


def with_band(band: Band, do: Callable[[VibrationNudger], Awaitable[None]], pause: Any = no_pause) -> Band:
    async def run() -> None:
        nudger = VibrationNudger(band, pause)
        try:
            await do(nudger)
        finally:
            await nudger.close()

    asyncio.run(run())
    return band


async def to_its_end() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


@pytest.mark.parametrize("step", LADDERS[Output.VIBRATION])
def test_a_train_is_its_pulses_at_the_strength_that_is_allowed(step: Step) -> None:
    """Not at the step's own: late in the night it is lower."""

    async def do(nudger: VibrationNudger) -> None:
        await nudger.start(allowed(step.level, strength=11), 0)
        await to_its_end()

    band = with_band(Band(), do)
    assert band.pulses == [(step.on_ms, 11)] * step.pulses
    assert step.duration_ms <= MOST_MS
    assert step.on_ms <= MOST_PULSE_MS


def test_between_two_pulses_there_is_a_pause() -> None:
    """A pulse a second, as the ladder has it."""
    paused: list[float] = []

    async def pause(seconds: float) -> None:
        paused.append(seconds)
        await asyncio.sleep(0)

    async def do(nudger: VibrationNudger) -> None:
        await nudger.start(allowed(2), 0)
        await to_its_end()

    with_band(Band(), do, pause)
    assert paused == [1.0] * 3


def test_it_returns_once_the_first_pulse_was_taken() -> None:
    """The rest follows by itself; `off` ends it and is confirmed by the wearable."""
    never: list[asyncio.Future[None]] = []

    async def pause(_seconds: float) -> None:
        never.append(asyncio.get_running_loop().create_future())
        await never[-1]

    async def do(nudger: VibrationNudger) -> None:
        await nudger.start(allowed(4), 0)
        await to_its_end()
        await nudger.off()

    band = with_band(Band(), do, pause)
    assert (len(band.pulses), band.stills) == (1, 1)
    assert never[0].cancelled()


def test_off_can_be_asked_for_at_any_time() -> None:
    """Also right after a restart, when nothing is known, and twice."""

    async def do(nudger: VibrationNudger) -> None:
        await nudger.off()
        await nudger.off()

    assert with_band(Band(), do).stills == 2


def test_one_that_does_not_confirm_is_an_error() -> None:
    """The desk asks again."""

    async def do(nudger: VibrationNudger) -> None:
        with pytest.raises(DeviceError, match="did not confirm"):
            await nudger.off()

    with_band(Band(still=False), do)


def test_one_that_refuses_the_first_pulse_did_not_begin() -> None:
    """It is told, and never tried twice."""

    async def do(nudger: VibrationNudger) -> None:
        with pytest.raises(DeviceError, match="did not take it"):
            await nudger.start(allowed(), 0)

    assert with_band(Band(refuses_at=0), do).pulses == []


def test_one_that_refuses_a_later_pulse_gives_less() -> None:
    """Less is always allowed."""

    async def do(nudger: VibrationNudger) -> None:
        await nudger.start(allowed(4), 0)
        await to_its_end()

    assert len(with_band(Band(refuses_at=2), do).pulses) == 2


def test_a_new_train_ends_the_one_before() -> None:
    """Never two at once."""
    waits: list[asyncio.Future[None]] = []

    async def pause(_seconds: float) -> None:
        waits.append(asyncio.get_running_loop().create_future())
        await waits[-1]

    async def do(nudger: VibrationNudger) -> None:
        await nudger.start(allowed(4), 0)
        await to_its_end()
        await nudger.start(allowed(1), 0)
        await to_its_end()

    with_band(Band(), do, pause)
    assert waits[0].cancelled()


@pytest.mark.parametrize(
    ("level", "duration_ms", "strength"),
    [
        (0, 2200, 25),
        (5, 2200, 25),
        (True, 2200, 25),
        (1.0, 2200, 25),
        (None, 2200, 25),
        (1, 2199, 25),
        (1, MOST_MS + 1, 25),
        (1, float("nan"), 25),
        (1, None, 0),
        (1, None, 101),
        (1, None, float("nan")),
        (1, None, "25"),
    ],
)
def test_what_is_not_on_the_ladder_does_nothing(level: Any, duration_ms: Any, strength: Any) -> None:
    """The guard has looked, and the output looks again."""

    async def do(nudger: VibrationNudger) -> None:
        with pytest.raises(DeviceError, match="not on its ladder"):
            await nudger.start(allowed(level, duration_ms, strength), 0)

    assert with_band(Band(), do).pulses == []


def test_a_permit_is_used_once_and_only_while_it_is_good() -> None:
    """Whatever it is for."""

    async def do(nudger: VibrationNudger) -> None:
        given = allowed()
        await nudger.start(given, 0)
        for permit, at_ns in ((given, 0), (allowed(), PERMIT_LIFE_NS)):
            with pytest.raises(PermitError):
                await nudger.start(permit, at_ns)

    assert len(with_band(Band(), do).pulses) == 1


def test_the_evening_asks_whether_it_is_in_reach() -> None:
    """Without a pulse."""

    async def here(nudger: VibrationNudger) -> None:
        assert (nudger.output, nudger.name, await nudger.probe()) == (Output.VIBRATION, "the band", "")

    async def away(nudger: VibrationNudger) -> None:
        assert await nudger.probe() == "the band is out of reach"

    assert with_band(Band(), here).pulses == []
    assert with_band(Band(here=False), away).pulses == []


def test_a_wearable_that_is_not_there_can_stand_in() -> None:
    """It remembers its pulses."""
    buzzer = VirtualBuzzer()

    async def do() -> None:
        assert await buzzer.reachable()
        await buzzer.pulse(200, 25)
        await buzzer.still()

    asyncio.run(do())
    assert buzzer.pulses == [(200, 25)]
