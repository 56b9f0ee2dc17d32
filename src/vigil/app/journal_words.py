"""The journal on a terminal. What was typed may be anything: it is shown, never obeyed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from vigil.app import palette
from vigil.app.journal_mornings import InTheMorning, Kept
from vigil.app.printable import printable
from vigil.app.terminal import INDENT, head, say
from vigil.domain.journal import Entry, Found, FoundMorning, Piece, Thread

IN_THE_MORNING = "In the morning"

SHORT = 60
"""Letters of a text that stand for a title. Our choice."""


def line_of(entry: Kept) -> str:
    """An entry in one line: number, day or night, title or how it begins, tags; a morning's words have no number."""
    if isinstance(entry, InTheMorning):
        return f"-  {entry.day}  {IN_THE_MORNING} after {entry.note.night}: {_short(entry.note.text)}"
    what = entry.what
    when = what.day or what.night or ""
    tags = f"  ({', '.join(what.tags)})" if what.tags else ""
    return f"{entry.id}  {when + '  ' if when else ''}{_title(entry)}{tags}"


def page_of(console: Console, entry: Entry, threads: Sequence[Thread]) -> None:
    """Print an entry whole."""
    what = entry.what
    thread = next((each.name for each in threads if each.id == what.thread), "")
    head(console, f"{entry.id}  {_title(entry)}")
    about = {"Night": what.night, "Day": what.day, "Thread": thread, "Tags": ", ".join(what.tags)}
    for name, value in about.items():
        if value:
            say(console, f"{name}: {value}", palette.FAINT)
    _text(console, what.body)


def morning_page(console: Console, one: InTheMorning) -> None:
    """Print the words of a morning whole."""
    head(console, IN_THE_MORNING)
    for name, value in {"Night": one.note.night, "Day": one.day}.items():
        say(console, f"{name}: {value}", palette.FAINT)
    _text(console, one.note.text)


def found_lines(console: Console, kept: Kept, one: Found | FoundMorning) -> None:
    """Print what was found: its line, and where."""
    say(console, line_of(kept))
    line = Text(INDENT * 2)
    for piece in one.pieces:
        line.append(_flat(piece), style="bold" if piece.hit else palette.FAINT)
    console.print(line, soft_wrap=True)


def threads_lines(console: Console, threads: Sequence[Thread], entries: Sequence[Entry]) -> None:
    """Print threads, each with its note and how many entries it has; then entries."""
    if not threads:
        say(console, "No thread is named yet. To name one: vigil journal threads NAME --note WORDS")
    for thread in threads:
        count = "1 entry" if thread.entries == 1 else f"{thread.entries} entries"
        say(console, f"{thread.name}: {count}")
        for line in thread.note.splitlines():
            say(console, f"{INDENT}{line}", palette.FAINT)
    for entry in entries:
        say(console, line_of(entry))


def _title(entry: Entry) -> str:
    return entry.what.title or _short(entry.what.body)


def _short(text: str) -> str:
    begins = " ".join(text.split())
    return begins[:SHORT] + ("…" if len(begins) > SHORT else "")


def _text(console: Console, text: str) -> None:
    for line in text.splitlines():
        say(console, line) if line.strip() else console.print()


def _flat(piece: Piece) -> str:
    return printable(piece.text.replace("\n", " "))
