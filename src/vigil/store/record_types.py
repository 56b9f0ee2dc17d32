"""Whether a record that came out of a file is one: every field of the class that its annotation names.

What Vigil itself has stored is proven by its checksum. A file from elsewhere may carry a right checksum over a wrong
record (`from_plain` builds what it is told), so whatever is taken from one is held against the annotations first.
"""

from __future__ import annotations

import math
import types
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from vigil.domain.records import Input
from vigil.store.stored import OUTPUTS

MOST = 1 << 128
"""Whole numbers stay below this: what a broken clock gives has 64 bits or a few more. Our choice."""


def is_record(value: object) -> bool:
    """Whether it is an input or a stored output with every field of its declared type; no number is NaN or endless."""
    return type(value) in _records() and fits(value, type(value))


@cache
def _records() -> frozenset[type]:
    return frozenset((*get_args(Input), *OUTPUTS))


@cache
def _hints(cls: type) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(cls)
    return tuple((field.name, hints[field.name]) for field in fields(cls))


def fits(value: Any, hint: Any) -> bool:
    """Whether a value is what an annotation says: a class, a record of classes, a union or a tuple of them."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return any(fits(value, each) for each in get_args(hint))
    if origin is tuple:
        return type(value) is tuple and _fits_tuple(value, get_args(hint))
    if type(value) is not hint:
        return hint is float and type(value) is int and abs(value) < MOST
    if isinstance(value, Enum | str | bool | None):
        return True
    if isinstance(value, int):
        return abs(value) < MOST
    if isinstance(value, float):
        return math.isfinite(value)
    return is_dataclass(hint) and all(fits(getattr(value, name), each) for name, each in _hints(hint))


def _fits_tuple(value: tuple[Any, ...], hints: tuple[Any, ...]) -> bool:
    if len(hints) == 2 and hints[1] is Ellipsis:
        return all(fits(each, hints[0]) for each in value)
    return len(value) == len(hints) and all(fits(each, hint) for each, hint in zip(value, hints, strict=True))
