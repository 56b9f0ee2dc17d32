"""The first evening as pages: which question is next and before, what was sent, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vigil.app.setup_words import OPEN, answer_words
from vigil.interview.consequences import Standing, consequences
from vigil.interview.crisis import help_for
from vigil.interview.interview import Interview, effective
from vigil.interview.question import Answers, Choice, Kind, Question, Value
from vigil.interview.questions import BY_ID, CONTACT, EACH_EVENING, FIRST_NIGHTS, NO_NUMBER, QUESTIONS, TRY_BY_DAY
from vigil.interview.typed import Refusal, understood
from vigil.web.views.help import numbers
from vigil.web.views.said_links import Part, linked

PAGE = "/evening"
END = f"{PAGE}/end"
TALK = f"{PAGE}/talk"

MOST_BUTTONS = 9
"""More choices than this are a list to choose from: as in the terminal (`setup_prompt.MOST_LISTED`)."""

Lines = tuple[tuple[Part, ...], ...]


@dataclass(frozen=True, slots=True)
class Asking:
    """One question as its page asks it. number of about `about`. said: what follows from the answer before.

    way: "buttons", "list", "boxes", "order", "time" or "text", how it is answered. chosen: what is chosen by now, in
    its order; typed: what stands in the field. left: where it goes on without an answer; back: one page back, if there
    is one. answered: whether there is an answer already.
    """

    question: Question
    number: int
    about: int
    way: str
    choices: tuple[Choice, ...]
    chosen: tuple[Choice, ...]
    typed: str
    left: str
    back: str
    answered: bool
    said: Lines = ()


@dataclass(frozen=True, slots=True)
class Picking:
    """Several in their order, chosen one after the other; these so far."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A question and what was answered, for the list of all of them."""

    id: str
    text: str
    answer: str
    open: bool


def address(question: Question | None, after: str = "") -> str:
    """Of the page of a question, or of the end. after: the question whose answer led there and is told there."""
    page = END if question is None else f"{PAGE}/{question.id}"
    return f"{page}?after={after}" if after else page


def next_after(answers: Answers, at: str = "") -> Question | None:
    """The first open question after the one of that name, or of all."""
    ids = [one.id for one in QUESTIONS]
    passed = frozenset(ids[: ids.index(at) + 1]) if at in BY_ID else frozenset()
    return Interview(answers, passed).next_question


def asking(question: Question, answers: Answers, after: str = "", sent: Picking | str | None = None) -> Asking:
    """The page of a question. sent: what was sent and is to be shown again, in place of what was kept."""
    now = effective(answers)
    asked = [one for one in QUESTIONS if one.asked(now)]
    place = asked.index(question)
    open_now = Interview(answers).open_questions
    earlier = [one for one in asked[:place] if one.kept or one in open_now]
    kept = now.get(question.id, ())
    chosen: Value = sent.ids if isinstance(sent, Picking) else kept
    return Asking(
        question,
        place + 1,
        len(asked),
        way_of(question),
        question.offered(now),
        question.chosen(chosen),
        sent if isinstance(sent, str) else _typed(question, kept),
        address(next_after(answers, question.id)),
        address(earlier[-1]) if earlier else PAGE,
        question.id in now,
        follows(after, answers),
    )


def _typed(question: Question, kept: Value) -> str:
    """What was kept as it stands in its field: a text line by line."""
    if not isinstance(kept, str):
        return ""
    return "\n".join(part.strip() for part in kept.split(";")) if question.kind is Kind.TEXT else kept


def way_of(question: Question) -> str:
    """How a question is answered on a page."""
    if question.kind is Kind.SEVERAL:
        return "order" if question.ordered else "boxes"
    if question.kind is Kind.ONE and len(question.choices) > MOST_BUTTONS:
        return "list"
    return "buttons" if question.kind in {Kind.ONE, Kind.YES_NO} else question.kind.value


def follows(question: str, answers: Answers) -> Lines:
    """What follows from the answer that is kept to a question; nothing where there is none."""
    now = effective(answers)
    if question not in now:
        return ()
    if question == CONTACT.id:
        return tuple(
            (Part(NO_NUMBER.format(line)),)
            for line in help_for(contact=str(now[question])).contacts
            if not numbers(line)
        )
    leads = [choice.lead for choice in BY_ID[question].chosen(now[question])]
    return tuple(linked(words) for lead in leads for words in (lead.watch_only, *lead.says) if words)


def sent_of(
    question: Question, form: Mapping[str, str], many: Mapping[str, Sequence[str]], answers: Answers
) -> Value | Refusal | Picking | None:
    """The answer that a form holds, not checked yet; None where it was left empty, Picking where it is not over."""
    ids, value = tuple(many.get("value", ())), form.get("value", "")
    match way_of(question):
        case "order":
            ids = tuple(dict.fromkeys((*ids, *many.get("more", ()))))
            over = "done" in form or {choice.id for choice in question.offered(effective(answers))} <= set(ids)
            return (ids or None) if over else Picking(ids)
        case "boxes":
            return ids or None
        case "time" | "text" if "nobody" not in form:
            return understood(question, value, answers) if value.strip() else None
        case "text":
            return ""
        case _:
            return value or None


def told(answers: Answers) -> tuple[Told, ...]:
    """Every question that makes sense, with its answer in words."""
    interview = Interview(answers)
    now = effective(answers)
    rows = [(one, answer_words(one, interview)) for one in QUESTIONS if one.asked(now)]
    return tuple(Told(one.id, one.text, words, words == OPEN) for one, words in rows)


def end_lines(answers: Answers, *, watching: bool) -> Lines:
    """What is said at the end. watching: nothing will be done tonight, for whatever reason."""
    return tuple(map(linked, _end(consequences(answers), watching=watching)))


def _end(standing: Standing, *, watching: bool) -> Iterator[str]:
    if watching or standing.watch_only:
        yield FIRST_NIGHTS
    yield from standing.reasons
    yield from standing.where_to_turn
    yield from standing.notes
    if not standing.watch_only:
        yield TRY_BY_DAY
    yield EACH_EVENING
