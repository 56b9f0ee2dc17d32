"""Weeks and months of nights: rows of counts, and a calendar in which a blank is a blank."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from vigil.domain.answers import MorningWord
from vigil.recovery.diary import Counts, DiaryNight, evenings

DAYS = 7
_THURSDAY = 3
"""1 January 1970 was a Thursday; Monday is 0."""


def weekday_of(day: int) -> int:
    """Of days since 1970: Monday is 0, Sunday 6."""
    return (day + _THURSDAY) % DAYS


@dataclass(frozen=True, slots=True)
class Week:
    """Seven evenings from `first_day`, days since 1970; a week without a night is there too, and empty."""

    first_day: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day. word: what was said of the night that began on it, `LEFT` for nothing; None without a night.

    night: the name of that night, "" without one.
    """

    day: int
    word: MorningWord | None = None
    night: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    """A whole month. month: 1 to 12. days: first to last."""

    year: int
    month: int
    days: tuple[CalendarDay, ...]

    @property
    def first_weekday(self) -> int:
        """Of its first day: Monday is 0."""
        return weekday_of(self.days[0].day)


@dataclass(frozen=True, slots=True)
class Weeks:
    """Everything the page of weeks shows. Nights of one evening are one; those without a clock are only in `counts`."""

    nights: tuple[DiaryNight, ...]
    counts: Counts
    weeks: tuple[Week, ...]
    months: tuple[Month, ...]

    @classmethod
    def of(cls, nights: Iterable[DiaryNight], first_weekday: int = 0) -> Weeks:
        """Of any nights, in any order. first_weekday: on which weeks begin, Monday is 0, Sunday 6."""
        whole = evenings(nights)
        return cls(whole, Counts.of(whole), weeks_of(whole, first_weekday), months_of(whole))


def weeks_of(nights: Iterable[DiaryNight], first_weekday: int = 0) -> tuple[Week, ...]:
    """Every week from the first night to the last."""
    found: dict[int, list[DiaryNight]] = {}
    for night in nights:
        if night.day is not None:
            first_day = night.day - (weekday_of(night.day) - first_weekday) % DAYS
            found.setdefault(first_day, []).append(night)
    if not found:
        return ()
    days = range(min(found), max(found) + 1, DAYS)
    return tuple(Week(day, Counts.of(found.get(day, []))) for day in days)


def months_of(nights: Iterable[DiaryNight]) -> tuple[Month, ...]:
    """Every month from the first night to the last. nights: one an evening (`evenings`)."""
    found = {night.day: night for night in nights if night.day is not None}
    if not found:
        return ()
    return tuple(_month(number, found) for number in range(_number(min(found)), _number(max(found)) + 1))


def month_of(day: int) -> tuple[int, int]:
    """Year and month, 1 to 12, of days since 1970."""
    number = _number(day)
    return 1970 + number // 12, number % 12 + 1


def _number(day: int) -> int:
    """Months since January 1970."""
    return int(np.datetime64(day, "D").astype("datetime64[M]").astype(np.int64))


def _month(number: int, found: dict[int, DiaryNight]) -> Month:
    first, after = (
        int(np.datetime64(each, "M").astype("datetime64[D]").astype(np.int64)) for each in (number, number + 1)
    )
    return Month(1970 + number // 12, number % 12 + 1, tuple(_day(day, found.get(day)) for day in range(first, after)))


def _day(day: int, night: DiaryNight | None) -> CalendarDay:
    return CalendarDay(day) if night is None else CalendarDay(day, night.word, night.name)
