"""A night begun from a page that is a process of its own: it outlives the page, and the next page finds it."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import httpx
import pytest

from tests.edges.test_serve import LINK, PATIENCE_S, started, there, until
from vigil.app.home import Home, Shelf
from vigil.app.wiring import BEGUN_LOCK, LOCK_NAME
from vigil.store.live_state import LIVE_NAME, alive, read
from vigil.store.lock import holder_of

pytestmark = pytest.mark.timeout(240)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def shelf() -> Iterator[Path]:
    """The invented sleeper's; whatever still watches in it is ended."""
    found = Home.here().shelf(Shelf.DEMO)
    yield found
    running = re.search(r"pid (\d+)", holder_of(found / LOCK_NAME))
    if running:
        os.kill(int(running[1]), signal.SIGTERM)
    until(lambda: not holder_of(found / LOCK_NAME) and not holder_of(found / BEGUN_LOCK))


def watched(shelf: Path) -> bool:
    return alive(read(shelf / LIVE_NAME), now_ms(), holder_of(shelf / LOCK_NAME))


@contextmanager
def entered(page: Popen[str]) -> Iterator[httpx.Client]:
    """A browser that came by the link that a page said."""
    assert page.stdout is not None
    link = next(found[0] for line in page.stdout if (found := LINK.search(line)))
    url, _, token = link.partition("/enter/")
    sent = {"origin": url, "sec-fetch-site": "same-origin"}
    with httpx.Client(base_url=url, headers=sent, timeout=PATIENCE_S) as browser:
        assert browser.post("/enter", data={"token": token}).status_code == 303
        yield browser


def test_it_outlives_the_page(shelf: Path) -> None:
    """Whatever becomes of the page: the night goes on, the next page shows it, and good morning reaches it."""
    with started("serve", "--demo") as process:
        with entered(process) as browser:
            assert browser.post("/tonight/begin").headers["location"] == "/tonight"
        until(lambda: watched(shelf))
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_S)
    assert not there(Shelf.DEMO)
    told = read(shelf / LIVE_NAME)
    assert told is not None
    until(lambda: (now := read(shelf / LIVE_NAME)) is not None and now.number > told.number)
    with started("serve", "--demo") as process, entered(process) as browser:
        page = browser.get("/tonight").text
        assert "Watching since" in page
        assert (
            "Vigil is only watching." in page[page.index('<details id="first">') :]
        )  # its plan, as no terminal said it
        assert browser.post("/tonight/end").status_code == 303
        until(lambda: not holder_of(shelf / BEGUN_LOCK))
        assert "The last one was watched until" in browser.get("/tonight").text
