"""The eight properties of DESIGN section 4, on simulated nights and on real ones.

Return and the guard have files of their own (`test_return.py`, `test_guard_machine.py`); merge is tested beside them.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.nights import (
    REAL,
    Night,
    lines,
    moved,
    parameters,
    pushed,
    real_night,
    simulated_night,
)
from vigil.domain.nudges import Decision
from vigil.domain.records import Input, NightEnded, Tick
from vigil.domain.units import NS_PER_S, STEP_NS
from vigil.night.night_watch import NightWatch
from vigil.night.report import NightFigures, NightsReport
from vigil.recordings.readers.formats import ReadOptions, find_recordings
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.recording import recording as simulated
from vigil.run.hands import Hands
from vigil.run.live import watch_live
from vigil.run.ports import NoKeeper, VirtualClock
from vigil.run.replay import Outfit, replay
from vigil.run.runner import NightRunner
from vigil.run.sources import RecordedSource

PLANS = ("mixed", "strong", "dropouts")

MakeNight = Callable[[], Night]


@pytest.fixture(params=[*PLANS, *(pytest.param(name, marks=pytest.mark.real) for name in REAL)])
def night(request: pytest.FixtureRequest) -> Night:
    """A simulated night, or a real one where the real ones are."""
    name: str = request.param
    if name in PLANS:
        return simulated_night(name)
    folder: Path = request.getfixturevalue("real_nights")
    return real_night(folder / name)


def test_prefix(night: Night) -> None:
    """What was said before t is the same if nothing comes after t."""
    chance = random.Random(1)
    for _ in range(3):
        cut = chance.randrange(1, len(night.inputs))
        until_ns = night.inputs[cut - 1].at_ns
        _, told = pushed([*night.inputs[:cut], Tick(until_ns)])
        assert lines([o for o in told if o.at_ns < until_ns]) == lines([o for o in night.outputs if o.at_ns < until_ns])


def test_a_different_future_changes_nothing_that_was_said(night: Night) -> None:
    """The second half of the night replaced by silence leaves the first half's outputs untouched."""
    cut = len(night.inputs) // 2
    until_ns = night.inputs[cut].at_ns
    _, other = pushed([*night.inputs[:cut], NightEnded(until_ns + 3600 * NS_PER_S)])
    assert lines([o for o in other if o.at_ns < until_ns]) == lines([o for o in night.outputs if o.at_ns < until_ns])


def test_delivery(night: Night) -> None:
    """One by one with ticks, with many ticks, or without any: the same transcript."""
    bare, told = pushed(night.inputs)
    assert bare.digests == night.digests
    assert lines(told) == lines(night.outputs)
    chance = random.Random(2)
    noisy: list[Input] = []
    for before, after in zip(night.inputs, night.inputs[1:], strict=False):
        noisy.append(before)
        if after.at_ns - before.at_ns > 2 and before.at_ns >= night.began.at_ns:
            ticks = sorted(chance.randrange(before.at_ns, after.at_ns) for _ in range(chance.randrange(3)))
            noisy.extend(Tick(at_ns) for at_ns in ticks)
    noisy.append(night.inputs[-1])
    assert pushed(noisy)[0].digests == night.digests


def test_shift(night: Night) -> None:
    """A night moved in time gives the same outputs, moved."""
    by_ns = 123_456_789_012_345
    watch, told = pushed([moved(record, by_ns) for record in night.inputs])
    assert lines(told, night.began.at_ns + by_ns) == lines(night.outputs, night.began.at_ns)
    assert watch.digests["outputs"] == night.digests["outputs"]


def test_restore(night: Night) -> None:
    """Stop anywhere, go on from the snapshot elsewhere: the same digest."""
    chance = random.Random(3)
    cuts = sorted(chance.randrange(len(night.inputs)) for _ in range(4))
    watch = NightWatch(parameters())
    done = 0
    for cut in [*cuts, len(night.inputs)]:
        pushed(night.inputs[done:cut], watch)
        watch = NightWatch.restore(watch.snapshot(), parameters())
        done = cut
    assert watch.digests == night.digests


def test_every_decision_has_a_reason(night: Night) -> None:
    """Doing nothing has its reasons too, and a nudge always comes with its permit."""
    decisions = [output for output in night.outputs if isinstance(output, Decision)]
    assert decisions
    for decision in decisions:
        assert decision.reasons
        assert (decision.permit is not None) == (decision.action.value == "nudge")


def test_parity_of_live_and_replay() -> None:
    """The live loop on a virtual clock and the replay of the same recording agree to the digest."""
    recording = simulated(5, plan=named_plan("strong", 5, hours=2.0), hours=2.0)
    replayed = replay(recording, Outfit(parameters()))
    watch = NightWatch(parameters())
    runner = NightRunner(watch, NoKeeper(), Hands.shadows())
    live = asyncio.run(watch_live(runner, RecordedSource(recording), VirtualClock(777 * NS_PER_S)))
    assert dict(live.digests)["outputs"] == dict(replayed.digests)["outputs"]
    assert dict(live.digests) == dict(replayed.digests)


def test_parity_of_one_worker_and_many() -> None:
    """A night gives the same digest in this process and in another."""
    seeds = [11, 12]
    here = [_digest_of(seed) for seed in seeds]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(_digest_of, seeds)) == here


def _digest_of(seed: int) -> dict[str, str]:
    report = replay(simulated(seed, plan=named_plan("mixed", seed, hours=1.0), hours=1.0), Outfit(parameters()))
    return dict(report.digests)


@pytest.mark.real
def test_parity_on_a_real_night(real_nights: Path) -> None:
    """A watch's own recording, played live on a virtual clock, says what its replay says."""
    recording = next(iter(find_recordings(real_nights / "walch" / "844359", ReadOptions())))
    began = replace(recording, items=lambda: (item for item in recording.items() if item.at_ns >= 0))
    replayed = replay(began, Outfit(parameters()))
    runner = NightRunner(NightWatch(parameters()), NoKeeper(), Hands.shadows())
    live = asyncio.run(watch_live(runner, RecordedSource(began), VirtualClock(9 * STEP_NS)))
    assert dict(live.digests) == dict(replayed.digests)


def test_merge() -> None:
    """Reports of disjoint sets of nights, merged in any order, are the report of them all."""
    figures = [
        NightFigures.of(
            replay(simulated(seed, plan=named_plan("mixed", seed, hours=1.0), hours=1.0), Outfit(parameters())),
            str(seed),
        )
        for seed in (21, 22, 23)
    ]
    whole = NightsReport.of(figures)
    assert NightsReport.of(figures[:1]).merged(NightsReport.of(figures[1:])) == whole
    assert NightsReport.of(figures[2:]).merged(NightsReport.of(figures[:2])) == whole
    assert NightsReport().merged(whole) == whole
