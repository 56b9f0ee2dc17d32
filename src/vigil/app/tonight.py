"""What tonight runs with: the nights that are kept and their mornings, what is learned from them, and the plan.

Learning reads one store and one sleeper: the person's own nights, or those of one simulated sleeper (each seed is
somebody else), so that nothing simulated ever touches what is learned of a person (DESIGN section 7).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from vigil.app.home import Shelf
from vigil.app.night_figures import VERSION, figures_of, known
from vigil.app.stored_night import read
from vigil.app.wiring import OpenShelf
from vigil.domain.answers import Answer
from vigil.domain.errors import StoreError
from vigil.domain.settings import Settings
from vigil.engine.episode_bounds import EpisodeBounds
from vigil.engine.first_nights import Plan, plan_for
from vigil.engine.nights_known import NightKnown
from vigil.engine.parameters import Parameters
from vigil.engine.personal import Learned
from vigil.run.replay import Outfit
from vigil.store.answers import Answers
from vigil.store.nights import NightRow, Nights

MOST_NIGHTS = 400
"""A year and a month of the latest nights: older ones count for less than a sixteenth in whatever is learned."""

_KIND = {Shelf.OWN: "live", Shelf.DEMO: "demo"}
_DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class KeptNights:
    """One sleeper's nights: rows and what is known of each, in the order in which they were begun.

    remarks: what could not be read, in words; learning goes on without it.
    """

    rows: tuple[NightRow, ...] = ()
    nights: tuple[NightKnown, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def answered(self) -> int:
        """Mornings with an answer."""
        return sum(1 for night in self.nights if not night.answer.is_empty)

    def with_answer(self, key: int, answer: Answer) -> KeptNights:
        """The same with one morning changed."""
        nights = [replace(night, answer=answer) if night.number == key else night for night in self.nights]
        return replace(self, nights=tuple(nights))


@dataclass(frozen=True, slots=True)
class Tonight:
    """Tonight's plan, what it rests on, and what the night runs with."""

    plan: Plan
    learned: Learned
    outfit: Outfit

    @classmethod
    def of(cls, nights: Sequence[NightKnown], parameters: Parameters, chosen: Settings) -> Tonight:
        """The plan after these nights, over the person's settings."""
        plan, learned = plan_for(nights)
        return cls(plan, learned, Outfit(parameters, plan.settings(chosen), plan.profile))

    @property
    def words(self) -> str:
        """The plan, and a setting that is stricter still."""
        off = "" if self.outfit.settings.nudging else " Nudging is off in your settings."
        return self.plan.words + off


def sleeper_of(shelf: Shelf, name: str) -> str:
    """Who slept a night: the person, or the simulated sleeper whose nights are called NAME, NAME-2, NAME-3."""
    found = re.fullmatch(r"(simulated-.*?-\d+)(-\d+)?", name) if shelf is Shelf.DEMO else None
    return found[1] if found else ""


def latest_sleeper(shelf: OpenShelf) -> str:
    """Who slept the latest night of a store."""
    rows = [row for row in Nights(shelf.database).nights() if row.kind == _KIND.get(shelf.shelf)]
    return sleeper_of(shelf.shelf, rows[-1].name) if rows else ""


def kept_nights(shelf: OpenShelf, parameters: Parameters, sleeper: str = "") -> KeptNights:
    """Every night of a sleeper with its figures and its morning; what is damaged is left out and said."""
    nights, answers = Nights(shelf.database), Answers(shelf.database).all()
    remarks = [f"the answer of night {key} is damaged and was not used" for key in answers.damaged]
    rows, found = [], []
    for row in _rows(nights, shelf.shelf, sleeper):
        try:
            figures = _figures(shelf, nights, row, parameters)
        except StoreError as error:
            remarks.append(str(error))
            continue
        answer = answers.by_night.get(row.key, Answer())
        rows.append(row)
        found.append(known(figures, number=row.key, name=row.name, day=_day(row), answer=answer))
    return KeptNights(tuple(rows), tuple(found), tuple(remarks))


def _rows(nights: Nights, shelf: Shelf, sleeper: str) -> list[NightRow]:
    kind = _KIND.get(shelf)
    rows = [row for row in nights.nights() if row.kind == kind and row.intact]
    return [row for row in rows if sleeper_of(shelf, row.name) == sleeper][-MOST_NIGHTS:]


def _figures(shelf: OpenShelf, nights: Nights, row: NightRow, parameters: Parameters) -> dict[str, Any]:
    """As kept when the night ended; for one that never did, made anew from what it said."""
    text = nights.summary(row.key)
    facts = {} if text is None else json.loads(text)
    figures = facts.get("figures")
    if isinstance(figures, dict) and figures.get("version") == VERSION:
        return figures
    bar = facts.get("bar_nights", EpisodeBounds.of(parameters.episodes).threshold)
    return figures_of(read(shelf, row).report, bar)


def _day(row: NightRow) -> int | None:
    """The local date of the night's evening, in days since 1970; lights-out before noon belongs to the day before."""
    if row.wall_ms is None:
        return None
    return (row.wall_ms + (row.zone_min or 0) * 60_000 - _DAY_MS // 2) // _DAY_MS
