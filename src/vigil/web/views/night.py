"""The page of a night: what stands beside its picture, in words that are worth the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vigil.app.moment import UNDECIDED, Moment, chief, decided, seen, weighed
from vigil.app.morning_words import answer_words
from vigil.app.night_so_far import done_words
from vigil.app.said import noted, told
from vigil.app.stored_night import StoredNight
from vigil.domain.explain import sentence
from vigil.night.in_words import duration
from vigil.web.views.night_seen import Event, HourRow, NightSeen, by_hour, events
from vigil.web.words import Words


@dataclass(frozen=True, slots=True)
class NightPage:
    """What the template shows. before, after: keys of the nights around it. notes: what is special about this one."""

    key: int
    title: str
    lights: str
    notes: tuple[str, ...]
    drawn: bool
    events: tuple[Event, ...]
    lines: tuple[str, ...]
    hours: tuple[HourRow, ...]
    before: int | None
    after: int | None


def night_page(it: NightSeen, title: str, t: Words, before: int | None = None, after: int | None = None) -> NightPage:
    """The page of a night. title: of `titles`."""
    stored = it.stored
    return NightPage(
        key=stored.row.key,
        title=title,
        lights=lights_of(it, t),
        notes=tuple(_notes(it, t)),
        drawn=bool(it.epochs),
        events=events(it, t),
        lines=tuple(_lines(stored)),
        hours=by_hour(it, t),
        before=before,
        after=after,
    )


def lights_of(it: NightSeen, t: Words) -> str:
    """When it began and ended."""
    clock = it.stored.clock
    if clock.lights_out is None:
        return t("night.lights_undated")
    return t("night.lights", begins=clock.words(0), ends=clock.words(it.end_s))


def wall_words(it: NightSeen, t: Words) -> str:
    """The line beneath the title of a poster."""
    summary, clock = it.stored.report.summary, it.stored.clock
    values = {"begins": clock.words(0), "ends": clock.words(it.end_s), "asleep": duration(summary.tst_min)}
    return t("night.wall", **values)


def _notes(it: NightSeen, t: Words) -> list[str]:
    stored = it.stored
    found = []
    if it.going_on:
        found.append(t("night.going_on"))
    elif not stored.row.outputs_digest:
        found.append(t("night.cut_off"))
    found += [t("night.damaged", what=one) for one in stored.damaged]
    return found


def _lines(stored: StoredNight) -> list[str]:
    """The account of the night; its nudges stand among the events already."""
    remarks = stored.facts.get("remarks")
    texts = [str(one) for one in remarks] if isinstance(remarks, list) else []
    said = [answer_words(stored.answer)] if stored.answer is not None and not stored.answer.is_empty else []
    nudges = tuple(f"{stored.clock.words(row.t_s)}  " for row in stored.report.interventions)
    lines = told(stored.report, stored.clock, stored.account)
    return [*said, *(line for line in lines if not line.startswith(nudges)), *noted(stored.left_out, texts)]


@dataclass(frozen=True, slots=True)
class Part:
    """A heading and sentences."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """What a moment came to, and why; `parts`: all that was seen, weighed and decided around it, for who wants it."""

    title: str
    done: str
    reasons: tuple[str, ...]
    parts: tuple[Part, ...]


def why_of(it: Moment, t: Words) -> Why:
    """The decision first, then everything around it."""
    title, decision = t("night.why_title", when=it.stored.clock.words(it.t_s)), chief(it)
    if decision is None:
        return Why(title, UNDECIDED, (), _parts(it, t))
    reasons = tuple(f"{sentence(reason)}." for reason in decision.reasons)
    return Why(title, done_words(decision), reasons, _parts(it, t))


def _parts(it: Moment, t: Words) -> tuple[Part, ...]:
    kinds: Sequence[tuple[str, list[str]]] = (
        ("seen", seen(it)),
        ("weighed", weighed(it)),
        ("decided", decided(it)),
    )
    return tuple(Part(t(f"night.why_{name}"), tuple(lines)) for name, lines in kinds)
