"""The page of weeks: what was said, a calendar, a few plain charts, what goes with bad nights. Nothing is scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from vigil.app.diary_nights import EPOCH_DAY
from vigil.app.evening_marks import mark_words
from vigil.app.morning_words import WORDS
from vigil.domain.answers import MOST, MorningWord
from vigil.night.in_words import duration
from vigil.recovery.clinician import KNOWN_ERROR
from vigil.recovery.comparisons import FEWEST, MARK, Comparison, Comparisons, Verdict
from vigil.recovery.diary import Counts, Spread, said_words
from vigil.recovery.weeks import DAYS, CalendarDay, Month, Weeks, weekday_of
from vigil.web.views.charts import Drawing, Slot, Whisker, bars, whisker
from vigil.web.words import Words

CHOICES = (30, 90, 365)
"""Nights that can be looked back over."""

BY_WEEK_FROM = 120
"""Of more nights than this a bar is a week: on a phone a night would be thinner than three points. Our choice."""

MOST_AWAKENINGS, MOST_ASLEEP_H, MOST_EPISODES = 6, 10, 3
"""Least tops of their scales, so that few and many look like few and many from one month to the next. Our choice."""

KINDS = {
    MorningWord.BAD_DREAM: "bad",
    MorningWord.QUIET: "quiet",
    MorningWord.KEPT_DREAM: "kept",
    MorningWord.NOT_REMEMBERED: "forgotten",
    MorningWord.LEFT: "unsaid",
}
"""What a day of the calendar is called in the stylesheet, which gives each a shape and a colour."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart. said: the same in words. top: of its scale. keys: colours that need a word, with it."""

    title: str
    said: str
    top: str
    drawing: Drawing
    keys: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the calendar. kind: of `KINDS`, "" for a day without a night; key: of its night."""

    number: int
    kind: str = ""
    key: int | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class MonthShown:
    """One month. rows: weeks of seven places, None for one outside the month."""

    title: str
    rows: tuple[tuple[Cell | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was compared, and what can be said of it."""

    title: str
    verdict: str
    shares: str
    interval: str
    drawn: Whisker


@dataclass(frozen=True, slots=True)
class WeeksPage:
    """What the template shows. count, said: nights in all, and by word. early: things too early to speak of."""

    nights: int
    chosen: int
    count: str
    said: tuple[str, ...]
    first: str
    last: str
    charts: tuple[Chart, ...]
    months: tuple[MonthShown, ...]
    rows: tuple[Row, ...]
    early: str
    chance: str
    notes: tuple[str, ...]


def weeks_page(
    it: Weeks, found: Comparisons, days: range, keys: Mapping[str, int], remarks: Sequence[str], t: Words
) -> WeeksPage:
    """The page over these days, since 1970. keys: of nights, by name. remarks: what could not be read."""
    early = [_thing(row.thing, t) for row in found.rows if row.verdict is Verdict.TOO_EARLY]
    rows = tuple(_row(row, t) for row in found.rows if row.verdict is not Verdict.TOO_EARLY)
    return WeeksPage(
        nights=it.counts.nights,
        chosen=len(days),
        count=t("weeks.count", n=it.counts.nights) if it.counts.nights else t("weeks.no_nights"),
        said=tuple(said_words(it.counts)) if it.counts.nights else (),
        first=t.short_day(_date(days[0])),
        last=t.short_day(_date(days[-1])),
        charts=_charts(it, days, t) if it.nights else (),
        months=tuple(_month(month, keys, t) for month in reversed(it.months)),
        rows=rows,
        early=t("weeks.early", things="; ".join(early), fewest=FEWEST) if early else "",
        chance=t("weeks.chance", n=found.tried, chance=t.number(round(found.by_chance, 1))) if rows else "",
        notes=tuple(t("weeks.note", what=one) for one in remarks),
    )


def _date(day: int) -> date:
    return EPOCH_DAY + timedelta(days=day)


# Charts.


def _charts(it: Weeks, days: range, t: Words) -> tuple[Chart, ...]:
    by_week, counts = len(days) > BY_WEEK_FROM, it.counts
    slots = _each_week(it, days, t) if by_week else _each_day(it, days)
    how = t("weeks.by_week") if by_week else t("weeks.by_night")

    def chart(name: str, of: Callable[[Counts], Spread | None], least: float, unit: float, say: _Say) -> Chart:
        values = [of(one) for one in slots]
        drawn: list[Slot] = [() if one is None else ((name, one.median / unit),) for one in values]
        top = max([least, *(one.median / unit for one in values if one is not None)])
        said = _spread(name, of(counts), say, t)
        return Chart(t(f"weeks.{name}"), f"{said} {how}" if of(counts) else said, f"{top:.0f}", bars(drawn, top))

    return (
        chart("distress", lambda one: one.distress, MOST, 1, _plain),
        chart("dread", lambda one: one.dread, MOST, 1, _plain),
        chart("asleep", lambda one: one.asleep_min, MOST_ASLEEP_H, 60, duration),
        chart("awakenings", lambda one: one.awakenings, MOST_AWAKENINGS, 1, _plain),
        _nudges(slots, counts, t, t("weeks.sum_by_week") if by_week else ""),
    )


_Say = Callable[[float], str]


def _plain(value: float) -> str:
    return f"{value:g}"


def _each_day(it: Weeks, days: range) -> list[Counts]:
    by_day = {night.day: night for night in it.nights}
    return [Counts.of([by_day[day]] if day in by_day else []) for day in days]


def _each_week(it: Weeks, days: range, t: Words) -> list[Counts]:
    by_week = {week.first_day: week.counts for week in it.weeks}
    first = days[0] - (weekday_of(days[0]) - t.first_weekday) % DAYS
    return [by_week.get(day, Counts.of(())) for day in range(first, days[-1] + 1, DAYS)]


def _spread(name: str, spread: Spread | None, say: _Say, t: Words) -> str:
    if spread is None:
        return t("weeks.unknown")
    bias = KNOWN_ERROR["sleep_bias"].replace(" [", " (95 % interval ").replace("]", ")")
    known = {"bias": bias} if name == "asleep" else {}
    more = f" {t(f'weeks.{name}_known', **known)}" if t.has(f"weeks.{name}_known") else ""
    values = {"middle": say(spread.median), "low": say(spread.low), "high": say(spread.high)}
    return t("weeks.spread", n=spread.n, **values) + more


_CAME = ("settled", "unchanged", "woke")


def _nudges(slots: Sequence[Counts], counts: Counts, t: Words, how: str) -> Chart:
    stacked: list[Slot] = [
        tuple((name, getattr(one.nudged, name)) for name in _CAME) if one.nights else () for one in slots
    ]
    top = max([MOST_EPISODES, *(one.nudged.episodes for one in slots)])
    nudged = counts.nudged
    values = {"nudges": nudged.nudges, "episodes": nudged.episodes, "nights": counts.nudged_nights}
    came = {name: getattr(nudged, name) for name in _CAME}
    said = t("weeks.nudges_said", **values, **came) if nudged.nudges else t("weeks.nudges_none")
    keys = tuple((name, t(f"weeks.{name}")) for name in _CAME) if nudged.nudges else ()
    return Chart(t("weeks.nudges"), f"{said} {how}".rstrip(), str(top), bars(stacked, top), keys)


# The calendar.


def _month(month: Month, keys: Mapping[str, int], t: Words) -> MonthShown:
    blank = (month.first_weekday - t.first_weekday) % DAYS
    cells: list[Cell | None] = [*([None] * blank), *(_cell(day, keys, t) for day in month.days)]
    cells += [None] * (-len(cells) % DAYS)
    rows = tuple(tuple(cells[place : place + DAYS]) for place in range(0, len(cells), DAYS))
    return MonthShown(t.month(_date(month.days[0].day)), rows)


def _cell(day: CalendarDay, keys: Mapping[str, int], t: Words) -> Cell:
    when = _date(day.day)
    if day.word is None:
        return Cell(when.day)
    said = t("weeks.unsaid") if day.word is MorningWord.LEFT else WORDS[day.word]
    return Cell(when.day, KINDS[day.word], keys.get(day.night), t("weeks.cell", day=t.day(when), said=said))


def legend(t: Words) -> tuple[tuple[str, str], ...]:
    """Every kind of day, and what it means."""
    return tuple((kind, t("weeks.unsaid") if kind == "unsaid" else WORDS[word]) for word, kind in KINDS.items())


# What goes with bad nights.


def _row(row: Comparison, t: Words) -> Row:
    there, gone, one = row.present, row.absent, row.difference
    assert one is not None  # noqa: S101 — a verdict other than "too early" has one
    points = {
        name: t.number(round(100 * getattr(one, name))).replace("-", "\N{MINUS SIGN}")
        for name in ("value", "low", "high")
    }
    return Row(
        _capital(_thing(row.thing, t)),
        t(f"weeks.{row.verdict.value}"),
        t("weeks.shares", bad=there.bad, nights=there.nights, bad_without=gone.bad, nights_without=gone.nights),
        t("weeks.interval", **points),
        whisker(one.low, one.value, one.high),
    )


def _thing(thing: str, t: Words) -> str:
    return mark_words(thing.removeprefix(MARK)) if thing.startswith(MARK) else t(f"weeks.thing_{thing}")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
