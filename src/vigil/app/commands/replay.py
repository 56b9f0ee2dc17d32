"""vigil replay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from rich.console import Console
from rich.text import Text

from vigil.app import terminal
from vigil.app.command_line import JsonTo, PictureFolder, single
from vigil.app.home import Home, Shelf
from vigil.app.live_view import viewer
from vigil.app.pacing import Pacer
from vigil.app.printable import printable
from vigil.app.private import private_folder
from vigil.app.progress import under_a_bar
from vigil.app.replay_night import Failed, PassedOver, Replayed, Task, Wish, run
from vigil.app.replay_nights import ReplayWorkers
from vigil.app.said import tell
from vigil.app.wiring import writing
from vigil.domain.errors import InputError
from vigil.night.as_json import nights_json
from vigil.night.in_words import counted, nights_in_words
from vigil.night.report import NightsReport
from vigil.recordings.readers.options import ROLES, ReadOptions

app = single()

MOST_NAMED = 8

Columns: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(metavar="ROLE=NAME", help=f"CSV: which column holds what. Roles: {', '.join(ROLES)}."),
]
Units: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(metavar="ROLE=UNIT", help="CSV: the unit of a column, such as time=ms, over what its name says."),
]


@app.command("replay", epilog="Example: vigil replay my-nights/ --jobs 2 --json nights.json")
def replay(  # noqa: PLR0913, PLR0917 — the options of a command
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH", help="Night folders, folders of them, EDF+, CSV, sleep-accel.")
    ],
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Nights at once.")] = 1,
    speed: Annotated[
        float | None, typer.Option(min=1, metavar="X", help="Play live in the terminal: 60 is a minute a second.")
    ] = None,
    column: Columns = None,
    unit: Units = None,
    keep_counts: Annotated[
        bool, typer.Option("--keep-counts", help="Use motion rows marked source=counts, which may leak the future.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep/--no-keep", help="Keep the nights, for show, explain and export.")
    ] = True,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only the summary and what went wrong.")] = False,
    json_to: JsonTo = None,
    picture: PictureFolder = None,
) -> None:
    """Recorded nights through the same engine as live, with a report each and a summary.

    Nothing is done to anybody: nudges are noted as those that would have been given. The format of each path is
    recognised and said. A path that cannot be read is reported and the others run; the exit code is then 1.
    """
    if speed is not None and jobs > 1:
        message = "--speed plays one night at a time, so it does not go with --jobs"
        raise typer.BadParameter(message)
    options = _options(column or [], unit or [], keep_counts=keep_counts)
    home, console, done = Home.here(), terminal.words(json_to), list[Replayed]()
    if picture is not None:
        private_folder(picture)
    wish = Wish(home, options, keep=keep, as_json=json_to is not None, pictures=picture)
    with ExitStack() as stack:
        workers = stack.enter_context(ReplayWorkers(jobs))
        tasks, failed = _look(workers, paths, options)
        if keep and tasks:
            stack.enter_context(writing(home, Shelf.REPLAY))
            stack.callback(workers.stop)  # whoever writes has ended before the store is let go
        results = workers.replay(tasks, wish) if speed is None else _played(workers, tasks, wish, console, speed)
        for result in results if speed is not None or quiet else under_a_bar(results, len(tasks), console, "replaying"):
            _take(result, done, failed, console, quiet=quiet)
    for failure in failed:
        _complain(f"vigil: {failure.why}")
    _sum_up(console, done, failed, json_to)
    if failed:
        raise typer.Exit(1)


def _options(columns: Iterable[str], units: Iterable[str], *, keep_counts: bool) -> ReadOptions:
    """How to read, as said; raises typer.BadParameter for what cannot be meant."""
    named, measured = _pairs("--column", columns, "hr=pulse"), _pairs("--unit", units, "time=ms")
    try:
        return ReadOptions(columns=named, units=measured, keep_counts_rows=keep_counts)
    except InputError as error:
        raise typer.BadParameter(str(error)) from error


def _pairs(option: str, given: Iterable[str], example: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for text in given:
        role, equals, value = text.partition("=")
        if not equals or not value:
            message = f"{option} {text}: write {example}"
            raise typer.BadParameter(message)
        pairs.append((role, value))
    return tuple(pairs)


def _look(workers: ReplayWorkers, paths: Iterable[Path], options: ReadOptions) -> tuple[list[Task], list[Failed]]:
    """The nights at the paths, and what could not be opened; what else lies beside them is said at once."""
    found = workers.look(paths, options)
    for one in found:
        if isinstance(one, PassedOver):
            _complain(_passed_over(one))
    return [one for one in found if isinstance(one, Task)], [one for one in found if isinstance(one, Failed)]


def _complain(words: str) -> None:
    terminal.console(stderr=True).print(Text(printable(words)), soft_wrap=True)


def _passed_over(one: PassedOver) -> str:
    """What else was in a folder, the first few by name."""
    names = ", ".join(one.names[:MOST_NAMED]) + (", ..." if len(one.names) > MOST_NAMED else "")
    return f"{one.folder}: passed over {counted(len(one.names), 'thing')} of no kind Vigil reads ({names})"


def _take(
    result: Replayed | Failed, done: list[Replayed], failed: list[Failed], console: Console, *, quiet: bool
) -> None:
    if isinstance(result, Failed):
        failed.append(result)
        return
    done.append(result)
    if quiet:
        return
    terminal.head(console, f"{result.task.path}: {result.task.format}")
    tell(console, result.task.night, result.lines, result.stages, result.clock)
    for path in result.pictures:
        terminal.say(console, f"picture: {path}")
    if result.kept and result.kept != result.task.night:
        terminal.say(console, f"kept as {result.kept}")
    console.print()


def _played(
    workers: ReplayWorkers, tasks: Sequence[Task], wish: Wish, console: Console, speed: float
) -> Iterator[Replayed | Failed]:
    """One night after another at the speed asked for, shown as it goes by; each was read within bounds before."""
    for task in tasks:
        failed = workers.read_through(task, wish.options)
        if failed is not None:
            yield failed
            continue
        view = viewer(console, f"{task.night}, {speed:g} times as fast", None, quiet=False)
        with view:
            result = run(task, wish, listener=view, pace=Pacer(speed))
        yield result


def _sum_up(console: Console, done: Sequence[Replayed], failed: Sequence[Failed], json_to: str | None) -> None:
    together = NightsReport.of(one.figures for one in done)
    if len(done) != 1 or failed:
        terminal.head(console, "Together")
        for line in nights_in_words(together) if done else ["No night was replayed."]:
            terminal.say(console, line)
        if failed:
            terminal.say(console, f"Not read: {len(failed)} (said above).")
    if json_to is not None:
        whole = nights_json([], together) | {"failed": [{"path": one.path, "why": one.why} for one in failed]}
        terminal.write_json_with(whole, "nights", [one.text for one in done], json_to)
