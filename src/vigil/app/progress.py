"""Long work under a quiet bar, where the terminal can show one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from vigil.app import palette, terminal

T = TypeVar("T")


def under_a_bar(results: Iterable[T], total: int, console: Console, doing: str) -> Iterator[T]:
    """The same results, in the same order; `doing` is what is being done, in one word."""
    if not terminal.lively() or total < 2:
        yield from results
        return
    columns = (
        TextColumn(doing, style=palette.FAINT),
        BarColumn(style=palette.LINE, complete_style=palette.FAINT, finished_style=palette.FAINT),
        MofNCompleteColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=total)
        for result in results:
            yield result
            progress.advance(bar)
