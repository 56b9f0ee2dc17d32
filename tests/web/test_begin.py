"""A night begun from the page: what is started and how, what is not and why, and how it stands until it is watched."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.web.begun import REALLY, Processes
from tests.web.test_tonight import BAND, told
from tests.web.visitor import Now, Visitor, rooms_in, text_of
from vigil.app import beginning as app
from vigil.app import demo_home
from vigil.app.beginning import Beginning, Outcome, Phase, begin, beginning
from vigil.app.demo_night import SPEED
from vigil.app.erasing import erase_everything
from vigil.app.home import Home, Shelf
from vigil.app.real_outputs import outputs_lock
from vigil.app.watch_order import SYNTHETIC, WEARABLE
from vigil.app.wearables_file import Wearables, wearables_path, write_wearables
from vigil.app.wiring import BEGUN_LOCK, BEGUN_NAME, LOCK_NAME, reading
from vigil.store import cipher
from vigil.store.live_state import LIVE_NAME, write
from vigil.store.lock import StoreLock, holder_of
from vigil.store.nights import Nights
from vigil.web.pages import tonight as page
from vigil.web.rooms import Rooms

PATIENCE_S = 90.0

pytestmark = pytest.mark.timeout(240)


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


def until(come_true: Callable[[], object]) -> None:
    pause, deadline = threading.Event(), time.monotonic() + PATIENCE_S
    while not come_true():
        assert time.monotonic() < deadline, "it did not come true"
        pause.wait(0.05)


@pytest.fixture
def invented(tmp_path: Path) -> Rooms:
    """The page of an invented sleeper, by the clock of this computer."""
    return rooms_in(tmp_path, wall_ms, Shelf.DEMO)  # type: ignore[arg-type]  # the real clock in place of a still one


def shown(visitor: Visitor) -> str:
    return text_of(visitor.get("/tonight"))


# -- a real night --------------------------------------------------------------------------------------------------


def test_a_night_is_begun_once_watched_and_ended(invented: Rooms, begun: Processes) -> None:
    """Two presses are one night; it has a session of its own; its file is for its owner, and holds no report."""
    sleeper, folder = Visitor.inside(invented), invented.home.shelf(Shelf.DEMO)
    assert [sleeper.post("/tonight/begin").headers["location"] for _ in range(2)] == ["/tonight", "/tonight"]
    assert re.search("Vigil is getting ready|Watching since", shown(sleeper))
    assert "Begin the night</button>" not in sleeper.get("/tonight").text
    until(lambda: "Watching since" in shown(sleeper))
    (process,) = begun
    assert os.getsid(process.pid) == process.pid
    assert sleeper.post("/tonight/begin").headers["location"] == "/tonight"
    assert begun == [process]
    sleeper.post("/tonight/end")
    until(lambda: "The last one was watched until" in shown(sleeper))
    until(lambda: not holder_of(folder / BEGUN_LOCK))
    log = folder / BEGUN_NAME
    assert re.fullmatch(r"\d+ vigil watch\n", log.read_text())
    assert log.stat().st_mode & 0o777 == 0o600
    assert process.wait(60) == 0
    with reading(invented.home, (Shelf.DEMO,)) as (shelf,):
        (row,) = Nights(shelf.database).nights()
    assert row.outputs_digest
    assert "was not begun" not in shown(sleeper)


def test_a_night_that_cannot_be_begun_says_so_with_its_last_words(invented: Rooms, begun: Processes) -> None:
    """Escaped, and no longer than fits; then it can be tried again."""
    sleeper, folder = Visitor.inside(invented), invented.home.shelf(Shelf.DEMO)
    (folder / LOCK_NAME).mkdir()
    sleeper.post("/tonight/begin")
    until(lambda: "was not begun, or has ended already" in shown(sleeper))
    assert "vigil.lock could not be made" in shown(sleeper)
    assert "Begin the night" in shown(sleeper)
    assert begun[0].wait(60) == 1
    (folder / LOCK_NAME).rmdir()
    sleeper.post("/tonight/begin")
    assert "was not begun" not in shown(sleeper)
    until(lambda: "Watching since" in shown(sleeper))


# -- what is not begun ---------------------------------------------------------------------------------------------


Kept = list[tuple[list[str], dict[str, object], bytes]]


@pytest.fixture
def kept(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """What a person's own page starts: words, how, and what can be read from the first descriptor that it lends."""
    kept: Kept = []

    class Process:
        def __init__(self, words: list[str], **how: object) -> None:
            lent = how["pass_fds"]
            assert isinstance(lent, tuple)
            kept.append((words, how, os.read(lent[0], 100) if len(lent) == 2 else b""))

        def wait(self) -> int:
            return 0

    write_wearables(rooms.home, Wearables(sensor=BAND))
    monkeypatch.setattr(app, "_process", REALLY)
    monkeypatch.setattr(subprocess, "Popen", Process)
    return kept


def test_the_words_are_fixed(rooms: Rooms, sleeper: Visitor, kept: Kept) -> None:
    """Nothing of a request is among them; the home is the page's own."""
    sleeper.post("/tonight/begin", {"source": "synthetic", "speed": "60", "words": "--page"})
    ((words, how, _),) = kept
    assert words == [
        *(sys.executable, "-P", "-m", "vigil.app.cli"),
        *("watch", "--source", "wearable", "--quiet", "--no-page"),
    ]
    assert how["start_new_session"]
    assert how["stdin"] == how["stdout"] == subprocess.DEVNULL
    environment = how["env"]
    assert isinstance(environment, dict)
    assert environment["VIGIL_HOME"] == str(rooms.home.data)
    assert {shelf: words[2] for shelf, words in app.WORDS.items()} == {Shelf.OWN: WEARABLE, Shelf.DEMO: SYNTHETIC}


def test_an_invented_night_is_the_demonstrations_own(
    invented: Rooms, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another sleeper's first night was begun in its place, at the speed of life."""
    Visitor.inside(invented).post("/tonight/begin")
    ((begun, _, _),) = kept
    beside: list[list[str]] = []

    class Process:
        def __init__(self, words: list[str], **_how: object) -> None:
            beside.append(words)

        def terminate(self) -> None: ...

        def wait(self, _s: float) -> None: ...

    monkeypatch.setattr(subprocess, "Popen", Process)
    with demo_home.night_beside(invented.home, SPEED):
        pass
    assert (set(beside[0]) - set(begun), set(begun) - set(beside[0])) == ({"--alone"}, {"-P"})
    assert {"--seed", "--plan", "--speed"} < set(begun)


def test_a_home_in_two_places_is_left_to_the_environment(tmp_path: Path, kept: Kept) -> None:
    begin(Home(tmp_path / "data", tmp_path / "config"), Shelf.DEMO, 1)
    assert kept[0][1]["env"] is None


def test_a_passphrase_goes_by_a_pipe(
    rooms: Rooms,
    sleeper: Visitor,
    kept: Kept,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is in no argument, and the descriptor is the one that is named."""
    monkeypatch.setattr(cipher, "key_for", lambda path: path == rooms.home.database(rooms.shelf) or None)
    monkeypatch.setattr(cipher, "known", lambda: "correct horse battery")
    sleeper.post("/tonight/begin")
    ((words, how, read),) = kept
    lent = how["pass_fds"]
    assert isinstance(lent, tuple)
    assert (words[4], read) == (f"--passphrase-fd={lent[0]}", b"correct horse battery\n")
    assert not any("horse" in word for word in words)


def says(sleeper: Visitor) -> str:
    """What the page says after the button."""
    return text_of(sleeper.get(sleeper.post("/tonight/begin").headers["location"]))


def test_without_a_wearable_it_leads_to_pairing(sleeper: Visitor, rooms: Rooms) -> None:
    asked, pressed = sleeper.get("/tonight"), sleeper.get(sleeper.post("/tonight/begin").headers["location"])
    for answer in (asked, pressed):
        assert '<div id="pair">\n<p>No wearable is paired yet. That comes first' in answer.text
        assert '<a class="button main big" href="/devices/pair">' in answer.text
        assert '<form id="begin" method="post" action="/tonight/begin" hidden>' in answer.text
    assert not (rooms.home.shelf(rooms.shelf) / BEGUN_NAME).exists()


def test_of_wearables_that_cannot_be_read_the_button_says_what_is_wrong(sleeper: Visitor, rooms: Rooms) -> None:
    wearables_path(rooms.home).write_text("sensor = 1")
    assert '<form id="begin" method="post" action="/tonight/begin">' in sleeper.get("/tonight").text
    assert "wearables.toml" in text_of(sleeper.post("/tonight/begin"))


def test_a_store_that_is_locked_is_not_begun(sleeper: Visitor, rooms: Rooms, kept: Kept) -> None:
    rooms.home.database(rooms.shelf).write_bytes(os.urandom(4096))
    assert "locked with a passphrase that this page was not given" in says(sleeper)
    assert kept == []


def test_whoever_has_the_store_or_the_outputs_is_not_disturbed(sleeper: Visitor, rooms: Rooms, kept: Kept) -> None:
    """Also an earlier night that was begun so, and is being put away."""
    folder = rooms.home.shelf(rooms.shelf)
    for name in (LOCK_NAME, BEGUN_LOCK):
        with StoreLock.acquire(folder / name, ""):
            assert "Vigil is busy with your nights" in says(sleeper)
    with outputs_lock(rooms.home):
        assert "Vigil is busy with your nights" in says(sleeper)
    assert kept == []
    sleeper.post("/tonight/begin")
    assert len(kept) == 1


def test_two_presses_at_once_say_the_same(rooms: Rooms, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second found the lock held before it could read that a night gets ready, and spoke of another program."""
    log, start, second, held = app._log, app._process, list[Outcome](), list[int]()
    press = threading.Thread(target=lambda: second.append(begin(rooms.home, rooms.shelf, rooms.wall_ms())))

    def slow(path: Path, wall_ms: int) -> int | None:
        press.start()
        press.join(0.2)
        return log(path, wall_ms)

    def process(home: Home, shelf: Shelf, secret: str | None, lock: int, words: int) -> subprocess.Popen[bytes]:
        held.append(os.dup(lock))  # as the process does for as long as it lives
        return start(home, shelf, secret, lock, words)

    monkeypatch.setattr(app, "_log", slow)
    monkeypatch.setattr(app, "_process", process)
    first = begin(rooms.home, rooms.shelf, rooms.wall_ms())
    press.join()
    for each in held:
        os.close(each)
    assert (first, second, len(kept)) == (Outcome.BEGUN, [Outcome.BEGUN], 1)


def test_a_night_that_is_watched_is_shown(sleeper: Visitor, rooms: Rooms, now: Now, kept: Kept) -> None:
    folder = rooms.home.shelf(rooms.shelf)
    with StoreLock.acquire(folder / LOCK_NAME, ""):
        write(folder / LIVE_NAME, told(now))
        assert "Watching since" in says(sleeper)
    assert kept == []


def test_a_computer_that_starts_nothing_more_is_said(
    sleeper: Visitor, rooms: Rooms, kept: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is left that looks like a night."""

    def fails(*_words: object, **_how: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    del kept
    monkeypatch.setattr(subprocess, "Popen", fails)
    assert "would not start one more program" in says(sleeper)
    folder = rooms.home.shelf(rooms.shelf)
    assert not (folder / BEGUN_NAME).exists()
    assert not holder_of(folder / BEGUN_LOCK)


def test_a_disk_that_takes_no_words_keeps_no_night_from_beginning(sleeper: Visitor, rooms: Rooms, kept: Kept) -> None:
    (rooms.home.shelf(rooms.shelf) / BEGUN_NAME).mkdir()
    sleeper.post("/tonight/begin")
    assert kept[0][1]["stderr"] == subprocess.DEVNULL


# -- how it stands until it is watched -----------------------------------------------------------------------------


@pytest.fixture
def folder(rooms: Rooms) -> Path:
    found = rooms.home.shelf(rooms.shelf)
    found.mkdir(parents=True, exist_ok=True)
    return found


def asked(folder: Path, wall_ms: int, words: str = "") -> None:
    (folder / BEGUN_NAME).write_text(f"{wall_ms} vigil watch\n{words}")


def test_getting_ready_taking_long_and_over(folder: Path, sleeper: Visitor, now: Now) -> None:
    asked(folder, now.ms, "vigil: <b>it</b>\n\x1b[2J failed\n")
    with StoreLock.acquire(folder / BEGUN_LOCK, ""):
        assert "Vigil is getting ready, since" in shown(sleeper)
        now.ms += app.LONG_MS
        assert "longer than it should take" in shown(sleeper)
        assert "No night is being watched" not in shown(sleeper)
    assert beginning(folder, now.ms).phase is Phase.OVER
    assert "The last that Vigil said: “<b>it</b> ?[2J failed”" in shown(sleeper)
    assert "<b>" not in sleeper.get("/tonight").text
    asked(folder, now.ms)
    assert "Vigil did not say why." in shown(sleeper)
    write(folder / LIVE_NAME, told(now, ended=True))  # it was watched after all
    assert beginning(folder, now.ms) == Beginning()
    now.ms += app.OLD_MS
    assert "did not say why" not in shown(sleeper)


def test_the_last_words_are_short(folder: Path, now: Now) -> None:
    asked(folder, now.ms, "first " + "word " * 5000 + "last")
    words = beginning(folder, now.ms).words
    assert (words.startswith("… word"), words.endswith("word last")) == (True, True)
    assert len(words) <= app.MOST_WORDS + 2


@pytest.mark.parametrize("text", ["", "x", "9" * 400, "-1 vigil", "99999999999999 vigil", "١٢ vigil", "\0\xff"])
def test_a_file_that_says_nothing_is_none(folder: Path, now: Now, text: str) -> None:
    (folder / BEGUN_NAME).write_text(text)
    assert beginning(folder, now.ms) == Beginning()


def test_asked_by_a_clock_that_was_ahead(folder: Path, now: Now) -> None:
    asked(folder, now.ms + 60_000)
    assert beginning(folder, now.ms) == Beginning()


def test_it_is_erased_with_everything_but_its_lock_stays(rooms: Rooms, folder: Path, now: Now) -> None:
    asked(folder, now.ms, "vigil: words")
    with StoreLock.acquire(folder / BEGUN_LOCK, ""):
        pass
    erase_everything(rooms.home, settings=False)
    assert ((folder / BEGUN_NAME).exists(), (folder / BEGUN_LOCK).exists()) == (False, True)


def test_every_refusal_has_its_words() -> None:
    assert set(page._NOT_BEGUN) == set(Outcome) - {Outcome.BEGUN, Outcome.NO_WEARABLE}  # which `tonight` shows
    assert set(page._NOT_BEGUN.values()) <= set(page._NOTED)
