"""A night that was cut off at any instant is gone on with: nothing said twice, nothing forgotten, and it returns."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cut_nights import EVENING_MS, Cut, World
from tests.nights import parameters, pushed
from vigil.app.keepers import LiveKeeper
from vigil.app.kept_so_far import Lasting
from vigil.app.watching import Watched, _restarted
from vigil.control.guard import CEILINGS
from vigil.domain.errors import FullError
from vigil.domain.guard_memory import HOUR_NS
from vigil.domain.nudges import Action
from vigil.domain.records import Held, Input, NightBegan, OutputAcknowledged, Released, Restarted
from vigil.domain.requests import NudgeRequest, Purpose
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.domain.units import EPOCH_NS, NS_PER_S
from vigil.night.night_watch import NightWatch
from vigil.night.report import NightReport
from vigil.recordings.readers.formats import ReadOptions, find_recordings
from vigil.recordings.writers.folder import write_folder
from vigil.run.axis import NightClock
from vigil.run.hands import Direct
from vigil.run.replay import Outfit, replay, ticked
from vigil.run.sources import SleeperNudger
from vigil.store.database import Database
from vigil.store.hold import Hold, clear_hold, write_hold
from vigil.store.ledger import LedgerStore
from vigil.store.nights import Nights
from vigil.store.stored import StoredDecision

CUTS = st.builds(
    Cut,
    turn=st.integers(1, 1500),
    away_s=st.sampled_from((0.4, 3.0, 7.3, 61.0, 400.0)),
    reboot=st.booleans(),
    wall_ms=st.sampled_from((None, None, 1000, EVENING_MS - 10**9, EVENING_MS + 10**12)),
    trusted=st.booleans(),
)


@contextmanager
def world(every: int = 15) -> Iterator[World]:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        yield World(Path(folder), patch, every=every)


def returns(world: World, lived: Watched) -> list[str]:
    """The ways of reading the night back that do not give the digests that were written."""
    written, inputs = dict(lived.report.digests), world.inputs()
    watch = NightWatch(parameters())
    for record in ticked(iter(inputs)):
        watch.push(record)
    began = next(record for record in inputs if isinstance(record, NightBegan))
    write_folder(world.folder / "night", night="n", began=began, items=inputs)
    (recording,) = find_recordings(world.folder / "night", ReadOptions())
    found = {
        "read back": pushed(inputs)[0].digests,
        "replayed": watch.digests,
        "exported": dict(replay(recording, Outfit(parameters())).digests),
    }
    with world.read() as (_, row):
        found["its row"] = {**written, "inputs": row.inputs_digest, "outputs": row.outputs_digest}
    return [name for name, digests in found.items() if digests != written]


def gaps(inputs: Sequence[Input]) -> list[tuple[int, int]]:
    return [(one.since_ns or 0, one.at_ns) for one in inputs if isinstance(one, Restarted)]


def blind(world: World) -> None:
    """Every epoch is there once; none within a gap was watched; they add up to the night."""
    with world.read() as (reader, row):
        epochs, account = list(reader.epochs(row.key)), reader.closed(row.key)
    assert [one.index for one in epochs] == list(range(len(epochs)))
    assert account is not None
    assert account.watched_s == sum(one.watched_s for one in epochs)
    assert 0 <= (account.at_ns - account.began_ns) / NS_PER_S - (account.watched_s + account.blind_s) < 5
    for since_ns, at_ns in gaps(world.inputs()):
        within = [one for one in epochs if since_ns <= one.at_ns - EPOCH_NS and one.at_ns <= at_ns]
        assert not any(one.watched_s for one in within)


def spent(world: World) -> list[tuple[int, int]]:
    """(permit, episode) of each row of the ledger; every nudge that was decided, or acknowledged, has exactly one."""
    with world.read() as (reader, row):
        records = list(reader.records(row.key))
    with Database.open(world.path) as database:
        rows = [one.row for one in LedgerStore(database).outcomes(row.name)]
    decided = [one.permit.serial for one in records if isinstance(one, StoredDecision) and one.permit is not None]
    taken = [one.permit for one in records if isinstance(one, OutputAcknowledged)]
    assert len(decided) == len(set(decided)) == sum(_is_nudge(one) for one in records)
    assert set(taken) <= set(decided) <= {one.permit for one in rows}
    return [(one.permit, one.episode) for one in rows]


def _is_nudge(record: object) -> bool:
    return isinstance(record, StoredDecision) and record.action is Action.NUDGE


@given(cuts=st.lists(CUTS, min_size=1, max_size=3), every=st.sampled_from((3, 10, 45)))
@settings(max_examples=3)
def test_a_night_cut_off_anywhere_returns_and_counts_everything_once(cuts: list[Cut], every: int) -> None:
    """Whatever the clocks say afterwards, and whether or not the computer was started anew."""
    with world(every) as cut:
        lived = cut.live(cuts)
        assert returns(cut, lived) == []
        blind(cut)
        given_out = spent(cut)
        assert len(given_out) == len(set(given_out))
        ceiling = CEILINGS[Purpose.NUDGE]
        episodes = [episode for _, episode in given_out]
        assert max((episodes.count(one) for one in episodes), default=0) <= ceiling.per_episode
        assert len(episodes) <= ceiling.per_18_hours


def acts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, NudgeRequest]]:
    """What the sleeper really feels, whoever forgets it afterwards."""
    felt: list[tuple[int, NudgeRequest]] = []
    start = SleeperNudger.start

    async def noted(self: SleeperNudger, permit: object, at_ns: int) -> None:
        await start(self, permit, at_ns)  # type: ignore[arg-type]  # as it was given
        felt.append((at_ns, permit.request))  # type: ignore[attr-defined]  # a permit

    monkeypatch.setattr(SleeperNudger, "start", noted)
    return felt


@pytest.mark.parametrize(("reboot", "wall_ms", "trusted"), [(False, None, True), (True, None, True), (True, 0, False)])
def test_what_was_given_and_forgotten_is_in_the_ledger(
    reboot: bool, wall_ms: int | None, trusted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the last minute was kept but the ledger, and the nudge in it counts: also after a reboot, in 1970."""
    felt = acts(monkeypatch)
    with world(every=60) as whole:
        whole.live([])
        turn = round((felt[0][0] - 4000.25 * NS_PER_S) / NS_PER_S) + 2
    felt.clear()
    with world(every=60) as cut:
        # The night process dies two seconds after its first nudge; it was made durable once a minute.
        lived = cut.live([Cut(turn, 5.0, reboot, wall_ms, trusted)])
        given_out = spent_rows(cut)
        assert returns(cut, lived) == []
        restarted = next(one for one in cut.inputs() if isinstance(one, Restarted))
        assert [row.permit for row in restarted.ledger.rows] == [1]
        assert restarted.wall_sane is (wall_ms is None and trusted)
        assert len(given_out) == len(felt)
        assert [permit for permit, _ in given_out] == list(range(1, len(felt) + 1))


def spent_rows(world: World) -> list[tuple[int, int]]:
    with Database.open(world.path) as database:
        (row,) = Nights(database).nights()
        return [(one.row.permit, one.row.episode) for one in LedgerStore(database).outcomes(row.name)]


def test_the_ledger_moves_onto_the_time_of_the_night() -> None:
    """After a reboot the boot clock is back at nothing; a row of this boot keeps its age on the night's own clock."""
    with world() as cut:
        cut.live([Cut(2400, reboot=True), Cut(2900)])
        with Database.open(cut.path) as database:
            kept = cut.kept(database)
            shift_ns = kept.last_ns + NS_PER_S - cut.clock.boot_ns()
            given = cut._given(database, None)
            restarted = _restarted(given, NightClock(cut.clock, shift_ns), kept, f"boot {cut.boot}", sane=False)
            rows = LedgerStore(database).recent().rows
        assert rows
        for row, moved in zip(rows, restarted.ledger.rows, strict=True):
            same = row.boot_id == restarted.boot_id
            assert moved.at_ns - row.at_ns == (shift_ns if same else 0)
            if same:
                assert 0 <= restarted.at_ns - moved.at_ns <= HOUR_NS


def test_before_the_cut_and_after_the_hold_it_is_the_same_night() -> None:
    """Seven seconds lost in the settling time change no nudge of the night."""
    with world() as whole, world() as cut:
        whole.live([])
        lived = cut.live([Cut(600)])
        nights = []
        for each in (whole, cut):
            with each.read() as (reader, row):
                nights.append([one.permit for one in reader.decisions(row.key) if one.permit is not None])
        assert nights[0]
        assert [(one.serial, one.request) for one in nights[0]] == [(one.serial, one.request) for one in nights[1]]
        assert lived.whole


def test_a_restart_acts_on_nothing_that_it_lives_through_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was decided before is decided again, in the same words, and touches nobody."""
    taken: list[int] = []
    take = Direct.take

    def noted(self: Direct, permit: object, at_ns: int) -> object:
        taken.append(permit.serial)  # type: ignore[attr-defined]  # a permit
        return take(self, permit, at_ns)  # type: ignore[arg-type]  # as it was given

    monkeypatch.setattr(Direct, "take", noted)
    with world() as cut:
        cut.live([Cut(3500), Cut(1), Cut(2), Cut(40)])
        assert taken == [permit for permit, _ in spent(cut)]
        assert len(taken) == len(set(taken))


def test_what_was_over_while_nothing_ran_is_over_for_the_night() -> None:
    """A stop that was ended and a disk that was mended in between: the night is told, or it would wait for ever."""
    with world() as cut:
        hold = cut.folder / "hold"
        write_hold(hold, Hold(None, EVENING_MS))
        cut.live_until(Cut(900))
        clear_hold(hold)
        cut.go_on()
        told = [one for one in cut.inputs() if isinstance(one, Held | Restarted | Released)]
        assert [type(one) for one in told] == [Held, Restarted, Released]


def test_what_lasted_when_a_night_was_cut_off() -> None:
    """A stop and troubles that were told and not told to be over."""
    low, full = TroubleKind.DISK_LOW, TroubleKind.DISK_FULL
    inputs: list[Input] = [
        Held(1),
        Trouble(2, low),
        Trouble(3, full),
        Released(4),
        Trouble(5, low, over=True),
        Trouble(6, low, over=True),
    ]
    assert Lasting.of(inputs) == Lasting(held=False, troubles=frozenset({full}))
    assert Lasting.of(inputs[:2]) == Lasting(held=True, troubles=frozenset({low}))


@pytest.mark.parametrize("ballast", [True, False])
def test_a_disk_that_is_full_in_the_morning_costs_no_report(ballast: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ballast goes for the end of the night; where that is not enough, the report is told all the same."""
    finish = LiveKeeper.finish
    refused: list[bool] = []

    def full(self: LiveKeeper, report: NightReport, facts: Mapping[str, Any]) -> None:
        if not refused or not ballast:
            refused.append(True)
            message = "there is no room left on the disk"
            raise FullError(message)
        finish(self, report, facts)

    monkeypatch.setattr(LiveKeeper, "finish", full)
    with world(every=60) as cut:
        (cut.folder / "ballast").write_bytes(b"room")
        lived = cut.live([])
        assert lived.report.watched_min > 0
        assert lived.unkept == ("" if ballast else "there is no room left on the disk")
        assert not (cut.folder / "ballast").exists()
        with cut.read() as (_, row):
            assert bool(row.outputs_digest) is ballast


@pytest.mark.nightly
@given(cuts=st.lists(CUTS, min_size=1, max_size=4), every=st.sampled_from((1, 2, 5, 45)))
@settings(max_examples=150)
def test_many_nights_cut_off_return(cuts: list[Cut], every: int) -> None:
    """The same, at length."""
    with world(every) as cut:
        lived = cut.live(cuts)
        assert returns(cut, lived) == []
        blind(cut)
        spent(cut)
