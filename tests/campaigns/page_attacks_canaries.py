"""Words and heart rates that stand nowhere else, planted in a Vigil; then everything that leaves it is searched."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

from starlette.types import ASGIApp

from tests.campaigns.page_attacks_asked import Answered, Outcome, address, ask, cookie_of, follower_of, headers_of
from tests.campaigns.page_attacks_paths import FORM, LEAVING
from tests.campaigns.page_attacks_planted import WEARABLES
from tests.campaigns.page_attacks_sites import digests
from tests.unit.test_store_live_state import PLAIN
from tests.web.kept import with_nights
from tests.web.visitor import NOW_MS, ORIGIN
from vigil.app.alerts import TEXT
from vigil.app.home import Home, Shelf
from vigil.app.journal_room import journal
from vigil.app.setup_file import write_answers
from vigil.app.wiring import LOCK_NAME, writing
from vigil.domain.journal import Draft, MorningNote, Written
from vigil.domain.records import NightBegan
from vigil.interview.interview import Interview
from vigil.store.calls import CALLS_NAME, ask_to_call
from vigil.store.live_state import LIVE_NAME, write
from vigil.store.lock import StoreLock
from vigil.store.nights import Nights
from vigil.web.drafts import ENTRY
from vigil.web.follow_site import FOLLOW_ROWS
from vigil.web.rooms import Rooms
from vigil.web.routes import ROWS

KINDS = (
    *("title", "body", "tag", "thread", "note", "morning", "mark", "draft", "night", "remark", "device", "person"),
    *("trusted", "browser", "setting"),
)

WORDS = {kind: f"zqx{kind}vjk{index:02}w" for index, kind in enumerate(KINDS)}
"""One for each place in which something of a person stands."""

HEART_X10 = 1693
HEART = ("169.3", "169,3", "1693", "169 bpm", "169 beats")
"""A heart rate that nobody has asleep, and how it could be written."""

ASKED = "zqxaskedvjk99w"
"""What somebody types into an address or a form; no log may have it either."""


def plant_canaries(folder: Path) -> Home:
    """A Vigil with a canary in each of its places, and a night that is watched."""
    home = Home(with_nights(folder), folder)
    with writing(home, Shelf.OWN) as shelf:
        nights = Nights(shelf.database)
        key = nights.begin(
            NightBegan(0, night=WORDS["night"], wall_ms=NOW_MS), path="", format="x", kind="live", note=WORDS["remark"]
        )
        nights.set_digests(key, "a", "b")
    with journal(home, Shelf.OWN) as opened:
        thread = opened.put_thread(WORDS["thread"], WORDS["note"]).id
        opened.add(Written(WORDS["title"], WORDS["body"], (WORDS["tag"],), thread=thread), NOW_MS)
        for night in ("2026-11-28", "2026-11-29", WORDS["night"]):
            opened.notes.put_morning(
                MorningNote(night, 3, WORDS["morning"], (WORDS["mark"],), WORDS["morning"]), NOW_MS
            )
        opened.notes.put_draft(Draft(f"{ENTRY}new-00000001", f'{{"body": ["{WORDS["draft"]}"]}}'), NOW_MS)
    wearable = WEARABLES.format(json.dumps(WORDS["device"]))
    (folder / "wearables.toml").write_text(wearable, "utf-8")
    (folder / "settings.toml").write_text(f"# {WORDS['setting']}\n", "utf-8")
    write_answers(home.setup_file, Interview({"country": "other", "contact": WORDS["person"]}))
    state = replace(
        PLAIN, night=WORDS["night"], heart_bpm_x10=HEART_X10, heart_ago_ms=500, now_wall_ms=NOW_MS, told_wall_ms=NOW_MS
    )
    write(home.shelf(Shelf.OWN) / LIVE_NAME, state)
    ask_to_call(home.shelf(Shelf.OWN) / CALLS_NAME, NOW_MS)
    return home


def found_in(where: str, *texts: bytes | str) -> list[str]:
    """Every canary in it."""
    whole = b"\n".join(text.encode("utf-8", "replace") if isinstance(text, str) else text for text in texts)
    names = {**WORDS, "asked": ASKED}
    return [f"{where}: {kind}" for kind, word in names.items() if word.encode() in whole.lower()]


def _flat(answer: Answered) -> bytes:
    """Head and body, without what differs by itself: digests and tokens."""
    return repr(sorted(answer.headers.items())).encode() + answer.body


async def strangers(app: ASGIApp, rooms: Rooms) -> Outcome:
    """Every address, asked by who has not entered: by nobody, with an old session, from other sites."""
    through: list[str] = []
    tried = 0
    old = cookie_of(rooms)
    rooms.doors.close_all()
    for row in ROWS:
        for cookie, came in (("", "same-origin"), (old, "same-origin"), ("", "cross-site"), ("vigil=x", "none")):
            tried += 1
            body = f"word=bad_dream&q={WORDS['title']}".encode() if row.method == "POST" else b""
            headers = headers_of(cookie, origin=ORIGIN, site=came, content_type=FORM, content_length=str(len(body)))
            answer = await ask(app, address(row), headers, method=row.method, body=body)
            where = f"{row.method} {row.path} from {came}"
            through += found_in(where, _flat(answer))
            through += [f"{where}: heart" for one in HEART if one.encode() in answer.body]
            if answer.broke:
                through.append(f"{where}: {answer.status}")
    return Outcome(tried, tuple(through))


async def followers(rooms: Rooms) -> Outcome:
    """Every byte that the one who follows gets, with everything ticked: addresses, errors, and the stream."""
    through, tried = list[str](), 0
    app, cookie = follower_of(rooms)
    addresses = [address(row) for row in FOLLOW_ROWS if row.method == "GET" and row.stream is None]
    addresses += [address(row) for row in ROWS if row.method == "GET" and row.stream is None]
    with StoreLock.acquire(rooms.home.shelf(rooms.shelf) / LOCK_NAME, "22:41"):
        for path in addresses:
            tried += 1
            answer = await ask(app, path, headers_of(cookie))
            through += found_in(f"follower {path}", _flat(answer))
            through += [
                f"follower {path}: heart" for one in HEART if one.encode() in answer.body and "/static" not in path
            ]
    return Outcome(tried, tuple(through))


async def looking(app: ASGIApp, cookie: str, folder: Path) -> Outcome:
    """Every address that shows something, with a query: no file of the home changes, none comes, none goes."""
    through: list[str] = []
    tried = 0
    before = digests(folder)
    for row in ROWS:
        if row.method == "GET" and row.stream is None:
            for path in {address(row), address(row, "2", "contact")}:
                tried += 1
                await ask(app, path, headers_of(cookie), query=b"t=100&q=x&told=1&marked=awake&months=3")
                after = digests(folder)
                through += [
                    f"{path} changed {name}" for name in sorted({name for name, _ in before.items() ^ after.items()})
                ]
                before = after
    return Outcome(tried, tuple(through))


class _Heard(logging.Handler):
    """Keeps every record, with whatever it was made of."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {record.exc_info} {record.exc_text} {record.stack_info}")


@contextlib.contextmanager
def _heard() -> Iterator[_Heard]:
    heard, root = _Heard(), logging.getLogger()
    before = root.level
    root.addHandler(heard)
    root.setLevel(logging.DEBUG)
    try:
        yield heard
    finally:
        root.removeHandler(heard)
        root.setLevel(before)


async def logs(app: ASGIApp, cookie: str) -> Outcome:
    """Every address by the sleeper, with words in the query, and with every page failing on words: what is logged."""
    through: list[str] = []
    tried = 0

    def fails(*_: object, **__: object) -> None:
        message = WORDS["body"]
        raise RuntimeError(message)

    with _heard() as heard:
        for broken in (False, True):
            hurt = mock.patch("vigil.web.asked.render", fails) if broken else contextlib.nullcontext()
            for row in ROWS:
                if row.path in LEAVING or row.stream is not None or (broken and row.method == "POST"):
                    continue
                tried += 1
                with hurt:
                    body = f"q={ASKED}&title={ASKED}&body={ASKED}&value={ASKED}&place={ASKED}".encode()
                    query = b"" if row.method == "POST" else body
                    headers = headers_of(cookie, origin=ORIGIN, content_type=FORM, content_length=str(len(body)))
                    answer = await ask(app, address(row), headers, method=row.method, query=query, body=body)
                if broken and answer.status == 599 and WORDS["body"].encode() in answer.body:
                    through.append(f"{row.path}: what it failed on reaches the server")
    lines = [line for line in heard.lines if not line.startswith("Using selector")]
    return Outcome(tried, (*through, *found_in("log", *lines)))


def kept_names(home: Home) -> Outcome:
    """What an alert carries, and what the files of a Vigil are called."""
    names = [str(one.relative_to(home.data)) for one in home.data.rglob("*")]
    return Outcome(len(names) + 1, (*found_in("alert", TEXT), *found_in("file name", *names)))


def served_for_real(folder: Path) -> Outcome:
    """`vigil serve` as a process, asked over a socket: what it says, its arguments, its environment, its files."""
    environment = {**os.environ, "VIGIL_HOME": str(folder), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", "from vigil.app.cli import main; main()", "serve"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        said = ""
        link = None
        while link is None:
            line = process.stdout.readline()
            assert line, said
            said += line
            link = re.search(r"http://127\.0\.0\.1:(\d+)/enter/\S+", said)
        try:
            texts = [
                _asked(f"http://127.0.0.1:{link[1]}{path}")
                for path in (f"/{ASKED}", f"/journal?q={ASKED}", "/tonight", "/night/1")
            ]
            listed = [Path(f"/proc/{process.pid}/{name}") for name in ("cmdline", "environ")]
            shown = [one.read_bytes().replace(bytes(folder), b"") for one in listed if one.exists()]
        finally:
            process.send_signal(signal.SIGINT)
            said += process.communicate(timeout=30)[0]
    return Outcome(len(texts) + 3, tuple(found_in("serve", said, *shown) + found_in("door", *texts)))


def _asked(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            found: bytes = answer.read()
            return found
    except urllib.error.HTTPError as error:
        return error.read().replace(ASKED.encode(), b"")  # what was asked may be said to who asked
