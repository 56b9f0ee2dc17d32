"""`vigil stop` and its release as a person meets them: what is held, who is told, and no word that is not true."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from vigil.app import stopping
from vigil.app.cli import app
from vigil.app.home import Home, Shelf
from vigil.app.wiring import LOCK_NAME
from vigil.domain.errors import StoreError
from vigil.run.noticing import StopFile
from vigil.store.hold import Hold, read_hold
from vigil.store.lock import StoreLock

WATCHED = (Shelf.OWN, Shelf.DEMO)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("VIGIL_HOME", str(tmp_path / "home"))
    return Home.here()


@pytest.fixture
def told() -> Iterator[list[int]]:
    """The signals that came to this process, which stands in for a night."""
    came: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: came.append(number))
    yield came
    signal.signal(signal.SIGUSR1, before)


@pytest.fixture
def running(home: Home) -> Iterator[Home]:
    """A night is being watched, by this process."""
    with StoreLock.acquire(home.shelf(Shelf.DEMO) / LOCK_NAME, "22:41"):
        yield home


@pytest.fixture
def unwritable(monkeypatch: pytest.MonkeyPatch) -> None:
    """No stop can be written down."""

    def fails(_path: Path, _hold: Hold) -> None:
        message = "the stop could not be written down (Input/output error); look at the disk"
        raise StoreError(message)

    monkeypatch.setattr(stopping, "write_hold", fails)


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, ["stop", *words])


def said(done: Result) -> str:
    return " ".join(done.output.split())


def hold_of(home: Home, shelf: Shelf) -> Path:
    return home.shelf(shelf) / "hold"


def test_a_stop_on_a_fresh_home_holds_every_store_in_which_a_watch_may_begin(home: Home) -> None:
    """Also where nothing was ever watched; it is said that nothing runs, and the release ends all of it."""
    done = invoke()
    assert done.exit_code == 0
    assert "No night is being watched now; the next one knows of it." in said(done)
    assert "keeps watching" not in said(done)
    assert all(read_hold(hold_of(home, shelf)).held for shelf in WATCHED)
    assert home.data.stat().st_mode & 0o077 == 0
    assert all(StopFile(hold_of(home, shelf), lambda: 0).stands() for shelf in WATCHED)
    done = invoke("--release")
    assert "The stop is over. No night is being watched now." in said(done)
    assert not any(read_hold(hold_of(home, shelf)).held for shelf in WATCHED)


def test_while_a_night_runs_it_goes_on_watching(running: Home) -> None:
    """And after the release it is five minutes until anything is done."""
    done = invoke("--for", "90")
    assert "Nothing will nudge you; Vigil keeps watching." in said(done)
    hold = read_hold(hold_of(running, Shelf.DEMO)).hold
    assert hold is not None
    assert hold.until_wall_ms == hold.since_wall_ms + 90 * 60_000
    assert "After five minutes of good signal Vigil may nudge again." in said(invoke("--release"))


@pytest.mark.usefixtures("running", "unwritable")
def test_where_it_cannot_be_written_down_the_night_that_runs_is_told(told: list[int]) -> None:
    """The stop of the store in which nothing runs fails, and nobody is told that nothing will ever nudge them."""
    done = invoke()
    assert told == [signal.SIGUSR1]
    assert "The Vigil that runs was told" in said(done)
    assert said(done).count("Input/output error") == 1
    assert "Nothing will nudge you" not in said(done)


@pytest.mark.usefixtures("unwritable")
def test_a_stop_that_could_not_be_kept_says_so(home: Home) -> None:
    """Nothing runs, nothing was written: a night that begins later would not know of it."""
    done = invoke()
    assert done.exit_code == 1
    assert "could not be kept" in said(done)
    assert "one that begins later may nudge you" in said(done)
    assert "Nothing will nudge you" not in said(done)
    assert not home.shelf(Shelf.DEMO).exists()


@pytest.mark.usefixtures("running", "unwritable")
@pytest.mark.parametrize("holder", ["pid 2147483646, since 22:41", "pid 99999999999999999999", "just started"])
def test_a_stop_that_reached_nobody_says_what_to_do(holder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither written nor told: the watch comes off, which is stop."""
    monkeypatch.setattr(stopping, "holder_of", lambda path: holder if path.parent.name == "demo" else "")
    done = invoke()
    assert done.exit_code == 1
    assert "did not reach the Vigil that runs" in said(done)
    assert "Take the watch off" in said(done)
    assert "Nothing will nudge you" not in said(done)


def test_a_release_says_why_a_damaged_file_held(home: Home) -> None:
    """Whoever pressed no stop learns where it came from."""
    path = hold_of(home, Shelf.OWN)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"torn")
    done = invoke("--release")
    assert "cannot be relied on (it is damaged or of another version)" in said(done)
    assert "The stop is over." in said(done)
    assert not read_hold(path).held


def test_a_release_that_fails_in_one_store_ends_the_other(home: Home) -> None:
    """And is an error, with what to look at."""
    hold_of(home, Shelf.OWN).mkdir(parents=True)
    (hold_of(home, Shelf.OWN) / "something").touch()
    invoke()
    assert read_hold(hold_of(home, Shelf.DEMO)).held
    done = invoke("--release")
    assert done.exit_code != 0
    assert "The stop is over" not in said(done)
    assert not read_hold(hold_of(home, Shelf.DEMO)).held


@pytest.mark.usefixtures("running", "unwritable", "told")
def test_a_stop_by_signal_is_ended_by_the_release(home: Home) -> None:
    """What could not be written down when it came is over when the file takes the release."""
    path = hold_of(home, Shelf.DEMO)
    invoke("--release")
    os.utime(path, ns=(5, 5))
    stop = StopFile(path, lambda: 0)
    signal.signal(signal.SIGUSR1, lambda *_: stop.press_here())
    invoke()
    assert stop.stands()
    invoke("--release")
    assert not stop.stands()
