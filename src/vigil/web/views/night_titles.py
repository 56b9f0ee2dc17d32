"""What nights are called on the page: the day of their evening, never the name they have in files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from vigil.app.clock_words import NightClock
from vigil.app.stored_night import began_of
from vigil.store.nights import NightRow
from vigil.web.words import Words

COUNTED_IN_WORDS = 4
"""Nights of one date up to which "second", "third" are said."""

NOON = timedelta(hours=12)


def titles(rows: Sequence[NightRow], t: Words) -> dict[int, str]:
    """The title of every night that is kept, by key: no two alike, so that one can be chosen by it.

    A year is said where it is not that of the latest night.
    """
    return _titles(rows, t, _day)


def from_to(rows: Sequence[NightRow], t: Words) -> dict[int, str]:
    """The same by both days, for a morning: one who reads it on Saturday is not told of Friday alone."""
    return _titles(rows, t, _days)


def _titles(
    rows: Sequence[NightRow], t: Words, said: Callable[[datetime | None, int | None, Words], str]
) -> dict[int, str]:
    outs = {row.key: NightClock.of(began_of(row)).lights_out for row in rows}
    latest = max((out.year for out in outs.values() if out is not None), default=None)
    met: Counter[str] = Counter()
    found = {}
    for key, out in outs.items():
        title = said(out, latest, t)
        met[title] += 1
        found[key] = _counted(title, met[title], t, dated=out is not None)
    return found


def _day(out: datetime | None, latest: int | None, t: Words) -> str:
    if out is None:
        return t("night.undated")
    return t.day(out.date()) if out.year == latest else t.day_of_year(out.date())


def _days(out: datetime | None, latest: int | None, t: Words) -> str:
    """Evening and morning; lights-out after midnight is of the evening before."""
    if out is None:
        return t("night.undated")
    try:
        evening = (out - NOON).date()
        morning = evening + timedelta(days=1)
    except OverflowError:  # at the end of the calendar
        return _day(out, latest, t)
    first = t.day_of_month(evening) if evening.month == morning.month else t.day(evening)
    return t("morning.from_to", first=first, second=_day(datetime.combine(morning, out.time()), latest, t))


def _counted(title: str, number: int, t: Words, *, dated: bool) -> str:
    if number == 1:
        return title
    if not dated:
        return t("night.undated_nth", n=number)
    if number <= COUNTED_IN_WORDS:
        return t(f"night.nth_{number}", title=title)
    return t("night.nth", title=title, n=number)
