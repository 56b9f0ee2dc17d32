"""The interview as a state: what was answered, what is asked next. It can stop anywhere, go on later, and be changed.

An answer that is not kept leaves nothing: no field, no mark that the question was asked, no order in which things were
said. It is asked while nothing after it is answered, whatever was answered. What it may lead to (only watching) is the
answer to another question, which anybody may give for any reason, and is the same to the last byte.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from vigil.interview.crisis import help_for, help_words
from vigil.interview.question import Answers, Kind, Offer, Question, Value
from vigil.interview.questions import BY_ID, NOT_KEPT, QUESTIONS, STAYS, TALK_NOW, YES
from vigil.interview.typed import Refusal, checked


@dataclass(frozen=True, slots=True)
class Interview:
    """Answers so far, by question. passed: questions left or not kept, for this sitting only; it is never saved."""

    answers: Answers = field(default_factory=dict)
    passed: frozenset[str] = frozenset()

    @property
    def next_question(self) -> Question | None:
        """The first question that is open, or None at the end of this sitting."""
        return next((one for one in self.open_questions if one.id not in self.passed), None)

    @property
    def open_questions(self) -> tuple[Question, ...]:
        """Every question that makes sense and is not answered, in order; left ones included."""
        now = effective(self.answers)
        return tuple(
            one
            for number, one in enumerate(QUESTIONS)
            if one.asked(now)
            and one.id not in now
            and (one.kept or not any(later.id in now for later in QUESTIONS[number + 1 :]))
        )

    @property
    def complete(self) -> bool:
        """Whether every question that makes sense, and is kept, is answered."""
        return not any(one.kept for one in self.open_questions)

    def answered(self, question: str, value: object) -> Reply | Refusal:
        """The interview with one answer more, or another one than before, and what to say to it."""
        asked = BY_ID.get(question)
        if asked is None or not asked.asked(effective(self.answers)):
            return Refusal("That is not a question now; please choose another.")
        known = checked(asked, value, effective(self.answers))
        if isinstance(known, Refusal):
            return known
        if not asked.kept:
            return self._not_kept(asked, known)
        after = replace(self, answers={**self.answers, question: known})
        return Reply(after, tuple(words for choice in asked.chosen(known) for words in choice.lead.says))

    def left(self, question: str) -> Interview:
        """The same with a question left for later."""
        return replace(self, passed=self.passed | {question})

    def only(self) -> Interview:
        """The same with everything that is open now left, so that only what an answer opens is asked."""
        return replace(self, passed=self.passed | {one.id for one in self.open_questions})

    def talk(self, asked: Question) -> Reply:
        """Whom to talk to, with what a question offers: to whoever wants to know, whatever they answered."""
        after, now = self.left(asked.id), effective(self.answers)
        country, contact = now.get("country", ""), now.get("contact", "")
        lines = help_words(help_for(str(country), str(contact)))
        offer = asked.offers
        if offer is not None and now.get(offer.question) == offer.value:
            return Reply(after, (TALK_NOW, *lines, STAYS), None, NOT_KEPT)
        return Reply(after, (TALK_NOW, *lines), offer, NOT_KEPT)

    def _not_kept(self, asked: Question, value: Value) -> Reply:
        return self.talk(asked) if value == YES else Reply(self.left(asked.id))


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of an answer. said: to be said now. offer: to be asked now; afterwards: to be said after it."""

    interview: Interview
    said: tuple[str, ...] = ()
    offer: Offer | None = None
    afterwards: str = ""


def effective(answers: Answers) -> dict[str, Value]:
    """The answers that count: of questions that make sense after those before, without choices no longer offered."""
    counted: dict[str, Value] = {}
    for question in QUESTIONS:
        value = answers.get(question.id)
        if value is None or not question.kept or not question.asked(counted):
            continue
        if question.kind is Kind.SEVERAL and isinstance(value, tuple):
            offered = {choice.id for choice in question.offered(counted)}
            value = tuple(one for one in value if one in offered)
        known = checked(question, value, counted)
        if not isinstance(known, Refusal):
            counted[question.id] = known
    return counted
