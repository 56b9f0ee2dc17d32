"""Looking for words in the journal. What is looked for is only ever words, whatever it looks like."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from vigil.domain.errors import DamagedError
from vigil.domain.journal import Piece, kept_line
from vigil.store.journal_file import JournalFile, schema_sql
from vigil.store.sqlite_errors import plain_words

MOST_LETTERS, MOST_WORDS = 500, 32
"""Longer questions are looked at no further. Our choice."""

AROUND = 24
"""Words of the text that are shown (at most 64, sqlite.org/fts5.html, 5.1.3)."""

NEAR = 80
"""Letters before and after a hit, where the index could not help. Our choice."""

_OPEN, _CLOSE = "\x02", "\x03"
"""Around a hit in what SQLite answers; no text that is kept holds them (`kept_text`)."""

_Hit: TypeAlias = tuple[int, tuple[Piece, ...], tuple[Piece, ...]]


def find(files: Sequence[JournalFile], looked_for: str, limit: int) -> list[list[_Hit]]:
    """The number, title and place in the text of entries that hold every word; the fittest first. Raises StoreError.

    A list for each file. A word is found by its beginning, without regard to case and accents. Where no index finds
    anything every text is looked through letter by letter: an index knows no words in scripts that put no blanks
    between them, and no signs.
    """
    words = kept_line(looked_for[:MOST_LETTERS]).split()[:MOST_WORDS]
    if not words:
        return [[] for _ in files]
    with suppress(DamagedError):  # of an index; the texts are looked through then
        found = [_by_index(file, words, limit) for file in files]
        if any(found):
            return found
    return [_scan(file, words, limit) for file in files]


@contextmanager
def in_memory(texts: Sequence[str]) -> Iterator[JournalFile]:
    """Texts as the entries of a journal of which nothing is on disk, numbered from 1, for the length of a block.

    So the words of mornings are found exactly as entries are, and no index has to be erased with them.
    """
    with plain_words(), closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.executescript(schema_sql())
        connection.executemany(_IN_MEMORY, enumerate(texts, 1))
        connection.execute("INSERT INTO words(words) VALUES ('rebuild')")
        yield JournalFile(connection, Path(":memory:"), writes=False)


def _by_index(file: JournalFile, words: list[str], limit: int) -> list[_Hit]:
    rows = file.rows(_FIND, (" ".join(map(_quoted, words)), limit))
    return [(number, _pieces(title), _pieces(text)) for number, title, text in rows]


def _quoted(word: str) -> str:
    """One word as a string of FTS5, in which nothing has a meaning (sqlite.org/fts5.html, 3.1), as a beginning."""
    return '"' + word.replace('"', '""') + '"*'


def _pieces(marked: str) -> tuple[Piece, ...]:
    """What SQLite marked, in pieces."""
    found: list[Piece] = []
    for part in marked.split(_OPEN):
        hit, closed, rest = part.partition(_CLOSE)
        found += [Piece(hit, hit=True), Piece(rest)] if closed else [Piece(hit)]
    return tuple(piece for piece in found if piece.text)


def _scan(file: JournalFile, words: list[str], limit: int) -> list[_Hit]:
    """Entries that hold every word anywhere, newest first."""
    patterns = [re.compile(re.escape(word), re.IGNORECASE) for word in words]
    either = re.compile("|".join(pattern.pattern for pattern in patterns), re.IGNORECASE)
    found: list[_Hit] = []
    for number, title, body, tags in file.rows("SELECT id, title, body, tags FROM searched ORDER BY id DESC"):
        whole = f"{title}\n{body}\n{tags}"
        if all(pattern.search(whole) for pattern in patterns):
            found.append((number, _cut(title, either, len(title)), _cut(f"{body}\n{tags}", either, NEAR)))
        if len(found) == limit:
            break
    return found


def _cut(text: str, either: re.Pattern[str], near: int) -> tuple[Piece, ...]:
    """The text around its first hit, in pieces."""
    first = either.search(text)
    begin = max(0, first.start() - near) if first else 0
    end = min(len(text), (first.end() if first else 0) + near)
    found, at = [Piece("…" if begin else "")], begin
    for hit in either.finditer(text, begin, end):
        found += [Piece(text[at : hit.start()]), Piece(hit.group(), hit=True)]
        at = hit.end()
    found += [Piece(text[at:end]), Piece("…" if end < len(text) else "")]
    return tuple(piece for piece in found if piece.text)


_FIND = f"""
    SELECT rowid, highlight(words, 0, '{_OPEN}', '{_CLOSE}'), snippet(words, -1, '{_OPEN}', '{_CLOSE}', '…', {AROUND})
    FROM words WHERE words MATCH ?1 AND rowid IN (
        SELECT rowid FROM words WHERE words MATCH ?1 ORDER BY bm25(words, 4.0, 1.0, 4.0), rowid DESC LIMIT ?2
    )
    ORDER BY bm25(words, 4.0, 1.0, 4.0), rowid DESC
"""
"""A hit in the title or in a tag weighs as much as four in the text. The inner list
comes first, so that only what is shown is cut out. Our choice."""

_IN_MEMORY = "INSERT INTO entry (id, title, body, written_ms, edited_ms, version) VALUES (?, '', ?, 0, 0, 1)"
