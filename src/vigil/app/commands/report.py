"""vigil report."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from vigil.app import terminal
from vigil.app.clinician_report import clinician_report, period
from vigil.app.command_line import single
from vigil.app.diary_journal import in_journal
from vigil.app.home import Home, Shelf
from vigil.app.wiring import reading
from vigil.domain.errors import NotFoundError
from vigil.recordings.writers.whole import whole_file

app = single()

Day: TypeAlias = datetime | None


@app.command("report", epilog="Example: vigil report --from 2026-10-01 --to 2026-10-31 --out october.pdf")
def report(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A PDF where nothing is yet.")],
    first: Annotated[Day, typer.Option("--from", formats=["%Y-%m-%d"], help="The first evening.")] = None,
    last: Annotated[Day, typer.Option("--to", formats=["%Y-%m-%d"], help="The last evening.")] = None,
    own_words: Annotated[
        bool, typer.Option("--own-words", help="With your words of these mornings, as far as they fit.")
    ] = False,
    store: Annotated[
        Shelf, typer.Option("--store", help="Whose nights: your own, or a simulated sleeper's.")
    ] = Shelf.OWN,
) -> None:
    """Two pages about a stretch of nights, for a clinician: what was said, how the sleep looked, what Vigil did.

    Facts and their known error, no diagnosis, and your own words only if you say so. Without dates it is the last
    month.
    """
    from vigil.app.clinician_pdf import report_pdf  # noqa: PLC0415 — reportlab is only for this

    home = Home.here()
    with reading(home, (store,)) as opened:
        if not opened:
            message = "no night is kept yet, so there is nothing to report; to see one: vigil demo"
            raise NotFoundError(message)
        days = period(opened[0], _date(first), _date(last))
        said = in_journal(home, store)
        words = said.words if own_words else ()
        model, remarks = clinician_report(opened[0], days, said.evenings, said.waiting, words)
    with whole_file(out) as unfinished:
        unfinished.write_bytes(report_pdf(model, f"made {datetime.now().astimezone():%Y-%m-%d}"))
    console = terminal.console()
    terminal.say(console, f"written: {out} ({model.period})")
    for remark in (*remarks, *said.remarks):
        terminal.say(console, f"Note: {remark}.")


def _date(given: Day) -> date | None:
    return None if given is None else given.date()
