"""A morning in words: what can be answered, what is known, what changes tonight. Plain words, nothing owed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vigil.app.tonight import Tonight
from vigil.domain.answers import MOST, Answer, MorningWord
from vigil.domain.records import Mode
from vigil.engine.nights_known import NightKnown
from vigil.engine.personal import Learned
from vigil.night.in_words import counted, duration

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
    nudges = "no nudge" if not night.interventions else f"nudged in {counted(night.interventions, 'episode')}"
    blind = f", blind {duration(night.blind_h * 60)}" if night.blind_h * 60 >= 1 else ""
    return f"Night {night.name}: watched {duration(night.watched_h * 60)}{blind}; {nudges}."


def answer_words(answer: Answer) -> str:
    """What was said, in one line."""
    parts = [WORDS[answer.word]]
    if answer.dreams is not None:
        parts.append(counted(answer.dreams, "bad dream"))
    for name, value in (("distress", answer.distress), ("sleepiness", answer.sleepiness)):
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
        f"Known from {counted(learned.good_nights, 'good night')}: heart rate asleep about {heart.value:.0f} bpm "
        f"({heart.low:.0f} to {heart.high:.0f}); ordinary rises {often.value:.1f} times as often as usual "
        f"({often.low:.1f} to {often.high:.1f}).",
        *learned.reasons,
    ]


def change_words(before: Tonight, after: Tonight, answer: Answer) -> str:
    """One sentence: what this answer changes tonight, and why."""
    if before.plan.pause is None and after.plan.pause is not None:
        return f"Nudging pauses: {after.plan.pause.words}."
    if before.plan.pause is not None and after.plan.pause is None:
        return "Nudging is taken up again." if answer.resumed else "The reason for pausing is gone."
    ratio = after.learned.threshold_factor / before.learned.threshold_factor
    if 0.995 < ratio < 1.005:
        return "Nothing changes tonight."
    because = _because(before.learned, after.learned, answer)
    if after.plan.mode is not Mode.ON:
        return f"Nothing changes tonight, when Vigil only watches; it keeps in mind that {because}."
    if ratio > 1:
        return f"Tonight Vigil asks for {ratio - 1:.0%} more evidence before a nudge, because {because}."
    return f"Tonight {1 - ratio:.0%} less evidence is enough for a nudge, because {because}."


def _because(before: Learned, after: Learned, answer: Answer) -> str:
    """What of the answer moved the factor."""
    if after.unwelcome > before.unwelcome:
        return next(words for applies, words in _BECAUSE if applies(answer))
    if after.missed < before.missed:
        return "bad dreams were missed"
    if answer.word is MorningWord.BAD_DREAM:
        return "a night with a bad dream says nothing about ordinary ones"
    return "this night now speaks differently than before"
