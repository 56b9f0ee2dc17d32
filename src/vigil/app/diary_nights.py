"""The diary of a sleeper: nights of the store, their mornings, and what was said of their evenings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from vigil.app.diary_figures import diary_fits, diary_of, nudged_of, sleep_of
from vigil.app.stored_night import facts_of, read
from vigil.app.tonight import day_of, sleeper_rows
from vigil.app.wiring import OpenShelf
from vigil.domain.answers import Answer
from vigil.domain.errors import StoreError
from vigil.domain.records import Mode
from vigil.recovery.diary import DiaryNight
from vigil.store.answers import Answers
from vigil.store.nights import NightRow, Nights

Evenings: TypeAlias = Mapping[str, tuple[int | None, Iterable[str]]]
"""By the name of a night: dread of going to bed, 0 to 10 or None, and what was said of the evening."""

EPOCH_DAY = date(1970, 1, 1)


Made: TypeAlias = dict[tuple[int, int, int], dict[str, Any]]
"""Figures that had to be made anew from what a night said, by its key, its beginning and how many minutes it has: a
page that only reads makes them once."""


@dataclass(frozen=True, slots=True)
class Diary:
    """Nights in the order in which they were begun. remarks: what could not be read, in words."""

    nights: tuple[DiaryNight, ...] = ()
    remarks: tuple[str, ...] = ()


def diary_nights(
    shelf: OpenShelf,
    evenings: Evenings | None = None,
    *,
    sleeper: str = "",
    days: range | None = None,
    waiting: Mapping[str, Answer] | None = None,
    made: Made | None = None,
) -> Diary:
    """The nights of a sleeper; what is damaged is left out and said. Raises StoreError where nothing can be read.

    days: only evenings of these, days since 1970; None for every night. waiting: by the name of a night, answers that
    are newer than the store's, which could not be written yet. made: used and added to.
    """
    nights, answers = Nights(shelf.database), Answers(shelf.database).all()
    remarks = [f"the answer of night {key} is damaged and was not used" for key in answers.damaged]
    made, said, newer = {} if made is None else made, evenings or {}, waiting or {}
    found = []
    for row in sleeper_rows(nights, shelf.shelf, sleeper):
        day = day_of(row)
        if days is not None and day not in days:
            continue
        try:
            figures = _figures(shelf, nights, row, made)
        except StoreError as error:
            remarks.append(str(error))
            continue
        dread, marks = said.get(row.name, (None, ()))
        found.append(
            DiaryNight(
                name=row.name,
                day=day,
                mode=_mode(row),
                answer=newer.get(row.name, answers.by_night.get(row.key)),
                dread=dread,
                marks=frozenset(marks),
                sleep=sleep_of(figures),
                watched_min=figures["watched_min"],
                blind_min=figures["blind_min"],
                noticed=figures["noticed"],
                nudged=nudged_of(figures),
                device=row.format,
            )
        )
    return Diary(tuple(found), tuple(remarks))


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - EPOCH_DAY).days


def _figures(shelf: OpenShelf, nights: Nights, row: NightRow, made: Made) -> dict[str, Any]:
    """As kept when the night ended; for one that never did, or of an older Vigil, made anew from what it said."""
    figures = facts_of(nights.summary(row.key)).get("diary")
    if isinstance(figures, dict) and diary_fits(figures):
        return figures
    key = (row.key, row.began_ns, row.minutes)
    if key not in made:
        made[key] = diary_of(read(shelf, row).report)
    return made[key]


def _mode(row: NightRow) -> Mode:
    """As the night's row says; a word that this Vigil does not know is taken for one in which nothing was done."""
    known = {mode.value: mode for mode in Mode}
    return known.get(row.mode, Mode.WATCH_ONLY)
