"""A sober report over a stretch of nights, for somebody who treats people: two pages of plain facts, as data.

What is shown on a page and what is printed as PDF is made of the same sections. Nothing is scored, nothing concluded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from vigil.domain.answers import MorningWord
from vigil.recovery.comparisons import TOLD, Share, wilson
from vigil.recovery.diary import Counts, DiaryNight, Spread, count_words, evenings
from vigil.recovery.weeks import month_of, weeks_of

LANGUAGE = "en"
TITLE = "Nights with Vigil"

MOST_WEEKS = 14
"""Rows that fit the second page beside everything else; a longer stretch is told by months."""

MOST_MONTHS = 24
"""Of a stretch that is longer still, the latest."""

MOST_WORDS = 1800
"""Letters of the person's own words: what fits the second page in a size that can be read."""

FEWEST_LETTERS = 80
"""Of an entry that is cut: with fewer it would say nothing."""

MOST_DEVICES, MOST_NAME = 3, 60
"""Devices that are named, and letters of each: names come over the air."""

KNOWN_ERROR = {
    "nights": "34",
    "people": "32",
    "kappa": "0.44 [0.37 to 0.49]",
    "wake_found": "38 % [31 to 46]",
    "sleep_bias": "19 min [7 to 33]",
    "wake_bias": "-21 min [-31 to -12]",
    "noticed": "10 % [7 to 12]",
}
"""Figures of docs/evidence.md, cross-validated; a test holds them to that page."""

WHAT_IT_IS = (
    "Vigil is a program on this person's own computer. At night it follows heart rate and movement from a wearable, "
    "notices signs that often come with a nightmare, and may then give a small vibration, sound or light.",
    "It is not a medical device. It does not diagnose or treat anything, and it has not been tested on people who have "
    "nightmares. No licensed scale is used here: what was said is one answer in the morning and numbers from 0 to 10. "
    "A night of which nothing was said is not a quiet night.",
)

SLEEP_ERROR = (
    f"Against sleep laboratories, on {KNOWN_ERROR['nights']} nights of {KNOWN_ERROR['people']} other people, sleep "
    f"comes out longer by {KNOWN_ERROR['sleep_bias']} and wake after sleep onset differs by "
    f"{KNOWN_ERROR['wake_bias']} (mean, 95 % interval). Of the time awake {KNOWN_ERROR['wake_found']} is found; kappa "
    f"for wake, NREM and REM is {KNOWN_ERROR['kappa']}. Single nights can be off by much more; stages are not shown.",
)

NUDGES_MEAN = (
    "What followed a nudge is what was seen, not what it caused: episodes also end by themselves. Of nightmares laid "
    f"over recorded nights Vigil noticed {KNOWN_ERROR['noticed']}; few signs say little about how the nights were.",
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: what, and how it was."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A small table. rows: as many cells as columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part under its own title: facts, then a table, then paragraphs; any of them may be missing."""

    title: str
    facts: tuple[Fact, ...] = ()
    grid: Grid | None = None
    paragraphs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportModel:
    """The report. pages: two, each its sections in order. own_words: whether any of the person's words are in it."""

    title: str
    period: str
    language: str
    pages: tuple[tuple[Section, ...], tuple[Section, ...]]
    own_words: bool = False


def report_model(nights: Iterable[DiaryNight], days: range, words: Sequence[tuple[str, str]] = ()) -> ReportModel:
    """The report over these days, since 1970; nights outside them are left out.

    words: night and what the person wrote about it, only where they want it shown.
    """
    within = [night for night in evenings(nights) if night.day is not None and night.day in days]
    counts = Counts.of(within)
    shown = _shown_words(words)
    first = (Section("What this is", paragraphs=WHAT_IT_IS), _said(within, counts), _slept(counts))
    second = (_done(within, counts), _by_time(within), *shown)
    period = f"{date_words(days[0])} to {date_words(days[-1])}"
    return ReportModel(TITLE, period, LANGUAGE, (first, second), bool(shown))


def date_words(day: int) -> str:
    """Days since 1970 as "3 November 2026"."""
    year, month = month_of(day)
    first = int(np.datetime64(f"{year}-{month:02d}-01", "D").astype(np.int64))
    return f"{day - first + 1} {_MONTHS[month - 1]} {year}"


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _said(nights: Sequence[DiaryNight], counts: Counts) -> Section:
    told = Share(counts.times(MorningWord.BAD_DREAM), sum(counts.times(word) for word in TOLD))
    numbered = sum(night.answer is not None and night.answer.dreams is not None for night in nights)
    return Section(
        "What was said in the mornings",
        (
            Fact("Nights", count_words(counts)),
            Fact("Bad, of the nights that were told", _share(told)),
            Fact("Bad dreams counted", f"{counts.dreams}, in {_nights(numbered)} of which a number was given"),
            Fact("Distress, 0 to 10", _spread(counts.distress, _plain, "night")),
            Fact("Woken by a bad dream", _nights(counts.woken)),
            Fact("Dread of going to bed, 0 to 10", _spread(counts.dread, _plain, "evening")),
            Fact("Disturbed by Vigil", _nights(counts.disturbed)),
        ),
    )


def _slept(counts: Counts) -> Section:
    return Section(
        "Sleep, as Vigil scored it",
        (
            Fact("Asleep", _spread(counts.asleep_min, _minutes, "night")),
            Fact("Awake in between", _spread(counts.waso_min, _minutes, "night")),
            Fact("Awakenings of a minute or longer", _spread(counts.awakenings, _plain, "night")),
        ),
        paragraphs=SLEEP_ERROR,
    )


def _done(nights: Sequence[DiaryNight], counts: Counts) -> Section:
    nudged, blind = counts.nudged, counts.blind_share
    given = f"{nudged.nudges}, in {_counted(nudged.episodes, 'episode')} of {_nights(counts.nudged_nights)}"
    came = f"settled {nudged.settled}, woke {nudged.woke}, went on unchanged {nudged.unchanged}"
    devices = list(dict.fromkeys(night.device[:MOST_NAME] for night in nights if night.device))
    more = f" and {len(devices) - MOST_DEVICES} more" if len(devices) > MOST_DEVICES else ""
    return Section(
        "What Vigil did",
        (
            Fact("Watched", "nothing" if blind is None else _minutes(counts.watched_min)),
            Fact("Blind, without a usable signal", "-" if blind is None else f"{_percent(blind)} of the time"),
            Fact("Only watched, without nudging", f"{counts.watch_only} of {_nights(counts.nights)}"),
            Fact("Episodes with signs of a nightmare", str(counts.noticed)),
            Fact("Nudges given", given if nudged.nudges else "none"),
            Fact("What followed, by episode", came if nudged.nudges else "-"),
            Fact("Device", ", ".join(devices[:MOST_DEVICES]) + more or "not known"),
        ),
        paragraphs=NUDGES_MEAN,
    )


_COLUMNS = ("nights", "bad", "quiet", "other", "not said", "distress", "dread", "asleep", "nudges")


def _by_time(nights: Sequence[DiaryNight]) -> Section:
    """Week by week, or month by month."""
    weeks = weeks_of(nights)
    if len(weeks) <= MOST_WEEKS:
        rows = [(date_words(week.first_day), week.counts) for week in weeks]
        return Section("Week by week", grid=_grid("week from", rows), paragraphs=(_MEDIANS,))
    months: dict[tuple[int, int], list[DiaryNight]] = {}
    for night in nights:
        months.setdefault(month_of(night.day or 0), []).append(night)
    rows = [(f"{_MONTHS[month - 1]} {year}", Counts.of(some)) for (year, month), some in months.items()]
    left_out = f" The latest {MOST_MONTHS} months with nights are shown." if len(rows) > MOST_MONTHS else ""
    return Section("Month by month", grid=_grid("month", rows[-MOST_MONTHS:]), paragraphs=(_MEDIANS + left_out,))


_MEDIANS = (
    "Distress, dread and sleep are medians of the nights that have them; a dash is nothing said, or nothing known. "
    "Other: a dream to keep, or not remembered."
)


def _grid(what: str, rows: Iterable[tuple[str, Counts]]) -> Grid:
    return Grid((what, *_COLUMNS), tuple((name, *_cells(counts)) for name, counts in rows))


def _cells(counts: Counts) -> tuple[str, ...]:
    other = counts.times(MorningWord.KEPT_DREAM) + counts.times(MorningWord.NOT_REMEMBERED)
    said = (counts.times(MorningWord.BAD_DREAM), counts.times(MorningWord.QUIET), other, counts.times(MorningWord.LEFT))
    middles = (
        "-" if one is None else shown(one.median)
        for one, shown in ((counts.distress, _plain), (counts.dread, _plain), (counts.asleep_min, _short))
    )
    return (*map(str, (counts.nights, *said)), *middles, str(counts.nudged.nudges))


def _shown_words(words: Sequence[tuple[str, str]]) -> tuple[Section, ...]:
    """As much as fits, whole entries only where they do; the newest are nearest to the person, so they come first."""
    given = [(night, " ".join(text.split())) for night, text in words if text.strip()]
    if not given:
        return ()
    paragraphs, left = [], MOST_WORDS
    for night, text in reversed(given):
        if left < FEWEST_LETTERS:
            break
        paragraphs.append(f"{night[:MOST_NAME]}: {text if len(text) <= left else text[:left] + ' ...'}")
        left -= len(text)
    rest = len(given) - len(paragraphs)
    if rest:
        paragraphs.append(f"{rest} more {'is' if rest == 1 else 'are'} not shown here.")
    return (Section("In the person's own words", paragraphs=tuple(paragraphs)),)


def _share(share: Share) -> str:
    if share.value is None:
        return "-"
    low, high = wilson(share)
    return f"{share.bad} of {share.nights}, {_percent(share.value)} (95 % interval {_percent(low)} to {_percent(high)})"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _spread(spread: Spread | None, shown: Callable[[float], str], noun: str) -> str:
    if spread is None:
        return "-"
    return f"median {shown(spread.median)}, {shown(spread.low)} to {shown(spread.high)}; {_counted(spread.n, noun)}"


def _plain(value: float) -> str:
    return f"{value:g}"


def _minutes(minutes: float) -> str:
    whole = round(minutes)
    return f"{whole // 60} h {whole % 60:02d} min" if whole >= 60 else f"{whole} min"


def _short(minutes: float) -> str:
    """The same for a narrow column, as "6 h 27"."""
    return f"{round(minutes) // 60}\u00a0h\u00a0{round(minutes) % 60:02d}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _nights(count: int) -> str:
    return _counted(count, "night")
