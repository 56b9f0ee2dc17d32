"""Weeks: what was said of the last nights, how they were, and what goes with bad ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from starlette.responses import Response

from vigil.app.diary_journal import in_journal
from vigil.app.diary_nights import Diary, Made, day_number, diary_nights
from vigil.app.evening_file import evening_of
from vigil.app.tonight import day_of, latest_sleeper, sleeper_rows
from vigil.recovery.comparisons import comparisons
from vigil.recovery.weeks import Weeks
from vigil.store.nights import NightRow, Nights
from vigil.web.asked import Asked
from vigil.web.rows import get
from vigil.web.views.weeks import CHOICES, legend, weeks_page

MADE: dict[Path, Made] = {}
"""By database: figures of nights that never ended, or that an older Vigil kept."""


def weeks(asked: Asked) -> Response:
    """The page."""
    wanted = asked.query.get("nights", "")
    chosen = int(wanted) if wanted in set(map(str, CHOICES)) else CHOICES[0]
    said = in_journal(asked.rooms.home, asked.rooms.shelf)
    with asked.rooms.reading() as shelf:
        if shelf is None:
            return asked.page("weeks/weeks.html", it=None)
        sleeper = latest_sleeper(shelf)
        rows = sleeper_rows(Nights(shelf.database), shelf.shelf, sleeper)
        last = _last(asked, rows)
        days = range(last - chosen, last + 1)
        made = MADE.setdefault(asked.rooms.home.database(asked.rooms.shelf), {})
        diary = diary_nights(shelf, said.evenings, sleeper=sleeper, days=days, waiting=said.waiting, made=made)
    for gone in made.keys() - {(row.key, row.began_ns, row.minutes) for row in rows}:
        made.pop(gone, None)  # erased, or grown since
    days = days[1:] if any(night.day == last for night in diary.nights) else days[:-1]
    return _shown(asked, diary, days, rows, said.remarks)


def _last(asked: Asked, rows: Sequence[NightRow]) -> int:
    """The last evening that can have a night: today's, or of an invented sleeper the last there is."""
    today = day_number(evening_of(asked.rooms.wall_ms()))
    dated = [day for row in rows if asked.rooms.invented and (day := day_of(row)) is not None]
    return max(dated, default=today)


def _shown(asked: Asked, diary: Diary, days: range, rows: Sequence[NightRow], remarks: tuple[str, ...]) -> Response:
    t, undated = asked.words, sum(day_of(row) is None for row in rows)
    it = Weeks.of((night for night in diary.nights if night.day in days), t.first_weekday)
    keys = {row.name: row.key for row in rows}
    page = weeks_page(it, comparisons(it.nights), days, keys, (*diary.remarks, *remarks), t)
    missing = t("weeks.undated", n=undated) if undated else ""
    return asked.page(
        "weeks/weeks.html", it=page, choices=CHOICES, weekdays=t.weekdays(), legend=legend(t), missing=missing
    )


ROWS = (get("/weeks", weeks),)
