"""Polar frames as a sensor would write them; shares nothing with the decoder. For tests and virtual devices."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

Sample = tuple[int, int, int]


def header(stream: int, device_ns: int, kind: int) -> bytes:
    return struct.pack("<BQB", stream, device_ns, kind)


def raw_frame(device_ns: int, samples: Iterable[Sample], size: int = 2) -> bytes:
    """An uncompressed acceleration frame with `size` bytes an axis."""
    content = b"".join(axis.to_bytes(size, "little", signed=True) for sample in samples for axis in sample)
    return header(2, device_ns, size - 1) + content


def bits_for(values: Iterable[int]) -> int:
    """The fewest bits in which all values can be written as signed numbers."""
    return max((value if value >= 0 else ~value).bit_length() + 1 for value in values)


def packed(values: Sequence[int], bits: int) -> bytes:
    """Signed values, one after the other from the lowest bit on, as text of noughts and ones and back."""
    text = "".join(format(value & ((1 << bits) - 1), f"0{bits}b")[::-1] for value in values)
    text += "0" * (-len(text) % 8)
    return bytes(int(text[at : at + 8][::-1], 2) for at in range(0, len(text), 8))


def delta_frame(
    device_ns: int, samples: Sequence[Sample], groups: Sequence[int], kind: int = 0x81, more: int = 0
) -> bytes:
    """A compressed frame: the first sample whole, the others as differences, in groups of the given lengths.

    more: bits beyond the fewest that a group needs.
    """
    assert sum(groups) == len(samples) - 1
    parts = [header(2, device_ns, kind), struct.pack("<3h", *samples[0])]
    at = 1
    for length in groups:
        steps = [
            axis - before
            for i in range(at, at + length)
            for axis, before in zip(samples[i], samples[i - 1], strict=True)
        ]
        bits = min(bits_for(steps) + more, 24) if steps else 1
        parts += [bytes((bits, length)), packed(steps, bits)]
        at += length
    return b"".join(parts)


def pulse_frame(pulses: Iterable[tuple[int, int, int, int]]) -> bytes:
    """Pulse intervals, each (bpm, interval in ms, expected error in ms, flags); without a time, as the sensors do."""
    return header(3, 0, 0) + b"".join(struct.pack("<BHHB", *pulse) for pulse in pulses)


def settings_reply(settings: Iterable[tuple[int, int, Sequence[int]]], status: int = 0, more: int = 0) -> bytes:
    """The answer to a question for acceleration settings: (kind, bytes of a value, values)."""
    parts = [bytes((0xF0, 1, 2, status, more))]
    for kind, size, values in settings:
        parts += [bytes((kind, len(values))), *(value.to_bytes(size, "little") for value in values)]
    return b"".join(parts)


H10 = settings_reply([(0, 2, (25, 50, 100, 200)), (1, 2, (16,)), (2, 2, (2, 4, 8))])
"""What the documentation says that an H10 offers (`documentation/products/PolarH10.md`)."""

VERITY_SENSE = settings_reply([(0, 2, (52,)), (1, 2, (16,)), (2, 2, (8,)), (4, 1, (3,))])
"""And a Verity Sense (`documentation/products/PolarVeritySense.md`; channels: its published start command)."""
