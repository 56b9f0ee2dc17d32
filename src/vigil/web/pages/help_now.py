"""Whom to call now. It waits for nothing, and needs no database, no night and no network."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from starlette.responses import Response

from vigil.app.help_file import hide, read_hidden, show
from vigil.app.home import Home
from vigil.app.setup_file import read_answers
from vigil.interview.crisis import help_for
from vigil.interview.crisis_rows import CHECKED
from vigil.web.asked import Asked
from vigil.web.rows import Role, get, post
from vigil.web.views.help import HelpSeen, Reach, help_seen

WRONG = 409


def help_now(asked: Asked) -> Response:
    """Numbers to tap. Who has not entered sees those of every country, and nothing of the person's."""
    return _page(asked)


def hide_one(asked: Asked) -> Response:
    """A number is wrong: it is hidden, for this person."""
    return _changed(asked, hide)


def show_one(asked: Asked) -> Response:
    """It is shown again."""
    return _changed(asked, show)


def _changed(asked: Asked, change: Callable[[Home, str], None]) -> Response:
    seen = _help_of(asked.rooms.home)
    if asked.form.get("which") in {one.entry for one in (*seen.services, *seen.hidden)}:
        try:
            change(asked.rooms.home, asked.form["which"])
        except OSError as error:
            return _page(asked, asked.words("help.not_kept", why=error.strerror or type(error).__name__), WRONG)
    return asked.go("/help")


def _page(asked: Asked, said: str = "", status: int = 200) -> Response:
    entered = asked.session is not None
    it = _help_of(asked.rooms.home) if entered else help_seen(help_for("", ""))
    checked = asked.words.short_day(date.fromisoformat(CHECKED))
    return asked.page("help/help.html", status, it=it, checked=checked, entered=entered, said=said)


def own_people(home: Home) -> tuple[Reach, ...]:
    """Whom the person named to call, in the first evening. Never raises."""
    return _help_of(home).yours


def _help_of(home: Home) -> HelpSeen:
    answers = read_answers(home.setup_file).interview.answers
    country, contact = answers.get("country"), answers.get("contact")
    country, contact = (one if isinstance(one, str) else "" for one in (country, contact))
    return help_seen(help_for(country, contact, read_hidden(home)))


ROWS = (
    get("/help", help_now, Role.ANYONE),
    post("/help/hide", hide_one),
    post("/help/show", show_one),
)
