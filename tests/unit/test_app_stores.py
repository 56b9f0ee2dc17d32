"""Nights on their way into a store and back: whole or not at all, damaged or unfinished but never silently wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from vigil.app import keepers, replay_night
from vigil.app.home import Home, Shelf
from vigil.app.keepers import LiveKeeper, ReplayKeeper
from vigil.app.moment import moment
from vigil.app.private import private_folder, write_private
from vigil.app.replay_night import Failed, Replayed, Task, Wish, run, tasks_at
from vigil.app.said import left_out_words
from vigil.app.stored_night import find, read
from vigil.app.wiring import packaged_parameters, population_outfit, reading, writing
from vigil.domain.errors import InputError, NotFoundError
from vigil.domain.records import EpochScored, NightBegan
from vigil.domain.samples import HeartSample, Quality
from vigil.domain.sleep import Stage
from vigil.domain.units import EPOCH_NS, NS_PER_S
from vigil.recordings.readers.options import ReadOptions
from vigil.recordings.recording import Item, LeftOut, Recording
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.recording import recording
from vigil.run.replay import replay
from vigil.store.nights import Nights

TASK = Task(Path("somewhere"), 0, "night", "simulated sleeper")


@pytest.fixture
def home() -> Home:
    return Home.here()


def simulated(name: str = "night") -> Recording:
    """Forty quiet minutes."""
    made = recording(4, plan=named_plan("quiet", 4, hours=0.7))
    return replace(made, night=name, path=Path("somewhere"), began=replace(made.began, night=name))


def serve(monkeypatch: pytest.MonkeyPatch, night: Recording) -> None:
    """Let every path lead to this recording."""
    monkeypatch.setattr(replay_night, "find_recordings", lambda _path, _options: iter([night]))


def names(home: Home, shelf: Shelf = Shelf.REPLAY) -> list[str]:
    with writing(home, shelf) as opened:
        return [row.name for row in Nights(opened.database).nights()]


def test_a_night_that_cannot_be_read_to_its_end_leaves_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that breaks in the middle is reported by file and line, and the store is as it was."""
    whole = simulated()

    def broken() -> Iterator[Item]:
        for number, item in enumerate(whole.items()):
            if number == 900:
                message = "a row that cannot be"
                raise InputError(message, path="somewhere/hr.csv", line=901)
            yield item

    serve(monkeypatch, whole)
    assert isinstance(run(TASK, Wish(home, ReadOptions())), Replayed)
    assert names(home) == ["night"]
    serve(monkeypatch, replace(whole, night="other", items=broken))
    failed = run(replace(TASK, night="other"), Wish(home, ReadOptions()))
    assert isinstance(failed, Failed)
    assert "somewhere/hr.csv, line 901" in failed.why
    assert names(home) == ["night"]


def test_a_path_that_changed_meanwhile_is_a_failure(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A night that was there a moment ago and is gone is said so."""
    monkeypatch.setattr(replay_night, "find_recordings", lambda _path, _options: iter(()))
    failed = run(TASK, Wish(home, ReadOptions()))
    assert isinstance(failed, Failed)
    assert "not what it was" in failed.why


def test_a_folder_that_cannot_be_listed_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong while looking for nights is an answer about that path, not the end of the others."""

    def refuse(path: Path) -> tuple[Path, ...]:
        message = "could not be listed"
        raise InputError(message, path=str(path))

    monkeypatch.setattr(replay_night, "look_into", refuse)
    (failed,) = tasks_at(Path("locked"), ReadOptions())
    assert failed == Failed("locked", "locked: could not be listed")


def test_a_night_without_end_is_not_kept(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recording of weeks is replayed with flat memory, and not kept as a night."""
    monkeypatch.setattr(keepers, "MOST_KEPT", 1000)
    serve(monkeypatch, simulated())
    done = run(TASK, Wish(home, ReadOptions()))
    assert isinstance(done, Replayed)
    assert done.kept == ""
    assert "too long to be kept" in done.lines[-1]
    assert names(home) == []


def test_an_odd_name_is_no_path(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A night called ../../x draws its picture where it was told to."""
    serve(monkeypatch, simulated())
    done = run(replace(TASK, night="../../x"), Wish(home, ReadOptions(), keep=False, pictures=tmp_path))
    assert isinstance(done, Replayed)
    assert [Path(path).parent for path in done.pictures] == [tmp_path, tmp_path]
    assert all(Path(path).exists() for path in done.pictures)


def test_a_night_that_never_ended_is_shown_as_far_as_it_went(home: Home) -> None:
    """After a power cut the night is there up to its last committed minute, with what its epochs add up to."""
    began = NightBegan(5 * NS_PER_S, night="cut", wall_ms=1_767_308_400_000, zone_min=0)
    with writing(home, Shelf.OWN) as opened:
        keeper = LiveKeeper(opened.database, kind="live", source="a test")
        keeper.add(HeartSample(0, 600))
        keeper.begin(began)
        keeper.add(began)
        for index in range(4):
            at_ns = began.at_ns + (index + 1) * EPOCH_NS
            keeper.add(EpochScored(at_ns, index, Stage.LIGHT, None, 60.0, None, 20))
        keeper.commit()
    with reading(home, (Shelf.OWN,)) as shelves:
        stored = read(*find(shelves, "cut"))
        assert (stored.report.summary.tib_min, stored.report.watched_min, stored.report.blind_min) == (
            2,
            80 / 60,
            40 / 60,
        )
        assert stored.facts == {}
        assert moment(stored, 30, iter(())).quality is Quality.NEVER


def test_damage_is_named_and_the_rest_is_shown(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """One damaged minute does not cost the night, and is never passed over in silence."""
    serve(monkeypatch, simulated())
    assert isinstance(run(TASK, Wish(home, ReadOptions())), Replayed)
    with closing(sqlite3.connect(home.database(Shelf.REPLAY))) as raw:
        raw.execute("UPDATE minute SET crc = crc + 1 WHERE place = (SELECT max(place) - 9 FROM minute)")
        raw.commit()
    with reading(home, (Shelf.REPLAY,)) as shelves:
        stored = read(*find(shelves, "nig"))
    assert len(stored.damaged) >= 1
    assert 60 < len(stored.report.epochs) < 84


def test_names_are_found_by_their_beginning_or_nearly(home: Home) -> None:
    """One beginning that fits is enough; several ask for more; none names what is near, or where to begin."""
    with reading(home, tuple(Shelf)) as shelves, pytest.raises(NotFoundError, match="vigil demo"):
        find(shelves, "x")
    with writing(home, Shelf.OWN) as opened:
        for name in ("2026-03-01", "2026-03-02", "2026-03-02-2", "summer"):
            LiveKeeper(opened.database, kind="live", source="").begin(NightBegan(0, night=name))
    with reading(home, tuple(Shelf)) as shelves:
        assert find(shelves, "2026-03-02")[1].name == "2026-03-02"
        assert find(shelves, "su")[1].name == "summer"
        with pytest.raises(NotFoundError, match="3 nights begin with"):
            find(shelves, "2026")
        with pytest.raises(NotFoundError, match="near it: 2026-03-02"):
            find(shelves, "2026-08-02")
        with pytest.raises(NotFoundError, match="there are: "):
            find(shelves, "zzzzzzzz")


def test_a_shadow_nudge_spends_nothing_and_an_unbegun_night_is_not_stored(home: Home) -> None:
    """The keeper of a replay writes nothing before the night is over."""
    keeper = ReplayKeeper()
    keeper.commit()
    night = simulated()
    report = replay(night, population_outfit())
    with writing(home, Shelf.REPLAY) as opened:
        assert keeper.store(opened.database, night, report, {}) == ""
    assert names(home) == []


def test_parameters_are_read_once() -> None:
    """Every night of a run shares one set of parameters."""
    assert packaged_parameters() is packaged_parameters()


def test_private_files_are_whole_and_private(tmp_path: Path) -> None:
    """A failed write leaves neither half a file nor a temporary one; what is written is for its owner only."""
    folder = private_folder(tmp_path / "a" / "b")
    assert folder.stat().st_mode & 0o777 == 0o700
    write_private(folder / "x.json", b"{}")
    assert (folder / "x.json").stat().st_mode & 0o777 == 0o600
    (folder / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        write_private(folder / "taken", b"{}")
    assert sorted(path.name for path in folder.iterdir()) == ["taken", "x.json"]


def test_left_out_rows_in_words() -> None:
    """How many, of which file, from which line, and why."""
    assert left_out_words(LeftOut("hr.csv", "not a number", 1)) == "Left out: 1 row of hr.csv: not a number."
    assert left_out_words(LeftOut("hr.csv", "late", 3, 7)) == "Left out: 3 rows of hr.csv, first at line 7: late."
