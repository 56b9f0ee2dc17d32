"""Walks through the first evening: answers as a person might give them, drawn by hypothesis or said outright."""

from __future__ import annotations

from hypothesis import strategies as st

from vigil.interview.interview import Interview, Reply, effective
from vigil.interview.question import Kind, Question

CALM = {
    "wearable": "buzzes",
    "way": "nudge",
    "watched": ["none"],
    "blunted": ["none"],
    "country": "de",
    "contact": "Ana 0123; Ben",
    "bed_time": "23:00",
    "wake_time": "07:00",
    "room": "alone",
    "outputs": ["vibration", "sound"],
    "signal_lost": "morning",
}
"""Somebody to whom nothing special applies, and who wants to be nudged; the question that is not kept is not in it."""


def value_of(draw: st.DrawFn, question: Question, interview: Interview) -> object:
    """A valid answer to a question."""
    ids = [choice.id for choice in question.offered(effective(interview.answers))]
    if question.kind is Kind.SEVERAL:
        together = [choice.id for choice in question.offered(effective(interview.answers)) if not choice.alone]
        several = st.lists(st.sampled_from(together), min_size=1, unique=True)
        return draw(several if len(together) == len(ids) else st.one_of(several, st.just(["none"])))
    if question.kind is Kind.TIME:
        return f"{draw(st.integers(0, 23)):02d}:{draw(st.integers(0, 59)):02d}"
    if question.kind is Kind.TEXT:
        return draw(st.text(st.characters(categories=("L", "N")), max_size=12))
    return draw(st.sampled_from(ids))


def taken(interview: Interview, question: str, value: object) -> Interview:
    """The interview after a valid answer."""
    reply = interview.answered(question, value)
    assert isinstance(reply, Reply), reply
    return reply.interview


def calm(**other: object) -> Interview:
    """The calm answers in order, some of them other than there; None leaves one."""
    interview = Interview()
    for question, value in (CALM | other).items():
        if value is not None:
            interview = taken(interview, question, value)
    return interview


@st.composite
def interviews(draw: st.DrawFn) -> Interview:
    """An interview as far as somebody came, with some questions left."""
    interview = Interview()
    for _ in range(draw(st.integers(0, 20))):
        question = interview.next_question
        if question is None:
            break
        if draw(st.integers(0, 4)) == 0:
            interview = interview.left(question.id)
        else:
            interview = taken(interview, question.id, value_of(draw, question, interview))
    return interview
