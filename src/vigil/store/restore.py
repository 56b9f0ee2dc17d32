"""Taking back what a backup, or a database that was set aside, still holds: night by night, row by row, each proven.

The file itself is never put in place. Nothing that is already here is changed, and doing it twice takes nothing twice.
From the backup first and then from the file that was set aside gives the most: the older nights whole, and then the
latest. A loss stays a loss until a person accepts it (`Database.accept_loss`): rows that could not be taken back may
have told of nudges.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from vigil.domain.answers import Answer
from vigil.domain.errors import StoreError
from vigil.domain.nudges import LedgerRow
from vigil.store.answers import Answers, answer_of
from vigil.store.checksums import GENESIS, NUMBER_BITS, crc_of, place_of, sealed
from vigil.store.database import Database, Row
from vigil.store.foreign import FIRST, FIRST_CRCS, Foreign, ForeignNight, reading
from vigil.store.integrity import ANSWER_COLUMNS, LEDGER_COLUMNS, NIGHT_COLUMNS
from vigil.store.ledger import outcome_of
from vigil.store.minutes import write
from vigil.store.nights import Nights
from vigil.store.record_types import fits

_ANSWERS_SINCE = 2
"""The step that made the table."""

_Identity = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was taken back. already: nights that were here. skipped: damaged, or senseless, nights, minutes and rows."""

    nights: int
    answers: int
    ledger_rows: int
    already: int
    skipped: int

    @property
    def words(self) -> str:
        """The same for a person."""
        said = [f"Taken back: {_counted(self.nights, 'night')} and {_counted(self.answers, 'answer')}."]
        if self.already:
            said.append(f"Already here and left alone: {_counted(self.already, 'night')}.")
        if self.skipped:
            said.append(f"Damaged and left out: {_counted(self.skipped, 'part')}.")
        return " ".join(said)


def restore(database: Database, source: Path) -> Restored:
    """Take back from `source` every night, answer and ledger row that is proven and not here yet.

    Each night is taken whole or not at all. Raises NotFoundError; StoreError, with nothing taken, for a file that is
    not Vigil's, is of a newer Vigil, or has tables of its own; FullError and UnwritableError, and then what was taken
    before stays and it may be tried again.
    """
    source = source.absolute()
    if source == database.path:
        message = "that is the database itself; nothing was taken back; name a backup"
        raise StoreError(message)
    with reading(source, database.path.parent) as foreign:
        return _Restoring(database, foreign).all()


class _Restoring:
    def __init__(self, database: Database, foreign: Foreign) -> None:
        self._database = database
        self._foreign = foreign
        self._keys: dict[int, int] = {}
        """The key here of each night there that is here now."""

    def all(self) -> Restored:
        taken = already = 0
        for night in self._foreign.nights():
            here = self._found(night)
            if here is None:
                self._keys[night.key] = self._take(night)
                taken += 1
            else:
                self._keys[night.key] = here
                already += 1
        answers, rows = self._answers(), self._ledger()
        return Restored(taken, answers, rows, already, self._foreign.skipped)

    # Nights.

    def _found(self, night: ForeignNight) -> int | None:
        """The key of the same night here: begun at the same instant in the same way.

        That is enough for a live night with a clock. Of others many begin at the same instant: the first minutes that
        both have must be the same, or, where there are none, the names must be, but for a "-2".
        """
        _, name, _, wall_ms, _, kind, *_ = night.columns
        called = re.compile(re.escape(name) + r"(-\d+)?")
        first = self._foreign.first_crcs(night)
        found = self._database.rows(
            "SELECT key, name FROM night WHERE (began_ns, wall_ms, zone_min, kind, mode, format, path)"
            " IS (?, ?, ?, ?, ?, ?, ?)",
            night.columns[2:9],
        )
        for key, its_name in found:
            if kind == "live" and wall_ms is not None:
                return int(key)
            here = self._database.rows(FIRST_CRCS, (place_of(key, 0), place_of(key, FIRST)))
            both = [(crc, first[number]) for number, crc in here if number in first]
            if all(a == b for a, b in both) if both else called.fullmatch(its_name):
                return int(key)
        return None

    def _take(self, night: ForeignNight) -> int:
        """One night, whole or not at all; its key here, which is its own if that is free."""
        nights = Nights(self._database)
        with self._database.atomic():
            taken = self._database.row("SELECT 1 FROM night WHERE key = ?", (night.key,))
            key = nights.next_key() if taken else night.key
            columns = (key, nights.free(night.columns[1]), *night.columns[2:])
            marks = ", ".join("?" * (len(columns) + 2))
            self._database.execute(
                f"INSERT INTO night ({NIGHT_COLUMNS}, crc, minutes) VALUES ({marks})", (*columns, crc_of(*columns), 0)
            )
            minutes = self._take_minutes(night, key)
            self._database.execute("UPDATE night SET minutes = ? WHERE key = ?", (minutes, key))
            self._take_summary(night.key, key)
        return key

    def _take_minutes(self, night: ForeignNight, key: int) -> int:
        """Its minutes, sealed anew where its key is another; how many it should have, so that gaps stay gaps."""
        seal, expected = GENESIS, 0
        for row in self._foreign.minutes(night):
            ours = row
            if key != night.key:
                before = seal if row.number == expected else GENESIS
                span_s, packed = (row.from_s, row.to_s), (row.samples, row.records)
                ours = sealed(place_of(key, row.number), span_s, row.count, packed, before)
            write(self._database, key, ours)
            seal, expected = ours.seal, row.number + 1
        return night.minutes if expected <= night.minutes < 1 << NUMBER_BITS else expected

    def _take_summary(self, there: int, key: int) -> None:
        for _, body in self._foreign.rows("summary", "night", "night, body", only=there):
            if _is_object(body):
                self._database.execute(
                    "INSERT INTO summary (night, body, crc) VALUES (?, ?, ?)", (key, body, crc_of(key, body))
                )
            else:
                self._foreign.skipped += 1

    # Answers and the ledger.

    def _answers(self) -> int:
        """Answers of nights that are here now and have none."""
        if self._foreign.reached < _ANSWERS_SINCE:
            return 0
        taken, answers = 0, Answers(self._database)
        kept = {night for (night,) in self._database.rows("SELECT night FROM answer")}
        for columns in self._foreign.rows("answer", "night", ANSWER_COLUMNS):
            night, answer = self._keys.get(columns[0]), _answer(columns)
            if answer is None:
                self._foreign.skipped += 1
            elif night is not None and night not in kept:
                answers.put(night, answer)
                taken += 1
        return taken

    def _ledger(self) -> int:
        """Rows of the ledger go before those that are here: they are older, and the newest must stay the last.

        The rows here are numbered anew, and are otherwise as they were; if one of them is damaged nothing is taken.
        """
        found = [row for row in self._foreign.rows("ledger", "number", LEDGER_COLUMNS) if self._is_ledger_row(row)]
        with self._database.atomic():
            stored = self._database.rows(f"SELECT {LEDGER_COLUMNS}, crc FROM ledger ORDER BY number")
            if any(crc_of(*columns) != crc for *columns, crc in stored):
                self._foreign.skipped += len(found)
                return 0
            here = [tuple(columns) for *columns, _ in stored]
            known = {_of_permit(row) for row in here}
            fresh = list({_of_permit(row): row for row in found if _of_permit(row) not in known}.values())
            if fresh:
                self._write_ledger([*fresh, *here])
        return len(fresh)

    def _write_ledger(self, rows: list[Row]) -> None:
        self._database.execute("DELETE FROM ledger")
        numbered = [(number, *row[1:]) for number, row in enumerate(rows, start=1)]
        marks = ", ".join("?" * (len(numbered[0]) + 1))
        self._database.execute_many(
            f"INSERT INTO ledger ({LEDGER_COLUMNS}, crc) VALUES ({marks})",
            [(*row, crc_of(*row)) for row in numbered],
        )
        self._database.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'ledger'", (len(rows),))

    def _is_ledger_row(self, columns: Row) -> bool:
        try:
            outcome = outcome_of((*columns, crc_of(*columns)))
        except (StoreError, ValueError):
            outcome = None
        good = (
            outcome is not None
            and fits(outcome.row, LedgerRow)
            and type(outcome.text) is str
            and isinstance(outcome.at_ns, int | None)
        )
        self._foreign.skipped += not good
        return good


def _of_permit(row: Row) -> Row:
    """What makes a row of the ledger this one: all but its number and what became of the permit."""
    return row[1:-2]


def _answer(columns: Row) -> Answer | None:
    try:
        return answer_of((*columns, crc_of(*columns)))
    except StoreError:
        return None


def _is_object(text: object) -> bool:
    """Whether it is a JSON object, as a night's summary is."""
    try:
        return isinstance(text, str) and isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
