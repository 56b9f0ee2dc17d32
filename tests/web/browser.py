"""A real browser on a real server: for what only a browser can show."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from tests.web.visitor import Now
from vigil.app.home import Home, Shelf
from vigil.web.rooms import Rooms
from vigil.web.serving import listening, names_of, serve
from vigil.web.site import site

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]

PHONE: ViewportSize = {"width": 390, "height": 844}
SMALL: ViewportSize = {"width": 320, "height": 640}
DESK: ViewportSize = {"width": 1280, "height": 860}

PATIENCE_MS = 90_000
"""How long a browser is waited for: a crowded computer is no failure of the page. Less than a test may take."""

needs_a_browser = pytest.mark.skipif(
    CHROMIUM is None and "CI" not in os.environ, reason="no Chromium on this computer (apt install chromium)"
)
"""In CI a missing browser is a failure, not a skip."""


@contextmanager
def a_browser() -> Iterator[Browser]:
    """Chromium, started once for the tests of one module."""
    assert CHROMIUM is not None, "no Chromium: .ci/run installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Served:
    """A page on a socket of its own."""

    rooms: Rooms
    url: str

    def link(self) -> str:
        """A one-time link."""
        return f"{self.url}/enter/{self.rooms.doors.make_link(self.rooms.wall_ms())}"


@contextmanager
def served(folder: Path, now: Now | None = None, shelf: Shelf = Shelf.OWN) -> Iterator[Served]:
    """The page of a person's folder, served in a thread until the block is left."""
    one: socket.socket = listening(port=0)
    number = one.getsockname()[1]
    rooms = Rooms(Home(folder, folder), shelf, now or Now(), names_of(number))
    servers: list[uvicorn.Server] = []
    thread = threading.Thread(target=serve, args=(site(rooms), one, None, servers.append), daemon=True)
    thread.start()
    try:
        yield Served(rooms, f"http://127.0.0.1:{number}")
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(10)
        one.close()


@dataclass
class Visit:
    """One device that has entered. errors: whatever the browser complained of (scripts, policy); must stay empty."""

    served: Served
    context: BrowserContext
    page: Page
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a page of this site."""
        self.page.goto(self.served.url + path)
        return self.page


@contextmanager
def visiting(browser: Browser, where: Served, size: ViewportSize = PHONE, **options: Any) -> Iterator[Visit]:
    """A device of that size that enters by a link; complaints of the browser fail the test."""
    context = browser.new_context(viewport=size, locale="en-GB", **options)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    visit = Visit(where, context, page)
    page.on("console", lambda said: visit.errors.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: visit.errors.append(str(error)))
    page.on("request", lambda one: None if one.url.startswith(where.url) else visit.foreign.append(one.url))
    try:
        page.goto(where.link())
        page.get_by_role("button", name="Open Vigil").click()
        page.wait_for_url("**/tonight")
        yield visit
        assert visit.errors == [], visit.errors
        assert visit.foreign == []
    finally:
        context.close()
