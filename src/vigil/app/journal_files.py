"""The journal as files of the person's own: JSON for programs, Markdown for eyes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vigil.app.home import Home, Shelf
from vigil.app.journal_room import journal_if_any
from vigil.domain.journal import Entry, MorningNote, Thread
from vigil.recordings.writers.whole import whole_folder
from vigil.store.journal import Only

FORMAT = "vigil-journal"
VERSION = 1


def write_journal(home: Home, shelf: Shelf, out: Path, *, night: str | None = None) -> int:
    """Write the journal, or what was written of one night, into a new folder; how many entries. Mode 0700.

    Raises InputError if something is there already, StoreError.
    """
    entries: tuple[Entry, ...] = ()
    threads: tuple[Thread, ...] = ()
    notes: Sequence[MorningNote] = ()
    with journal_if_any(home, shelf, read_only=True) as opened:
        if opened is not None:
            entries = opened.entries(Only(night=night), limit=sys.maxsize)
            notes = [note for name, note in opened.notes.mornings().items() if night in (None, name)]
            used = {entry.what.thread for entry in entries}
            threads = tuple(each for each in opened.threads() if night is None or each.id in used)
    with whole_folder(out) as folder:
        text = json.dumps(journal_json(entries, notes, threads), ensure_ascii=False, allow_nan=False, indent=1)
        (folder / "journal.json").write_text(f"{text}\n", encoding="utf-8")
        (folder / "journal.md").write_text("\n".join(_markdown(entries, notes, threads)), encoding="utf-8")
    return len(entries)


def journal_json(
    entries: Sequence[Entry], notes: Sequence[MorningNote] = (), threads: Sequence[Thread] = ()
) -> dict[str, Any]:
    """The whole object (`docs/data.md` holds the schema)."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "entries": [entry_json(entry, threads) for entry in entries],
        "threads": [{"name": thread.name, "note": thread.note, "entries": thread.entries} for thread in threads],
        "mornings": [_without_version(note) for note in notes],
    }


def entry_json(entry: Entry, threads: Sequence[Thread] = ()) -> dict[str, Any]:
    """One entry; its thread by name."""
    what = entry.what
    return {
        "id": entry.id,
        "night": what.night,
        "day": what.day,
        "title": what.title,
        "body": what.body,
        "tags": list(what.tags),
        "thread": next((each.name for each in threads if each.id == what.thread), None),
        "written_ms": entry.written_ms,
        "edited_ms": entry.edited_ms,
        "edit": entry.version,
    }


def _without_version(note: MorningNote) -> dict[str, Any]:
    fields = asdict(note)
    fields.pop("version")
    return fields | {"marks": list(note.marks)}


def _markdown(entries: Sequence[Entry], notes: Sequence[MorningNote], threads: Sequence[Thread]) -> Iterator[str]:
    """Line by line. What was typed stands as it was typed, indented as code is, so that nothing in it has a meaning."""
    names = {thread.id: thread.name for thread in threads}
    yield "# Journal\n"
    for entry in entries:
        what = entry.what
        yield f"## {_line(what.title or what.day or what.night or str(entry.id))}\n"
        about = {
            "Day": what.day,
            "Night": what.night,
            "Thread": names.get(what.thread or 0),
            "Tags": ", ".join(what.tags),
        }
        yield from (f"- {name}: {_line(value)}" for name, value in about.items() if value)
        yield f"\n{_block(what.body)}\n"
    for note in notes:
        yield f"## Morning after {_line(note.night)}\n"
        if note.dread is not None:
            yield f"- Dread of going to bed: {note.dread} of 10"
        yield from (f"- Evening: {_line(mark)}" for mark in note.marks)
        yield from (f"\n{_block(text)}\n" for text in (note.evening, note.words) if text)
    for thread in threads:
        yield f"## Thread {_line(thread.name)}\n\n{_block(thread.note)}\n"


def _line(text: str) -> str:
    """One line in which Markdown and HTML mean nothing."""
    return "".join(f"\\{letter}" if letter in _MEANING else letter for letter in " ".join(text.split()))


def _block(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.splitlines())


_MEANING = frozenset("\\`*_{}[]<>()#+-.!|~&")
"""What may be escaped and could mean something (CommonMark 0.31, 2.4)."""
