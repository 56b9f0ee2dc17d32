"""vigil evaluate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from vigil import __version__
from vigil.app import terminal
from vigil.app.command_line import JsonTo, single
from vigil.app.evaluate_night import EvaluateWork, Night, left_out_of_folds, nights_at, parameters_at
from vigil.app.evaluate_nights import Found, measure_all, tasks_of
from vigil.app.evidence.report import write_report
from vigil.app.evidence.words import evidence_in_words
from vigil.app.printable import printable
from vigil.app.private import private_folder
from vigil.app.progress import under_a_bar
from vigil.app.refit import trainer
from vigil.app.replay_night import Failed, PassedOver
from vigil.evidence.as_json import evidence_json
from vigil.evidence.records import NightEvidence
from vigil.evidence.summary import Evidence, summarise
from vigil.night.in_words import counted
from vigil.recordings.readers.options import ReadOptions
from vigil.run.evaluate import EvaluateWish

app = single()

NO_TRAINER = 2
FEWEST_PLACEMENTS = 10
"""Of each class in each scored night, however many nights there are."""

MOST_NAMED = 8


@app.command("evaluate", epilog="Example: vigil evaluate my-nights/ --jobs 2 --json figures.json --report report/")
def evaluate(  # noqa: PLR0913, PLR0917 — the options of a command
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH", help="Night folders, folders of them, EDF+, CSV, sleep-accel.")
    ],
    json_to: JsonTo = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FOLDER", help="Write a page with pictures into this folder.")
    ] = None,
    cross_validate: Annotated[
        bool, typer.Option("--cross-validate", help="Fit anew without each person before measuring them.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Nights at once.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Of everything drawn; the same seed gives the same figures.")] = 1,
    placements: Annotated[
        int, typer.Option(min=0, help="Episodes added of each class, over all scored nights; 0 adds none.")
    ] = 1000,
    parameters: Annotated[
        Path | None, typer.Option("--parameters", metavar="FILE", help="Measure these, not those that come with Vigil.")
    ] = None,
    keep_counts: Annotated[
        bool, typer.Option("--keep-counts", help="Use motion rows marked source=counts, which may leak the future.")
    ] = False,
) -> None:
    """Measure on recorded nights: staging, false nudges, and which added episodes are noticed.

    Scored nights measure all of it; nights without stages only how often Vigil would have nudged. Nights that the
    parameters were fitted on are marked and kept out of the headline, unless each is measured by a new fit without
    its person. A night that cannot be used is named, the others go on; the exit code is then 1.
    """
    _need_trainer(cross_validate=cross_validate)
    digest = parameters_at(parameters).digest
    console, options = terminal.words(json_to), ReadOptions(keep_counts_rows=keep_counts)
    nights, failed = _look(paths, options)
    if report is not None:
        private_folder(report)
    scored = sum(night.scored for night in nights)
    each = max(FEWEST_PLACEMENTS, -(-placements // scored)) if placements and scored else 0
    work = EvaluateWork(options, EvaluateWish(each, seed), parameters)
    tasks = tasks_of(nights, cross_validate=cross_validate)
    found = under_a_bar(measure_all(tasks, work, jobs), len(tasks), console, "measuring")
    done = _sorted_out([one for several in found for one in several], nights, failed)
    if cross_validate:
        done = [left_out_of_folds(one) for one in done]
    about = _about(seed, each, digest, cross_validate=cross_validate, keep_counts=keep_counts)
    _tell(console, done, failed, cross_validate=cross_validate, seed=seed, to=(json_to, report), about=about)
    if failed or not done:
        raise typer.Exit(1)


def _need_trainer(*, cross_validate: bool) -> None:
    if cross_validate and trainer() is None:
        _complain("vigil: --cross-validate needs the trainer, which is not installed here; see training/ in the source")
        raise typer.Exit(NO_TRAINER)


def _look(paths: Iterable[Path], options: ReadOptions) -> tuple[list[Night], list[Failed]]:
    """The nights at the paths, each once, and what could not be opened; what else lies beside them is said at once."""
    nights: dict[tuple[Path, int], Night] = {}
    failed: list[Failed] = []
    for one in (one for path in paths for one in nights_at(path, options)):
        if isinstance(one, PassedOver):
            names = ", ".join(one.names[:MOST_NAMED]) + (", ..." if len(one.names) > MOST_NAMED else "")
            _complain(f"{one.folder}: passed over {counted(len(one.names), 'thing')} of no kind Vigil reads ({names})")
        elif isinstance(one, Failed):
            failed.append(one)
        else:
            nights.setdefault((one.path.resolve(), one.number), one)
    return list(nights.values()), failed


def _sorted_out(found: Sequence[Found], nights: Sequence[Night], failed: list[Failed]) -> list[NightEvidence]:
    """What was found, in the order in which the nights were named; failures go to `failed`."""
    failed.extend(one for one in found if isinstance(one, Failed))
    order = {(night.about.path, night.about.name): index for index, night in enumerate(nights)}
    done = [one for one in found if isinstance(one, NightEvidence)]
    return sorted(done, key=lambda one: order[one.path, one.name])


def _about(seed: int, placements: int, digest: str, *, cross_validate: bool, keep_counts: bool) -> dict[str, Any]:
    """How the figures came to be."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "version": __version__,
        "parameters": digest,
        "seed": seed,
        "placements_a_class_and_night": placements,
        "cross_validated": cross_validate,
        "counts_rows_kept": keep_counts,
    }


def _tell(
    console: Console,
    done: Sequence[NightEvidence],
    failed: Sequence[Failed],
    *,
    cross_validate: bool,
    seed: int,
    to: tuple[str | None, Path | None],
    about: dict[str, Any],
) -> None:
    for one in done:
        for words in (*((f"left out: {one.left_out}",) if one.left_out else ()), *one.remarks):
            _complain(f"{one.path}: {words}")
    for failure in failed:
        _complain(f"vigil: {failure.why}")
    json_to, report = to
    evidence = summarise(done, seed=seed, cross_validated=cross_validate)
    terminal.head(console, "Evidence")
    for line in _lines(evidence, done, failed):
        terminal.say(console, line)
    if report is not None and done:
        terminal.say(console, f"report: {write_report(report, evidence, done, about)}")
    if json_to is not None:
        plain = evidence_json(evidence, done, about=about)
        terminal.write_json(plain | {"failed": [{"path": one.path, "why": one.why} for one in failed]}, json_to)


def _lines(evidence: Evidence, done: Sequence[NightEvidence], failed: Sequence[Failed]) -> list[str]:
    lines = evidence_in_words(evidence) if done else ["No night was measured."]
    return [*lines, *([f"Left out: {len(failed)} (said above)."] if failed else [])]


def _complain(words: str) -> None:
    terminal.console(stderr=True).print(Text(printable(words)), soft_wrap=True)
