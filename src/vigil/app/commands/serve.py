"""vigil serve."""

from __future__ import annotations

import os
import webbrowser
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from vigil.app import terminal
from vigil.app.alerts import alerting
from vigil.app.command_line import single
from vigil.app.home import Home, Shelf
from vigil.app.home_network import HomeNetwork, home_network, pairs
from vigil.app.night_signals import ends_quietly
from vigil.app.page_child import not_for_ever
from vigil.app.settling import settling
from vigil.app.unlocking import ask_nobody
from vigil.domain.errors import BusyError
from vigil.store import cipher
from vigil.store.doors import DOORS_NAME, Doors
from vigil.store.follow_settings import FollowStore
from vigil.web.follow_serving import Where, following
from vigil.web.opening import OPEN_WORDS, THERE_WORDS, OpenPage, link_to, link_to_open, open_page
from vigil.web.qr import qr_text
from vigil.web.serving import LOOPBACK, serve
from vigil.web.site import site

app = single()

CLOSES = "Ctrl-C closes it; a night that is watched goes on."


@app.command("serve", epilog="Example: vigil serve")
def serve_page(  # noqa: PLR0913, PLR0917 — the options of a command
    port: Annotated[int | None, typer.Option(min=1024, max=65535, help="Where on this computer.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="The invented sleepers' nights in place of your own.")] = False,
    open_it: Annotated[bool, typer.Option("--open", help="Open it in this computer's browser.")] = False,
    in_home: Annotated[
        bool, typer.Option("--home-network", help="Let other devices of your home reach it, over TLS.")
    ] = False,
    address: Annotated[
        str, typer.Option(metavar="ADDRESS", help="With --home-network: which of this computer's addresses.")
    ] = "",
    name: Annotated[
        list[str] | None, typer.Option(metavar="HOST", help="With --home-network: a name of this computer there.")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Open the page of your trusted person too, as its switch does.")
    ] = False,
    ready_fd: Annotated[int | None, typer.Option("--ready-fd", hidden=True)] = None,
) -> None:
    """The page: tonight, this morning, the weeks, the journal; on this computer only, unless you say otherwise.

    It shows a link that works once; the browser it is opened in is known from then on. Where the page is open already,
    beside a watch say, it makes one more link to it. Ctrl-C closes the page, and nothing else: a night that is watched
    goes on.
    """
    console = terminal.words("-" if ready_fd is not None else None)  # beside a watch, stdout is the watch's
    home, shelf = Home.here(), Shelf.DEMO if demo else Shelf.OWN
    if follow:
        FollowStore(Doors(home.shelf(shelf) / DOORS_NAME)).put(open=True)
    there = link_to_open(home, shelf)
    if there:
        say_there(console, there, in_home=in_home, open_it=open_it)
        return
    cipher.key_for(home.database(shelf))  # a passphrase is asked for here, and never while the page is open
    ask_nobody()
    network = _network(home, shelf, address, name or []) if in_home or address or name else None
    page = open_page(home, shelf, port, network)
    link = link_to(page.rooms, page.url)
    say_link(console, OPEN_WORDS, link)
    if network is not None:
        say_network(console, network, link)
    _ready(console, ready_fd)
    if open_it:
        webbrowser.open(link)
    with nullcontext() if ready_fd is None else not_for_ever():
        serve_in_order(page)


def say_link(console: Console, words: str, link: str) -> None:
    """Say what it is, and the link on a line of its own, never broken: it is copied."""
    terminal.say(console, words)
    console.print(Text(f"{terminal.INDENT}{link}"), soft_wrap=True)


def say_there(console: Console, link: str, *, in_home: bool, open_it: bool) -> None:
    """One more link to a page that is open already; raises BusyError where it should be open in another way."""
    if in_home and not link.startswith("https"):
        message = "the page is open for this computer only; nothing was changed; close it, then open it like this"
        raise BusyError(message)
    say_link(console, THERE_WORDS, link)
    if open_it:
        webbrowser.open(link)


def _network(home: Home, shelf: Shelf, address: str, names: list[str]) -> HomeNetwork:
    also = FollowStore(Doors(home.shelf(shelf) / DOORS_NAME)).settings().hosts
    return home_network(home, address, names, also, datetime.now(UTC))


def say_network(console: Console, network: HomeNetwork, link: str) -> None:
    """The link as a square for a phone, and what to compare when its browser warns."""
    console.print(Text(qr_text(link)), soft_wrap=True)
    if network.certificate.made_now:
        terminal.say(console, "The page's certificate is a new one: every browser asks once more.")
    terminal.say(console, "A browser warns that it does not know the page: nobody but this computer vouches for it.")
    terminal.say(console, "Let it show the certificate, compare its SHA-256 fingerprint with this one, then go on:")
    console.print(Text(f"{terminal.INDENT}{pairs(network.certificate.sha256)}"), soft_wrap=True)


def serve_in_order(page: OpenPage) -> None:
    """Serve until Ctrl-C or a request to terminate; either is the ordinary end."""
    rooms, network = page.rooms, page.network
    where = Where(LOOPBACK) if network is None else Where(network.address, network.names, page.tls)
    with (
        ends_quietly(),
        settling(rooms.home, rooms.shelf),
        alerting(rooms.home, rooms.shelf, rooms.wall_ms),
        following(rooms, where),
    ):
        try:
            serve(site(rooms), page.socket, page.tls)
        finally:
            page.close()


def _ready(console: Console, descriptor: int | None) -> None:
    """Tell whoever started this that the link was said, and that the port is listened at: the person, or a watch."""
    if descriptor is None:
        terminal.say(console, CLOSES)
        return
    with suppress(OSError):
        os.write(descriptor, b"\n")
        os.close(descriptor)
