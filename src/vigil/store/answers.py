"""Mornings: one answer a night, kept until it is changed or its night is forgotten."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from vigil.domain.answers import Answer, MorningWord
from vigil.domain.errors import InputError, StoreError
from vigil.store.checksums import crc_of
from vigil.store.database import Database, Row
from vigil.store.integrity import ANSWER_COLUMNS
from vigil.store.nights import Nights


@dataclass(frozen=True, slots=True)
class KeptAnswers:
    """Every answer by the key of its night, and the nights whose answer is damaged and cannot be believed."""

    by_night: dict[int, Answer]
    damaged: tuple[int, ...] = ()


class Answers:
    """The answers of one database. Every method raises StoreError if the database refuses."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, night: int, answer: Answer) -> None:
        """Keep an answer, durably, in place of an earlier one of that night; raises NotFoundError."""
        row = Nights(self._database).row(night)
        columns = (row.key, answer.word.value, *(_whole(value) for value in astuple(answer)[1:]))
        marks = ", ".join("?" * (len(columns) + 1))
        with self._database.atomic():
            self._database.execute(
                f"INSERT OR REPLACE INTO answer ({ANSWER_COLUMNS}, crc) VALUES ({marks})", (*columns, crc_of(*columns))
            )

    def get(self, night: int) -> Answer | None:
        """The answer of a night, or None; raises StoreError if it does not fit its checksum."""
        found = self._database.row(f"{_SELECT} WHERE night = ?", (night,))
        return None if found is None else answer_of(found)

    def all(self) -> KeptAnswers:
        """Every answer; a damaged one is named instead of raising, because learning goes on without it."""
        found: dict[int, Answer] = {}
        damaged = []
        for row in self._database.rows(f"{_SELECT} ORDER BY night"):
            try:
                found[row[0]] = answer_of(row)
            except StoreError:
                damaged.append(int(row[0]))
        return KeptAnswers(found, tuple(damaged))


def _whole(value: bool | int | None) -> int | None:
    """As SQLite gives it back, so that the checksum is of what is stored."""
    return None if value is None else int(value)


def answer_of(row: Row) -> Answer:
    """A row of the table (`ANSWER_COLUMNS` and its checksum), proven; raises StoreError."""
    *columns, crc = row
    night, word, dreams, distress, sleepiness, *flags = columns
    message = f"the answer of night {night} is damaged; it was not read; give it again with vigil morning --change"
    if crc_of(*columns) != crc:
        raise StoreError(message)
    woken, disturbed, was_awake, resumed = (None if flag is None else bool(flag) for flag in flags)
    try:
        return Answer(
            MorningWord(word), dreams, distress, sleepiness, woken, disturbed, was_awake, resumed=bool(resumed)
        )
    except (ValueError, InputError) as error:
        raise StoreError(message) from error


_SELECT = f"SELECT {ANSWER_COLUMNS}, crc FROM answer"
