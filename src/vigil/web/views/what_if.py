"""What another setting would have done, as its page shows it: the form with its bounds, how far it is, the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time

from vigil.app.what_if import CHANGED, MOST_NIGHTS, Answer, Change, night_words, value_words, words
from vigil.web.views.settings import NUMBERS
from vigil.web.words import Words

NIGHTS = 30


KEYS = ("threshold_factor", "top_level", "caps.per_episode", "caps.per_hour", "caps.per_18_hours")

FIELDS = tuple(number for key in KEYS for number in NUMBERS if number.key == key)
"""With the bounds that the settings have on their page; a test holds every key to `CHANGED`."""


@dataclass(frozen=True, slots=True)
class Trying:
    """One question. done: nights of `total`. answer: once it is over. failed: why not."""

    change: Change
    total: int
    done: int = 0
    answer: Answer | None = None
    failed: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.answer is not None or bool(self.failed)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page says of the latest question. lines: the answer; nights: those that would have been different."""

    running: bool
    far: str
    done: int
    total: int
    lines: tuple[str, ...] = ()
    nights: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    answered: bool = False


def shown(trying: Trying, called: Mapping[str, str], t: Words) -> Shown:
    """How it stands. called: what nights are called on the page, by name."""
    far = t("what_if.far", done=trying.done, total=trying.total)
    if trying.answer is None:
        failed = (t("what_if.failed", why=trying.failed),) if trying.failed else ()
        return Shown(not trying.over, far, trying.done, trying.total, failed)
    answer = _called(trying.answer, called, t)
    left_out = tuple(t("what_if.left_out", night=one.night, why=one.why) for one in answer.left_out)
    nights = tuple(filter(None, map(night_words, answer.nights)))
    lines = tuple(words(answer, _asked(answer.change, t)))
    return Shown(False, far, trying.done, trying.total, lines, nights, left_out, bool(answer.nights))


def _called(answer: Answer, called: Mapping[str, str], t: Words) -> Answer:
    """The answer with what nights are called in place of their names; an erased one keeps its name.

    Times are written as the reader writes them; those from lights-out, of a night without a clock, stay as they are.
    """
    return replace(
        answer,
        nights=tuple(
            replace(
                one,
                night=called.get(one.night, one.night),
                would=replace(one.would, at=tuple(_local(at, t) for at in one.would.at)),
            )
            for one in answer.nights
        ),
        left_out=tuple(replace(one, night=called.get(one.night, one.night)) for one in answer.left_out),
    )


def _local(at: str, t: Words) -> str:
    try:
        return t.time(time.fromisoformat(at))
    except ValueError:
        return at


def _asked(change: Change, t: Words) -> str:
    """What was asked, by the names that the settings have on their page."""
    named = {field.key: t(f"settings.{field.name}") for field in FIELDS}
    return ", ".join(
        t("what_if.asked", name=named.get(key, key), value=value_words(value)) for key, value in change.values
    )


def wanted(form: Mapping[str, str]) -> Change | None:
    """What a filled form asks; None if every field was left as it is. Raises SettingsError outside the bounds."""
    typed = {field.key: form.get(field.name, "").strip().replace(",", ".") for field in FIELDS}
    pairs = [f"{key}={text[:20]}" for key, text in typed.items() if text and key in CHANGED]
    return Change.typed(pairs) if pairs else None


def nights_of(form: Mapping[str, str]) -> int:
    """How many nights; the usual number for what is none."""
    text = form.get("nights", "").strip()
    return min(MOST_NIGHTS, max(1, int(text[:4]))) if text.isascii() and text.isdigit() else NIGHTS
