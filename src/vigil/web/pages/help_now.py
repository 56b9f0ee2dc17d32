"""Whom to call now. It waits for nothing, and needs no database, no night and no network."""

from __future__ import annotations

from datetime import date

from starlette.responses import Response

from vigil.app.setup_file import read_answers
from vigil.interview.crisis import help_for
from vigil.interview.crisis_rows import CHECKED
from vigil.web.asked import Asked
from vigil.web.rows import Role, get
from vigil.web.views.help import help_seen


def help_now(asked: Asked) -> Response:
    """Numbers to tap. Who has not entered sees those of every country, and nothing of the person's."""
    answers = read_answers(asked.rooms.home.setup_file).interview.answers if asked.session is not None else {}
    country, contact = answers.get("country"), answers.get("contact")
    whom = help_for(country if isinstance(country, str) else "", contact if isinstance(contact, str) else "")
    checked = asked.words.short_day(date.fromisoformat(CHECKED))
    return asked.page("help/help.html", it=help_seen(whom), checked=checked, entered=asked.session is not None)


ROWS = (get("/help", help_now, Role.ANYONE),)
