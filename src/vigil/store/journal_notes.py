"""What is kept beside entries: a morning's words, answers that wait for the store, and what is being typed."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from vigil.domain.answers import Answer, MorningWord
from vigil.domain.errors import InputError, StoreError
from vigil.domain.journal import Draft, MorningNote, name_or_none
from vigil.store.journal_file import JournalFile, Row


@dataclass(frozen=True, slots=True)
class Waiting:
    """An answer that waits until the store of nights can be written."""

    night: str
    answer: Answer
    kept_ms: int


class Notes:
    """The notes of one journal. Every method raises StoreError if the database refuses."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file

    # Mornings.

    def put_morning(self, note: MorningNote, now_ms: int) -> MorningNote:
        """Keep a morning's words, durably. note.version: the one that was being edited.

        If that is no longer the latest, what was written in both places is kept, one below the other; of dread and
        marks the last ones stay. Raises InputError if the two together are too long.
        """
        with self._file.atomic():
            before = self.morning(note.night)
            old = before is not None and before.version != note.version
            words = _both(before.words, note.words) if before is not None and old else note.words
            evening = _both(before.evening, note.evening) if before is not None and old else note.evening
            version = 1 if before is None else before.version + 1
            kept = replace(note, words=words, evening=evening, kept_ms=now_ms, version=version)
            self.put_back(kept)
        return kept

    def put_back(self, note: MorningNote) -> None:
        """A morning as it stands, inside a transaction."""
        marks = json.dumps(note.marks, ensure_ascii=False)
        self._file.execute(
            f"INSERT OR REPLACE INTO morning ({_NOTE}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (note.night, note.dread, note.words, marks, note.evening, note.kept_ms, note.version),
        )

    def morning(self, night: str) -> MorningNote | None:
        """A morning's words, or None."""
        found = self._file.row(f"SELECT {_NOTE} FROM morning WHERE night = ?", (night,))
        return None if found is None else note_of(found)

    def mornings(self) -> dict[str, MorningNote]:
        """Every morning's words, by night."""
        return {row[0]: note_of(row) for row in self._file.rows(f"SELECT {_NOTE} FROM morning ORDER BY night")}

    def written(self) -> tuple[MorningNote, ...]:
        """Mornings of which something was typed, in the order of their nights' names."""
        return tuple(note for note in self.mornings().values() if note.text)

    # Answers that wait.

    def wait(self, night: str, answer: Answer, now_ms: int) -> None:
        """Keep an answer until the store of nights can be written, in place of an earlier one of that night."""
        values = (name_or_none(night) or "", json.dumps(answer.as_plain()), now_ms)
        with self._file.atomic():
            self._file.execute("INSERT OR REPLACE INTO waiting (night, answer, kept_ms) VALUES (?, ?, ?)", values)

    def waiting(self) -> tuple[Waiting, ...]:
        """Every answer that waits, the oldest first; one that cannot be read is left out."""
        rows = self._file.rows("SELECT night, answer, kept_ms FROM waiting ORDER BY kept_ms, night")
        answers = [(night, answer_of(text), kept_ms) for night, text, kept_ms in rows]
        return tuple(Waiting(night, answer, kept_ms) for night, answer, kept_ms in answers if answer is not None)

    def settled(self, done: Waiting) -> None:
        """This answer waits no longer. One that was given for the night meanwhile still does."""
        values = (done.night, json.dumps(done.answer.as_plain()))
        with self._file.atomic():
            self._file.execute("DELETE FROM waiting WHERE night = ? AND answer = ?", values)

    # What is being typed.

    def put_draft(self, draft: Draft, now_ms: int) -> None:
        """Keep what is being typed, in place of what was there; an empty text lets it go."""
        with self._file.atomic():
            self._file.execute("DELETE FROM draft WHERE place = ?", (draft.place,))
            if draft.text:
                values = (draft.place, draft.night, draft.text, now_ms)
                self._file.execute("INSERT INTO draft (place, night, text, kept_ms) VALUES (?, ?, ?, ?)", values)

    def draft(self, place: str) -> Draft | None:
        """What was being typed there, or None."""
        found = self._file.row(f"{_DRAFTS} WHERE place = ?", (place,))
        return None if found is None else Draft(*found)

    def drafts(self, places: str) -> tuple[Draft, ...]:
        """What is being typed in every place that begins so, the latest first."""
        rows = self._file.rows(f"{_DRAFTS} ORDER BY kept_ms DESC, place")
        return tuple(Draft(*row) for row in rows if row[0].startswith(places))


def note_of(row: Row) -> MorningNote:
    """A row of the table; raises StoreError for what Vigil never writes."""
    night, dread, words, marks, *rest = row
    try:
        return MorningNote(night, dread, words, tuple(map(str, json.loads(marks))), *rest)
    except (ValueError, TypeError, RecursionError, InputError) as error:
        message = (
            f"the morning of night {night} holds what Vigil never writes; it was left as it is; go back to a backup"
        )
        raise StoreError(message) from error


def answer_of(text: str) -> Answer | None:
    """An answer out of its JSON, None if it is none."""
    try:
        fields = json.loads(text)
        return Answer(MorningWord(fields.pop("answer")), **fields)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, InputError):
        return None


def _both(first: str, second: str) -> str:
    """Two texts that were written at once, without saying anything twice."""
    if second in first:
        return first
    return second if first in second else f"{first}\n\n{second}"


_NOTE = "night, dread, words, marks, evening, kept_ms, version"
_DRAFTS = "SELECT place, text, night, kept_ms FROM draft"
