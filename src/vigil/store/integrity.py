"""Everything that can be checked about a database without unpacking it: a year of nights in a second or two.

Works on a bare connection, so that the same check serves the open database and a backup.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vigil.domain.errors import StoreError
from vigil.store.checksums import GENESIS, NUMBER_BITS, MinuteRow, crc_of, fault_of, place_of
from vigil.store.sqlite_errors import plain_words

NIGHT_COLUMNS = "key, name, began_ns, wall_ms, zone_min, kind, mode, format, path, note, inputs_digest, outputs_digest"
LEDGER_COLUMNS = (
    "number, night, permit, boot_id, at_ns, wall_ms, purpose, episode, output, level, duration_ms, outcome, outcome_ns"
)
ANSWER_COLUMNS = "night, word, dreams, distress, sleepiness, woken, disturbed, was_awake, resumed"
MINUTE_COLUMNS = "place, from_s, to_s, count, crc, seal, samples, records"

_SIGNED = (
    (1, "night", NIGHT_COLUMNS, "the night {1}"),
    (1, "summary", "night, body", "the summary of night {0}"),
    (1, "ledger", LEDGER_COLUMNS, "row {0} of the ledger"),
    (2, "answer", ANSWER_COLUMNS, "the answer of night {0}"),
)
"""Tables whose rows carry a checksum, and the step that made each: a backup of an older Vigil lacks the later ones."""


@dataclass(frozen=True, slots=True)
class DamagedMinute:
    """A gap in a night: a row of `minute` that cannot be trusted, or rows that are gone.

    number: of the first such row, from 0. from_s, to_s: what it spans, in seconds since lights-out, where known.
    """

    number: int
    reason: str
    from_s: int | None = None
    to_s: int | None = None

    def __str__(self) -> str:
        where = "" if self.from_s is None else f", {self.from_s} to {self.to_s} s after lights-out"
        return f"minute {self.number}{where}: {self.reason}"


def problems(connection: sqlite3.Connection) -> tuple[str, ...]:
    """What is wrong, in words; nothing if all is well. Never raises for damage: damage is the answer."""
    return _told(connection, _damage) + _told(connection, _loss)


def damage(connection: sqlite3.Connection) -> tuple[str, ...]:
    """The same without commits that are missing: what is here is whole, though something may no longer be here."""
    return _told(connection, _damage)


def _told(connection: sqlite3.Connection, look: Callable[[sqlite3.Connection], Iterator[str]]) -> tuple[str, ...]:
    try:
        with plain_words():
            return tuple(look(connection))
    except StoreError as error:
        return (str(error),)


def _damage(connection: sqlite3.Connection) -> Iterator[str]:
    found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    yield from (f"SQLite says: {line}" for line in found if line != "ok")
    ((reached,),) = connection.execute("PRAGMA user_version").fetchall()
    for _, table, columns, name in (signed for signed in _SIGNED if signed[0] <= reached):
        for row in connection.execute(f"SELECT {columns}, crc FROM {table}"):
            if crc_of(*row[:-1]) != row[-1]:
                yield f"{name.format(*row)} does not fit its checksum"
    for key, name, minutes in connection.execute("SELECT key, name, minutes FROM night").fetchall():
        yield from (f"night {name}, {damage}" for damage in damaged_minutes(connection, key, minutes))


def _loss(connection: sqlite3.Connection) -> Iterator[str]:
    ((lost,),) = connection.execute("SELECT lost FROM pulse").fetchall() or [(1,)]
    if lost:
        yield f"{lost} commits that were acknowledged are no longer there; go back to a backup or accept the loss"


def damaged_minutes(connection: sqlite3.Connection, night: int, minutes: int) -> Iterator[DamagedMinute]:
    """The gaps of one night that should have so many minutes, in order."""
    number = 0
    before: bytes | None = GENESIS
    for values in connection.execute(
        f"SELECT {MINUTE_COLUMNS} FROM minute WHERE place BETWEEN ? AND ? ORDER BY place",
        (place_of(night, 0), place_of(night, (1 << NUMBER_BITS) - 1)),
    ):
        row = MinuteRow(*values)
        missing = row.number - number
        if missing:
            yield DamagedMinute(number, f"{missing} of the night's minutes are missing from here")
        fault = fault_of(row, None if missing else before)
        if fault:
            yield DamagedMinute(row.number, fault, row.from_s, row.to_s)
        number = row.number + 1
        before = row.seal if type(row.seal) is bytes else None
    if number != minutes:
        yield DamagedMinute(number, f"the night was stored with {minutes} minutes and has {number}")
