"""Records and states as plain JSON values, and back, without loss.

One pair of functions serves snapshots, the store and export files, so that there is one way to write a
record down. Only registered classes are written or read: a file cannot name code.

Encoding: str, int, bool, None and finite floats stand for themselves; other values are one-key objects:
`{"$tuple": [...]}`, `{"$deque": [maxlen, [...]]}`, `{"$dict": [[k, v], ...]}`, `{"$float": "nan"}`,
`{"$set": [...]}` (sorted), `{"$enum": ["Stage", "rem"]}`, `{"$record": ["HeartSample", {...}]}`.
"""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any, TypeVar

from vigil.domain.errors import SnapshotError

_T = TypeVar("_T", bound=type)

_REGISTRY: dict[str, type] = {}
_FIELDS: dict[type, tuple[str, ...]] = {}


def register(cls: _T) -> _T:
    """Class decorator: let this dataclass or enum be written and read. Names must be unique."""
    known = _REGISTRY.get(cls.__name__)
    if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
        message = f"two classes called {cls.__name__}: {known.__module__} and {cls.__module__}"
        raise TypeError(message)
    _REGISTRY[cls.__name__] = cls
    if is_dataclass(cls):
        _FIELDS[cls] = tuple(field.name for field in fields(cls))
    return cls


def to_plain(value: Any) -> Any:
    """The JSON form of a value; raises TypeError for a class that was not registered."""
    if value is None or (isinstance(value, str | bool | int) and not isinstance(value, Enum)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$float": str(value)}
    names = _FIELDS.get(type(value))
    if names is not None:
        return {"$record": [type(value).__name__, {n: to_plain(getattr(value, n)) for n in names}]}
    if isinstance(value, Enum) and _REGISTRY.get(type(value).__name__) is type(value):
        return {"$enum": [type(value).__name__, value.value]}
    return _container_to_plain(value)


def _container_to_plain(value: Any) -> Any:
    if isinstance(value, list):
        return [to_plain(item) for item in value]
    if isinstance(value, tuple):
        return {"$tuple": [to_plain(item) for item in value]}
    if isinstance(value, deque):
        return {"$deque": [value.maxlen, [to_plain(item) for item in value]]}
    if isinstance(value, dict):
        return {"$dict": [[to_plain(key), to_plain(item)] for key, item in value.items()]}
    if isinstance(value, set | frozenset):
        kind = "$set" if isinstance(value, set) else "$frozenset"
        return {kind: sorted((to_plain(item) for item in value), key=json.dumps)}
    message = f"{type(value).__name__} cannot be written down: it is not registered"
    raise TypeError(message)


def from_plain(plain: Any) -> Any:
    """The value that `to_plain` was given; raises SnapshotError for anything else."""
    if plain is None or isinstance(plain, str | bool | int | float):
        return plain
    if isinstance(plain, list):
        return [from_plain(item) for item in plain]
    if isinstance(plain, dict) and len(plain) == 1:
        ((tag, body),) = plain.items()
        build = _BUILDERS.get(tag)
        if build is not None:
            try:
                return build(body)
            except (TypeError, ValueError, KeyError, AttributeError) as error:
                message = f"a saved {tag} does not fit this version of Vigil ({error})"
                raise SnapshotError(message) from error
    message = f"not something Vigil wrote: {str(plain)[:60]}"
    raise SnapshotError(message)


def _build_record(body: Any) -> Any:
    name, values = body
    cls = _REGISTRY[name]
    if not set(values) <= set(_FIELDS[cls]):
        message = f"{name} has fields that this version does not know"
        raise ValueError(message)
    made: Any = object.__new__(cls)
    for field in fields(cls):
        value = from_plain(values[field.name]) if field.name in values else _default(name, field)
        object.__setattr__(made, field.name, value)
    return made


def _default(record: str, field: Field[Any]) -> Any:
    """What stands for a field that an older Vigil did not write yet; raises ValueError where nothing does."""
    if field.default is not MISSING:
        return field.default
    if field.default_factory is not MISSING:
        return field.default_factory()
    message = f"{record} lacks its {field.name}"
    raise ValueError(message)


def _build_enum(body: Any) -> Any:
    name, value = body
    return _REGISTRY[name](value)


_BUILDERS: dict[str, Callable[[Any], Any]] = {
    "$tuple": lambda body: tuple(from_plain(item) for item in body),
    "$deque": lambda body: deque((from_plain(item) for item in body[1]), maxlen=body[0]),
    "$dict": lambda body: {from_plain(key): from_plain(value) for key, value in body},
    "$set": lambda body: {from_plain(item) for item in body},
    "$frozenset": lambda body: frozenset(from_plain(item) for item in body),
    "$float": float,
    "$enum": _build_enum,
    "$record": _build_record,
}


def dumps(value: Any) -> str:
    """A value as one line of JSON, the same text for the same value."""
    return json.dumps(to_plain(value), separators=(",", ":"), allow_nan=False)


def loads(text: str) -> Any:
    """The value of a line written by `dumps`; raises SnapshotError if it is not one."""
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"a saved state cannot be read ({error})"
        raise SnapshotError(message) from error
    return from_plain(plain)
