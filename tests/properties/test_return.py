"""Return: a night read back from the store, or exported and replayed, gives the digest that live wrote."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.nights import REAL, Night, parameters, pushed, real_night, simulated_night
from vigil.domain.records import Input, NightOutput, Tick
from vigil.domain.requests import Output
from vigil.domain.units import NS_PER_S
from vigil.night.night_watch import NightWatch
from vigil.recordings.readers.formats import ReadOptions, find_recordings
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.sleeper import SimulatedSleeper
from vigil.recordings.writers.folder import write_folder
from vigil.run.hands import Direct
from vigil.run.live import watch_live
from vigil.run.ports import NoKeeper, VirtualClock
from vigil.run.replay import Outfit, replay
from vigil.run.runner import NightRunner
from vigil.run.sources import SleeperNudger, SleeperSource
from vigil.store.database import Database
from vigil.store.night_reader import NightReader
from vigil.store.night_writer import NightWriter


def closed_loop(plan: str, seed: int, hours: float) -> Night:
    """A live night with real (virtual) nudges that the sleeper answers, on a virtual clock."""
    sleeper = SimulatedSleeper(seed, plan=named_plan(plan, seed, hours=hours), hours=hours)
    zero_ns = 5000 * NS_PER_S
    inputs: list[Input] = []
    outputs: list[NightOutput] = []

    def listen(record: Input | NightOutput) -> None:
        if not isinstance(record, Tick):
            (outputs if type(record).__name__ in OUTPUTS else inputs).append(record)  # type: ignore[arg-type]  # by name

    hands = Direct({Output.VIBRATION: SleeperNudger(sleeper, Output.VIBRATION, zero_ns)})
    runner = NightRunner(NightWatch(parameters()), NoKeeper(), hands, listen)
    asyncio.run(watch_live(runner, SleeperSource(sleeper), VirtualClock(zero_ns)))
    return Night(tuple(inputs), tuple(outputs), runner.watch.digests)


OUTPUTS = {"EpochScored", "SuspicionRaised", "SuspicionCleared", "Decision", "QualityNote", "NightClosed"}


def stored(night: Night, folder: Path) -> list[Input]:
    """Put a night into a store as the runner would, and read its inputs back."""
    with Database.open(folder / "vigil.db") as database:
        writer = NightWriter(database)
        key = writer.begin(night.began, kind="live")
        for record in night.inputs:
            writer.add(record)
        for output in night.outputs:
            writer.add(output)
        writer.commit()
        return list(NightReader(database).inputs(key))


@pytest.mark.parametrize("plan", ["strong", "mixed", "dropouts"])
def test_a_simulated_night_returns_from_the_store(plan: str, tmp_path: Path) -> None:
    """Nudges, acknowledgements and drop-outs included."""
    night = closed_loop(plan, 3, 2.0)
    again = stored(night, tmp_path)
    assert again == list(night.inputs)
    assert pushed(again)[0].digests == night.digests


@pytest.mark.parametrize("plan", ["strong", "mixed"])
def test_a_simulated_night_returns_from_its_export(plan: str, tmp_path: Path) -> None:
    """The night folder holds everything, acknowledgements too, so its replay is the night that was."""
    night = closed_loop(plan, 4, 2.0)
    write_folder(tmp_path / "night", night="n", began=night.began, items=night.inputs)
    (recording,) = find_recordings(tmp_path / "night", ReadOptions())
    assert recording.as_recorded
    assert dict(replay(recording, Outfit(parameters())).digests) == night.digests


def test_a_shadow_night_is_still_a_shadow_after_its_export(tmp_path: Path) -> None:
    """Nothing was given, and no copy of the night says that it was; a night of real nudges says that they were."""
    shadow, real = simulated_night("strong", 1, 2.0), closed_loop("strong", 1, 2.0)
    for name, night, expected in (("shadow", shadow, True), ("real", real, False)):
        write_folder(tmp_path / name, night="n", began=night.began, items=night.inputs)
        (recording,) = find_recordings(tmp_path / name, ReadOptions())
        given = replay(recording, Outfit(parameters())).nudges
        assert given
        assert {row.shadow for row in given} == {expected}


@pytest.mark.real
@pytest.mark.parametrize("name", REAL)
def test_a_real_night_returns_from_store_and_export(name: str, real_nights: Path, tmp_path: Path) -> None:
    """A recording keeps its digest through the store and through an export of it."""
    night = real_night(real_nights / name)
    again = stored(night, tmp_path)
    assert pushed(again)[0].digests == night.digests
    write_folder(tmp_path / "night", night=night.began.night, began=night.began, items=night.inputs)
    (recording,) = find_recordings(tmp_path / "night", ReadOptions())
    assert dict(replay(recording, Outfit(parameters())).digests) == night.digests
