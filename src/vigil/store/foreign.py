"""A database that is only read: a backup, or one that was set aside as damaged. Nothing in it is believed unproven.

It is opened for reading alone, with its schema untrusted; its tables must be those that Vigil makes, so that no view,
trigger or rule of somebody else's stands behind a name; what it may cost in time and memory is bounded; and each row
is proven by its checksum and held against its types. Damage ends the reading of one row, not of the file.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from vigil.domain.errors import DamagedError, NotFoundError, StoreError
from vigil.domain.records import Mode
from vigil.store import schema
from vigil.store.checksums import NUMBER_BITS, MinuteRow, crc_of, fault_of, place_of
from vigil.store.database import Row
from vigil.store.integrity import MINUTE_COLUMNS, NIGHT_COLUMNS
from vigil.store.minutes import UNREADABLE, whole_s
from vigil.store.night_writer import MOST_RECORDS
from vigil.store.nights import KINDS, TYPES
from vigil.store.opening import connect, connect_to_read, look_at, unreadable
from vigil.store.packing import unpack_foreign
from vigil.store.private_files import make_folder
from vigil.store.record_types import is_record
from vigil.store.soundness import MOST_NIGHTS, NEVER_OURS, as_shipped, objects
from vigil.store.sqlite_errors import PRIMARY, plain_words

MOST_TEXT = 1 << 20
"""Longest text in a row that is taken: a night's summary has some 10 kB. Our choice."""

FIRST = 5
"""So many first minutes tell nights apart that begin at the same instant. Our choice."""

FIRST_CRCS = f"SELECT place & {(1 << NUMBER_BITS) - 1}, crc FROM minute WHERE place >= ? AND place < ?"

_MOST_BYTES = 1 << 26
"""SQLite refuses longer rows before it makes room for them."""

_STEPS, _MOST_LOOKS = 1_000_000, 2_000
"""SQLite is asked to stop after so many steps of its machine, so many times: some 20 s. A year takes a tenth."""

_BEYOND = 4096
"""So many keys are still tried, one by one, where the list of keys itself breaks off. Our choice."""

_PRAGMAS = ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "query_only=ON", "temp_store=MEMORY")


@dataclass(frozen=True, slots=True)
class ForeignNight:
    """The proven entry of a night. columns: as `NIGHT_COLUMNS`. minutes: how many it is said to have, unproven."""

    columns: Row
    minutes: int

    @property
    def key(self) -> int:
        """Its key there."""
        return int(self.columns[0])


class Foreign:
    """What can be read of one file. skipped: how many nights, minutes and rows were there and could not be taken."""

    def __init__(self, connection: sqlite3.Connection, reached: int) -> None:
        self._connection = connection
        self.reached = reached
        self.skipped = 0

    def nights(self) -> Iterator[ForeignNight]:
        """Every night whose entry is proven, by key."""
        for key in self._keys("night", "key", 1, MOST_NIGHTS - 1):
            found = self._row(f"SELECT {NIGHT_COLUMNS}, crc, minutes FROM night WHERE key = ?", key)
            if found is not None:
                *columns, crc, minutes = found
                if crc_of(*columns) == crc and _is_night(columns) and type(minutes) is int:
                    yield ForeignNight(tuple(columns), minutes)
                else:
                    self.skipped += 1

    def minutes(self, night: ForeignNight) -> Iterator[MinuteRow]:
        """Every minute of a night that is proven, in order. What is missing from its end counts as skipped."""
        last = -1
        for place in self._keys("minute", "place", place_of(night.key, 0), place_of(night.key + 1, 0) - 1):
            found = self._row(f"SELECT {MINUTE_COLUMNS} FROM minute WHERE place = ?", place)
            if found is None:
                continue
            row = MinuteRow(*found)
            last = row.number
            if self._is_proven(row, int(night.columns[2])):
                yield row
            else:
                self.skipped += 1
        self.skipped += last + 1 < night.minutes

    def rows(self, table: str, key: str, columns: str, *, only: int | None = None) -> Iterator[Row]:
        """Every row of a table, or the `only` one, whose checksum fits, by key, without the checksum."""
        for number in self._keys(table, key, 1, MOST_NIGHTS - 1) if only is None else (only,):
            found = self._row(f"SELECT {columns}, crc FROM {table} WHERE {key} = ?", number)
            if found is None:
                continue
            if (
                all(not isinstance(each, str) or len(each) <= MOST_TEXT for each in found)
                and crc_of(*found[:-1]) == found[-1]
            ):
                yield found[:-1]
            else:
                self.skipped += 1

    def first_crcs(self, night: ForeignNight) -> dict[int, int]:
        """The checksums of a night's first minutes by their numbers, as they stand."""
        found: dict[int, int] = {}
        for number in range(FIRST):
            crc = self._ask("SELECT crc FROM minute WHERE place = ?", place_of(night.key, number))
            if crc:
                found[number] = crc[0]
        return found

    def _is_proven(self, row: MinuteRow, began_ns: int) -> bool:
        found = self._ask("SELECT seal FROM minute WHERE place = ?", row.place - 1) if row.number else (bytes(8),)
        before = found[0] if found and type(found[0]) is bytes else None
        if fault_of(row, before) or not 0 < row.count <= MOST_RECORDS:
            return False
        try:
            records, written_out = unpack_foreign(row.samples, row.records, row.count)
        except UNREADABLE:
            return False
        if not all(is_record(record) for record in written_out):
            return False
        instants = [record.at_ns for record in records]
        return (row.from_s, row.to_s) == (whole_s(min(instants) - began_ns), whole_s(max(instants) - began_ns))

    def _keys(self, table: str, column: str, low: int, high: int) -> Iterator[int]:
        """The keys of a table within bounds, rising. Where the list breaks off, those that could follow."""
        found: list[int] = []
        try:
            with plain_words():
                for (key,) in self._connection.execute(
                    f"SELECT {column} FROM {table} WHERE {column} BETWEEN ? AND ? ORDER BY {column}", (low, high)
                ):
                    _need_rising(found, key)
                    found.append(key)
        except DamagedError:
            self.skipped += 1
            begin = found[-1] + 1 if found else low
            found.extend(range(begin, min(high, begin + _BEYOND) + 1))
        yield from found

    def _row(self, sql: str, key: int) -> Row | None:
        """One row by its key; None, and counted, if it is on a damaged page."""
        found = self._ask(sql, key)
        if found is None:
            return None
        self.skipped += not found
        return found or None

    def _ask(self, sql: str, key: int) -> Row | None:
        """One row, None if there is none, () if it cannot be read. Raises StoreError for what is no damage."""
        try:
            with plain_words():
                row: Row | None = self._connection.execute(sql, (key,)).fetchone()
        except DamagedError:
            return ()
        except StoreError as error:
            if getattr(error.__cause__, "sqlite_errorcode", 0) & PRIMARY not in NEVER_OURS:
                raise
            return ()
        return row


def _need_rising(found: list[int], key: object) -> None:
    """Raise DamagedError if pages lead in a circle: a list of keys rises, and no night has more than its bits."""
    if type(key) is not int or (found and key <= found[-1]) or len(found) > 1 << NUMBER_BITS:
        message = "the keys of a table are in no order"
        raise DamagedError(message)


@contextmanager
def reading(source: Path, beside: Path) -> Iterator[Foreign]:
    """Open a file that is not to be believed. A log that belongs to it is read too, from a copy made in `beside`.

    Raises NotFoundError; StoreError if it is no database of Vigil's, or its tables are not those that Vigil makes.
    """
    folder = beside / "reading-copy"
    try:
        copied = _looked_at(source, folder)
        with plain_words():
            connection = connect(copied, "mode=rw") if copied else connect_to_read(source)
            try:
                reached = _bounded(connection)
            except BaseException:
                connection.close()
                raise
    except OSError as error:
        raise unreadable(source, error) from error
    else:
        with closing(connection):
            yield Foreign(connection, reached)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _looked_at(source: Path, folder: Path) -> Path | None:
    """Refuse what is no database of Vigil's; the copy in `folder`, if the file has a log. Raises OSError too.

    Reading a log writes beside it, and the original stays as it is.
    """
    if not source.is_file():
        message = f"there is no database at {source}; nothing was taken back"
        raise NotFoundError(message)
    log = source.with_name(source.name + "-wal")
    if not log.is_file() or log.stat().st_size == 0:
        look_at(source)
        return None
    shutil.rmtree(folder, ignore_errors=True)
    make_folder(folder)
    for each in (source, log):
        shutil.copyfile(each, folder / each.name)
    look_at(folder / source.name)
    return folder / source.name


def _bounded(connection: sqlite3.Connection) -> int:
    """Bound what reading may do and cost; the step the file has reached. Raises StoreError for strange tables."""
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").fetchall()
    if isinstance(connection, sqlite3.Connection):  # SQLCipher's cannot, but what it reads was written with our key
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_BYTES)
    looks = iter(range(_MOST_LOOKS))
    connection.set_progress_handler(lambda: next(looks, None) is None, _STEPS)
    reached = schema.version(connection)
    if not 0 < reached <= len(schema.shipped()) or objects(connection) != as_shipped(reached):
        message = "its tables are not those that Vigil makes; nothing was taken from it; use another backup"
        raise StoreError(message)
    return reached


def _is_night(columns: list[object]) -> bool:
    if not all(type(value) in kinds for value, kinds in zip(columns, TYPES, strict=True)):
        return False
    _, name, _, _, _, kind, mode, *_ = columns
    texts = [value for value in columns if isinstance(value, str)]
    return bool(name) and kind in KINDS and mode in {each.value for each in Mode} and max(map(len, texts)) <= MOST_TEXT
