"""A night told to a person: the report in words, times in the night's own clock, the hypnogram, the truth beside it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from vigil.app import palette
from vigil.app.clock_words import NightClock
from vigil.app.hypnogram_text import MARGIN, staircase
from vigil.app.terminal import INDENT, WIDEST, head, say
from vigil.app.truth import Comparison
from vigil.domain.sleep import Stage
from vigil.night import in_words
from vigil.night.account_events import Account
from vigil.night.account_words import account_sentences, blind_words
from vigil.night.report import NightReport
from vigil.recordings.recording import LeftOut


def tell(console: Console, name: str, lines: Sequence[str], stages: Sequence[Stage], clock: NightClock) -> None:
    """Print a night: its name, its report, its hypnogram."""
    head(console, f"Night {name}")
    for line in lines:
        say(console, line)
    console.print()
    for row in staircase(stages, clock, min(console.width, WIDEST) - 2 * len(INDENT) - MARGIN):
        console.print(Text(INDENT).append_text(row), soft_wrap=True)


def told(report: NightReport, clock: NightClock, account: Account | None = None) -> list[str]:
    """The report's paragraphs, with the times of nudges as the night's clock says them; then what went wrong, if known.

    Where there is an account, it says what was watched and why not.
    """
    lines = in_words.night_in_words(report, None if account is None else blind_words(account))
    if account is not None:
        lines += account_sentences(account, clock.words)
    for row in report.interventions:
        counted, said = f"{in_words.clock(row.t_s)}  ", f"{clock.words(row.t_s)}  "
        lines = [said + line.removeprefix(counted) if line.startswith(counted) else line for line in lines]
    return lines


def noted(left_out: Iterable[LeftOut], remarks: Iterable[str]) -> list[str]:
    """What was noticed while a recording was read, in words: rows not used, and remarks."""
    return [*map(left_out_words, left_out), *(f"Note: {remark}." for remark in remarks)]


def left_out_words(row: LeftOut) -> str:
    """Rows that were not used, in words."""
    first = "" if row.first_line is None else f", first at line {row.first_line}"
    return f"Left out: {in_words.counted(row.count, 'row')} of {row.file}{first}: {row.reason}."


def tell_truth(console: Console, truth: Comparison, clock: NightClock) -> None:
    """Print what the simulated night really held, and how each was answered."""
    head(console, "What really happened (only a simulation knows)")
    for one in truth.happened:
        line = f"{clock.words(one.from_s)}-{clock.words(one.to_s)}  {one.what}: "
        line += _answer_words(one.nightmare, one.nudged_s, clock)
        if one.ended_by:
            line += f"; ended by {_ENDED.get(one.ended_by, one.ended_by)}"
        say(console, line, _answer_style(one.nightmare, one.nudged_s))
    if not truth.happened:
        say(console, "no nightmare, and nothing that looks like one")
    if truth.stray:
        words = "1 nudge" if truth.stray == 1 else f"{truth.stray} nudges"
        say(console, f"{words} met neither: an ordinary turn, arousal or awakening")


_ENDED = {"itself": "itself", "waking": "waking", "nudge": "the nudge"}


def _answer_words(nightmare: bool, nudged_s: float | None, clock: NightClock) -> str:
    if nudged_s is None:
        return "missed" if nightmare else "left alone"
    return f"{'met' if nightmare else 'nudged, wrongly,'} at {clock.words(nudged_s)}"


def _answer_style(nightmare: bool, nudged_s: float | None) -> str:
    return palette.TEXT if nightmare is (nudged_s is not None) else palette.NUDGE


def command_name() -> str:
    """How this Vigil was called, so that what is suggested can be typed as it stands."""
    given = Path(sys.argv[0] if sys.argv else "")
    if given.name != "vigil" or shutil.which("vigil") == os.fspath(given):
        return "vigil"
    return os.path.relpath(given) if given.is_absolute() else os.fspath(given)
