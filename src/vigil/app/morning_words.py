"""A morning in words: what can be answered, what is known, what changes tonight. Plain words, nothing owed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vigil.app.clock_words import NightClock
from vigil.app.tonight import Tonight
from vigil.domain.answers import MOST, Answer, MorningWord
from vigil.domain.records import Mode
from vigil.engine.nights_known import GOOD_BLIND_SHARE, NightKnown
from vigil.engine.personal import Learned
from vigil.night.account_events import Account
from vigil.night.account_words import account_sentences, causes_words
from vigil.night.in_words import counted, duration


@dataclass(frozen=True, slots=True)
class Told:
    """The account of a night, and the clock that its times are said by. heart_hardly: `heart_hardly_changed`."""

    account: Account
    clock: NightClock
    heart_hardly: bool = False


WORDS = {
    MorningWord.QUIET: "quiet",
    MorningWord.BAD_DREAM: "bad dream",
    MorningWord.KEPT_DREAM: "a dream I'd keep",
    MorningWord.NOT_REMEMBERED: "don't remember",
    MorningWord.LEFT: "no answer",
}

TYPED = {
    MorningWord.QUIET: ("quiet", "q"),
    MorningWord.BAD_DREAM: ("bad-dream", "bad", "a-bad-dream", "nightmare", "b"),
    MorningWord.KEPT_DREAM: ("keep", "a-dream-id-keep", "dream-id-keep", "kept-dream", "k"),
    MorningWord.NOT_REMEMBERED: ("dont-remember", "do-not-remember", "i-dont-remember", "not-remembered", "d"),
    MorningWord.LEFT: ("no-answer",),
}
"""What a person may type for each; the first is what help shows."""

CHOICES = tuple(typed[0] for typed in TYPED.values())

_MEANT = {word: meant for meant, typed in TYPED.items() for word in typed}

_BECAUSE = (
    (lambda answer: answer.disturbed, "a nudge disturbed you"),
    (lambda answer: answer.was_awake, "you were awake when it nudged"),
    (lambda answer: answer.word is MorningWord.KEPT_DREAM, "you would have kept that dream"),
)


def meant(typed: str) -> MorningWord | None:
    """The answer that was typed, however it is written, or None."""
    return _MEANT.get(re.sub(r"[\s_-]+", "-", re.sub("['`.\u2019]", "", typed.strip().lower())))


def parsed(words: Sequence[str]) -> tuple[MorningWord | None, str | None] | None:
    """The answer and the night among the words of a command line, in either order; None if they make no sense."""
    if not words:
        return None, None
    whole = meant(" ".join(words))
    if whole is not None:
        return whole, None
    if len(words) == 1:
        return None, words[0]
    for answer, night in ((words[:-1], words[-1]), (words[1:], words[0])):
        found = meant(" ".join(answer))
        if found is not None:
            return found, night
    return None


def night_words(night: NightKnown) -> str:
    """The night in one line."""
    return f"Night {night.name}: {watched_words(night)}"


def watched_words(night: NightKnown) -> str:
    """How long it was watched and whether anything was done, as the end of a sentence."""
    nudges = "no nudge" if not night.interventions else f"nudged in {counted(night.interventions, 'episode')}"
    blind = f", {duration(night.blind_h * 60)} without good signal" if night.blind_h * 60 >= 1 else ""
    return f"watched {duration(night.watched_h * 60)}{blind}; {nudges}."


def account_lines(told: Told | None) -> list[str]:
    """What went wrong in the night, and why it was blind; nothing for a night without either."""
    if told is None:
        return []
    causes = causes_words(told.account)
    blind = [f"Without good signal: {causes}. In that time nothing was done."] if causes else []
    return [*blind, *account_sentences(told.account, told.clock.words)]


def answer_words(answer: Answer, dread: int | None = None) -> str:
    """What was said, in one line. dread: of going to bed, which is kept beside the answer."""
    parts = [WORDS[answer.word]]
    if answer.dreams is not None:
        parts.append(counted(answer.dreams, "bad dream"))
    numbers = {"distress": answer.distress, "dread of going to bed": dread, "sleepiness": answer.sleepiness}
    for name, value in numbers.items():
        if value is not None:
            parts.append(f"{name} {value} of {MOST}")
    for flag, yes, no in (
        (answer.woken, "woken by it", "not woken by it"),
        (answer.disturbed, "disturbed by Vigil", "not disturbed by Vigil"),
        (answer.was_awake, "already awake when nudged", "asleep when nudged"),
    ):
        if flag is not None:
            parts.append(yes if flag else no)
    if answer.resumed:
        parts.append("nudging taken up again")
    return f"Your answer: {', '.join(parts)}."


def learned_words(learned: Learned) -> list[str]:
    """What is known of the person, with how sure it is; nothing before the first good night."""
    if not learned.good_nights:
        return []
    heart, often = learned.resting_bpm, learned.ordinary
    return [
        f"Known from {counted(learned.good_nights, 'good night')}: heart rate asleep about {heart.value:.0f} "
        f"beats a minute ({heart.low:.0f} to {heart.high:.0f}); ordinary rises {often.value:.1f} times as often "
        f"as usual ({often.low:.1f} to {often.high:.1f}).",
        *learned.reasons,
    ]


MISSED = "You had a nightmare and I didn't see it."
HEART_HARDLY = "Your heart hardly changed that night; that is common, and then there is little to see it by."
"""What "hardly" is stands at `night/missed.py`."""


def missed_words(night: NightKnown, told: Told | None) -> list[str]:
    """After a night with a bad dream of which nothing, or too little, was seen; else nothing."""
    dreams = max(1, night.answer.dreams or 1)
    if night.answer.word is not MorningWord.BAD_DREAM or night.suspicions >= dreams:
        return []
    if night.suspicions:
        return [f"You had {dreams} bad dreams, and I saw signs of {night.suspicions}."]
    if night.blind_h >= GOOD_BLIND_SHARE * (night.watched_h + night.blind_h):
        return [MISSED, f"Of that night I saw {duration(night.watched_h * 60)}; it may have come in the rest."]
    return [MISSED, *([HEART_HARDLY] if told is not None and told.heart_hardly else [])]


def terror_words(night: NightKnown) -> list[str]:
    """What is known about scheduled awakening, after a night with sudden arousals out of deep sleep; else nothing.

    Those are never nudged: the body gives seconds of warning at most (mission 5.5). The procedure is that of mission
    2.7, a diary to find the hour, and waking 15 to 30 minutes before it for two to four weeks. Figures of success are
    found in promotion only, so none is told, and it is left to somebody who knows sleep.
    """
    if night.terrors < 1:
        return []
    many = night.terrors > 1
    were = f"were {night.terrors} sudden half-wakings" if many else "was a sudden half-waking"
    return [
        f"There {were} out of deep sleep, as far as heart rate and movement tell; Vigil leaves those alone.",
        "Where they come at about the same hour, some people are woken 15 to 30 minutes before it for a few weeks; "
        "it is called scheduled awakening. Whether that is for you, ask somebody who knows sleep.",
    ]


def change_words(before: Tonight, after: Tonight, answer: Answer) -> str:
    """What this answer changes tonight, and why, in a sentence or two; how much is told once, in `learned_words`."""
    return " ".join(part for part in (_threshold_words(before, after, answer), _step_words(before, after)) if part)


def _step_words(before: Tonight, after: Tonight) -> str:
    """How high the ladder goes tonight, where the answer changes it and anything may be done."""
    top, was = after.outfit.settings.top_level, before.outfit.settings.top_level
    moved = top != was and before.plan.mode is after.plan.mode is Mode.ON
    return f"The highest step tonight is {top}." if moved else ""


def _threshold_words(before: Tonight, after: Tonight, answer: Answer) -> str:
    if before.plan.pause is None and after.plan.pause is not None:
        return f"Nudging pauses: {after.plan.pause.words}."
    if before.plan.pause is not None and after.plan.pause is None:
        return "Nudging is taken up again." if answer.resumed else "The reason for pausing is gone."
    ratio = after.learned.threshold_factor / before.learned.threshold_factor
    if 0.995 < ratio < 1.005:
        return "" if _step_words(before, after) else "Nothing changes tonight."
    because = _because(before.learned, after.learned, answer)
    if after.plan.mode is not Mode.ON:
        return f"Nothing changes tonight, when Vigil only watches; it keeps in mind that {because}."
    if ratio > 1:
        return f"Tonight Vigil waits for clearer signs before a nudge, because {because}."
    return f"Tonight fainter signs are enough for a nudge, because {because}."


def _because(before: Learned, after: Learned, answer: Answer) -> str:
    """What of the answer moved the factor."""
    if after.unwelcome > before.unwelcome:
        return next(words for applies, words in _BECAUSE if applies(answer))
    if after.missed < before.missed:
        return "bad dreams were missed"
    if answer.word is MorningWord.BAD_DREAM:
        return "a night with a bad dream is not counted among your ordinary ones"
    return "this night now speaks differently than before"
