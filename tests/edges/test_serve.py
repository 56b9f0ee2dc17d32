"""The page as a process: one of each store, a link that lets in, an end in order; beside a watch and in the demo."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.edges.test_watch_process import environment, vigil
from vigil.app import demo_home, page_child
from vigil.app.home import Home, Shelf
from vigil.app.journal_room import journal
from vigil.app.page_child import page_beside, until_the_morning_is_said
from vigil.app.wiring import PAGE_LOCK, writing
from vigil.domain.errors import BusyError, DeviceError
from vigil.store.answers import Answers
from vigil.store.journal import Journal
from vigil.store.lock import holder_of
from vigil.web.opening import link_to_open, open_page, where_open

PATIENCE_S = 60.0
HERE = os.getpid(), signal.SIGTERM
LINK = re.compile(r"http://127\.0\.0\.1:\d+/enter/[\w-]{43}")

pytestmark = pytest.mark.timeout(240)


def until(come_true: Callable[[], object]) -> None:
    pause, deadline = threading.Event(), time.monotonic() + PATIENCE_S
    while not come_true():
        assert time.monotonic() < deadline, "it did not come true"
        pause.wait(0.05)


@contextmanager
def started(*words: str) -> Iterator[subprocess.Popen[str]]:
    """A command that goes on."""
    process = subprocess.Popen(
        vigil(*words), env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE_S)


def once(*words: str) -> tuple[int, str, str]:
    done = subprocess.run(
        vigil(*words), env=environment(), text=True, capture_output=True, check=False, timeout=PATIENCE_S
    )
    return done.returncode, done.stdout, done.stderr


def ends(process: subprocess.Popen[str], by: signal.Signals) -> tuple[int, str, str]:
    process.send_signal(by)
    out, errors = process.communicate(timeout=PATIENCE_S)
    return process.returncode, out, errors


def there(shelf: Shelf = Shelf.OWN) -> str:
    return where_open(Home.here(), shelf)


def answers(url: str) -> int:
    """What a page says to somebody who has not entered."""
    try:
        with urllib.request.urlopen(f"{url}/tonight", timeout=30) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_it_is_served_until_it_is_ended_and_that_is_no_error(by: signal.Signals) -> None:
    with started("serve", "--demo") as process:
        until(lambda: there(Shelf.DEMO))
        url = there(Shelf.DEMO)
        until(lambda: answers(url) == 401)
        code, out, errors = ends(process, by)
    assert (code, errors) == (0, "")
    assert LINK.search(out)
    assert not there(Shelf.DEMO)
    with pytest.raises(OSError, match="refused"):
        answers(url)


def test_whoever_comes_second_gets_a_link_to_the_first() -> None:
    with started("serve") as process:
        until(there)
        code, out, errors = once("serve")
        found = LINK.search(out)
        assert (code, errors) == (0, "")
        assert found is not None
        assert found[0].startswith(there())
        assert "open already" in out
        assert process.poll() is None
        process.kill()
        process.wait(PATIENCE_S)
    assert not there()  # a page that was killed leaves nothing in the way


def test_a_page_of_each_store() -> None:
    one = open_page(Home.here(), Shelf.OWN)
    other = open_page(Home.here(), Shelf.DEMO)
    with pytest.raises(BusyError, match="open already, at http"):
        open_page(Home.here(), Shelf.OWN)
    assert there() == one.url != other.url
    assert link_to_open(Home.here(), Shelf.DEMO).startswith(other.url)
    with pytest.raises(DeviceError, match="taken"):
        open_page(Home.here(), Shelf.REPLAY, port=one.socket.getsockname()[1])
    one.close()
    other.close()
    assert (there(), link_to_open(Home.here(), Shelf.OWN)) == ("", "")


@pytest.mark.parametrize("morning", [True, False], ids=["it ended by itself", "Ctrl-C"])
def test_beside_a_watch(morning: bool) -> None:
    """Before the night there is a link; after a night that ended it stays for the morning, after Ctrl-C it does not."""
    length = ("--speed", "120", "--hours", "0.05") if morning else ("--speed", "60", "--hours", "8")
    with started("watch", "--source", "synthetic", "--quiet", "--page", *length) as process:
        until(lambda: there(Shelf.DEMO))
        url = there(Shelf.DEMO)
        until(lambda: holder_of(Home.here().shelf(Shelf.DEMO) / "vigil.lock"))
        assert process.stderr is not None
        early = ""
        while morning and page_child.STAYS not in early:
            early += process.stderr.readline()
        assert answers(url) == 401
        code, out, errors = ends(process, signal.SIGINT)
        errors = early + errors
    assert code == 0
    assert LINK.search(errors)
    assert (page_child.STAYS in errors) == morning
    assert "Night simulated-drawn-2" in out
    assert not there(Shelf.DEMO)


def test_a_page_that_cannot_be_opened_stops_no_night() -> None:
    folder = Home.here().shelf(Shelf.DEMO)
    folder.mkdir(parents=True)
    (folder / PAGE_LOCK).mkdir()
    with started("watch", "--source", "synthetic", "--quiet", "--page", "--speed", "600", "--hours", "0.02") as process:
        out, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert "page.lock" in errors
    assert "Night simulated-drawn-2" in out


def test_a_page_that_cannot_even_be_started_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_words: object, **_options: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    said: list[str] = []
    monkeypatch.setattr(subprocess, "Popen", fails)
    assert page_beside(Shelf.DEMO, None, said.append) is None
    assert "The page could not be opened" in said[0]


def test_the_morning_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])
    said: list[str] = []
    page = page_beside(Shelf.DEMO, None, said.append)
    assert page is not None
    until_the_morning_is_said(page, said.append, most_s=0.0)
    assert said == [page_child.STAYS]
    assert not page.is_open


@pytest.mark.parametrize("gone", [False, True], ids=["watch is there", "watch was killed"])
def test_a_page_whose_watch_was_killed_has_an_end_too(monkeypatch: pytest.MonkeyPatch, gone: bool) -> None:
    """Nobody closes it then, and it may hold the passphrase."""
    asked, looked, ended = iter([7]), threading.Semaphore(0), threading.Event()

    def parent() -> int:
        looked.release()
        return next(asked, 1 if gone else 7)

    monkeypatch.setattr(os, "getppid", parent)
    monkeypatch.setattr(os, "kill", lambda pid, number: ended.set() if (pid, number) == HERE else None)
    with page_child.not_for_ever(most_s=0.0, look_s=0.001):
        assert all(looked.acquire(timeout=PATIENCE_S) for _ in range(2 if gone else 9))
        assert ended.wait(PATIENCE_S if gone else 0.0) is gone


def test_a_night_that_is_ended_before_its_first_turn_ends_in_order() -> None:
    """It ended with a traceback: nothing was there to be closed."""
    with started("watch", "--source", "synthetic", "--quiet", "--alone", "--speed", "60") as process:
        until(lambda: holder_of(Home.here().shelf(Shelf.DEMO) / "vigil.lock"))
        code, out, errors = ends(process, signal.SIGTERM)
    assert (code, errors) == (0, "")
    assert "Stopped before morning." in out


# -- the demonstration ---------------------------------------------------------------------------------------------


def test_ten_evenings_nobody_had(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made once, with their mornings and dreams; on the next day only the one that is missing is lived."""
    rows = [row | {"hours": 0.5} for row in demo_home.rows()]
    monkeypatch.setattr(demo_home, "rows", lambda: rows)
    monkeypatch.setattr(demo_home, "MOST_JOBS", 2)
    home, now_ms = demo_home.demo_home(Home.here()), 1_796_040_000_000
    evenings = demo_home.missing(home, now_ms)
    assert len(evenings) == len(rows) == 10
    made = list(demo_home.lived(home, evenings[:2]))
    assert made == evenings[:2]
    assert demo_home.missing(home, now_ms) == evenings[2:]
    later = demo_home.missing(home, now_ms + 24 * 3_600_000)
    assert [one.name for one in later[:-1]] == [one.name for one in evenings[2:]]
    assert list(demo_home.lived(home, [])) == []
    with writing(home, Shelf.DEMO) as shelf:
        assert len(Answers(shelf.database).all().by_night) == 2
    with Journal.open(home.shelf(Shelf.DEMO) / "journal.db") as opened:
        assert set(opened.notes.mornings()) == {one.name for one in evenings[:2]}
        assert len(opened.entries()) == sum("body" in one.row for one in evenings[:2])
    assert not Home.here().database(Shelf.OWN).exists()
    assert not Home.here().database(Shelf.DEMO).exists()


def test_every_row_of_the_invented_evenings_can_be_kept(tmp_path: Path) -> None:
    """Words, tags, marks and threads pass the same checks as a person's."""
    home = Home(tmp_path, tmp_path)
    for index, row in enumerate(demo_home.rows()):
        evening = demo_home.Evening(date(2026, 11, 1 + index), f"night-{index}", row)
        with journal(home, Shelf.DEMO) as opened:
            demo_home._write(opened, evening)
    with journal(home, Shelf.DEMO) as opened:
        (thread,) = opened.threads()
        assert thread.entries == 2
        assert opened.find("corridor").entries


def test_the_night_ends_with_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])
    home = demo_home.demo_home(Home.here())
    with demo_home.night_beside(home, 60) as process:
        until(lambda: holder_of(home.shelf(Shelf.DEMO) / "vigil.lock"))
        assert process.poll() is None
    assert process.returncode == 0
    assert os.environ["VIGIL_HOME"] != str(home.data)
