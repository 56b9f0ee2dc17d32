"""One evening of the diary, and what many come to: counts, medians and ranges, never a score and never a streak."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from vigil.domain.answers import Answer, MorningWord
from vigil.domain.records import Mode

MOST_DREAD = 10
"""Dread of going to bed goes from 0, none at all, to this: the same scale as distress (`domain/answers.py`)."""


@dataclass(frozen=True, slots=True)
class SleepFigures:
    """Sleep as Vigil scored it, minutes. waso_min: awake between falling asleep and the last sleep.

    awakenings: times awake for a minute or longer in between.
    """

    asleep_min: float
    waso_min: float
    awakenings: int


@dataclass(frozen=True, slots=True)
class Nudged:
    """What was done in a night, and what came of it.

    nudges: really given; episodes: in so many episodes, each of which settled, woke the sleeper, or went on unchanged.
    """

    nudges: int = 0
    episodes: int = 0
    settled: int = 0
    unchanged: int = 0
    woke: int = 0

    def plus(self, other: Nudged) -> Nudged:
        """Both together."""
        return Nudged(
            self.nudges + other.nudges,
            self.episodes + other.episodes,
            self.settled + other.settled,
            self.unchanged + other.unchanged,
            self.woke + other.woke,
        )


@dataclass(frozen=True, slots=True)
class DiaryNight:
    """One night with its evening and its morning. What was not said or cannot be told is None.

    name: of the night. day: local date of its evening, days since 1970; None without a clock. dread: of going to bed,
    0 to 10. marks: what was said of the evening. noticed: episodes with signs of a nightmare. sleep: None where no
    figures could be had, or no sleep was scored. device: what it was watched with, as it named itself.
    """

    name: str
    day: int | None = None
    mode: Mode = Mode.ON
    answer: Answer | None = None
    dread: int | None = None
    marks: frozenset[str] = frozenset()
    sleep: SleepFigures | None = None
    watched_min: float = 0.0
    blind_min: float = 0.0
    noticed: int = 0
    nudged: Nudged = field(default_factory=Nudged)
    device: str = ""

    @property
    def word(self) -> MorningWord:
        """What was said in the morning; `LEFT` for nothing."""
        return MorningWord.LEFT if self.answer is None else self.answer.word


def evenings(nights: Iterable[DiaryNight]) -> tuple[DiaryNight, ...]:
    """The nights with those of one evening made one, in the order of their days; nights without a clock come last.

    A night that was cut off and begun anew is two in the store and one to whoever slept it.
    """
    dated: dict[int, DiaryNight] = {}
    undated = []
    for night in nights:
        if night.day is None:
            undated.append(night)
        else:
            dated[night.day] = _together(dated[night.day], night) if night.day in dated else night
    return (*(dated[day] for day in sorted(dated)), *undated)


def _together(first: DiaryNight, second: DiaryNight) -> DiaryNight:
    """One evening of two nights: minutes and counts add up, and the later word stands if there is one."""
    kept = first if _says(first.answer) > _says(second.answer) else second
    return replace(
        kept,
        mode=Mode.ON if Mode.ON in {first.mode, second.mode} else kept.mode,
        dread=first.dread if second.dread is None else second.dread,
        marks=first.marks | second.marks,
        sleep=_slept(first.sleep, second.sleep),
        watched_min=first.watched_min + second.watched_min,
        blind_min=first.blind_min + second.blind_min,
        noticed=first.noticed + second.noticed,
        nudged=first.nudged.plus(second.nudged),
    )


def _says(answer: Answer | None) -> int:
    """2 for a word, 1 for anything else that was said, 0 for nothing."""
    if answer is None or answer.is_empty:
        return 0
    return 1 if answer.word is MorningWord.LEFT else 2


def _slept(first: SleepFigures | None, second: SleepFigures | None) -> SleepFigures | None:
    if first is None or second is None:
        return first or second
    return SleepFigures(
        first.asleep_min + second.asleep_min, first.waso_min + second.waso_min, first.awakenings + second.awakenings
    )


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle and the ends of what was said or measured. n: of how many nights."""

    n: int
    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float | None]) -> Spread | None:
        """Of those that are known; None if none is."""
        known = [value for value in values if value is not None]
        return cls(len(known), median(known), min(known), max(known)) if known else None


@dataclass(frozen=True, slots=True)
class Counts:
    """Nights together. said: how often each word was said in the morning, `LEFT` for nothing; adds up to `nights`.

    distress, dread: as they were said. asleep_min, waso_min, awakenings: as scored. dreams: bad dreams that were
    counted. woken: mornings that told of being woken by one; disturbed: by Vigil. watched_min, blind_min: of all
    nights. watch_only: nights in which nothing would have been done. nudged: what was done, and what came of it;
    nudged_nights: in so many nights. noticed: episodes.
    """

    nights: int
    said: tuple[tuple[MorningWord, int], ...]
    distress: Spread | None
    dread: Spread | None
    asleep_min: Spread | None
    waso_min: Spread | None
    awakenings: Spread | None
    dreams: int
    woken: int
    disturbed: int
    watched_min: float
    blind_min: float
    watch_only: int
    nudged: Nudged
    nudged_nights: int
    noticed: int

    @classmethod
    def of(cls, nights: Sequence[DiaryNight]) -> Counts:
        """Of these nights, as they are: see `evenings`."""
        words = Counter(night.word for night in nights)
        answers = [night.answer for night in nights if night.answer is not None]
        sleeps = [night.sleep for night in nights if night.sleep is not None]
        nudged = Nudged()
        for night in nights:
            nudged = nudged.plus(night.nudged)
        return cls(
            nights=len(nights),
            said=tuple((word, words[word]) for word in MorningWord),
            distress=Spread.of(answer.distress for answer in answers),
            dread=Spread.of(night.dread for night in nights),
            asleep_min=Spread.of(sleep.asleep_min for sleep in sleeps),
            waso_min=Spread.of(sleep.waso_min for sleep in sleeps),
            awakenings=Spread.of(sleep.awakenings for sleep in sleeps),
            dreams=sum(answer.dreams or 0 for answer in answers),
            woken=sum(answer.woken is True for answer in answers),
            disturbed=sum(answer.disturbed is True for answer in answers),
            watched_min=sum(night.watched_min for night in nights),
            blind_min=sum(night.blind_min for night in nights),
            watch_only=sum(night.mode is not Mode.ON for night in nights),
            nudged=nudged,
            nudged_nights=sum(night.nudged.nudges > 0 for night in nights),
            noticed=sum(night.noticed for night in nights),
        )

    def times(self, word: MorningWord) -> int:
        """How often a word was said."""
        return dict(self.said)[word]

    @property
    def blind_share(self) -> float | None:
        """Share of all minutes that could not be watched, 0 to 1; None without minutes."""
        total = self.watched_min + self.blind_min
        return self.blind_min / total if total else None


_SAID = (
    (MorningWord.BAD_DREAM, "bad"),
    (MorningWord.QUIET, "quiet"),
    (MorningWord.KEPT_DREAM, "with a dream to keep"),
    (MorningWord.NOT_REMEMBERED, "not remembered"),
    (MorningWord.LEFT, "not said"),
)
_ALWAYS = frozenset({MorningWord.BAD_DREAM, MorningWord.QUIET, MorningWord.LEFT})


def count_words(counts: Counts) -> str:
    """As in "30 nights: 4 bad, 19 quiet, 7 not said"; the rarer words stand only where they were said."""
    if not counts.nights:
        return "No nights"
    return f"{counts.nights} {'night' if counts.nights == 1 else 'nights'}: {', '.join(said_words(counts))}"


def said_words(counts: Counts) -> list[str]:
    """How often each word was said, as in "4 bad"; bad and quiet nights and those not spoken of always."""
    return [f"{counts.times(word)} {said}" for word, said in _SAID if word in _ALWAYS or counts.times(word)]
