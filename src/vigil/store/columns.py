"""Whole numbers in columns of the narrowest width that holds them all, for the compressor to squeeze.

A column is one letter (the width, as in `struct`: B, b, H, h, ..., q; J for anything wider, as JSON text) and its
values, little-endian. How many there are is known to the reader. Integers of any size survive unchanged.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from itertools import pairwise

_WIDTHS = tuple(
    (letter, low, low + (1 << 8 * size))
    for letters, size in (("Bb", 1), ("Hh", 2), ("Ii", 4), ("Qq", 8))
    for letter, low in zip(letters, (0, -(1 << 8 * size - 1)), strict=True)
)
"""Letter, lowest value, and the first value above the highest: narrow before wide, unsigned before signed."""

_SIZE = {letter: struct.calcsize(f"<{letter}") for letter, _, _ in _WIDTHS}
_LENGTH = struct.Struct("<I")


def pack(values: Sequence[int]) -> bytes:
    """The values as one column; nothing for none."""
    if not values:
        return b""
    low, high = min(values), max(values)
    for letter, lowest, beyond in _WIDTHS:
        if lowest <= low and high < beyond:
            return letter.encode() + struct.pack(f"<{len(values)}{letter}", *values)
    text = json.dumps([int(value) for value in values]).encode()
    return b"J" + _LENGTH.pack(len(text)) + text


def pack_steps(values: Sequence[int], lanes: int = 1) -> bytes:
    """The first value of each lane, and then how far each differs from the one before it in its lane.

    Steps are folded (0, -1, 1, -2 ... become 0, 1, 2, 3 ...), so that small ones look alike whatever their sign.
    """
    steps = (after - before for before, after in zip(values, values[lanes:], strict=False))
    return pack(values[:lanes]) + pack([2 * step if step >= 0 else -2 * step - 1 for step in steps])


def pack_instants(values: Sequence[int], base: int) -> bytes:
    """Instants: the first from `base`, and the steps in units of what divides them all.

    A source on a regular grid, whatever its grid, costs next to nothing.
    """
    if not values:
        return b""
    steps = [after - before for before, after in pairwise(values)]
    grid = math.gcd(*steps) or 1
    return pack([values[0] - base, grid]) + pack([step // grid for step in steps])


class ColumnReader:
    """Reads columns back in the order in which they were written."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        """The next bytes as they are; raises ValueError if there are not so many."""
        end = self._at + count
        if end > len(self._data):
            message = "the minute ends too early"
            raise ValueError(message)
        part = self._data[self._at : end]
        self._at = end
        return part

    def values(self, count: int) -> Sequence[int]:
        """What `pack` was given; raises ValueError if it is not a column of so many values."""
        if count == 0:
            return ()
        letter = self.take(1).decode("latin-1")
        if letter == "J":
            (length,) = _LENGTH.unpack(self.take(_LENGTH.size))
            values = json.loads(self.take(length))
            if len(values) != count or not all(type(value) is int for value in values):
                message = f"a column holds something else than {count} whole numbers"
                raise ValueError(message)
            return tuple(values)
        if letter not in _SIZE:
            message = f"{letter!r} is not a width of a column"
            raise ValueError(message)
        return struct.unpack(f"<{count}{letter}", self.take(count * _SIZE[letter]))

    def steps(self, count: int, lanes: int = 1) -> list[int]:
        """What `pack_steps` was given."""
        values = list(self.values(min(lanes, count)))
        for step in self.values(max(0, count - lanes)):
            values.append(values[-lanes] + (-(step // 2) - 1 if step % 2 else step // 2))
        return values

    def instants(self, count: int, base: int) -> list[int]:
        """What `pack_instants` was given."""
        if count == 0:
            return []
        first, grid = self.values(2)
        values = [first + base]
        for step in self.values(count - 1):
            values.append(values[-1] + step * grid)
        return values
