"""What nights are called on the page: the day of their evening, never the name they have in files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from vigil.app.clock_words import NightClock
from vigil.app.stored_night import began_of
from vigil.store.nights import NightRow
from vigil.web.words import Words

COUNTED_IN_WORDS = 4
"""Nights of one date up to which "second", "third" are said."""


def titles(rows: Sequence[NightRow], t: Words) -> dict[int, str]:
    """The title of every night that is kept, by key: no two alike, so that one can be chosen by it.

    A year is said where it is not that of the latest night.
    """
    outs = {row.key: NightClock.of(began_of(row)).lights_out for row in rows}
    latest = max((out.year for out in outs.values() if out is not None), default=None)
    met: Counter[str] = Counter()
    found = {}
    for key, out in outs.items():
        title = _day(out, latest, t)
        met[title] += 1
        found[key] = _counted(title, met[title], t, dated=out is not None)
    return found


def _day(out: datetime | None, latest: int | None, t: Words) -> str:
    if out is None:
        return t("night.undated")
    return t.day(out.date()) if out.year == latest else t.day_of_year(out.date())


def _counted(title: str, number: int, t: Words, *, dated: bool) -> str:
    if number == 1:
        return title
    if not dated:
        return t("night.undated_nth", n=number)
    if number <= COUNTED_IN_WORDS:
        return t(f"night.nth_{number}", title=title)
    return t("night.nth", title=title, n=number)
