"""A night is written as it happens and comes back as it was."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.test_store_packing import EVERY_INPUT, EVERY_OUTPUT, SAMPLES, as_stored
from vigil.domain.errors import FullError, NotFoundError, StoreError
from vigil.domain.nudges import Action, Decision, WatchState
from vigil.domain.records import (
    EpochScored,
    Mode,
    NightBegan,
    NightClosed,
    QualityNote,
    SuspicionCleared,
    SuspicionRaised,
    Tick,
)
from vigil.domain.samples import HeartSample, MotionSummary, Quality
from vigil.domain.sleep import Stage, StageProbabilities
from vigil.store import minutes, night_writer
from vigil.store.database import Database
from vigil.store.night_reader import NightReader
from vigil.store.night_writer import MOST_RECORDS, NightWriter
from vigil.store.nights import Nights, name_of
from vigil.store.stored import OUTPUTS, Given, Stored, StoredDecision

S = 1_000_000_000
BEGAN = NightBegan(1000 * S, Mode.ON, "a night", wall_ms=1_700_000_000_000, zone_min=60)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "vigil.db") as opened:
        yield opened


def some_night(seconds: int, seed: int = 1, began: NightBegan = BEGAN) -> list[Given]:
    """A night with samples each second (some late), every kind of event and output, and ticks."""
    rng = random.Random(seed)
    others = [record for record in (*EVERY_INPUT[1:], *EVERY_OUTPUT) if not isinstance(record, Decision)]
    records: list[Given] = [HeartSample(began.at_ns - 5 * S, 700), began]
    for second in range(seconds):
        at_ns = began.at_ns + second * S
        records.append(HeartSample(at_ns - rng.choice((0, 0, 0, 70 * S)), 580 + rng.randrange(40)))
        records.append(MotionSummary(at_ns, 1000, rng.randrange(20), (0, 1, 2), (3, 4, 5), (1, 2, 990)))
        records.append(Tick(at_ns))
        if second % 30 == 29:
            p = StageProbabilities(rng.random(), 0.1, 0.2, 0.3)
            records.append(EpochScored(at_ns, second // 30, Stage.LIGHT, p, 58 + rng.random(), 0.01, 30))
            records.append(Decision(at_ns, WatchState.WATCHING, Action.NOTHING, ()))
        if rng.random() < 0.05:
            records.append(rng.choice(others))
    return records


def kept(records: Sequence[Given]) -> list[Stored]:
    """What the store promises to give back of these."""
    return as_stored([record for record in records if not isinstance(record, Tick)])


def stored(database: Database, records: Sequence[Given], every: int = 0, began: NightBegan = BEGAN) -> int:
    """Write a night, committing after every so many records (0: at the end), and return its key."""
    writer = NightWriter(database)
    key = writer.begin(began, path="x/y", format="test", kind="demo")
    for number, record in enumerate(records, start=1):
        writer.add(record)
        if every and number % every == 0:
            writer.commit()
    writer.commit()
    return key


@pytest.mark.parametrize("every", [0, 1, 7, 500])
def test_a_night_comes_back_as_it_was_added(database: Database, every: int) -> None:
    """Inputs in exactly their order, ticks left out, however often it was committed."""
    records = some_night(400)
    key = stored(database, records, every)
    reader = NightReader(database)
    assert list(reader.records(key)) == kept(records)
    assert list(reader.inputs(key)) == [r for r in kept(records) if not isinstance(r, OUTPUTS)]
    assert reader.damaged_minutes(key) == ()
    assert database.check() == ()


def test_how_often_it_was_committed_leaves_no_trace(database: Database) -> None:
    """The same night committed each second or once is the same bytes, so that backups can be compared."""
    records = some_night(200)
    keys = [stored(database, records, every) for every in (0, 1)]
    rows = [
        database.rows("SELECT from_s, to_s, count, crc, samples, records FROM minute WHERE night = ?", (key,))
        for key in keys
    ]
    assert rows[0] == rows[1]


def test_a_minute_is_one_row(database: Database) -> None:
    """One hour at 1 Hz is some sixty rows, not seven thousand."""
    records = [HeartSample(BEGAN.at_ns + second * S, 600) for second in range(3600)]
    key = stored(database, records, 5)
    spans = database.rows("SELECT from_s, to_s FROM minute WHERE night = ? ORDER BY place", (key,))
    assert spans == [(60 * minute, 60 * minute + 59) for minute in range(60)]
    assert Nights(database).row(key).duration_s == 3599


def test_a_tick_passes_time_and_is_not_kept(database: Database) -> None:
    """In silence the minute is over all the same, and nothing is stored for it."""
    writer = NightWriter(database)
    key = writer.begin(BEGAN)
    writer.add(HeartSample(BEGAN.at_ns, 600))
    for minute in range(1, 10):
        writer.add(Tick(BEGAN.at_ns + minute * 60 * S))
        writer.commit()
    assert Nights(database).row(key).minutes == 1
    writer.add(HeartSample(BEGAN.at_ns + 5 * S, 601))
    writer.commit()
    assert Nights(database).row(key).minutes == 2
    assert [r.at_ns for r in NightReader(database).inputs(key)] == [BEGAN.at_ns, BEGAN.at_ns + 5 * S]


def test_a_source_gone_mad_fills_rows_of_bounded_size(database: Database) -> None:
    """After a clock that jumped years ahead every sample is "late": rows are cut all the same, nothing is lost."""
    jump = [HeartSample(2**62, 600)]
    flood: list[Given] = [*jump, *(HeartSample(BEGAN.at_ns + index, index) for index in range(3 * MOST_RECORDS))]
    key = stored(database, flood)
    assert list(NightReader(database).inputs(key)) == flood
    assert max(count for (count,) in database.rows("SELECT count FROM minute")) == MOST_RECORDS


@given(st.lists(SAMPLES, max_size=30), st.integers(1, 9))
def test_any_integers_go_through_the_database(records: list[Given], every: int) -> None:
    """A broken clock's instants are beyond what SQLite can index; they come back all the same."""
    with _fresh() as database:
        key = stored(database, records, every)
        assert list(NightReader(database).inputs(key)) == records
        assert database.check() == ()


class _fresh:  # noqa: N801 - reads as a word of the test
    """A database of its own for each example of a property."""

    def __enter__(self) -> Database:
        import tempfile  # noqa: PLC0415

        self._folder = tempfile.TemporaryDirectory()
        self._database = Database.open(Path(self._folder.name) / "vigil.db")
        return self._database

    def __exit__(self, *_: object) -> None:
        self._database.close()
        self._folder.cleanup()


def test_nothing_is_kept_before_commit_and_nothing_is_lost_by_a_failed_one(database: Database) -> None:
    """A commit that failed may be tried again, with what came meanwhile."""
    records = some_night(150)
    writer = NightWriter(database)
    key = writer.begin(BEGAN)
    for record in records[:200]:
        writer.add(record)
    assert list(NightReader(database).records(key)) == []
    database.rows("PRAGMA query_only=ON")
    with pytest.raises(StoreError):
        writer.commit()
    for record in records[200:]:
        writer.add(record)
    database.rows("PRAGMA query_only=OFF")
    writer.commit()
    writer.commit()
    assert list(NightReader(database).records(key)) == kept(records)


@pytest.mark.parametrize("cut", [0, 1, 2, 133, 250])
def test_a_night_goes_on_after_a_restart(tmp_path: Path, cut: int) -> None:
    """What was committed before a crash and what comes after it are one night with one unbroken chain."""
    records = some_night(150)
    with Database.open(tmp_path / "vigil.db") as database:
        key = stored(database, records[:cut], 3)
    with Database.open(tmp_path / "vigil.db") as database:
        writer = NightWriter(database)
        writer.resume(key)
        assert writer.night == key
        for record in records[cut:]:
            writer.add(record)
            writer.commit()
        assert list(NightReader(database).records(key)) == kept(records)
        assert database.check() == ()


def test_a_writer_without_a_night_says_so(database: Database) -> None:
    """Adding, committing or asking for the key before `begin` is an error, not a silent loss."""
    writer = NightWriter(database)
    for use in (lambda: writer.add(Tick(0)), writer.commit, lambda: writer.night):
        with pytest.raises(StoreError, match="no night was begun"):
            use()
    with pytest.raises(NotFoundError):
        writer.resume(5)


def test_one_broken_value_does_not_stop_the_night(database: Database) -> None:
    """A fraction where a whole number belongs is kept as it is, and so is everything around it."""
    broken = HeartSample(BEGAN.at_ns + 30 * S, 58.5)  # type: ignore[arg-type]
    records = [*some_night(30), broken, *some_night(90)[60:]]
    key = stored(database, records, 20)
    assert list(NightReader(database).records(key)) == kept(records)


def test_what_is_no_record_is_refused(database: Database) -> None:
    """An object of a class nobody registered cannot be written down: said in words, outside any transaction."""
    writer = NightWriter(database)
    writer.begin(BEGAN)
    writer.add(SimpleNamespace(at_ns=0))  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="no record"):
        writer.commit()
    assert not database.in_transaction


# Reading by kind.


def test_outputs_by_kind(database: Database) -> None:
    """Each reading method gives its own kind, in order, and all of it."""
    records = some_night(600, seed=3)
    key = stored(database, records)
    reader, expected = NightReader(database), kept(records)
    assert list(reader.epochs(key)) == [r for r in expected if isinstance(r, EpochScored)]
    assert list(reader.suspicions(key)) == [r for r in expected if isinstance(r, SuspicionRaised | SuspicionCleared)]
    assert list(reader.decisions(key)) == [r for r in expected if isinstance(r, StoredDecision)]
    assert list(reader.quality_notes(key)) == [r for r in expected if isinstance(r, QualityNote)]
    assert reader.closed(key) == [r for r in expected if isinstance(r, NightClosed)][-1]


@pytest.mark.parametrize(("first", "last"), [(None, None), (100, 200), (119, 120), (0, 60), (580, None), (None, 31)])
def test_decisions_of_a_span(database: Database, first: int | None, last: int | None) -> None:
    """From the first instant on and before the last, whatever minutes they fall in."""
    every = [Decision(BEGAN.at_ns + s * S, WatchState.WATCHING, Action.NOTHING, ()) for s in range(600)]
    key = stored(database, every)
    from_ns, to_ns = (None if s is None else BEGAN.at_ns + s * S for s in (first, last))
    found = [(d.at_ns - BEGAN.at_ns) // S for d in NightReader(database).decisions(key, from_ns, to_ns)]
    assert found == list(range(first or 0, 600 if last is None else last))


def test_a_night_without_an_end_has_no_account(database: Database) -> None:
    """A night that was cut short says None, not a made-up account."""
    key = stored(database, [HeartSample(BEGAN.at_ns, 600)])
    assert NightReader(database).closed(key) is None


def test_reading_a_night_that_is_not_there(database: Database) -> None:
    """Every way of reading says so."""
    reader = NightReader(database)
    for read in (reader.records, reader.inputs, reader.epochs, reader.decisions, reader.damaged_minutes, reader.closed):
        with pytest.raises(NotFoundError, match="no night"):
            read(4)


# The catalogue.


@pytest.mark.parametrize(
    ("began", "name"),
    [
        (NightBegan(0, wall_ms=1_700_000_000_000, zone_min=60), "2023-11-14"),
        (NightBegan(0, wall_ms=1_700_003_000_000, zone_min=60), "2023-11-15"),
        (NightBegan(0, wall_ms=1_700_003_000_000, zone_min=None), "2023-11-14"),
        (NightBegan(0, wall_ms=-1, zone_min=0), "1969-12-31"),
        (NightBegan(0, wall_ms=2**70, zone_min=0), "undated"),
        (NightBegan(0, wall_ms=0, zone_min=2**70), "undated"),
        (NightBegan(0), "undated"),
        (NightBegan(0, night="walch 46343", wall_ms=0), "walch 46343"),
        (NightBegan(0, night="bad \udcff name"), "bad \\udcff name"),
    ],
)
def test_a_night_is_named_by_the_local_date_of_lights_out(began: NightBegan, name: str) -> None:
    """Or by the name it came with; without a clock it is undated."""
    assert name_of(began) == name


def test_a_second_night_of_a_name_gets_a_number(database: Database) -> None:
    """Two nights of one date are told apart, and the runner can ask for the name beforehand."""
    nights = Nights(database)
    began = NightBegan(0, wall_ms=1_700_000_000_000, zone_min=0)
    asked = []
    for _ in range(3):
        asked.append(nights.free_name(began))
        NightWriter(database).begin(began)
    assert [row.name for row in nights.nights()] == asked == ["2023-11-14", "2023-11-14-2", "2023-11-14-3"]


def test_what_a_night_was_recorded_with(database: Database) -> None:
    """Lights-out, clock, kind, mode, format, place, note and digests are in the list of nights."""
    nights = Nights(database)
    began = NightBegan(77, Mode.WATCH_ONLY, "n", wall_ms=5, zone_min=-30)
    writer = NightWriter(database)
    key = writer.begin(began, path="a/b\udcff", format="EDF+", kind="shadow", note="first")
    nights.set_digests(key, "in", "out")
    row = nights.row(key)
    assert (row.name, row.began_ns, row.wall_ms, row.zone_min) == ("n", 77, 5, -30)
    assert (row.kind, row.mode, row.format, row.path) == ("shadow", "watch_only", "EDF+", "a/b\\udcff")
    assert (row.note, row.inputs_digest, row.outputs_digest) == ("first", "in", "out")
    assert (row.minutes, row.duration_s, row.intact) == (0, None, True)
    nights.set_note(key, "second")
    assert nights.row(key).note == "second"
    assert nights.row(key).inputs_digest == "in"
    assert nights.find("n") == nights.row(key)
    assert database.check() == ()


def test_an_unknown_kind_is_refused(database: Database) -> None:
    """A word nobody knows must not get into the list."""
    with pytest.raises(StoreError, match="live, demo, shadow"):
        NightWriter(database).begin(BEGAN, kind="other")
    assert Nights(database).nights() == []


def test_lights_out_beyond_the_clock_is_refused(database: Database) -> None:
    """An instant that does not fit 64 bits can only be a broken clock: said in words, nothing entered."""
    with pytest.raises(StoreError):
        NightWriter(database).begin(NightBegan(2**70))
    assert Nights(database).nights() == []


def test_a_night_is_found_by_name_or_prefix(database: Database) -> None:
    """An exact name wins; a prefix must lead to one night; near names are offered."""
    nights = Nights(database)
    for name in ("2026-03-01", "2026-03-01-2", "2026-04-07", *(f"walch {n}" for n in range(8))):
        NightWriter(database).begin(NightBegan(0, night=name))
    assert nights.find("2026-03-01").name == "2026-03-01"
    assert nights.find("2026-04").name == "2026-04-07"
    with pytest.raises(NotFoundError, match=r"2 nights begin with '2026-03' \(2026-03-01, 2026-03-01-2\)"):
        nights.find("2026-03")
    with pytest.raises(NotFoundError, match="and 3 more"):
        nights.find("walch")
    with pytest.raises(NotFoundError, match="near it: 2026-04-07"):
        nights.find("2026-04-08")
    with pytest.raises(NotFoundError, match="see the list of nights"):
        nights.find("%")


def test_a_nights_report_is_kept_and_replaced(database: Database) -> None:
    """The summary is text as given; a later one takes its place; a damaged one is refused."""
    nights = Nights(database)
    key = NightWriter(database).begin(BEGAN)
    assert nights.summary(key) is None
    for body in ('{"a":1}', '{"ü":"ß"}'):
        nights.add_summary(key, body)
        assert nights.summary(key) == body
    with database.atomic():
        database.execute("UPDATE summary SET body = ?", ('{"a":2}',))
    with pytest.raises(StoreError, match="report of night"):
        nights.summary(key)
    with pytest.raises(StoreError):
        nights.add_summary(key + 1, "{}")


def test_keys_are_never_used_again(database: Database) -> None:
    """A night that was erased must not lend its key to another."""
    keys = [NightWriter(database).begin(BEGAN) for _ in range(2)]
    with database.atomic():
        database.execute("DELETE FROM night WHERE key = ?", (keys[1],))
    assert NightWriter(database).begin(BEGAN) == keys[1] + 1


def test_seals_chain_the_minutes(database: Database) -> None:
    """Two nights of the same samples have seals of their own, and within a night no two are alike."""
    records = some_night(300)
    keys = [stored(database, records) for _ in range(2)]
    seals = [[bytes(seal) for (seal,) in database.rows("SELECT seal FROM minute WHERE night = ?", (k,))] for k in keys]
    assert not set(seals[0]) & set(seals[1])
    assert all(before != after for before, after in pairwise(seals[0]))


# A disk that is full for hours.


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A patch under which no minute can be stored; `undo` makes room (a disk that is really full: tests/edges)."""
    with monkeypatch.context() as patch:
        yield patch


def hours_on_a_full_disk(writer: NightWriter, seconds: int, began_s: int) -> list[Stored]:
    """Samples and decisions for so many seconds, a failing commit each minute; what was added."""
    added: list[Stored] = []
    for second in range(began_s, began_s + seconds):
        at_ns = BEGAN.at_ns + second * S
        records: list[Given] = [
            HeartSample(at_ns, second),
            MotionSummary(at_ns, 1000, 5, (0, 1, 2), (3, 4, 5), (1, 2, 990)),
            *([Decision(at_ns, WatchState.WATCHING, Action.NOTHING, ())] if second % 30 == 0 else []),
        ]
        for record in records:
            writer.add(record)
            added.append(StoredDecision.of(record) if isinstance(record, Decision) else record)
        if second % 60 == 0:
            with pytest.raises(FullError):
                writer.commit()
    return added


def test_a_full_disk_costs_the_oldest_samples_and_nothing_else(
    database: Database, monkeypatch: pytest.MonkeyPatch, full: pytest.MonkeyPatch
) -> None:
    """Memory stays bounded; what was stored stays; every decision and the latest samples are there in the end."""
    monkeypatch.setattr(night_writer, "MOST_HELD", 1 << 20)
    writer = NightWriter(database)
    key = writer.begin(BEGAN)
    before: list[Stored] = [HeartSample(BEGAN.at_ns + second * S, 1) for second in range(70)]
    for record in before:
        writer.add(record)  # type: ignore[arg-type]
    writer.commit()
    full.setattr(night_writer, "write", _refuse)
    added = hours_on_a_full_disk(writer, 3 * 3600, 70)
    progress = writer._begun()
    assert progress.held == sum(
        map(night_writer._cost, [record for row in [*progress.full, progress.records] for record in row][10:])
    )
    assert progress.held <= 1 << 20
    full.undo()
    writer.commit()
    back = list(NightReader(database).records(key))
    samples = [record for record in added if isinstance(record, HeartSample | MotionSummary)]
    kept_samples = [record for record in back[70:] if isinstance(record, HeartSample | MotionSummary)]
    assert back[:70] == before
    assert [r for r in back if isinstance(r, StoredDecision)] == [r for r in added if isinstance(r, StoredDecision)]
    assert kept_samples == samples[writer.lost :]
    assert len(kept_samples) > 1000
    assert writer.lost == len(samples) - len(kept_samples) > 10_000
    assert NightReader(database).damaged_minutes(key) == ()
    assert database.check() == ()
    writer.add(HeartSample(BEGAN.at_ns + 4 * 3600 * S, 7))
    writer.commit()
    assert list(NightReader(database).inputs(key))[-1] == HeartSample(BEGAN.at_ns + 4 * 3600 * S, 7)
    assert progress.held == 0


def test_within_bounds_nothing_is_lost(database: Database, full: pytest.MonkeyPatch) -> None:
    """Two hours of a full disk fit into memory: all of it is stored when there is room."""
    writer = NightWriter(database)
    key = writer.begin(BEGAN)
    full.setattr(night_writer, "write", _refuse)
    added = hours_on_a_full_disk(writer, 7200, 0)
    assert writer.lost == 0
    full.undo()
    writer.commit()
    assert list(NightReader(database).records(key)) == added


def test_events_alone_are_never_let_go(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even beyond the bound, and without looking through all of them each time."""
    monkeypatch.setattr(night_writer, "MOST_HELD", 1 << 14)
    looks = [0]
    original = night_writer._Progress.let_go

    def counted(self: night_writer._Progress) -> int:
        looks[0] += 1
        return original(self)

    monkeypatch.setattr(night_writer._Progress, "let_go", counted)
    writer = NightWriter(database)
    key = writer.begin(BEGAN)
    decisions = [Decision(BEGAN.at_ns + n * S, WatchState.BLIND, Action.NOTHING, ()) for n in range(2000)]
    for decision in decisions:
        writer.add(decision)
    writer.commit()
    assert writer.lost == 0
    assert looks[0] < 60
    assert list(NightReader(database).records(key)) == as_stored(decisions)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 5), max_size=60), st.integers(200, 4000))
def test_whatever_fails_when_the_account_is_exact(steps: list[int], bound: int) -> None:
    """Samples, events, commits that fail or not, in any order: what is stored is what was added but for `lost`."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(night_writer, "MOST_HELD", bound)
        with Database.open(Path(folder) / "vigil.db") as database:
            writer = NightWriter(database)
            key = writer.begin(BEGAN)
            writer._begun().bound = bound
            added: list[Stored] = []
            for number, step in enumerate(steps):
                at_ns = BEGAN.at_ns + number * 13 * S
                if step <= 2:
                    added.append(HeartSample(at_ns, number))
                    writer.add(added[-1])  # type: ignore[arg-type]
                elif step == 3:
                    added.append(QualityNote(at_ns, Quality.GOOD, Quality.STALE))
                    writer.add(added[-1])  # type: ignore[arg-type]
                elif step == 4:
                    writer.commit()
                else:
                    patch.setattr(night_writer, "write", _refuse)
                    with suppress(FullError):
                        writer.commit()
                    patch.setattr(night_writer, "write", minutes.write)
            writer.commit()
            back = list(NightReader(database).records(key))
            assert len(back) == len(added) - writer.lost
            assert [r for r in added if r in back] == back
            assert [r for r in back if isinstance(r, QualityNote)] == [r for r in added if isinstance(r, QualityNote)]
            assert database.check() == ()


def _refuse(*args: object) -> None:
    raise FullError


@pytest.mark.parametrize("resumed", [False, True])
def test_a_night_goes_on_in_a_fresh_database(tmp_path: Path, resumed: bool) -> None:
    """The database was damaged while it was written: what waited, and all that follows, goes into the fresh one."""
    records = [HeartSample(BEGAN.at_ns + second * S, second) for second in range(400)]
    with Database.open(tmp_path / "old.db") as old, Database.open(tmp_path / "new.db") as new:
        writer = NightWriter(old)
        key = writer.begin(BEGAN, format="band")
        for record in records[:100]:
            writer.add(record)
        writer.commit()
        if resumed:
            writer = NightWriter(old)
            writer.resume(key)
        for record in records[100:250]:
            writer.add(record)
        fresh = writer.carry_on(new)
        assert writer.night == fresh
        for record in records[250:]:
            writer.add(record)
        writer.commit()
        assert list(NightReader(old).records(key)) == records[:100]
        assert list(NightReader(new).records(fresh)) == records[100:]
        row = Nights(new).row(fresh)
        assert (row.name, row.format, row.began_ns, row.wall_ms) == ("a night", "band", BEGAN.at_ns, BEGAN.wall_ms)
        assert new.check() == ()


def test_a_damaged_entry_is_not_resumed(database: Database) -> None:
    """When the night began cannot be told any more: a new night is begun instead."""
    key = NightWriter(database).begin(BEGAN)
    with database.atomic():
        database.execute("UPDATE night SET began_ns = 1")
    with pytest.raises(StoreError, match="damaged"):
        NightWriter(database).resume(key)
