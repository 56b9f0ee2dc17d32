"""Recordings replayed by limited children: the same nights, in order, and a hostile one harms itself alone."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from vigil.app import replay_child
from vigil.app.home import Home, Shelf
from vigil.app.replay_child import ReplayChild
from vigil.app.replay_night import Failed, PassedOver, Replayed, Task, Wish, run, tasks_at
from vigil.app.replay_nights import ReplayWorkers
from vigil.app.wiring import reading, writing
from vigil.domain.errors import InputError, StoreError
from vigil.recordings.readers.options import ReadOptions
from vigil.run.limited import Limits
from vigil.store.nights import Nights

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux holds to bounds of memory")


@pytest.fixture
def home() -> Home:
    return Home.here()


def table(folder: Path, name: str, seconds: int = 300) -> Task:
    path = folder / f"{name}.csv"
    path.write_text("t_s,bpm\n" + "".join(f"{i},{60 + i // 60 % 7}\n" for i in range(seconds)))
    return Task(path, 0, name, "CSV table")


def kept(home: Home) -> list[str]:
    with reading(home, (Shelf.REPLAY,)) as shelves:
        return [row.name for row in Nights(shelves[0].database).nights()]


def test_a_child_gives_what_this_process_gives(home: Home, tmp_path: Path) -> None:
    """Lines, stages, clock, figures and JSON are those of a night replayed here."""
    task, wish = table(tmp_path, "a", 4000), Wish(home, ReadOptions(units=(("hr", "bpm"),)), keep=False, as_json=True)
    with ReplayChild() as child:
        there = child.replay(task, wish)
    assert isinstance(there, Replayed)
    assert there == run(task, wish)


def test_looking_gives_what_this_process_finds(tmp_path: Path) -> None:
    """Nights, failures and what was passed over come back as they are, odd names too."""
    folder = tmp_path / os.fsdecode(b"odd\xff")
    folder.mkdir()
    table(folder, "a")
    (folder / "notes.txt").write_text("nothing")
    for path in (folder, tmp_path / "nowhere"):
        with ReplayChild() as child:
            found = child.look(path, ReadOptions())
        assert found == list(tasks_at(path, ReadOptions()))
    with ReplayChild() as child:
        assert {type(one) for one in child.look(folder, ReadOptions())} == {Task, PassedOver}


@LINUX
def test_a_night_that_takes_too_much_is_the_only_one_that_fails(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its neighbours are replayed and kept, in order; the store holds nothing of it."""
    monkeypatch.setattr(replay_child, "REPLAY", "tests.children:replay_or_burst")
    tasks = [table(tmp_path, name) for name in ("a", "big", "c")]
    with writing(home, Shelf.REPLAY), ReplayWorkers(1, Limits(memory_bytes=512 << 20)) as workers:
        found = list(workers.replay(tasks, Wish(home, ReadOptions())))
    assert [type(one) for one in found] == [Replayed, Failed, Replayed]
    assert isinstance(found[1], Failed)
    assert found[1].why == f"{tasks[1].path}: reading it takes more than 512 MB of memory; it was given up"
    assert sorted(kept(home)) == ["a", "c"]


def test_a_worker_that_is_killed_is_said(home: Home, tmp_path: Path) -> None:
    """A process that the system killed ends its night with words, not with a traceback, and the next is replayed."""
    with writing(home, Shelf.REPLAY), ReplayWorkers(1) as workers:
        child = workers._children[0]
        wish = Wish(home, ReadOptions())
        assert isinstance(next(workers.replay([table(tmp_path, "a")], wish)), Replayed)
        process = child._process
        assert process is not None
        threading.Timer(0.3, process.kill).start()
        lost = next(workers.replay([table(tmp_path, "long", 90_000)], wish))
        assert isinstance(lost, Failed)
        assert "ended without a word" in lost.why
        assert isinstance(next(workers.replay([table(tmp_path, "b")], wish)), Replayed)
    assert sorted(kept(home)) == ["a", "b"]


def test_a_replay_that_is_stopped_leaves_no_worker_behind(home: Home, tmp_path: Path) -> None:
    """Whoever stops listening, by Ctrl-C or otherwise, is not kept waiting, and the night under way is not kept."""
    tasks = [table(tmp_path, "short", 100), table(tmp_path, "long", 400_000)]
    with writing(home, Shelf.REPLAY):
        with ReplayWorkers(2) as workers:
            first = next(workers.replay(tasks, Wish(home, ReadOptions())))
            processes = [child._process for child in workers._children]
        assert isinstance(first, Replayed)
    assert all(process is not None and process.returncode is not None for process in processes)
    assert kept(home) == ["short"]


def test_a_store_that_refuses_ends_the_replay(home: Home, tmp_path: Path) -> None:
    """What is wrong with the store is not said of the recording."""
    (home.data / "replay").mkdir(parents=True)
    home.database(Shelf.REPLAY).write_bytes(b"not a database at all" * 100)
    with ReplayWorkers(1) as workers, pytest.raises(StoreError):
        list(workers.replay([table(tmp_path, "a")], Wish(home, ReadOptions())))


def test_a_night_is_read_within_bounds_before_it_is_played(tmp_path: Path) -> None:
    """One that can be read passes; one that cannot is a failure with its words."""
    task = table(tmp_path, "a")
    with ReplayWorkers(1) as workers:
        assert workers.read_through(task, ReadOptions()) is None
        task.path.write_text("shoe,size\n1,2\n" * 20)
        failed = workers.read_through(task, ReadOptions())
    assert isinstance(failed, Failed)
    assert str(task.path) in failed.why


GOOD: dict[str, Any] = {
    "lines": ["In bed."],
    "stages": ["rem"],
    "lights_out": None,
    "figures": {
        **dict.fromkeys(("tst_min", "waso_min", "rem_min", "light_min", "deep_min", "wake_min"), 1.0),
        "night": "a",
        "path": "a.csv",
        "watched_min": 1.0,
        "blind_min": 0.0,
        "suspicions": [],
        "interventions": 0,
    },
    "kept": "",
    "text": "",
    "pictures": [],
}


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {},
        GOOD | {"stages": ["coma"]},
        GOOD | {"lines": [5]},
        GOOD | {"kept": None},
        GOOD | {"lights_out": "soon"},
        GOOD | {"lights_out": 5},
        GOOD | {"figures": {"code": "x"}},
        {"failed": {"path": 5, "why": "x"}},
        {"failed": None},
    ],
    ids=range(11),
)
def test_an_answer_of_another_form_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, home: Home, tmp_path: Path, wrong: Any
) -> None:
    """A child gone wrong can only fail: what comes back is checked field by field."""
    task, wish, given = table(tmp_path, "a"), Wish(home, ReadOptions()), [GOOD, wrong]
    monkeypatch.setattr(ReplayChild, "call", lambda *_words, **_about: given.pop(0))
    child = ReplayChild()
    assert isinstance(child.replay(task, wish), Replayed)
    failed = child.replay(task, wish)
    assert isinstance(failed, Failed)
    assert "answered with something else" in failed.why
    given.append([{"why": 1}])
    (looked,) = child.look(tmp_path, ReadOptions())
    assert isinstance(looked, Failed)


def test_what_the_child_runs(home: Home, tmp_path: Path) -> None:
    """The functions named in questions are those of this module, and a failure travels as one."""
    task = table(tmp_path, "a")
    wish = replay_child._wish_plain(Wish(home, ReadOptions(), keep=False))
    plain = replay_child._task_plain(task)
    assert replay_child.replay_plain(plain, wish)["stages"]
    assert replay_child.look_plain(str(task.path), wish["options"]) == [plain | {"night": "a"}]
    replay_child.read_plain(plain, wish["options"])
    task.path.write_text("")
    assert "why" in replay_child.replay_plain(plain, wish)["failed"]
    with pytest.raises(InputError):
        replay_child.read_plain(plain, wish["options"])
