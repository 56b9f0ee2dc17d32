"""The wearables that belong to this person, in `wearables.toml` beside the settings.

[[wearable]]
key = "polar-h10"                  # family, as `vigil devices --known` lists them
address = "A0:9E:1A:00:00:01"      # its identity on this computer
name = "Polar H10 1234ABCD"
roles = ["sensor"]

[[wearable]]
key = "banglejs"
address = "D3:12:00:00:00:02"
name = "Bangle.js 5678"
roles = ["vibration"]

Exactly one is the sensor, and at most one vibrates; one can be both. `vigil pair` writes the file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

import tomlkit

from vigil.app.home import Home
from vigil.app.printable import printable
from vigil.app.private import private_folder, write_private
from vigil.devices.family import LONGEST_KEY, is_key
from vigil.domain.errors import InputError

MAX_BYTES = 64 * 1024
"""A larger file is none of ours."""

LONGEST_NAME = 60
"""Of a name that strangers may have written, so much is kept. Our choice."""

_ADDRESS = re.compile(r"[0-9A-Za-z][0-9A-Za-z:.-]{0,63}")
"""A Bluetooth address, or the UUID that macOS gives instead (bleak, `BLEDevice.address`)."""

_HEAD = "# The wearables of this Vigil. Written by vigil pair; to end a pairing: vigil pair --forget\n\n"


class Role(Enum):
    """What a wearable is used for."""

    SENSOR = "sensor"
    VIBRATION = "vibration"


@dataclass(frozen=True, slots=True)
class Paired:
    """One wearable of this person. key: its family. address: its identity on this computer."""

    key: str
    address: str
    name: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Wearables:
    """Who senses and who vibrates: the same one, two, or nobody. There is no vibration without a sensor."""

    sensor: Paired | None = None
    vibration: Paired | None = None

    @property
    def all(self) -> tuple[Paired, ...]:
        """Each wearable once, the sensor first."""
        found = [one for one in (self.sensor, self.vibration) if one is not None]
        return tuple(dict.fromkeys(found))


def wearables_path(home: Home) -> Path:
    """The file; it need not exist."""
    return home.config / "wearables.toml"


def read_wearables(home: Home) -> Wearables:
    """Who is paired, nobody where there is no file; raises InputError naming the file, what is wrong, what to do."""
    path = wearables_path(home)
    try:
        if not path.exists():
            return Wearables()
        raw = path.read_bytes()
    except OSError as error:
        raise _refusal(path, f"cannot be read ({error.strerror})") from error
    if len(raw) > MAX_BYTES:
        raise _refusal(path, f"{len(raw)} bytes are too many")
    try:
        given = tomllib.loads(raw.decode("utf-8-sig"))
        return _of(given)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refusal(path, f"is damaged and cannot be read ({error})") from error
    except _WrongError as error:
        raise _refusal(path, str(error)) from error


def write_wearables(home: Home, wearables: Wearables) -> None:
    """Keep them, mode 0600, whole or not at all; without any, there is no file. Raises InputError or OSError.

    What could not be read again is never written: two sensors, none, or a name that no terminal should show.
    """
    path = wearables_path(home)
    if not wearables.all:
        path.unlink(missing_ok=True)
        return
    text = _text(wearables.all)
    try:
        again = _of(tomllib.loads(text))
    except (_WrongError, tomllib.TOMLDecodeError) as error:
        raise _refusal(path, f"would not hold a pairing that can be used: {error}") from error
    if again != wearables:
        raise _refusal(path, "would not hold what was meant")
    private_folder(path.parent)
    write_private(path, text.encode())


def shown_name(name: str | None) -> str:
    """A device's own name as it can be shown and kept: printable, one line, bounded; `without a name` if empty."""
    plain = " ".join(printable((name or "")[: 4 * LONGEST_NAME]).split())
    return plain[:LONGEST_NAME].strip() or "without a name"


def is_address(value: object) -> bool:
    """Whether this can be the identity of a device on some computer."""
    return isinstance(value, str) and _ADDRESS.fullmatch(value) is not None


def with_pair(before: Wearables, new: Paired) -> Wearables:
    """What there is once `new` has its roles: whoever had them loses them, and is kept for what is left to it."""
    others = (one for one in before.all if one.address.upper() != new.address.upper())
    kept = [new, *(replace(one, roles=one.roles - new.roles) for one in others)]
    return _who(one for one in kept if one.roles)


def without(before: Wearables, address: str) -> Wearables:
    """What is left once the wearable of this address is forgotten."""
    return _who(one for one in before.all if one.address.upper() != address.upper())


def _who(all_of_them: Iterable[Paired]) -> Wearables:
    has = {role: one for one in all_of_them for role in one.roles}
    return Wearables(has.get(Role.SENSOR), has.get(Role.VIBRATION))


class _WrongError(Exception):
    """What a file of wearables holds cannot be used; the text is a clause."""


def _of(given: dict[str, Any]) -> Wearables:
    rows = given.get("wearable")
    if set(given) != {"wearable"} or not isinstance(rows, list) or not rows:
        message = "must hold tables [[wearable]] and nothing else"
        raise _WrongError(message)
    found = [_paired(row, f"wearable {number}") for number, row in enumerate(rows, 1)]
    addresses = [one.address.upper() for one in found]
    if len(set(addresses)) != len(addresses):
        message = "names one address twice; one wearable with two roles is one table"
        raise _WrongError(message)
    for role, fewest in ((Role.SENSOR, 1), (Role.VIBRATION, 0)):
        count = sum(role in one.roles for one in found)
        if not fewest <= count <= 1:
            how_many = "exactly one" if fewest else "at most one"
            message = f"has {count} wearables with the role {role.value}; {how_many} can have it"
            raise _WrongError(message)
    return _who(found)


def _paired(row: object, where: str) -> Paired:
    known = ("key", "address", "name", "roles")
    if not isinstance(row, dict) or set(row) != set(known):
        message = f"{where} must have {', '.join(known)} and nothing else"
        raise _WrongError(message)
    roles = row["roles"]
    words = {role.value: role for role in Role}
    said = isinstance(roles, list) and roles and all(isinstance(one, str) and one in words for one in roles)
    rules = {
        f"key must be that of a family, at most {LONGEST_KEY} letters": is_key(row["key"]),
        "address must be letters, digits, colons, dots or dashes, at most 64": is_address(row["address"]),
        f"name must be printable, at most {LONGEST_NAME} letters": _is_name(row["name"]),
        'roles must be ["sensor"], ["vibration"] or both': said and len(set(roles)) == len(roles),
    }
    for rule, kept in rules.items():
        if not kept:
            message = f"{where}: {rule}"
            raise _WrongError(message)
    return Paired(row["key"], row["address"], row["name"], frozenset(words[one] for one in roles))


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value) and value == shown_name(value)


def _text(wearables: Iterable[Paired]) -> str:
    tables = tomlkit.aot()
    for one in wearables:
        table = tomlkit.table()
        table.update({"key": one.key, "address": one.address, "name": one.name})
        table["roles"] = [role.value for role in Role if role in one.roles]
        tables.append(table)
    document = tomlkit.document()
    document["wearable"] = tables
    return _HEAD + tomlkit.dumps(document)


def _refusal(path: Path, why: str) -> InputError:
    todo = "no wearable was used; correct it, or forget it with vigil pair --forget and pair again"
    return InputError(f"{why}; {todo}", path=str(path))
