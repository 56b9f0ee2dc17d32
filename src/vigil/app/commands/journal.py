"""vigil journal."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from vigil.app import terminal
from vigil.app.command_line import JsonTo, single
from vigil.app.home import Home, Shelf
from vigil.app.journal_files import journal_json, write_journal
from vigil.app.journal_mornings import InTheMorning, Kept, newest, night_rows, with_kept, written_in_the_morning
from vigil.app.journal_room import journal, journal_if_any, thread_named
from vigil.app.journal_words import found_lines, line_of, morning_page, page_of, threads_lines
from vigil.app.typed_text import something_typed, typed
from vigil.domain.errors import InputError, NotFoundError
from vigil.domain.journal import Entry, Thread, Written
from vigil.store.journal import PAGE, Changed, Hits, Journal, Only
from vigil.store.journal_erase import erase_entry, erase_thread

app = single()

Number: TypeAlias = Annotated[int, typer.Argument(metavar="NUMBER", help="The entry's number, as the list says it.")]
Title: TypeAlias = Annotated[str | None, typer.Option(metavar="WORDS", help="A title.", show_default=False)]
Night: TypeAlias = Annotated[
    str | None, typer.Option(metavar="NAME", help="The night it is about.", show_default=False)
]
Day: TypeAlias = Annotated[str | None, typer.Option(metavar="DATE", help="The day, as 2026-11-27.", show_default=False)]
Tags: TypeAlias = Annotated[
    list[str] | None, typer.Option("--tag", metavar="WORD", help="A tag of your own; again for more.")
]
ThreadName: TypeAlias = Annotated[
    str | None, typer.Option("--thread", metavar="NAME", help="Something that comes back, by your name for it.")
]
Most: TypeAlias = Annotated[int, typer.Option("--most", min=1, max=10_000, help="How many at most.")]
Store: TypeAlias = Annotated[Shelf, typer.Option("--store", help="Whose journal.")]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.callback(epilog="Example: vigil journal add --title 'The house again' --tag stairs")
def about() -> None:
    """What you write down for yourself. It stays on this computer, and is exported only if you ask for it.

    A text is typed or piped in, because what stands on a command line others on this computer can see while it runs.
    """


@app.command("add", epilog="Example: vigil journal add --night 2026-11-26 < dream.txt")
def add(
    title: Title = None,
    night: Night = None,
    day: Day = None,
    tag: Tags = None,
    thread: ThreadName = None,
    store: Store = Shelf.OWN,
    json_to: JsonTo = None,
) -> None:
    """Write an entry: its text is what you type until Ctrl-D on a line of its own, or what is piped in.

    A thread that has no such name yet is begun.
    """
    about = Written(title or "-", "", tuple(tag or ()), night, day)  # said before anything is typed
    what = replace(about, title=title or "", body=typed())
    with journal(Home.here(), store) as opened:
        entry = opened.add(replace(what, thread=thread_named(opened, thread or "")), _now_ms())
        _tell(opened, entry, f"Kept as entry {entry.id}.", json_to)


@app.command("list", epilog="Example: vigil journal list --tag stairs")
def entries(
    night: Night = None,
    tag: Annotated[str | None, typer.Option(metavar="WORD", help="Only with this tag.", show_default=False)] = None,
    thread: ThreadName = None,
    most: Most = PAGE,
    store: Store = Shelf.OWN,
    json_to: JsonTo = None,
) -> None:
    """List what you wrote, entries and mornings, newest first."""
    found: tuple[Kept, ...] = ()
    with journal_if_any(Home.here(), store, read_only=True) as opened:
        if opened is not None:
            only = Only(night, tag, None if thread is None else opened.thread(thread).id)
            found = newest(opened, night_rows(Home.here(), store), only, most)
        _write(found, () if opened is None else opened.threads(), json_to)
    console = terminal.words(json_to)
    for entry in found:
        terminal.say(console, line_of(entry))
    if not found:
        terminal.say(console, "No entry is kept there yet. To write one: vigil journal add")


@app.command("show", epilog="Example: vigil journal show 3")
def show(
    number: Annotated[
        int | None,
        typer.Argument(metavar="NUMBER", help="The entry's number, as the list says it.", show_default=False),
    ] = None,
    night: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What you wrote in the morning after this night.", show_default=False),
    ] = None,
    store: Store = Shelf.OWN,
    json_to: JsonTo = None,
) -> None:
    """One entry, or what you wrote on one morning, whole. That is changed at its morning, on the page."""
    if (number is None) == (night is None):
        message = (
            "it is not said which entry is meant; nothing was read; give its number, or --night and a night's name"
        )
        raise InputError(message)
    with _there(store) as opened:
        if number is not None:
            _tell(opened, opened.entry(number), "", json_to)
            return
        kept = written_in_the_morning(opened, night_rows(Home.here(), store), night or "")
    _write((kept,), (), json_to)
    morning_page(terminal.words(json_to), kept)


@app.command("find", epilog="Example: vigil journal find stairs wolf")
def find(
    words: Annotated[
        list[str], typer.Argument(metavar="WORDS", help="What it holds; the beginning of a word is enough.")
    ],
    most: Most = PAGE,
    store: Store = Shelf.OWN,
    json_to: JsonTo = None,
) -> None:
    """Find what you wrote, by words in it and in tags. Large and small letters, and accents, do not matter."""
    with journal_if_any(Home.here(), store, read_only=True) as opened:
        hits = Hits((), ()) if opened is None else opened.find(" ".join(words), most)
        every = () if opened is None else opened.threads()
    found = with_kept(hits, night_rows(Home.here(), store))
    _write([kept for kept, _ in found], every, json_to)
    console = terminal.words(json_to)
    for kept, one in found:
        found_lines(console, kept, one)
    if not found:
        terminal.say(console, "Nothing that you wrote holds these words.")


@app.command("edit", epilog="Example: vigil journal edit 3 --text < dream.txt")
def edit(  # noqa: PLR0913, PLR0917 — the options of a command
    number: Number,
    text: Annotated[bool, typer.Option("--text", help="Type the text anew, or pipe it in.")] = False,
    title: Title = None,
    night: Night = None,
    day: Day = None,
    tag: Tags = None,
    thread: ThreadName = None,
    version: Annotated[
        int | None, typer.Option(metavar="N", help="The edit you began from; otherwise the latest.", show_default=False)
    ] = None,
    store: Store = Shelf.OWN,
    json_to: JsonTo = None,
) -> None:
    """Change an entry; what is not named stays. Tags that are named take the place of those there are.

    An empty --title, --night or --thread takes it away. If the entry was changed meanwhile, both are kept.
    """
    with _there(store) as opened:
        before = opened.entry(number)
    what = _changed(before.what, title, night, day, tag)
    what = replace(what, body=something_typed()) if text else what
    with _there(store) as opened:
        if thread is not None:
            what = replace(what, thread=thread_named(opened, thread))
        changed = opened.change(number, before.version if version is None else version, what, _now_ms())
        _tell(opened, changed.entry, _said(changed), json_to)


@app.command("delete", epilog="Example: vigil journal delete 3 --yes")
def delete(number: Number, yes: Yes = False, store: Store = Shelf.OWN) -> None:
    """Erase an entry for good, also from Vigil's own copies of the journal."""
    console = terminal.console()
    with _there(store) as opened:
        terminal.say(console, line_of(opened.entry(number)))
        _ask("Erase this entry for good?", yes=yes)
        erased = erase_entry(opened, number)
    terminal.say(console, f"Erased: entry {number}.")
    for folder in erased.unreachable:
        terminal.say(console, f"Not reached: copies in {folder}; erase them there yourself.")
    for path in erased.set_aside:
        terminal.say(console, f"Not erased: {path}, a damaged journal that was moved aside and may still hold it.")


@app.command("threads", epilog="Example: vigil journal threads 'The house' --note 'Comes in winter'")
def threads(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One of them.", show_default=False)] = None,
    note: Annotated[str | None, typer.Option(metavar="WORDS", help="What you know of it.", show_default=False)] = None,
    rename: Annotated[str | None, typer.Option(metavar="NAME", help="Another name for it.", show_default=False)] = None,
    drop: Annotated[bool, typer.Option("--drop", help="Erase its name and note; its entries stay.")] = False,
    yes: Yes = False,
    store: Store = Shelf.OWN,
    json_to: JsonTo = None,
) -> None:
    """List what comes back, by your names for it; with a name, its note and its entries."""
    home, console = Home.here(), terminal.words(json_to)
    if name is not None and (note is not None or rename is not None):
        with journal(home, store) as opened:
            name = _put_thread(opened, name, note, rename)
    if name is not None and drop:
        with _there(store) as opened:
            found = opened.thread(name)
            _ask(f"Erase the thread {found.name} for good? Its entries stay.", yes=yes)
            erase_thread(opened, found.id)
        terminal.say(console, f"Erased: thread {found.name}.")
        return
    with journal_if_any(home, store, read_only=True) as opened_or_none:
        every = () if opened_or_none is None else opened_or_none.threads()
        if name is not None and opened_or_none is not None:
            every = (opened_or_none.thread(name),)
        among = () if name is None or opened_or_none is None else opened_or_none.entries(Only(thread=every[0].id))
        _write(among, every, json_to)
    threads_lines(console, every, among)


@app.command("export", epilog="Example: vigil journal export --out my-journal")
def export(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="A path where nothing is yet.")],
    night: Night = None,
    store: Store = Shelf.OWN,
) -> None:
    """Write the journal to a folder of your own, as JSON and as text. It is not encrypted there."""
    count = write_journal(Home.here(), store, out, night=night)
    terminal.say(terminal.console(), f"Written: {out} ({count} {'entry' if count == 1 else 'entries'}).")


@contextmanager
def _there(shelf: Shelf) -> Iterator[Journal]:
    """The journal, if there is one; raises NotFoundError."""
    with journal_if_any(Home.here(), shelf) as opened:
        if opened is None:
            message = "nothing is written down yet, so nothing was changed; to write: vigil journal add"
            raise NotFoundError(message)
        yield opened


def _named(opened: Journal, name: str) -> Thread | None:
    """The thread of that name, or None."""
    with suppress(NotFoundError):
        return opened.thread(name)
    return None


def _put_thread(opened: Journal, name: str, note: str | None, rename: str | None) -> str:
    """Give a thread a note or another name, and begin it if need be; its name now. Raises InputError."""
    kept = _named(opened, name)
    old = kept or Thread(0, name)
    number = None if kept is None else kept.id
    return opened.put_thread(rename or old.name, old.note if note is None else note, number).name


def _changed(what: Written, title: str | None, night: str | None, day: str | None, tag: list[str] | None) -> Written:
    """With what was named in the place of what there was; raises InputError."""
    return replace(
        what,
        title=what.title if title is None else title,
        night=what.night if night is None else night,
        day=what.day if day is None else day or None,
        tags=what.tags if tag is None else tuple(tag),
    )


def _tell(opened: Journal, entry: Entry, said: str, json_to: str | None) -> None:
    every, console = opened.threads(), terminal.words(json_to)
    _write((entry,), every, json_to)
    page_of(console, entry, every)
    if said:
        terminal.say(console, said)


def _write(found: Sequence[Kept], every: tuple[Thread, ...], json_to: str | None) -> None:
    if json_to is not None:
        entries = [one for one in found if not isinstance(one, InTheMorning)]
        notes = [one.note for one in found if isinstance(one, InTheMorning)]
        terminal.write_json(journal_json(entries, notes, every), json_to)


def _said(changed: Changed) -> str:
    return f"{changed.words} It is entry {changed.entry.id}." if changed.twice else changed.words


def _ask(question: str, *, yes: bool) -> None:
    if not yes and not typer.confirm(question, default=False):
        typer.echo("Nothing was erased.")
        raise typer.Exit(1)


def _now_ms() -> int:
    return int(time.time() * 1000)
