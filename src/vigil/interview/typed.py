"""What a person typed, as an answer; and what an answer must be. Nothing typed is an error: at worst a refusal."""

from __future__ import annotations

from dataclasses import dataclass

from vigil.interview.question import MOST_TEXT, Answers, Choice, Kind, Question, Value

NOBODY = "-"
"""Typed for an empty text, since Enter alone leaves a question for later."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something typed is no answer, and what would be one, in a sentence."""

    words: str


def understood(question: Question, typed: str, answers: Answers) -> Value | Refusal:
    """The answer that was typed: numbers or words of choices, y or n, a time in one of several forms, a text.

    A text may have several lines, and is kept as one, with semicolons between.
    """
    words = " ".join(typed.split())
    if question.kind is Kind.TIME:
        return _time(words)
    if question.kind is Kind.TEXT:
        return "" if words == NOBODY else _one_line(typed)
    choices = question.offered(answers)
    if question.kind is Kind.SEVERAL:
        parts = [part for part in words.replace(",", " ").split() if part != "and"]
        found = [_choice(choices, part) for part in parts]
        known = tuple(dict.fromkeys(one for one in found if one is not None))
        return known if found and None not in found else Refusal(_expected(question, choices))
    one = _choice(choices, words)
    return Refusal(_expected(question, choices)) if one is None else one


def checked(question: Question, value: object, answers: Answers) -> Value | Refusal:
    """The value if it answers the question after these answers; a list stands for several choices (JSON has no tuple).

    It never raises, whatever the value: files are edited by hand.
    """
    choices = question.offered(answers)
    if question.kind is Kind.SEVERAL:
        return _several(question, value, choices)
    if not isinstance(value, str):
        return Refusal(_expected(question, choices))
    if question.kind is Kind.TEXT:
        return _text(value)
    if question.kind is Kind.TIME:
        return value if _minutes(value) is not None else Refusal(_expected(question, choices))
    if any(choice.id == value for choice in choices):
        return value
    return Refusal(_not_offered(question, value) or _expected(question, choices))


def _one_line(typed: str) -> str:
    """A text as it is kept: its lines, and what stood between semicolons already, one after the other."""
    parts = [" ".join(part.split()) for line in typed.splitlines() for part in line.split(";")]
    return "; ".join(part for part in parts if part)


def minutes_of(value: Value | None) -> int | None:
    """A time HH:MM as minutes since midnight; None where there is none."""
    return _minutes(value) if isinstance(value, str) else None


def _several(question: Question, value: object, choices: tuple[Choice, ...]) -> Value | Refusal:
    if not isinstance(value, list | tuple) or not value or not all(isinstance(one, str) for one in value):
        return Refusal(_expected(question, choices))
    by_id = {choice.id: choice for choice in choices}
    missing = [one for one in value if one not in by_id]
    if missing:
        return Refusal(_not_offered(question, missing[0]) or _expected(question, choices))
    ids = tuple(dict.fromkeys(value))
    if len(ids) > 1 and any(by_id[one].alone for one in ids):
        return Refusal("None and something else do not go together; please say one or the other.")
    return ids


def _not_offered(question: Question, value: str) -> str:
    return next((choice.not_offered for choice in question.choices if choice.id == value), "")


def _text(value: str) -> Value | Refusal:
    if len(value) > MOST_TEXT:
        return Refusal(f"That is longer than the {MOST_TEXT} letters I can keep; please shorten it.")
    if not value.isprintable():
        return Refusal("There is something in it that is no letter; please type it again.")
    return value


def _choice(choices: tuple[Choice, ...], typed: str) -> str | None:
    """The id of the one choice that is meant: by number, by id, or by the beginning of its words."""
    meant = typed.casefold()
    if meant.isdecimal() and len(meant) <= 3:
        number = int(meant)
        return choices[number - 1].id if 1 <= number <= len(choices) else None
    if not meant:
        return None
    exact = [one.id for one in choices if meant in (one.id, one.words.casefold())]
    begun = [one.id for one in choices if one.words.casefold().startswith(meant)]
    found = exact or begun
    return found[0] if len(found) == 1 else None


def _time(typed: str) -> Value | Refusal:
    """HH:MM from 23:15, 23.15, 2315, 23, 11pm or 11:15 pm."""
    text = typed.casefold().replace(" ", "").replace(".", ":")
    half = next((one for one in ("am", "pm", "a:m:", "p:m:") if text.endswith(one)), "")
    hours, _, minutes = _parted(text.removesuffix(half))
    if not (hours.isascii() and hours.isdecimal() and len(hours) <= 2):
        return Refusal(_TIME)
    hour = int(hours)
    if half:
        if not 1 <= hour <= 12:
            return Refusal(_TIME)
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    value = f"{hour:02d}:{minutes or '00'}"
    return value if _minutes(value) is not None else Refusal(_TIME)


def _parted(text: str) -> tuple[str, str, str]:
    if ":" not in text and len(text) == 4:
        return text[:2], ":", text[2:]
    return text.partition(":")


def _minutes(value: str) -> int | None:
    hours, colon, minutes = value[:2], value[2:3], value[3:]
    digits = hours + minutes
    if len(value) != 5 or colon != ":" or not (digits.isascii() and digits.isdecimal()):
        return None
    return int(hours) * 60 + int(minutes) if int(hours) < 24 and int(minutes) < 60 else None


_TIME = "A time such as 23:15, please."


def _expected(question: Question, choices: tuple[Choice, ...]) -> str:
    if question.kind is Kind.YES_NO:
        return "y or n, please."
    if question.kind is Kind.TIME:
        return _TIME
    if question.kind is Kind.TEXT:
        return "A line of text, please."
    many = "one or more numbers" if question.kind is Kind.SEVERAL else "one number"
    return f"I did not understand that; {many} from 1 to {len(choices)}, please."
