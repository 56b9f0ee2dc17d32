"""What tonight runs with: the nights that are kept and their mornings, what is learned from them, and the plan.

Learning reads one store and one sleeper: the person's own nights, or those of one simulated sleeper (each seed is
somebody else), so that nothing simulated ever touches what is learned of a person (DESIGN section 7).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, cast

from vigil.app.diary_figures import diary_fits, diary_of
from vigil.app.home import Shelf
from vigil.app.night_figures import VERSION, figures_fit, figures_of, known
from vigil.app.stored_night import facts_of, read
from vigil.app.wiring import OpenShelf
from vigil.domain.answers import Answer
from vigil.domain.errors import StoreError
from vigil.domain.records import Mode
from vigil.domain.settings import Settings
from vigil.engine.episode_bounds import EpisodeBounds
from vigil.engine.first_nights import Plan, plan_for
from vigil.engine.nights_known import NightKnown
from vigil.engine.parameters import Parameters
from vigil.engine.personal import Learned
from vigil.interview.consequences import Standing
from vigil.interview.evening import USUAL, Stricter
from vigil.run.replay import Outfit
from vigil.store.answers import Answers
from vigil.store.nights import NightRow, Nights

MOST_NIGHTS = 400
"""A year and a month of the latest nights: older ones count for less than a sixteenth in whatever is learned."""

MOST_BAR = 1e6
"""A threshold of once in more nights than this is none: nobody has so many. Our choice."""

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
    """Tonight's plan, what it rests on, and what the night runs with. said: what makes it stricter, in words."""

    plan: Plan
    learned: Learned
    outfit: Outfit
    said: tuple[str, ...] = ()

    @classmethod
    def of(cls, nights: Sequence[NightKnown], parameters: Parameters, chosen: Settings) -> Tonight:
        """The plan after these nights, over the person's settings."""
        plan, learned = plan_for(nights, chosen.top_level)
        return cls(plan, learned, Outfit(parameters, plan.settings(chosen), plan.profile))

    def stricter(self, standing: Standing | None, evening: Stricter) -> Tonight:
        """The same where the person should only be watched, or said something of this evening."""
        outfit, said = self.outfit, tuple(words for words in evening.words if words != USUAL)
        settings = evening.applied(outfit.settings, outfit.profile.threshold_factor)
        plan = self.plan
        if standing is not None:
            settings = replace(settings, outputs=tuple(one for one in settings.outputs if one in standing.outputs))
            said = (*standing.reasons, *said)
            if standing.watch_only:
                plan = replace(plan, mode=Mode.WATCH_ONLY)
        return replace(self, plan=plan, outfit=replace(outfit, settings=settings), said=said)

    @property
    def words(self) -> str:
        """The same as `sentences`, one after another."""
        return " ".join(self.sentences)

    @property
    def sentences(self) -> tuple[str, ...]:
        """The plan, a setting that is stricter still, and what the person said."""
        off = ("Nudging is off in your settings.",) if not self.outfit.settings.nudging else ()
        return (self.plan.words, *off, *self.said)


def sleeper_of(shelf: Shelf, name: str) -> str:
    """Who slept a night: the person, or the simulated sleeper whose nights are called NAME, NAME-2, NAME-3."""
    found = re.fullmatch(r"(simulated-.*?-\d+)(-\d+)?", name) if shelf is Shelf.DEMO else None
    return found[1] if found else ""


def latest_sleeper(shelf: OpenShelf) -> str:
    """Who slept the latest night of a store."""
    rows = [row for row in Nights(shelf.database).nights() if row.kind == _KIND.get(shelf.shelf)]
    return sleeper_of(shelf.shelf, rows[-1].name) if rows else ""


def kept_nights(shelf: OpenShelf, parameters: Parameters, sleeper: str = "", *, keep: bool = False) -> KeptNights:
    """Every night of a sleeper with its figures and its morning; what is damaged is left out and said.

    keep: figures that an older Vigil had not are kept beside their nights, so that a year of them is made once.
    """
    nights, answers = Nights(shelf.database), Answers(shelf.database).all()
    remarks = [f"the answer of night {key} is damaged and was not used" for key in answers.damaged]
    rows, found = [], []
    for row in sleeper_rows(nights, shelf.shelf, sleeper)[-MOST_NIGHTS:]:
        try:
            figures = _figures(shelf, nights, row, parameters, keep=keep)
        except StoreError as error:
            remarks.append(str(error))
            continue
        answer = answers.by_night.get(row.key, Answer())
        rows.append(row)
        found.append(known(figures, number=row.key, name=row.name, day=day_of(row), answer=answer))
    return KeptNights(tuple(rows), tuple(found), tuple(remarks))


def sleeper_rows(nights: Nights, shelf: Shelf, sleeper: str = "") -> list[NightRow]:
    """Every sound night of a sleeper, in the order in which they were begun."""
    kind = _KIND.get(shelf)
    rows = [row for row in nights.nights() if row.kind == kind and row.intact]
    return [row for row in rows if sleeper_of(shelf, row.name) == sleeper]


def _figures(shelf: OpenShelf, nights: Nights, row: NightRow, parameters: Parameters, *, keep: bool) -> dict[str, Any]:
    """As kept when the night ended; for one that never did, made anew from what it said."""
    facts = facts_of(nights.summary(row.key))
    figures = facts.get("figures")
    fits = isinstance(figures, dict) and figures.get("version") == VERSION and figures_fit(figures)
    if fits and not (keep and row.outputs_digest and not diary_fits(facts.get("diary"))):
        return cast("dict[str, Any]", figures)
    report = read(shelf, row).report
    figures = figures_of(report, _bar(facts, parameters))
    if keep and row.outputs_digest:
        facts = {**facts, "figures": figures, "diary": diary_of(report)}
        with suppress(StoreError):  # then they are made once more
            nights.add_summary(row.key, json.dumps(facts, ensure_ascii=False))
    return figures


def _bar(facts: Mapping[str, Any], parameters: Parameters) -> float:
    """The threshold that a night had, or the shipped one where that is not known."""
    bar = facts.get("bar_nights")
    if isinstance(bar, int | float) and not isinstance(bar, bool) and 0 < bar < MOST_BAR:
        return float(bar)
    return EpisodeBounds.of(parameters.episodes).threshold


def day_of(row: NightRow) -> int | None:
    """The local date of the night's evening, in days since 1970; lights-out before noon belongs to the day before."""
    if row.wall_ms is None:
        return None
    return (row.wall_ms + (row.zone_min or 0) * 60_000 - _DAY_MS // 2) // _DAY_MS
