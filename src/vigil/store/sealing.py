"""A database from plain to encrypted, back, or to another passphrase: one way for all three.

What is there is exported into a new file with the new key; the new file is proven, row by row, and takes the place of
the old one in a single step; only then is the old one overwritten and removed. Wherever this is cut short, the database
is whole and opens as it did before, or as it is to from now on, and `finish` clears away what was left.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from vigil.domain.errors import BusyError, StoreError
from vigil.store import cipher
from vigil.store.cipher import Key
from vigil.store.opening import connect
from vigil.store.private_files import make_file, sync, wipe
from vigil.store.sqlite_errors import plain_words

_NEW, _OLD = "-changing", "-before"
_SIDES = ("-wal", "-shm", "-journal")


def change(path: Path, new: Key | None) -> None:
    """Keep the database under the key `new` from now on, None for plain. Its present key must be known.

    Nobody else may have it open. Raises LockedError; BusyError; StoreError, and then it is as it was.
    """
    try:
        for _ in steps(path, new):
            pass
    except OSError as error:
        raise _unchanged(path, error) from error


def steps(path: Path, new: Key | None) -> Iterator[str]:
    """The same, step by step, each named once it is done; the database may be left for ever after any of them."""
    old = cipher.key_for(path)
    finish(path)
    fresh, before = path.with_name(path.name + _NEW), path.with_name(path.name + _OLD)
    with plain_words(), ExitStack() as held:
        live = held.enter_context(closing(connect(path, "mode=rw")))
        _alone(live, path)
        yield "alone"
        make_file(fresh)
        _export(held.enter_context(closing(cipher.connect(fresh, "mode=rw", new))), path, old)
        sync(fresh)
        yield "exported"
        _prove(live, fresh, new)
        yield "proven"
        cipher.write_witness(path, [key for key in (old, new) if key is not None])
        yield "witnessed"
        before.hardlink_to(path)
        sync(path.parent)
        yield "old one named"
        fresh.replace(path)
        sync(path.parent)
        yield "in place"
    finish(path)
    yield "finished"


def finish(path: Path) -> None:
    """Clear away what an interrupted change has left; harmless where there was none. Raises OSError.

    Whichever database stands at `path` is the one that counts: it was put there whole.
    """
    fresh, before = path.with_name(path.name + _NEW), path.with_name(path.name + _OLD)
    for side in ("", *_SIDES):
        wipe(fresh.with_name(fresh.name + side))
    if before.exists() and path.exists():
        if before.samefile(path):
            before.unlink()
        else:
            wipe(before)
    cipher.settle_witness(path)


def _alone(live: sqlite3.Connection, path: Path) -> None:
    """Fold the write-ahead log in, and hold the file alone. SQLite grants that only to the last who has it open."""
    live.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    ((mode,),) = live.execute("PRAGMA journal_mode=DELETE").fetchall()
    if mode != "delete":
        message = f"somebody is still reading {path.name}; nothing was changed; close every other Vigil and try again"
        raise BusyError(message)
    live.execute("BEGIN EXCLUSIVE")


def _export(fresh: sqlite3.Connection, path: Path, old: Key | None) -> None:
    """Every table into the new file. What the header says is not exported by SQLCipher and is set here.

    The old file is held already, by a connection of its own driver. Two drivers in one process do not see each other's
    locks, and closing a file lets go of those of both: so here it is read without any, and stays open until the end.
    """
    source = f"{path.as_uri()}?mode=ro&immutable=1"
    fresh.execute("ATTACH ? AS source KEY ?", (source, "" if old is None else old.sql))
    fresh.execute("SELECT sqlcipher_export('main', 'source')").fetchall()
    for field in ("application_id", "user_version"):
        ((value,),) = fresh.execute(f"PRAGMA source.{field}").fetchall()
        fresh.execute(f"PRAGMA main.{field} = {value:d}")


def _prove(live: sqlite3.Connection, fresh: Path, new: Key | None) -> None:
    """Raise StoreError unless the new file is sound, is of the key it should be, and has every row and no other."""
    with closing(cipher.connect(fresh, "mode=ro&immutable=1", new)) as copy:
        sound = [str(line) for (line,) in copy.execute("PRAGMA integrity_check").fetchall()] == ["ok"]
        same = sound and _contents(copy) == _contents(live)
    if not same or cipher.is_sealed(fresh) is (new is None):
        name = fresh.name.removesuffix(_NEW)
        message = f"the new file of {name} did not come out whole; it was thrown away; look at the disk"
        wipe(fresh)
        raise StoreError(message)


def _contents(connection: sqlite3.Connection) -> dict[str, tuple[int, str]]:
    """Of each table, and of the schema: how many rows, and a digest over all of them."""
    found = {}
    connection.text_factory = bytes
    names = [name.decode() for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    for name in ("sqlite_schema", *names):
        columns = "type, name, tbl_name, sql" if name == "sqlite_schema" else "*"
        digest, count = hashlib.sha256(), 0
        quoted = name.replace('"', '""')
        order = "ORDER BY name" if name.startswith("sqlite_") else ""
        for row in connection.execute(f'SELECT {columns} FROM "{quoted}" {order}'):
            digest.update(repr(row).encode())
            count += 1
        found[name] = (count, digest.hexdigest())
    for field in ("application_id", "user_version"):
        found[field] = connection.execute(f"PRAGMA {field}").fetchone()
    return found


def _unchanged(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{path.name} could not be written anew ({error.strerror}); it is whole, as it was or as it was to be; "
        "look at the room on the disk, and try again"
    )
