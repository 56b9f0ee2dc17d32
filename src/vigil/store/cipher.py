"""Databases that are kept encrypted (SQLCipher 4): how one is told, and which key opens it.

The key is made of a passphrase as SQLCipher itself makes it, so any SQLCipher program opens the file with the same
words. Passphrase and key live in this process's memory alone: no file, no argument and no environment has them.

Beside an encrypted database lies a witness, `NAME-cipher`: the salt of its key, and a check by which a wrong passphrase
is told from a damaged file. It gives nobody more than the database itself does, whose first bytes are that salt. A file
without a witness, say a backup, is known by its pages: all of them look like noise, and no page of a plain one does.
"""

from __future__ import annotations

import hashlib
import hmac
import importlib
import json
import os
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

from vigil.domain.errors import LockedError, StoreError
from vigil.store.peeking import beginning
from vigil.store.private_files import make_file, sync
from vigil.store.sqlite_errors import PRIMARY, errors

MAGIC = b"SQLite format 3\x00"
"""The first bytes of every plain database (sqlite.org/fileformat.html, 1.3)."""

LEAST_LETTERS = 12
"""Of a passphrase. Whoever has the disk can guess without end: shorter ones fall to that. Our choice."""

LEAST_WORDS = f"a passphrase needs at least {LEAST_LETTERS} letters; four or five words that belong together are good"

_TURNS, _KEY_BYTES = 256_000, 32
_SALT_BYTES = 16
"""SQLCipher 4: PBKDF2-HMAC-SHA512, 256,000 turns, a key of 32 bytes, the salt being the first 16 bytes of the file."""

_PAGE = 4096
_MOST_PAGES = 64
_LEAST_VALUES, _MOST_OF_ONE = 224, 64
"""Of 4096 random bytes all 256 values occur, but for a handful, and none more than some 35 times. Within the first 64
pages of a plain database stand the tables of a row or two, which are zeros nearly throughout."""

_TRIES = 3
_CHECKED = b"vigil cipher check 1"
_MOST_WITNESS = 4096

MISSING = "is encrypted, and one more package is needed to open it; nothing was started; pip install 'vigil[crypt]'"
LOCKED = "is locked with a passphrase; nothing was started; start it by hand with vigil watch"
WRONG = "is locked with another passphrase; nothing was changed; try again"


@dataclass(frozen=True, slots=True)
class Key:
    """A key and the salt it was made with. Never shown."""

    salt: bytes
    secret: bytes = field(repr=False)

    @property
    def sql(self) -> str:
        """As SQLCipher's PRAGMA key and ATTACH take it: key and salt, in hex."""
        return f"x'{self.secret.hex()}{self.salt.hex()}'"

    @property
    def check(self) -> str:
        """What the witness keeps of it."""
        return hmac.new(self.secret, _CHECKED, hashlib.sha256).hexdigest()


@dataclass(slots=True)
class _Ring:
    """What this process knows. passphrases: the latest first. keys: made already, since making one takes 0.3 s.

    ask(name, again): for a passphrase, where there is somebody to ask; "" for none.
    """

    passphrases: list[str] = field(default_factory=list, repr=False)
    ask: Callable[[str, bool], str] | None = None
    keys: dict[tuple[str, bytes], Key] = field(default_factory=dict, repr=False)


_ring = _Ring()


def know(passphrase: str) -> None:
    """Open what this passphrase opens, from now on, in this process. Others that are known stay known."""
    words = unicodedata.normalize("NFC", passphrase)
    _ring.passphrases[:] = [words, *(each for each in _ring.passphrases if each != words)]


def known() -> str | None:
    """The passphrase that was given last; for handing it to a process of one's own, and nothing else."""
    return next(iter(_ring.passphrases), None)


def unknow() -> None:
    """Know no passphrase any more. What Python has copied of it stays in memory until that is used anew."""
    _ring.passphrases.clear()
    _ring.keys.clear()


def ask_by(ask: Callable[[str, bool], str] | None) -> None:
    """From now on ask in this way for the passphrase of a database, up to three times; None: never."""
    _ring.ask = ask


def new_key(passphrase: str) -> Key:
    """A key with a salt of its own; raises StoreError for a passphrase that is too short."""
    if len(passphrase) < LEAST_LETTERS:
        message = f"{LEAST_WORDS}; nothing was changed"
        raise StoreError(message)
    return _made(unicodedata.normalize("NFC", passphrase), os.urandom(_SALT_BYTES))


def _made(passphrase: str, salt: bytes) -> Key:
    if (passphrase, salt) not in _ring.keys:
        secret = hashlib.pbkdf2_hmac("sha512", passphrase.encode(), salt, _TURNS, _KEY_BYTES)
        _ring.keys[passphrase, salt] = Key(salt, secret)
    return _ring.keys[passphrase, salt]


# Telling.


def is_sealed(path: Path) -> bool:
    """Whether the file is an encrypted database, or stands where one was. Needs no passphrase. Raises OSError."""
    return _first_bytes(path) != MAGIC and bool(_witnessed(path) or _is_noise(path))


def is_locked(path: Path) -> bool:
    """Whether it is encrypted and no passphrase that is known here opens it. Nobody is asked. Raises OSError."""
    return is_sealed(path) and not any(fits(path, words) for words in tuple(_ring.passphrases))


def fits(path: Path, passphrase: str) -> bool:
    """Whether an encrypted database is under this passphrase. Raises LockedError without the package; OSError."""
    _need_driver(path)
    return is_sealed(path) and _key(path, [unicodedata.normalize("NFC", passphrase)]) is not None


def key_for(path: Path) -> Key | None:
    """The key of a database; None for a plain one, a damaged plain one, and where there is none yet.

    Raises LockedError if it is encrypted and its key is not known here, nor by whoever can be asked, or the package is
    missing; OSError.
    """
    if not is_sealed(path):
        return None
    _need_driver(path)
    found = _key(path, _ring.passphrases)
    for number in range(_TRIES):
        words = _ring.ask(path.name, number > 0) if found is None and _ring.ask is not None else ""
        found = _key(path, [unicodedata.normalize("NFC", words)]) if words else found
        if found is not None and words:
            know(words)
        if found is not None or not words:
            break
    if found is None:
        raise LockedError(f"{path.name} {WRONG if _ring.passphrases else LOCKED}")
    return found


def _key(path: Path, passphrases: Sequence[str]) -> Key | None:
    """The key of an encrypted database, if one of these makes it."""
    salt, locks = _first_bytes(path), _witnessed(path)
    locks = [lock for lock in locks if lock.salt == salt] or locks
    salts = [lock.salt for lock in locks] or [salt]
    opens: Callable[[Key], bool] = partial(_fits, locks) if locks else partial(_opens, path)
    keys = (_made(words, each) for words in tuple(passphrases) for each in salts)
    return next(filter(opens, keys), None)


def _first_bytes(path: Path) -> bytes:
    return beginning(path, _SALT_BYTES)


def _is_noise(path: Path) -> bool:
    """Whether every page looks like noise, which no page of zeros, text or numbers does."""
    found = beginning(path, _PAGE * _MOST_PAGES)
    if not found or len(found) % _PAGE:
        return False
    counts = (Counter(found[at : at + _PAGE]) for at in range(0, len(found), _PAGE))
    return all(len(each) >= _LEAST_VALUES and max(each.values()) <= _MOST_OF_ONE for each in counts)


def _fits(locks: Sequence[Lock], key: Key) -> bool:
    return any(hmac.compare_digest(lock.check, key.check) for lock in locks)


def _opens(path: Path, key: Key) -> bool:
    connection = connect(path, "mode=ro&immutable=1", key)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except errors() as error:
        if getattr(error, "sqlite_errorcode", 0) & PRIMARY != sqlite3.SQLITE_NOTADB:
            raise
        return False
    else:
        return True
    finally:
        connection.close()


# The witness.


@dataclass(frozen=True, slots=True)
class Lock:
    """What the witness says of a key."""

    salt: bytes
    check: str


def witness_of(path: Path) -> Path:
    """Where the witness of a database lies; there is none beside a plain one."""
    return path.with_name(f"{path.name}-cipher")


def write_witness(path: Path, keys: Sequence[Key | Lock]) -> None:
    """Say that one of these keys opens the database, whole or not at all; with none remove it. Raises OSError."""
    witness = witness_of(path)
    if not keys:
        witness.unlink(missing_ok=True)
    else:
        part = witness.with_name(f"{witness.name}-part")
        make_file(part)
        locks = [{"salt": key.salt.hex(), "check": key.check} for key in keys]
        part.write_text(json.dumps({"format": "vigil-cipher", "version": 1, "locks": locks}) + "\n")
        sync(part)
        part.replace(witness)
    sync(path.parent)


def settle_witness(path: Path) -> None:
    """Leave in the witness what the database as it stands now needs, and no more. Raises OSError."""
    salt, locks = _first_bytes(path), _witnessed(path)
    kept = [lock for lock in locks if lock.salt == salt]
    if locks and salt == MAGIC:
        write_witness(path, [])
    elif kept and kept != locks:
        write_witness(path, kept)


def _witnessed(path: Path) -> list[Lock]:
    """What the witness says; nothing where there is none, or it is damaged: then the pages tell."""
    try:
        with witness_of(path).open("rb") as file:
            locks = json.loads(file.read(_MOST_WITNESS))["locks"]
        return [Lock(bytes.fromhex(each["salt"]), str(each["check"])) for each in locks]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError, KeyError):
        return []


# The driver.


def connect(path: Path, how: str, key: Key | None, timeout_s: float = 0.0) -> sqlite3.Connection:
    """A connection by SQLCipher, with this key or to a plain file. Raises LockedError if the package is missing.

    It is used as sqlite3's own, which it was made after; but `setlimit` it does not have.
    """
    driver = _need_driver(path)
    made = driver.connect(f"{path.as_uri()}?{how}", timeout=timeout_s, isolation_level=None, uri=True)
    made.execute("PRAGMA cipher_log_level = NONE").fetchall()  # else it says on stderr what it could not decrypt
    if key is not None:
        made.execute(f'PRAGMA key = "{key.sql}"').fetchall()
    return cast("sqlite3.Connection", made)


def _need_driver(path: Path) -> Any:
    try:
        return importlib.import_module("sqlcipher3.dbapi2")
    except ImportError as error:
        raise LockedError(f"{path.name} {MISSING}") from error
