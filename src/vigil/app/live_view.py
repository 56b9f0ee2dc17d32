"""A night going by in the terminal: one calm screen where the terminal can, a few plain lines where it cannot."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from vigil.app import palette
from vigil.app.hypnogram_text import WORDS, ribbon
from vigil.app.night_so_far import NightSoFar, decision_words
from vigil.app.terminal import head, lively, say
from vigil.domain.explain import STATE_WORDS
from vigil.domain.nudges import Action, Decision
from vigil.domain.records import Input, NightBegan, NightOutput
from vigil.night.in_words import duration

FRAME_S = 0.1
"""Ten pictures a second at most: more is restless, and costs the night its speed."""

MAX_WIDTH = 96
PLAIN_STEP = 0.2
"""Share of the night between two plain lines."""

_CURVE = "▁▂▃▄▅▆▇█"


class Spectator(Protocol):
    """Somebody who looks on: told of everything that passes, once entered and until left."""

    def __call__(self, record: Input | NightOutput) -> None:
        """See one input or output go by."""
        ...

    def __enter__(self) -> Spectator: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...


class NoView:
    """Looks at nothing."""

    def __call__(self, record: Input | NightOutput) -> None:
        """See `Spectator`."""

    def __enter__(self) -> NoView:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was opened."""


def _unless_gone() -> suppress:
    """For drawing: a terminal that was closed, or a pipe nobody reads, must not end the night."""
    return suppress(OSError)


class PlainView:
    """A line at each fifth of the night and at each nudge: for logs, pipes and dumb terminals."""

    def __init__(self, console: Console, title: str, length_s: float | None) -> None:
        self._console = console
        self._title = title
        self._length_s = length_s
        self._night = NightSoFar()
        self._next = PLAIN_STEP

    def __call__(self, record: Input | NightOutput) -> None:
        """See `Spectator`."""
        self._night.note(record)
        with _unless_gone():
            self._show(record)

    def _show(self, record: Input | NightOutput) -> None:
        night = self._night
        if isinstance(record, NightBegan):
            head(self._console, f"{self._title}: lights out.")
        elif isinstance(record, Decision) and record.action is Action.NUDGE:
            say(self._console, f"{night.time(record)}  {decision_words(record)}")
        elif self._length_s and night.elapsed_s >= self._next * self._length_s:
            say(self._console, f"{night.clock.words(night.elapsed_s)}  {_line(night)}, {self._next:.0%} of the night")
            self._next += PLAIN_STEP

    def __enter__(self) -> PlainView:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was opened."""


def _line(night: NightSoFar) -> str:
    heart = "no heart rate" if night.heart_bpm is None else f"{night.heart_bpm:.0f} bpm"
    return f"{WORDS[night.stage]}, {heart}, {STATE_WORDS[night.state]}"


class LiveView:
    """One screen, redrawn in place."""

    def __init__(self, console: Console, title: str, length_s: float | None) -> None:
        self._title = title
        self._length_s = length_s
        self._night = NightSoFar()
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._drawn = 0.0

    def __call__(self, record: Input | NightOutput) -> None:
        """See `Spectator`."""
        self._night.note(record)
        now = time.monotonic()
        if now - self._drawn >= FRAME_S:
            self._drawn = now
            with _unless_gone():
                self._live.update(screen(self._night, self._title, self._length_s), refresh=True)

    def __enter__(self) -> LiveView:
        self._live.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with _unless_gone():
            self._live.__exit__(kind, error, at)


def viewer(console: Console, title: str, length_s: float | None, *, quiet: bool) -> Spectator:
    """The view that fits: none, a screen that moves, or plain lines."""
    if quiet:
        return NoView()
    return (LiveView if lively() else PlainView)(console, title, length_s)


def screen(night: NightSoFar, title: str, length_s: float | None) -> RenderableType:
    """The night as it stands: time, heart, movement, stage, state of the watch, the night so far, the last decision."""
    parts: list[RenderableType] = [_head(night, title)]
    if length_s:
        bar = ProgressBar(
            total=length_s, completed=night.elapsed_s, width=MAX_WIDTH - 8, style=palette.LINE,
            complete_style=palette.FAINT, finished_style=palette.FAINT,
        )  # fmt: skip
        parts.append(bar)
    parts.extend([Text(), _signs(night), Text(), ribbon(night.stages, MAX_WIDTH - 8), Text(), *_decisions(night)])
    return Padding(Group(*parts), (1, 2), expand=False)


def _head(night: NightSoFar, title: str) -> Text:
    head = Text(night.clock.words(night.elapsed_s), style=f"bold {palette.BRIGHT}")
    head.append(f"   {duration(night.elapsed_s / 60)} since lights-out", style=palette.TEXT)
    return head.append(f"   {title}", style=palette.FAINT)


def _signs(night: NightSoFar) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style=palette.FAINT, width=10)
    grid.add_column(style=palette.TEXT, width=18)
    grid.add_column(overflow="crop", no_wrap=True)
    heart = "no heart rate" if night.heart_bpm is None else f"{night.heart_bpm:.0f} bpm"
    movement = "not known" if night.movement_g is None else f"{night.movement_g:.2f} g"
    grid.add_row("heart", heart, Text(curve(night.heart_trail), style=palette.HEART))
    grid.add_row("movement", movement, Text(curve(night.movement_trail), style=palette.MOVEMENT))
    stage = Text(WORDS[night.stage], style=palette.STAGE_COLOURS[night.stage])
    grid.add_row("stage", stage, Text(_probabilities(night), style=palette.FAINT))
    nudged = f"{night.nudges} nudges so far" if night.nudges != 1 else "1 nudge so far"
    aside = night.suspicion_words() or nudged
    grid.add_row("watch", STATE_WORDS[night.state], Text(aside, style=palette.FAINT))
    return grid


def _probabilities(night: NightSoFar) -> str:
    if night.p is None:
        return ""
    return "  ".join(
        f"{word} {share:.0%}" for word, share in zip(("awake", "light", "deep", "REM"), night.p.as_tuple(), strict=True)
    )


def _decisions(night: NightSoFar) -> list[RenderableType]:
    """The last nudge, and under it the last decision, whose length changes: nothing above it jumps."""
    lines: list[RenderableType] = []
    for name, decision, colour in (
        ("last nudge", night.nudge, palette.NUDGE),
        ("now", night.decision, palette.TEXT),
    ):
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style=palette.FAINT, width=10)
        grid.add_column(width=MAX_WIDTH - 20)
        words = "none" if decision is None else f"{night.time(decision)}  {decision_words(decision)}"
        grid.add_row(name, Text(words, style=colour))
        lines.append(grid)
    return lines


def curve(values: Iterable[float | None]) -> str:
    """A small curve in block letters, from the lowest to the highest value; a blank where there is none."""
    given = list(values)
    known = [value for value in given if value is not None]
    if not known:
        return ""
    low, span = min(known), (max(known) - min(known)) or 1.0
    top = len(_CURVE) - 1
    return "".join(" " if value is None else _CURVE[round((value - low) / span * top)] for value in given)
