"""The page and a night process that runs: what is asked arrives, what is told follows. Minutes in seconds."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from subprocess import Popen

import pytest

from tests.edges.test_watch_process import ends, inputs, kept_s, night_pid, rows, shelf, until, watch
from vigil.domain.records import Mark, Marked, NightEnded
from vigil.store.asked import ASKED_NAME, Wish, ask
from vigil.store.live_state import LIVE_NAME, Link, LiveState, alive, read
from vigil.store.lock import holder_of

LONG = ("--speed", "60", "--hours", "8")

pytestmark = pytest.mark.timeout(240)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def wish(what: Wish) -> None:
    ask(shelf() / ASKED_NAME, what, now_ms())


def live() -> LiveState | None:
    return read(shelf() / LIVE_NAME)


def told(so: Callable[[LiveState], object]) -> LiveState:
    """The first state of which that is so."""
    found: list[LiveState] = []

    def look() -> bool:
        state = live()
        if state is not None and so(state):
            found.append(state)
        return bool(found)

    until(look)
    return found[0]


@contextmanager
def watched(*words: str) -> Iterator[Popen[str]]:
    """A night that is told to be watched."""
    with watch(*LONG, *words) as process:
        until(lambda: alive(live(), now_ms(), holder_of(shelf() / "vigil.lock")))
        yield process


def test_a_mark_and_good_morning_from_the_page() -> None:
    """The marks stand in the stored night and are told back; the night ends in order, and what is told says so."""
    with watched("--alone") as process:
        first = told(lambda state: state.link is Link.HEARD and state.heart_bpm_x10)
        assert first.pid == process.pid
        wish(Wish.BAD_DREAM)
        told(lambda state: state.mark is Mark.BAD_DREAM)
        wish(Wish.AWAKE)
        then = told(lambda state: state.mark is Mark.AWAKE)
        assert then.number > first.number
        assert then.now_wall_ms > first.now_wall_ms
        wish(Wish.END)
        code, out, errors = ends(process)
    assert (code, errors) == (0, "")
    assert "Stopped before morning." in out
    records = inputs()
    assert [one.mark for one in records if isinstance(one, Marked)] == [Mark.BAD_DREAM, Mark.AWAKE]
    assert isinstance(records[-1], NightEnded)
    assert rows()[0].outputs_digest
    last = live()
    assert last is not None
    assert last.ended
    assert last.heart_bpm_x10 is None
    assert list((shelf() / ASKED_NAME).iterdir()) == []


def test_good_morning_is_heard_through_the_supervisor() -> None:
    """The night process ends its night, and nobody starts it again."""
    with watched() as process:
        wish(Wish.END)
        code, out, errors = ends(process)
    assert (code, errors) == (0, "")
    assert "Stopped before morning." in out
    assert len(rows()) == 1


def test_a_night_that_was_killed_goes_on_being_told() -> None:
    """What was marked before is known after, and a wish of the gap between arrives."""
    with watched() as process:
        wish(Wish.BAD_DREAM)
        before = told(lambda state: state.mark is Mark.BAD_DREAM)
        until(lambda: any(isinstance(one, Marked) for one in inputs()))
        os.kill(night_pid(), signal.SIGKILL)
        after = told(lambda state: state.pid != before.pid)
        assert (after.mark, after.night, after.began_wall_ms) == (before.mark, before.night, before.began_wall_ms)
        assert after.number > before.number
        wish(Wish.AWAKE)
        told(lambda state: state.mark is Mark.AWAKE)
        wish(Wish.END)
        assert ends(process)[0] == 0


def test_what_was_asked_before_a_night_is_not_meant_for_it() -> None:
    """A good morning that was said to the last one does not end this one."""
    wish(Wish.END)
    with watched("--alone") as process:
        told(lambda state: state.now_wall_ms - state.began_wall_ms > 60_000)
        assert process.poll() is None
        assert list((shelf() / ASKED_NAME).iterdir()) == []


def test_with_the_database_broken_it_is_heard_all_the_same() -> None:
    """A table that is gone, a view that cannot be written: the mark is taken, and the night goes on to its end."""
    with watched("--alone") as process:
        until(lambda: kept_s() > 0)
        with closing(sqlite3.connect(shelf() / "vigil.db", timeout=30)) as other:
            other.execute("DROP TABLE minute")
        wish(Wish.AWAKE)
        told(lambda state: state.mark is Mark.AWAKE)
        live_path = shelf() / LIVE_NAME
        live_path.unlink()
        _cannot_be_written(live_path)
        wish(Wish.BAD_DREAM)
        until(lambda: list((shelf() / ASKED_NAME).iterdir()) == [])
        assert process.poll() is None
        wish(Wish.END)
        code, _, _ = ends(process)
    assert code == 0


def _cannot_be_written(path: Path) -> None:
    """A folder that holds something stands where the file should."""
    path.mkdir()
    (path / "something").write_text("")
