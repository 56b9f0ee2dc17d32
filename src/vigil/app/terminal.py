"""Saying things: plain lines, colour where the terminal has it, JSON alone on stdout when it was asked for."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from vigil.app import palette
from vigil.app.printable import printable
from vigil.app.private import write_private

STDOUT = "-"

INDENT = "  "
WIDEST = 100
"""Longer lines are hard to read at night."""

UNBROKEN = 1_000


def console(*, stderr: bool = False) -> Console:
    """Where words go, without colour on a dumb terminal.

    `say` keeps to what a person reads; a table in a file or pipe is as wide as it is, so that a path stays whole.
    """
    made = Console(stderr=stderr, highlight=False, soft_wrap=False)
    if not made.is_terminal:
        made.width = UNBROKEN
    return made


def lively() -> bool:
    """Whether the terminal can show a picture that moves."""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def say(console: Console, text: str, style: str = "") -> None:
    """One paragraph, indented and wrapped."""
    width = min(console.width, WIDEST)
    wrapper = textwrap.TextWrapper(width, initial_indent=INDENT, subsequent_indent=INDENT, break_long_words=False)
    for line in wrapper.wrap(printable(text)):
        console.print(Text(line, style=style), soft_wrap=True)


def head(console: Console, text: str) -> None:
    """The name of what follows."""
    console.print(Text(printable(text), style="bold"), soft_wrap=True)


def words(json_to: str | None) -> Console:
    """Where the words for a person go: not to stdout while that is to hold JSON alone."""
    return console(stderr=json_to == STDOUT)


def write_json(value: Any, to: str) -> None:
    """One JSON document to a file, readable by its owner only, or to stdout for "-"; raises OSError."""
    _write(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n", to)


def write_json_with(value: Mapping[str, Any], name: str, items: Sequence[str], to: str) -> None:
    """The same, with the list `name` made of items that are JSON text already: many nights as objects fill a memory."""
    rest = {key: item for key, item in value.items() if key != name}
    text = json.dumps(rest, ensure_ascii=False, allow_nan=False, indent=1).removesuffix("}").rstrip()
    joined = ",\n".join(items)
    _write(f"{text},\n {json.dumps(name)}: [\n{joined}\n]}}\n", to)


def _write(text: str, to: str) -> None:
    if to == STDOUT:
        sys.stdout.write(text)
    else:
        write_private(Path(to), text.encode())


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A quiet table: no box, a faint head."""
    made = Table(title=title or None, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name in columns:
        made.add_column(name, header_style=palette.FAINT, overflow="fold")
    for row in rows:
        made.add_row(*map(printable, row))
    return made
