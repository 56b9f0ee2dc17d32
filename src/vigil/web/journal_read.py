"""What the pages of the journal read: the journal if there is one, an entry by its number, what entries speak of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from vigil.app.journal_room import journal_if_any
from vigil.domain.errors import NotFoundError, StoreError
from vigil.domain.journal import Entry
from vigil.store.journal import Journal
from vigil.store.journal_erase import WordsErased
from vigil.store.nights import Nights
from vigil.web.asked import Asked
from vigil.web.views.journal import Around

LARGEST_DIGITS = 18
"""Of a number: SQLite gives no larger ones to rows."""


@contextmanager
def there(asked: Asked) -> Iterator[Journal]:
    """The journal; raises NotFoundError if nothing was ever written, StoreError."""
    with journal_if_any(asked.rooms.home, asked.rooms.shelf) as opened:
        if opened is None:
            raise NotFoundError(asked.words("journal.gone"))
        yield opened


def entry_of(asked: Asked, opened: Journal) -> Entry:
    """The entry that an address means; raises NotFoundError with the sentence for who looks for one."""
    try:
        return opened.entry(key_of(asked))
    except NotFoundError as error:
        raise NotFoundError(asked.words("journal.gone")) from error


def key_of(asked: Asked) -> int:
    """The number in an address; 0, which nothing has, for one that is too large."""
    return number_of(str(asked.params["key"]))


def number_of(text: str) -> int:
    """A number out of a form or an address; 0, which nothing has, for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LARGEST_DIGITS else 0


def around_of(asked: Asked, opened: Journal | None) -> Around:
    """The nights and threads that entries can speak of; without the nights where they cannot be read."""
    threads = () if opened is None else opened.threads()
    try:
        with asked.rooms.reading() as shelf:
            rows = [] if shelf is None else Nights(shelf.database).nights()
    except StoreError:
        rows = []
    return Around(rows, threads, asked.words)


def beyond_reach(asked: Asked, done: WordsErased) -> Iterator[str]:
    """Copies that still hold what was erased, in words."""
    yield from (asked.words("journal.unreachable", folder=folder) for folder in done.unreachable)
    yield from (asked.words("journal.set_aside", path=path) for path in done.set_aside)
