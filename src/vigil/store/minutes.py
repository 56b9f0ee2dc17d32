"""The rows of `minute`: writing one, reading one, and saying which it is when it cannot be trusted."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence

from vigil.domain.errors import SnapshotError, StoreError
from vigil.domain.units import NS_PER_S
from vigil.store.checksums import GENESIS, MinuteRow, fault_of, place_of, sealed
from vigil.store.database import Database
from vigil.store.integrity import MINUTE_COLUMNS, DamagedMinute
from vigil.store.packing import pack_minute
from vigil.store.stored import Stored

_UPSERT = f"""
    INSERT INTO minute ({MINUTE_COLUMNS}, night) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (place) DO UPDATE SET from_s = excluded.from_s, to_s = excluded.to_s, count = excluded.count,
    crc = excluded.crc, seal = excluded.seal, samples = excluded.samples, records = excluded.records
"""

_INT64 = 1 << 63

UNREADABLE = (
    *(ValueError, IndexError, TypeError, KeyError, AttributeError, struct.error, zlib.error, SnapshotError),
    *(RecursionError, OverflowError, MemoryError),
)
"""What unpacking a blob may raise that this Vigil did not pack."""


def pack_row(night: int, number: int, began_ns: int, records: Sequence[Stored], before: bytes) -> MinuteRow:
    """The row of a minute that holds these records, of which there is at least one. Raises StoreError."""
    try:
        packed = pack_minute(records)
    except (TypeError, ValueError, AttributeError, struct.error) as error:
        message = f"something that is no record of a night was to be stored; it was not stored ({error}); report this"
        raise StoreError(message) from error
    instants = [record.at_ns for record in records]
    span_s = (whole_s(min(instants) - began_ns), whole_s(max(instants) - began_ns))
    return sealed(place_of(night, number), span_s, len(records), packed, before)


def whole_s(span_ns: int) -> int:
    """Nanoseconds to whole seconds, rounded down, within what the database can hold (an index, not the truth)."""
    return max(-_INT64, min(_INT64 - 1, span_ns // NS_PER_S))


def write(database: Database, night: int, row: MinuteRow) -> None:
    """Store a minute, or store it anew if it has grown. Inside `atomic`."""
    values = (row.place, row.from_s, row.to_s, row.count, row.crc, row.seal, row.samples, row.records, night)
    database.execute(_UPSERT, values)


def read(database: Database, night: int, number: int) -> MinuteRow | None:
    """One minute as it stands, unproven."""
    values = database.row(f"SELECT {MINUTE_COLUMNS} FROM minute WHERE place = ?", (place_of(night, number),))
    return None if values is None else MinuteRow(*values)


def seal_before(database: Database, night: int, number: int) -> bytes | None:
    """The seal of the minute before this one; GENESIS for the first; None if that is gone."""
    if number == 0:
        return GENESIS
    found = database.row("SELECT seal FROM minute WHERE place = ?", (place_of(night, number - 1),))
    return found[0] if found is not None and type(found[0]) is bytes else None


def proven(database: Database, night: int, row: MinuteRow) -> DamagedMinute | None:
    """What is wrong with a minute, or None."""
    fault = fault_of(row, seal_before(database, night, row.number))
    return DamagedMinute(row.number, fault, row.from_s, row.to_s) if fault else None


def unpacked(row: MinuteRow, unpack: Callable[[MinuteRow], Iterator[Stored]]) -> list[Stored]:
    """The records of a proven minute; raises StoreError, naming it, if this version cannot read them."""
    try:
        return list(unpack(row))
    except UNREADABLE as error:
        message = f"minute {row.number} of the night cannot be read by this Vigil ({error}); it was left as it is"
        raise StoreError(message) from error
