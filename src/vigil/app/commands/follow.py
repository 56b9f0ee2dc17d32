"""vigil follow."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Annotated

import typer
from rich.text import Text

from vigil.app import terminal
from vigil.app.home import Home, Shelf
from vigil.app.home_network import fingerprint_kept, sealed
from vigil.domain.errors import NotFoundError
from vigil.domain.units import NS_PER_MS
from vigil.store.doors import DOORS_NAME, Doors
from vigil.store.follow import DAYS, GRANTS, MOST_DAYS, Follows, Grants, Look
from vigil.store.follow_settings import FollowStore
from vigil.web.qr import qr_text

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="One trusted person who may look in: invite, see when they looked, end it.",
    epilog="Example: vigil follow invite Anna",
)

SHOWN = {
    "watching": "whether Vigil is watching",
    "asked_to_call": "that you ask them to call",
    "signal_lost": "that your wearable is not heard",
    "episode": "that something looked like a nightmare",
}


def _doors() -> Doors:
    return Doors(Home.here().shelf(Shelf.OWN) / DOORS_NAME)


def _now_ms() -> int:
    return time.time_ns() // NS_PER_MS


@app.command("invite")
def invite(
    name: Annotated[str, typer.Argument(help="Their name, for you only.")],
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="How long it lasts.")] = DAYS,
    signal_lost: Annotated[bool, typer.Option("--signal-lost", help="Also when your wearable is not heard.")] = False,
    episode: Annotated[bool, typer.Option("--episode", help="Also when something looked like a nightmare.")] = False,
    sleeper: Annotated[str, typer.Option(metavar="NAME", help="What they see as your name; nothing otherwise.")] = "",
) -> None:
    """Invite one person in place of whoever was, open their page, and show the link for them."""
    console, doors = terminal.console(), _doors()
    grants = replace(Grants(), signal_lost=signal_lost, episode=episode)
    token = Follows(doors).invite(name, sleeper, grants, days, _now_ms())
    store = FollowStore(doors)
    store.put(open=True)
    seen = ", ".join(SHOWN[one] for one in GRANTS if getattr(grants, one))
    terminal.say(console, f"They may see {seen}; for {days} days. You see when they looked: vigil follow list")
    at = store.settings().at
    if not at:
        terminal.say(console, "Their page opens with yours: vigil serve --home-network.")
        terminal.say(console, "The link begins with its address, which vigil follow list says then, and ends so:")
    terminal.say(console, "It works once, within two days. Hand it over by a way that you trust:")
    sha256 = fingerprint_kept(Home.here()) if at.startswith("https") else ""
    link = sealed(f"{at}/enter/{token}", sha256)
    console.print(Text(f"{terminal.INDENT}{link}"), soft_wrap=True)
    if at:
        console.print(Text(qr_text(link)), soft_wrap=True)


@app.command("list")
def show() -> None:
    """Who may look, what they see, and when they looked in the last thirty days."""
    console, doors, now_ms = terminal.console(), _doors(), _now_ms()
    follows, settings = Follows(doors), FollowStore(doors).settings()
    invited = follows.invited(now_ms)
    if invited is None:
        terminal.say(console, "Nobody is invited.")
    else:
        seen = ", ".join(SHOWN[one] for one in GRANTS if getattr(invited.grants, one)) or "nothing"
        terminal.say(console, f"{invited.name}, until {_day(invited.until_ms)}, may see {seen}.")
        if not invited.entered:
            terminal.say(console, "They have not opened their link.")
    terminal.say(console, f"Their page is open at {settings.at}." if settings.at else "Their page is closed.")
    if settings.away:
        terminal.say(console, "It says that Vigil is not on, whatever goes on.")
    for look in follows.looks(now_ms):
        terminal.say(console, _words(look))


@app.command("revoke")
def revoke() -> None:
    """End it: their page closes within a second."""
    follows = Follows(_doors())
    if follows.invited(_now_ms()) is None:
        message = "nobody is invited; nothing was changed"
        raise NotFoundError(message)
    follows.revoke()
    terminal.say(terminal.console(), "It is ended. Nobody may look any more.")


def _words(look: Look) -> str:
    return f"Looked: {_day(look.began_ms)} {_clock(look.began_ms)} to {_clock(look.until_ms)}."


def _day(wall_ms: int) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(wall_ms / 1000))


def _clock(wall_ms: int) -> str:
    return time.strftime("%H:%M", time.localtime(wall_ms / 1000))
