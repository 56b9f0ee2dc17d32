"""Hostile pages on other ports and under other names, in a real Chromium that has entered: nothing changes, nothing is
read. The script is `page_attacks_sites.js`."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, sync_playwright

from tests.campaigns.page_attacks_asked import Outcome, address
from tests.web.browser import CHROMIUM, FLAGS, Served, served
from vigil.web.routes import ROWS

SCRIPT = Path(__file__).with_name("page_attacks_sites.js")

NAMES = ("127.0.0.1", "localhost", "evil.example", "vigil.localhost")
"""Under which the hostile page is opened: the same computer on another port, another name for it, another site."""

REBOUND = "rebound.example"
"""A name that first meant somebody else and now means this computer, at the very port of the page."""

PATIENCE_MS = 1_000
"""So long the hostile page waits for each answer; some kinds of request never tell that they were refused."""

READS = ("/tonight", "/journal", "/night/1/data", "/night/1/picture.svg", "/tonight/live", "/help", "/", "/nowhere")


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"<!doctype html><title>hostile</title><body><script>" + SCRIPT.read_bytes() + b"</script>"
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 — so named by http.server
        """Say nothing."""


@contextmanager
def hostile_server() -> Iterator[int]:
    """Its port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join(5)


def digests(folder: Path) -> dict[str, str]:
    """Of every file of a home, but for what SQLite puts beside a database while it is only read."""
    found = sorted(one for one in folder.rglob("*") if one.is_file() and not one.name.endswith("-shm"))
    found = [one for one in found if one.stat().st_size or not one.name.endswith("-wal")]
    return {str(one.relative_to(folder)): hashlib.sha256(one.read_bytes()).hexdigest() for one in found}


def cross_site(
    folder: Path, names: Sequence[str] = NAMES, posts: Sequence[str] = (), reads: Sequence[str] = ()
) -> Outcome:
    """Everything from everywhere, with the session's cookie in the browser. posts, reads: addresses; all if empty."""
    posts = posts or [address(row) for row in ROWS if row.method == "POST"]
    reads = reads or [*READS, *(address(row) for row in ROWS if row.method == "GET" and row.path not in READS)]
    flags = [*FLAGS, "--host-resolver-rules=MAP *.example 127.0.0.1, MAP vigil.localhost 127.0.0.1"]
    with served(folder) as where, hostile_server() as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        context = browser.new_context()
        try:
            enter(context, where)
            before = digests(folder)
            outcome = _all(context, where, port, names, posts, reads)
            changed = sorted({name for name, _ in before.items() ^ digests(folder).items()})
            still = context.request.get(f"{where.url}/tonight").status
        finally:
            browser.close()
    wrong = [f"changed {name}" for name in changed] + ([] if still == 200 else [f"the session is gone: {still}"])
    return Outcome(outcome.tried, (*outcome.got_through, *wrong))


def enter(context: BrowserContext, where: Served) -> None:
    """By a one-time link, at both names of the page."""
    for url in (where.url, where.url.replace("127.0.0.1", "localhost")):
        page = context.new_page()
        page.goto(f"{url}/enter/{where.rooms.doors.make_link(where.rooms.wall_ms())}")
        page.get_by_role("button", name="Open Vigil").click()
        page.wait_for_url("**/tonight")
        page.close()


def _all(
    context: BrowserContext, where: Served, port: int, names: Sequence[str], posts: Sequence[str], reads: Sequence[str]
) -> Outcome:
    tried, read = 0, list[str]()
    own_port = where.url.rpartition(":")[2]
    targets = (where.url, where.url.replace("127.0.0.1", "localhost"))
    for name in names:
        page = context.new_page()
        page.set_default_timeout(300_000)
        page.goto(f"http://{name}:{port}/")
        for target in targets:
            came = page.evaluate("(given) => attack(...given)", [target, reads, posts, PATIENCE_MS])
            tried += came["tried"]
            read += [f"from {name} {one}" for one in came["read"]]
            looked = page.evaluate("([target, path]) => open_and_look(target, path)", [target, "/tonight"])
            tried += 1
            read += [f"from {name}, opened: {one}" for one in looked]
        page.close()
    page = context.new_page()
    for path in ("/", "/tonight", "/help", "/static/x/vigil.css"):
        tried += 1
        answer = page.goto(f"http://{REBOUND}:{own_port}{path}")
        if answer is None or answer.status != 421:
            read.append(f"rebound {path}: {None if answer is None else answer.status}")
    page.close()
    return Outcome(tried, tuple(read))
