"""The first evening: one question a page, kept after each answer in the same files as `vigil setup` keeps them in."""

from __future__ import annotations

import contextlib
import threading

from starlette.responses import Response

from vigil.app.help_file import read_hidden
from vigil.app.keeping import Keeping, only_watches
from vigil.app.outputs import read_choices
from vigil.app.person import NO_ADDRESS, NOT_INVITED, person_of
from vigil.app.setup_file import KeptAnswers, make_room, read_answers, write_answers
from vigil.app.setup_words import standing_words
from vigil.app.wearables_file import read_wearables
from vigil.domain.errors import InputError, NotFoundError, StoreError
from vigil.interview.consequences import consequences
from vigil.interview.crisis import help_for
from vigil.interview.interview import Interview, Reply, effective
from vigil.interview.question import Question
from vigil.interview.questions import BY_ID, SAFE_NOW, SIGNAL_LOST, STAYS
from vigil.interview.typed import Refusal
from vigil.web.asked import Asked
from vigil.web.rows import get, post
from vigil.web.views.evening import (
    END,
    PAGE,
    TALK,
    Picking,
    address,
    asking,
    end_lines,
    follows,
    next_after,
    sent_of,
    told,
)
from vigil.web.views.help import help_seen
from vigil.web.views.said_links import linked

WRONG = 409

_ONE_AT_A_TIME = threading.Lock()
"""An answer is added to those that are kept: two at once would lose one."""


def evening(asked: Asked) -> Response:
    """Where it begins, goes on, and shows every answer."""
    return _overview(asked, _kept(asked))


def afresh(asked: Asked) -> Response:
    """Move a file that cannot be used aside; raises InputError where a newer Vigil wrote it."""
    with _ONE_AT_A_TIME:
        kept = _kept(asked)
        moved = make_room(asked.rooms.home.setup_file, kept)
        if moved:
            write_answers(asked.rooms.home.setup_file, kept.interview)
    return _overview(asked, _kept(asked), moved)


def ask(asked: Asked) -> Response:
    """One question."""
    kept, question = _kept(asked), _question(asked)
    if kept.trouble or kept.left_out or not question.asked(effective(kept.interview.answers)):
        return asked.go(PAGE)
    return _asking(asked, kept, question, sent=Picking(()) if "again" in asked.query else None)


def answer(asked: Asked) -> Response:
    """Keep an answer, and go on; an answer that is not kept leaves nothing, not even another address."""
    question = _question(asked)
    with _ONE_AT_A_TIME:
        kept = _kept(asked)
        answers = kept.interview.answers
        if kept.trouble or kept.left_out:
            return asked.go(PAGE)
        sent = sent_of(question, asked.form, asked.many, answers)
        if isinstance(sent, Picking):
            return _asking(asked, kept, question, sent=sent)
        if sent is None:
            if question.kind.value == "several":
                return _asking(asked, kept, question, said=asked.words("evening.choose"), sent=Picking(()))
            return asked.go(address(next_after(answers, question.id)))
        reply = sent if isinstance(sent, Refusal) else kept.interview.answered(question.id, sent)
        if isinstance(reply, Refusal):
            again = Picking(sent) if isinstance(sent, tuple) else asked.form.get("value", "")
            return _asking(asked, kept, question, said=reply.words, sent=again)
        if not question.kept:
            return asked.go(TALK if reply.said else address(next_after(answers, question.id)))
        keeping = Keeping(asked.rooms.home, reply.interview)
        try:
            keeping(reply.interview, question.id)
        except OSError as error:
            said = asked.words("evening.not_kept", why=error.strerror or type(error).__name__)
            return _asking(asked, kept, question, said=said, sent=asked.form.get("value", ""))
    return _went_on(asked, question, reply, keeping)


def _went_on(asked: Asked, question: Question, reply: Reply, keeping: Keeping) -> Response:
    """To the next question, with what follows from this one. at: from where an offer was taken up."""
    answers = reply.interview.answers
    at = asked.form.get("at", "")
    following = next_after(answers, at if at in BY_ID else question.id)
    if keeping.trouble:
        lines = (linked(asked.words("evening.but", why=keeping.trouble[0])), *follows(question.id, answers))
        return asked.page("evening/said.html", WRONG, lines=lines, on=address(following))
    return asked.go(address(following, question.id if follows(question.id, answers) else ""))


def talk(asked: Asked) -> Response:
    """Whom to talk to, and what may be done instead of nudging: for whoever opens it, whatever they answered.

    A page of its own, so that going back to it sends nothing again; the question leads there without an answer as
    well, so that its address says nothing of one.
    """
    answers = _kept(asked).interview.answers
    reply = Interview(answers).talk(SAFE_NOW)
    now, on = effective(answers), address(next_after(answers, SAFE_NOW.id))
    whom = help_seen(help_for(str(now.get("country", "")), str(now.get("contact", "")), read_hidden(asked.rooms.home)))
    return asked.page("evening/talk.html", it=whom, reply=reply, on=on, at=SAFE_NOW.id, stays=STAYS)


def end(asked: Asked) -> Response:
    """What is said at the end, and what comes next."""
    kept, home = _kept(asked), asked.rooms.home
    answers = kept.interview.answers
    try:
        paired = read_wearables(home).sensor is not None
    except InputError:
        paired = False
    return asked.page(
        "evening/end.html",
        lines=end_lines(answers, watching=only_watches(home, asked.rooms.shelf)),
        follow=follows(asked.query.get("after", ""), answers),
        left=[one for one in told(answers) if one.open],
        paired=paired,
        watch_only=consequences(answers).watch_only,
    )


def _overview(asked: Asked, kept: KeptAnswers, moved: str = "") -> Response:
    answers = kept.interview.answers
    following = next_after(answers)
    trouble = asked.words("evening.left_out") if kept.left_out else kept.trouble
    return asked.page(
        "evening/evening.html",
        moved=moved,
        trouble=trouble,
        newer=kept.newer,
        told=told(answers) if answers else (),
        standing=[linked(words) for words in standing_words(consequences(answers))] if answers else (),
        on=None if following is None else address(following),
        complete=kept.interview.complete,
    )


def _asking(
    asked: Asked, kept: KeptAnswers, question: Question, said: str = "", sent: Picking | str | None = None
) -> Response:
    if not question.asked(effective(kept.interview.answers)):
        return asked.go(PAGE)
    it = asking(question, kept.interview.answers, asked.query.get("after", ""), sent)
    shown = {"it": it, "why": linked(question.why), "needs": _needs(asked, question), "refused": said}
    return asked.page("evening/question.html", WRONG if said else 200, **shown)


def _needs(asked: Asked, question: Question) -> dict[str, str]:
    """What is not there yet of what a choice needs, by choice: said beside it, before it is chosen."""
    if question is not SIGNAL_LOST:
        return {}
    home, needs = asked.rooms.home, dict[str, str]()
    if read_choices(home.settings_file).lamp is None:
        needs["lamp"] = asked.words("evening.needs_lamp")
    with contextlib.suppress(StoreError):
        if person_of(home, asked.rooms.wall_ms()).why_not in {NO_ADDRESS, NOT_INVITED}:
            needs["person"] = asked.words("evening.needs_person")
    return needs


def _kept(asked: Asked) -> KeptAnswers:
    return read_answers(asked.rooms.home.setup_file)


def _question(asked: Asked) -> Question:
    question = BY_ID.get(asked.params["question"])
    if question is None:
        raise NotFoundError(asked.words("evening.no_question"))
    return question


ROWS = (
    get(PAGE, evening),
    post(PAGE, afresh),
    get(END, end),
    get(TALK, talk),
    get(f"{PAGE}/{{question}}", ask),
    post(f"{PAGE}/{{question}}", answer),
)
