"""Whom to call now. It waits for nothing, and needs no database, no night and no network."""

from __future__ import annotations

from datetime import date

from starlette.responses import Response

from vigil.app.home import Home
from vigil.app.setup_file import read_answers
from vigil.interview.crisis import help_for
from vigil.interview.crisis_rows import CHECKED
from vigil.web.asked import Asked
from vigil.web.rows import Role, get
from vigil.web.views.help import HelpSeen, Reach, help_seen


def help_now(asked: Asked) -> Response:
    """Numbers to tap. Who has not entered sees those of every country, and nothing of the person's."""
    entered = asked.session is not None
    it = _help_of(asked.rooms.home) if entered else help_seen(help_for("", ""))
    checked = asked.words.short_day(date.fromisoformat(CHECKED))
    return asked.page("help/help.html", it=it, checked=checked, entered=entered)


def own_people(home: Home) -> tuple[Reach, ...]:
    """Whom the person named to call, in the first evening. Never raises."""
    return _help_of(home).yours


def _help_of(home: Home) -> HelpSeen:
    answers = read_answers(home.setup_file).interview.answers
    country, contact = answers.get("country"), answers.get("contact")
    return help_seen(help_for(country if isinstance(country, str) else "", contact if isinstance(contact, str) else ""))


ROWS = (get("/help", help_now, Role.ANYONE),)
