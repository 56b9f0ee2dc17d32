"""A night as its page is given it, and what follows for every way of showing it: lanes, events, hours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

import numpy as np

from vigil.app.night_lanes import blind_stretches, end_s
from vigil.app.stored_night import StoredNight
from vigil.domain.explain import KIND_WORDS, OUTPUT_WORDS, sentences
from vigil.domain.records import EpochScored, Mark
from vigil.domain.sleep import Stage
from vigil.domain.units import EPOCH_S
from vigil.night.report import NudgeRow, SuspicionRow
from vigil.web.views.heart_line import HeartLine
from vigil.web.words import Words

AROUND = 20
"""Epochs before and after one whose middle is its baseline: twenty minutes in all. Our choice: as long as a change of
stage takes to show, and longer than any episode."""

HOUR_S = 3_600

LISTED_BLIND_S = 120
"""Shorter blind stretches are told together in the account and not listed one by one. Our choice."""

OUTLIERS_PERCENT = 0.1
"""Share of values at either end that do not stretch the scale of the heart: single values that a wrist makes up."""


@dataclass(frozen=True, slots=True)
class SaidMark:
    """What the sleeper said by hand, seconds from lights-out."""

    t_s: float
    mark: Mark


@dataclass(frozen=True, slots=True)
class NightSeen:
    """One night. heart: what was heard of it. marks: by hand. going_on: it is being watched this very moment."""

    stored: StoredNight
    heart: HeartLine = field(default_factory=HeartLine)
    marks: tuple[SaidMark, ...] = ()
    going_on: bool = False

    def told_in(self, t: Words) -> NightSeen:
        """The same with its times written as a reader's locale writes them."""
        clock = replace(self.stored.clock, write=t.time)
        return replace(self, stored=replace(self.stored, clock=clock))

    @property
    def end_s(self) -> float:
        """Where its time axis ends."""
        return end_s(self.stored.report.epochs)

    @property
    def epochs(self) -> tuple[EpochScored, ...]:
        """Every epoch that is kept."""
        return self.stored.report.epochs


@dataclass(frozen=True, slots=True)
class Event:
    """Something that can be asked about. kind: "nudge", "suspicion", "mark" or "blind". said: why, in sentences."""

    t_s: float
    kind: str
    when: str
    what: str
    said: str


def events(seen: NightSeen, t: Words) -> tuple[Event, ...]:
    """All of them, in order."""
    report = seen.stored.report
    found = [
        *(_suspicion(seen, row, t) for row in report.suspicions),
        *(_nudge(seen, row, t) for row in report.nudges),
        *(_mark(seen, one, t) for one in seen.marks),
        *(_blind(seen, *span, t) for span in blind_stretches(seen.epochs) if span[1] - span[0] >= LISTED_BLIND_S),
    ]
    return tuple(sorted(found, key=lambda event: event.t_s))


def _suspicion(seen: NightSeen, row: SuspicionRow, t: Words) -> Event:
    clock = seen.stored.clock
    span = t("night.span", begins=clock.words(row.from_s), ends=clock.words(row.to_s))
    what = KIND_WORDS[row.kind].capitalize()
    return Event(row.raised_s, "suspicion", clock.words(row.raised_s), what, f"{span} {sentences(row.reasons)}".strip())


def nudge_words(row: NudgeRow, t: Words) -> str:
    """What was given, or would have been."""
    output = {one.value: words for one, words in OUTPUT_WORDS.items()}.get(row.output, row.output)
    return t("night.nudge_shadow" if row.shadow else "night.nudge", output=output, level=row.level)


def _nudge(seen: NightSeen, row: NudgeRow, t: Words) -> Event:
    return Event(row.t_s, "nudge", seen.stored.clock.words(row.t_s), nudge_words(row, t), sentences(row.reasons))


def _mark(seen: NightSeen, one: SaidMark, t: Words) -> Event:
    return Event(one.t_s, "mark", seen.stored.clock.words(one.t_s), t(f"night.mark_{one.mark.value}"), "")


def _blind(seen: NightSeen, from_s: float, to_s: float, t: Words) -> Event:
    clock = seen.stored.clock
    said = t("night.blind_until", ends=clock.words(to_s))
    return Event(from_s, "blind", clock.words(from_s), t("night.blind"), said)


@dataclass(frozen=True, slots=True)
class HourRow:
    """An hour, and minutes of each stage in it, in the order of `COLUMNS`."""

    when: str
    minutes: tuple[str, ...]


COLUMNS = (Stage.WAKE, Stage.REM, Stage.LIGHT, Stage.DEEP, Stage.UNSCORED)


def by_hour(seen: NightSeen, t: Words) -> tuple[HourRow, ...]:
    """The hypnogram as numbers: from one whole hour of the clock to the next."""
    found: dict[int, Counter[Stage]] = {}
    offset = HOUR_S - first_tick(seen, HOUR_S)
    for epoch in seen.epochs:
        found.setdefault((epoch.index * EPOCH_S + offset) // HOUR_S, Counter())[epoch.stage] += 1
    clock = seen.stored.clock
    return tuple(
        HourRow(
            clock.words(max(0, hour * HOUR_S - offset)),
            tuple(t.number(counts[stage] * EPOCH_S / 60) for stage in COLUMNS),
        )
        for hour, counts in sorted(found.items())
    )


def first_tick(seen: NightSeen, step_s: int) -> int:
    """Seconds from lights-out to the first time that is whole on the night's clock, at most `step_s`, more than 0."""
    out = seen.stored.clock.lights_out
    past = 0 if out is None else (out.minute * 60 + out.second) % step_s
    return step_s - past


def ticks(seen: NightSeen, most: int) -> Iterator[tuple[float, str]]:
    """Seconds and words of the times to be marked along an axis: whole hours, or wider apart where they are many."""
    step = next((step for step in (900, 1800, 3600, 7200, 14_400) if seen.end_s / step <= most), 21_600)
    for second in range(first_tick(seen, step) - step, int(seen.end_s) + 1, step):
        if second >= 0:
            yield float(second), seen.stored.clock.words(second)


def baseline(epochs: Sequence[EpochScored]) -> tuple[float | None, ...]:
    """The middle heart rate of the twenty minutes around each epoch; None where the epoch itself has none."""
    rates = [epoch.heart_bpm for epoch in epochs]
    found: list[float | None] = []
    for place, rate in enumerate(rates):
        near = [one for one in rates[max(0, place - AROUND) : place + AROUND + 1] if one is not None]
        found.append(None if rate is None else float(median(near)))
    return tuple(found)


def heart_range(seen: NightSeen) -> tuple[float, float] | None:
    """Lowest and highest heart rate that the scale shows, in bpm; None where nothing was heard."""
    cells = tuple(float(bpm) for bpm in seen.heart.bpm if bpm)
    known = cells or tuple(epoch.heart_bpm for epoch in seen.epochs if epoch.heart_bpm is not None)
    if not known:
        return None
    low, high = np.percentile(known, [OUTLIERS_PERCENT, 100 - OUTLIERS_PERCENT])
    return float(low) - 2, float(high) + 3
