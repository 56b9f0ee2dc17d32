"""Whether a record read from a file holds what its fields promise.

`plain.from_plain` builds records without looking at types; a file from outside may hold a text where an
instant belongs, and the pure core relies on never meeting one.
"""

from __future__ import annotations

import math
import types
import typing
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any

from vigil.domain.units import MAX_INSTANT_NS


def fault_in(record: object) -> str | None:
    """What is wrong with a dataclass record, or None: field types, finite floats, integers within MAX_INSTANT_NS."""
    hints = _hints(type(record))  # type: ignore[arg-type]  # a class is hashable
    for field in fields(record):  # type: ignore[arg-type]  # only called for dataclasses
        if not _fits(getattr(record, field.name), hints[field.name]):
            return f"{type(record).__name__}.{field.name} does not hold what it should"
    return None


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _fits(value: object, hint: Any) -> bool:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        return any(_fits(value, choice) for choice in arguments)
    if origin is tuple:
        return _tuple_fits(value, arguments)
    if isinstance(value, bool) or hint is bool:
        return isinstance(value, bool) and hint is bool
    if not isinstance(value, hint):
        return False
    if isinstance(value, int | float):
        return math.isfinite(value) and abs(value) <= MAX_INSTANT_NS
    return isinstance(value, Enum) or not is_dataclass(value) or fault_in(value) is None


def _tuple_fits(value: object, arguments: tuple[Any, ...]) -> bool:
    if not isinstance(value, tuple):
        return False
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return all(_fits(item, arguments[0]) for item in value)
    return len(value) == len(arguments) and all(_fits(*pair) for pair in zip(value, arguments, strict=True))
