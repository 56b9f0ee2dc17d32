"""vigil restore."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from vigil.app import terminal
from vigil.app.command_line import single
from vigil.app.home import Home, Shelf
from vigil.app.journal_room import journal_path, newest_sound_copy, take_words_back
from vigil.app.wiring import backup_folder, watching
from vigil.domain.errors import NotFoundError
from vigil.store.backup import backups, verify
from vigil.store.journal_backup import is_journal, journal_backups
from vigil.store.journal_erase import journals_aside
from vigil.store.quarantine import set_aside
from vigil.store.restore import restore as take_back

app = single()


@app.command("restore", epilog="Example: vigil restore --accept-loss")
def restore(
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help="A backup, or a file that was set aside; otherwise the newest sound backup."
        ),
    ] = None,
    accept_loss: Annotated[
        bool,
        typer.Option("--accept-loss", help="Let nudging begin again, although some of what was kept may be gone."),
    ] = False,
    what: Annotated[bool, typer.Option("--list", help="Only say what there is to take back from.")] = False,
    store: Annotated[Shelf, typer.Option("--store", help="Which store.")] = Shelf.OWN,
) -> None:
    """Take back what a backup still has: nights, mornings, the journal, and the record of nudges that are not here.

    The file is only read, and every part of it is proven before it is taken; nothing that is here is written over.
    After a loss the limits count as reached until you accept it here, by day.
    """
    home, console = Home.here(), terminal.console()
    if what:
        for path in _sources(home, store):
            console.print(Text(str(path)), soft_wrap=True)
        return
    words = _journal_to_take(home, store, source, accept_loss=accept_loss)
    if words is not None:
        restored, remark = take_words_back(home, store, words, time.strftime("%Y-%m-%d-%H%M"))
        for line in filter(None, (remark, restored.words)):
            terminal.say(console, line)
        if words == source or not backups(backup_folder(home, store)):
            return
    found = source if source is not None or accept_loss else _newest_sound(home, store)
    with watching(home, store) as (shelf, opened):
        if opened.quarantined is not None:
            terminal.say(console, opened.why)
        if found is not None:
            terminal.say(console, take_back(shelf.database, found).words)
        if accept_loss:
            shelf.database.accept_loss()
            terminal.say(console, "The loss is accepted: from tonight the limits count anew, by what is on record.")
        elif shelf.database.lost_commits:
            terminal.say(
                console,
                "Some of what was kept may still be missing, so nothing is nudged. To accept that: "
                "vigil restore --accept-loss",
            )


def _sources(home: Home, shelf: Shelf) -> list[Path]:
    """Backups, and what was moved aside as damaged, of nights and of the journal."""
    folder, words = backup_folder(home, shelf), journals_aside(journal_path(home, shelf))
    aside = [*set_aside(home.database(shelf)), *(path for path in words if path.suffix == ".db")]
    return [*backups(folder), *journal_backups(folder), *aside]


def _journal_to_take(home: Home, shelf: Shelf, source: Path | None, *, accept_loss: bool) -> Path | None:
    """The copy of the journal that is meant: the file that was named, or the newest there is; None for none."""
    folder = backup_folder(home, shelf)
    if source is not None:
        return source if is_journal(source) else None
    return newest_sound_copy(folder) if journal_backups(folder) and not accept_loss else None


def _newest_sound(home: Home, shelf: Shelf) -> Path:
    """The newest backup with nothing wrong in it; raises NotFoundError."""
    for path in reversed(backups(backup_folder(home, shelf))):
        if not verify(path):
            return path
    message = "there is no sound backup to take anything back from; nothing was changed; name a file"
    raise NotFoundError(message)
