"""The report for a clinician: on a page that prints as it is, and as PDF."""

from __future__ import annotations

from datetime import date

from starlette.responses import Response

from vigil.app.clinician_report import clinician_report, period
from vigil.app.diary_journal import in_journal
from vigil.domain.errors import InputError, NotFoundError, SettingsError
from vigil.recovery.clinician import ReportModel
from vigil.web.asked import Asked
from vigil.web.pages.data import download
from vigil.web.rows import get
from vigil.web.views.data import file_day
from vigil.web.views.sentences import sentence

WRONG = 409

LONGEST_DAY = 10


def report(asked: Asked) -> Response:
    """The report over the days that were asked for, else over the last month."""
    model: ReportModel | None = None
    remarks: tuple[str, ...] = ()
    said = ""
    first, last = asked.query.get("from", ""), asked.query.get("to", "")
    try:
        model, remarks, days = _made(asked)
        first, last = map(str, ends_of(days))
    except (SettingsError, NotFoundError, InputError) as error:
        said = sentence(error)
    wished = {name: asked.query[name] for name in ("from", "to", "words") if asked.query.get(name)}
    return asked.page(
        "data/report.html",
        WRONG if said and wished else 200,
        it=model,
        said=said,
        remarks=[sentence(one) for one in remarks],
        first=first,
        last=last,
        own="words" in asked.query,
        wished=wished,
    )


def pdf(asked: Asked) -> Response:
    """The same as a file."""
    from vigil.app.clinician_pdf import report_pdf  # noqa: PLC0415 — reportlab is only for this

    model, _, days = _made(asked)
    content = report_pdf(model, asked.words("data.report_made", day=file_day(asked.rooms.now())))
    first, last = ends_of(days)
    return download(content, f"vigil-report-{first}-to-{last}.pdf", "application/pdf")


def ends_of(days: range) -> tuple[date, date]:
    """The first and the last of days since 1970."""
    first, last = (date.fromordinal(date(1970, 1, 1).toordinal() + day) for day in (days[0], days[-1]))
    return first, last


def _made(asked: Asked) -> tuple[ReportModel, tuple[str, ...], range]:
    """Raises SettingsError, NotFoundError, InputError, StoreError."""
    with asked.rooms.reading() as shelf:
        if shelf is None:
            raise NotFoundError(asked.words("data.report_none"))
        days = period(shelf, day_of(asked, "from"), day_of(asked, "to"))
        said = in_journal(asked.rooms.home, asked.rooms.shelf)
        words = said.words if "words" in asked.query else ()
        model, remarks = clinician_report(shelf, days, said.evenings, said.waiting, words)
    return model, (*remarks, *said.remarks), days


def day_of(asked: Asked, name: str) -> date | None:
    """A day of the address, None for none; raises InputError for what is no day."""
    text = asked.query.get(name, "") or asked.form.get(name, "")
    try:
        return date.fromisoformat(text[: LONGEST_DAY + 1]) if text else None
    except ValueError as error:
        raise InputError(asked.words("data.no_day")) from error


ROWS = (get("/data/report", report), get("/data/report.pdf", pdf))
