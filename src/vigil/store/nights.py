"""The catalogue of nights: names, what each was recorded with, notes, summaries."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime, timedelta

from vigil.domain.errors import NotFoundError, StoreError
from vigil.domain.records import NightBegan
from vigil.store.checksums import NUMBER_BITS, crc_of
from vigil.store.database import Database, Row
from vigil.store.integrity import NIGHT_COLUMNS

UNDATED = "undated"
"""The name of a night that has neither a name nor a clock."""

KINDS = ("live", "demo", "shadow")

_LISTED = 5


@dataclass(frozen=True, slots=True)
class NightRow:
    """What is known about a stored night without reading it.

    key: how the store tells nights apart. name: how a person does. kind: live, demo or shadow. mode: a value of
    `Mode`. wall_ms, zone_min: as in `NightBegan`. minutes: rows of packed records.
    duration_s: from lights-out to the last record, or None if there is none.
    intact: False if the row does not fit its checksum; then nothing in it is to be relied on.
    """

    key: int
    name: str
    began_ns: int
    wall_ms: int | None
    zone_min: int | None
    kind: str
    mode: str
    format: str
    path: str
    note: str
    inputs_digest: str
    outputs_digest: str
    minutes: int
    duration_s: int | None
    intact: bool


def name_of(began: NightBegan) -> str:
    """What a night is called: the name it came with, else the local date of lights-out, else "undated"."""
    if began.night:
        return text_of(began.night)
    if began.wall_ms is None:
        return UNDATED
    try:
        local = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=began.wall_ms, minutes=began.zone_min or 0)
    except OverflowError:
        return UNDATED
    return local.date().isoformat()


def text_of(text: str) -> str:
    """Text that SQLite can hold: a file name that is not valid Unicode keeps its odd bytes as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


class Nights:
    """The nights of one database. Every method raises StoreError if the database refuses."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, began: NightBegan, *, path: str, format: str, kind: str, note: str) -> int:  # noqa: A002 — the word of the recordings
        """Enter a night and return its key. Its name is made free by "-2", "-3", ... if need be."""
        if kind not in KINDS:
            message = f"{kind!r} is not a kind of night ({', '.join(KINDS)}); the night was not begun"
            raise StoreError(message)
        with self._database.atomic():
            key = self.next_key()
            name = self.free_name(began)
            texts = (kind, began.mode.value, text_of(format), text_of(path), text_of(note), "", "")
            values = (key, name, began.at_ns, began.wall_ms, began.zone_min, *texts)
            marks = ", ".join("?" * (len(values) + 1))
            self._database.execute(
                f"INSERT INTO night ({NIGHT_COLUMNS}, crc) VALUES ({marks})",
                (*values, crc_of(*values)),
            )
        return key

    def free_name(self, began: NightBegan) -> str:
        """The name that `begin` would give this night now; for the runner, whose `NightBegan` should carry it."""
        return self.free(name_of(began))

    def free(self, wanted: str) -> str:
        """The name itself, or with "-2", "-3", ... where it is taken."""
        taken = {name for (name,) in self._database.rows("SELECT name FROM night")}
        name, number = wanted, 1
        while name in taken:
            number += 1
            name = f"{wanted}-{number}"
        return name

    def next_key(self) -> int:
        """A key that no night has or ever had."""
        ((used,),) = self._database.rows(_LAST_KEY)
        return int(used) + 1

    def nights(self) -> list[NightRow]:
        """Every night, in the order in which they were begun."""
        return [_row_of(values) for values in self._database.rows(f"{_SELECT} ORDER BY key")]

    def row(self, night: int) -> NightRow:
        """One night by its key; raises NotFoundError."""
        values = self._database.row(f"{_SELECT} WHERE key = ?", (night,))
        if values is None:
            message = f"there is no night with the key {night}; nothing was read"
            raise NotFoundError(message)
        return _row_of(values)

    def find(self, name_or_prefix: str) -> NightRow:
        """The night of that name, or the only one whose name begins so; raises NotFoundError, naming near ones."""
        found = {row.name: row for row in self.nights()}
        if name_or_prefix in found:
            return found[name_or_prefix]
        begins = [name for name in found if name.startswith(name_or_prefix)]
        if len(begins) == 1:
            return found[begins[0]]
        raise NotFoundError(_not_found(name_or_prefix, begins, found))

    def set_digests(self, night: int, inputs: str, outputs: str) -> None:
        """Keep the digests of the night's transcripts."""
        self._change(replace(self.row(night), inputs_digest=inputs, outputs_digest=outputs))

    def set_note(self, night: int, note: str) -> None:
        """Keep a person's or the program's remark about the night."""
        self._change(replace(self.row(night), note=text_of(note)))

    def add_summary(self, night: int, body: str) -> None:
        """Keep a night's report, as JSON text, in place of an earlier one."""
        with self._database.atomic():
            self._database.execute("DELETE FROM summary WHERE night = ?", (night,))
            self._database.execute(
                "INSERT INTO summary (night, body, crc) VALUES (?, ?, ?)", (night, body, crc_of(night, body))
            )

    def summary(self, night: int) -> str | None:
        """The night's report, or None if there is none; raises StoreError if it does not fit its checksum."""
        found = self._database.row("SELECT body, crc FROM summary WHERE night = ?", (night,))
        if found is None:
            return None
        if crc_of(night, found[0]) != found[1]:
            message = f"the report of night {night} is damaged; it was not read; replay the night to make it anew"
            raise StoreError(message)
        return str(found[0])

    def _change(self, row: NightRow) -> None:
        """Write a row back. A damaged one is not signed anew, which would hide the damage."""
        require_intact(row)
        columns = astuple(row)[:_COLUMNS]
        with self._database.atomic():
            self._database.execute(
                "UPDATE night SET note = ?, inputs_digest = ?, outputs_digest = ?, crc = ? WHERE key = ?",
                (row.note, row.inputs_digest, row.outputs_digest, crc_of(*columns), row.key),
            )


def _row_of(values: Row) -> NightRow:
    *columns, crc, minutes, duration_s = values
    shown = [value if type(value) in kinds else _INSTEAD[kinds] for value, kinds in zip(columns, TYPES, strict=True)]
    shown[1] = shown[1] or f"damaged-{columns[0]}"
    known = minutes if type(minutes) is int and minutes >= 0 else 0, duration_s if type(duration_s) is int else None
    return NightRow(*(*shown, *known, crc_of(*columns) == crc))


_WHOLE, _WHOLE_OR_NOT, _TEXT = (int,), (int, type(None)), (str,)

TYPES = (_WHOLE, _TEXT, _WHOLE, _WHOLE_OR_NOT, _WHOLE_OR_NOT, *(_TEXT,) * 7)
"""Of `NIGHT_COLUMNS`. A damaged row can hold anything in any of them; it is then listed with nothing in its place."""

_INSTEAD: dict[tuple[type, ...], str | int | None] = {_WHOLE: 0, _WHOLE_OR_NOT: None, _TEXT: ""}


def _not_found(wanted: str, begins: list[str], found: Iterable[str]) -> str:
    if begins:
        message = f"{len(begins)} nights begin with {wanted!r} ({_some(begins)}); none was taken; give the whole name"
    else:
        near = difflib.get_close_matches(wanted, found, _LISTED, 0.5)
        hint = f"near it: {_some(near)}" if near else "see the list of nights"
        message = f"there is no night called {wanted!r}; {hint}"
    return message


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def require_intact(row: NightRow) -> None:
    """Raise StoreError if the night's own row is damaged."""
    if not row.intact:
        message = f"the entry of night {row.name} is damaged; it was left as it is; go back to a backup"
        raise StoreError(message)


_COLUMNS = NIGHT_COLUMNS.count(",") + 1

_LAST_KEY = """
    SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'night'), 0),
    coalesce((SELECT max(key) FROM night), 0))
"""
"""The highest key that was ever given: AUTOINCREMENT keeps it beside the table, also after its night was erased."""

_SELECT = f"""
    SELECT {NIGHT_COLUMNS}, crc, minutes,
    (SELECT to_s FROM minute WHERE place = (night.key << {NUMBER_BITS}) + night.minutes - 1)
    FROM night
"""
