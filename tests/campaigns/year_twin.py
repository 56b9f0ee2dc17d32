"""The twin of a night: the same sleeper without a fault. Away from faults both must decide the same.

What differs there is a leak: something of a fault that should have been over was still remembered. Only sleepers who
feel no nudge have twins, since a body that answered once is another body.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.campaigns.year_band import Band, LifeSource
from tests.campaigns.year_log import Happened, NightLog
from tests.campaigns.year_world import S, World
from vigil.domain.nudges import Decision
from vigil.domain.permits import Permit
from vigil.domain.records import Input, NightBegan, NightOutput
from vigil.domain.requests import Output
from vigil.night.night_watch import NightWatch
from vigil.recordings.synthetic.sleeper import SimulatedSleeper
from vigil.run.hands import Direct, at_once
from vigil.run.live import watch_live
from vigil.run.ports import NoKeeper, VirtualClock
from vigil.run.replay import Outfit
from vigil.run.runner import NightRunner

BEFORE_S = 60
AFTER_S = 55 * 60
"""The longest memory of the engine is the wobble's half hour, which needs a baseline of ten minutes first, and that a
minute's delay; then the five good minutes, and the epochs in which a belief about the stage fades."""

Said = tuple[int, str, str, tuple[str, ...]]


class Numb:
    """An output that a sleeper who feels nothing does not feel; it shakes their sensor all the same."""

    def __init__(self, output: Output, sleeper: SimulatedSleeper, began_ns: int) -> None:
        self.output, self.name = output, output.value
        self._sleeper, self._began_ns = sleeper, began_ns

    async def probe(self) -> str:
        """See `Nudger`."""
        return ""

    async def start(self, permit: Permit, at_ns: int) -> None:
        """See `Nudger`."""
        request = permit.redeem(at_ns)
        self._sleeper.feel(request.output, request.level, request.duration_ms, at_ns - self._began_ns)

    async def off(self) -> None:
        """See `Nudger`."""

    async def close(self) -> None:
        """See `Nudger`."""


def twin_of(began: NightBegan, sleeper: SimulatedSleeper, outfit: Outfit, length_ns: int, *, folds: bool) -> list[Said]:
    """What is decided in the night without faults."""
    said: list[Decision] = []

    def listen(record: Input | NightOutput) -> None:
        if isinstance(record, Decision):
            said.append(record)

    band = Band(World(), sleeper, 0, (), folds=folds)
    source = LifeSource(band, began, 0, length_ns, throw_away=False, heard=[])
    watch = NightWatch(outfit.parameters, outfit.settings, outfit.profile)
    runner = NightRunner(watch, NoKeeper(), Direct({one: Numb(one, sleeper, began.at_ns) for one in Output}), listen)
    at_once(_watch(runner, source, VirtualClock(began.at_ns)))
    return [_of(one, began.at_ns) for one in said]


async def _watch(runner: NightRunner, source: LifeSource, clock: VirtualClock) -> None:
    await watch_live(runner, source, clock)


def _of(one: Decision, began_ns: int) -> Said:
    codes = tuple(sorted({reason.code.value for reason in one.reasons}))
    return (one.at_ns - began_ns) // S, one.state.value, one.action.value, codes


def differing(log: NightLog, twin: Sequence[Said], happened: Sequence[Happened]) -> tuple[list[str], int]:
    """Instants away from every fault at which another decision stood, and how many were compared.

    The stage that is believed in is left out of the reasons: it remembers the course of the whole night. Where one of
    the two nudged and the other did not, what follows is compared no more.
    """
    spans = [_span(log, one) for one in happened]
    lived = {said[0]: said for said in (_of(one, log.began_ns) for one in log.decisions)}
    other = {said[0]: said for said in twin}
    wrong, compared, here, there = [], 0, None, None
    for at_s in sorted({*lived, *other}):
        nudged = [said[2] == "nudge" for said in (lived.get(at_s), other.get(at_s)) if said is not None]
        here, there = _standing(lived.get(at_s), here), _standing(other.get(at_s), there)
        if any(nudged) and nudged != [True, True]:
            break
        if any(from_s <= at_s <= to_s for from_s, to_s in spans):
            continue
        compared += 1
        if here != there:
            wrong.append(f"at {at_s} s without faults {there}, with them {here}")
    return wrong, compared


Stands = tuple[str, tuple[str, ...]]


def _standing(said: Said | None, before: Stands | None) -> Stands | None:
    """What stands after this was said, or as before."""
    if said is None:
        return before
    return said[1], tuple(code for code in said[3] if not code.startswith("stage_"))


def _span(log: NightLog, one: Happened) -> tuple[float, float]:
    from_s = log.seconds(log.in_night(one.from_ns))
    to_s = from_s if one.to_ns is None else log.seconds(log.in_night(one.to_ns))
    return from_s - BEFORE_S, max(from_s, to_s) + AFTER_S
