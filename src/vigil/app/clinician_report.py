"""The report for a clinician: which nights it is about, the sections of a page, and its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from vigil.app.diary_nights import EPOCH_DAY, Evenings, day_number, diary_nights
from vigil.app.tonight import day_of, latest_sleeper, sleeper_rows
from vigil.app.wiring import OpenShelf
from vigil.domain.answers import Answer
from vigil.domain.errors import NotFoundError, SettingsError
from vigil.recovery.clinician import ReportModel, report_model
from vigil.store.nights import Nights

USUAL_DAYS = 30
"""A month of evenings, as the page of weeks tells it."""

MOST_DAYS = 3660
"""Ten years: more is a slip of the finger."""

FORMAT = "vigil-report"
VERSION = 1


def period(shelf: OpenShelf, first: date | None, last: date | None) -> range:
    """The days of a report, since 1970: what was said, else the `USUAL_DAYS` that end with the last night's evening.

    Raises NotFoundError where no night is dated, SettingsError for a period that ends before it begins or is too long.
    """
    if last is None:
        known = [day_of(row) for row in sleeper_rows(Nights(shelf.database), shelf.shelf, latest_sleeper(shelf))]
        days = [day for day in known if day is not None]
        if not days:
            message = "no night of yours is kept yet, so there is nothing to report; to watch one: vigil watch"
            raise NotFoundError(message)
        last = EPOCH_DAY + timedelta(days=max(days))
    first = first or last - timedelta(days=USUAL_DAYS - 1)
    found = range(day_number(first), day_number(last) + 1)
    if not 0 < len(found) <= MOST_DAYS:
        message = f"from {first} to {last} is no period that can be reported on; nothing was written"
        raise SettingsError(message)
    return found


def clinician_report(
    shelf: OpenShelf,
    days: range,
    evenings: Evenings | None = None,
    waiting: Mapping[str, Answer] | None = None,
    words: Sequence[tuple[str, str]] = (),
) -> tuple[ReportModel, tuple[str, ...]]:
    """The report over these days, and what could not be read, in words. Raises StoreError, NotFoundError.

    evenings, waiting: as for `diary_nights`. words: night and what was written about it, only where it is wanted.
    """
    diary = diary_nights(shelf, evenings, sleeper=latest_sleeper(shelf), days=days, waiting=waiting)
    if not diary.nights:
        message = "no night of these days is kept, so there is nothing to report; to see which are: vigil nights"
        raise NotFoundError(message)
    names = {night.name for night in diary.nights}
    return report_model(diary.nights, days, [each for each in words if each[0] in names]), diary.remarks


def report_context(model: ReportModel) -> dict[str, Any]:
    """The report as plain values, for a template or a file: everything that stands in the PDF, and no more."""
    return {"format": FORMAT, "version": VERSION, **asdict(model)}
