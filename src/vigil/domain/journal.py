"""What a person writes down for themselves: entries, the threads they name, a morning's words. All of it is theirs.

Text is kept as it was typed, in any script, with two exceptions that are nobody's words: line ends become one kind,
and what cannot be text (NUL and other controls, halves of letters) becomes the replacement character, as browsers do
(WHATWG Infra, "scalar value string"; HTML, "replace NUL"). Nothing is ever cut: what is too long is refused whole.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from vigil.domain.answers import MOST
from vigil.domain.errors import InputError

MOST_BODY = 1_000_000
"""Letters of one text: a thick novel. Our choice; it keeps one entry from filling a small computer's memory."""

MOST_TITLE = 200
MOST_NAME = 200
"""Of a night, a thread, or the place of a draft."""

MOST_TAG = 40
MOST_TAGS = 30
"""Tags of one entry, and their letters. Our choice: a list that still fits a phone."""

MOST_MARKS = 50
"""Marks of one evening: more than the page offers. Our choice."""

REPLACEMENT = "\ufffd"

_NO_TEXT = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000)), REPLACEMENT)
del _NO_TEXT[ord("\n")], _NO_TEXT[ord("\t")]

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def kept_text(text: str) -> str:
    """The text as it is kept; doing it twice changes nothing more."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_NO_TEXT)


def kept_line(text: str) -> str:
    """The same as one line, without blanks around it."""
    return " ".join(kept_text(text).split())


def fold(name: str) -> str:
    """What makes two names the same: neither large and small letters nor how an accent was typed matter."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


@dataclass(frozen=True, slots=True)
class Written:
    """What a person wrote, before it is an entry. Cleaned as `kept_text` says.

    day: ISO date or None. night: a night's name or None. tags: each once, whatever its case; the first way of typing
    it stays. thread: the number of a thread or None. Raises InputError, naming where the text still is, for what is
    too long, empty, or no date.
    """

    title: str = ""
    body: str = ""
    tags: tuple[str, ...] = ()
    night: str | None = None
    day: str | None = None
    thread: int | None = None

    def __post_init__(self) -> None:
        """Clean and check."""
        _set(self, "title", kept_line(self.title))
        _set(self, "body", kept_text(self.body))
        _set(self, "tags", _tags(self.tags))
        _set(self, "night", name_or_none(self.night))
        _need_length("the title", self.title, MOST_TITLE)
        _need_length("the text", self.body, MOST_BODY)
        _need_day(self.day)
        if not self.title and not self.body.strip():
            message = "there is nothing in it yet; nothing was kept; write something, or leave"
            raise InputError(message)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is kept. written_ms, edited_ms: Unix time. version: from 1, one more with each change."""

    id: int
    what: Written
    written_ms: int
    edited_ms: int
    version: int


@dataclass(frozen=True, slots=True)
class Thread:
    """A recurring dream, or anything else that comes back, under the person's own name. entries: how many."""

    id: int
    name: str
    note: str = ""
    entries: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text; hit: whether it is what was looked for. Text, never markup."""

    text: str
    hit: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """An entry that was found: its title and the place in it, in pieces."""

    entry: Entry
    title: tuple[Piece, ...]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class MorningNote:
    """What is said of a night beside the answer. What was not said is None or empty.

    dread: of going to bed, 0 to 10. marks: what the evening held, as chosen; evening: the same in words. kept_ms:
    Unix time. version: 0 before it was ever kept. Raises InputError outside the bounds.
    """

    night: str
    dread: int | None = None
    words: str = ""
    marks: tuple[str, ...] = ()
    evening: str = ""
    kept_ms: int = 0
    version: int = 0

    def __post_init__(self) -> None:
        """Clean and check."""
        _set(self, "night", name_or_none(self.night) or "")
        _set(self, "words", kept_text(self.words))
        _set(self, "evening", kept_text(self.evening))
        _set(self, "marks", _once(self.marks))
        if not self.night:
            message = "it is not said which night is meant; nothing was kept; choose a night"
            raise InputError(message)
        if self.dread is not None and not (type(self.dread) is int and 0 <= self.dread <= MOST):
            message = f"dread = {self.dread!r}: must be a whole number from 0 to {MOST}; nothing was kept"
            raise InputError(message)
        _need_length("the text", self.words, MOST_BODY)
        _need_length("the text about the evening", self.evening, MOST_BODY)
        _need_few("marks", self.marks, MOST_MARKS)

    @property
    def text(self) -> str:
        """All that was typed: the words, and below them what the evening held. Empty for none."""
        return "\n\n".join(text for text in (self.words, self.evening) if text.strip())


@dataclass(frozen=True, slots=True)
class FoundMorning:
    """A morning whose words were found, and the place in them, in pieces."""

    note: MorningNote
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What is being typed and is not kept yet.

    place: which box of the page, for an entry as `place_of` says it. night: if it is of one. It is erased with either.
    """

    place: str
    text: str
    night: str | None = None
    kept_ms: int = 0

    def __post_init__(self) -> None:
        """Clean and check; raises InputError."""
        _set(self, "place", name_or_none(self.place) or "")
        _set(self, "text", kept_text(self.text))
        _set(self, "night", name_or_none(self.night))
        _need_length("the text", self.text, MOST_BODY)


def place_of(entry: int) -> str:
    """The place of the draft of an entry that is being changed."""
    return f"entry/{entry}"


def name_or_none(name: str | None) -> str | None:
    """A name as one line, None for no name; raises InputError if it is too long."""
    line = kept_line(name or "")
    _need_length("the name", line, MOST_NAME)
    return line or None


def _set(record: object, name: str, value: object) -> None:
    object.__setattr__(record, name, value)  # the one moment at which a frozen record may still be cleaned


def _tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    once = _once(tags)
    _need_few("tags", once, MOST_TAGS)
    return once


def _once(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names as lines, each once, without empty ones; raises InputError if one is too long."""
    found: dict[str, str] = {}
    for name in map(kept_line, names):
        _need_length("a tag", name, MOST_TAG)
        if name:
            found.setdefault(fold(name), name)
    return tuple(found.values())


def _need_length(what: str, text: str, most: int) -> None:
    if len(text) > most:
        message = (
            f"{what} has {len(text):,} letters, and {most:,} fit; nothing was kept or lost: it is still where you "
            "wrote it; make it shorter, or make two of it"
        )
        raise InputError(message)


def _need_few(what: str, names: tuple[str, ...], most: int) -> None:
    if len(names) > most:
        message = f"these are {len(names)} {what}, and {most} fit; nothing was kept; leave some out"
        raise InputError(message)


def _need_day(day: str | None) -> None:
    if day is not None and not _is_day(day):
        message = f"{kept_line(day)[:MOST_TAG]!r} is no date; nothing was kept; write it as 2026-11-27"
        raise InputError(message)


def _is_day(day: str) -> bool:
    year, month, number = day[:4], day[5:7], day[8:]
    if len(day) != 10 or not (year + month + number).isdecimal() or not day.isascii() or day[4] + day[7] != "--":
        return False
    if not 1 <= int(month) <= 12 or not 1 <= int(number) <= _DAYS[int(month) - 1] or int(year) == 0:
        return False
    leap = int(year) % 4 == 0 and (int(year) % 100 != 0 or int(year) % 400 == 0)
    return leap or (month, number) != ("02", "29")
