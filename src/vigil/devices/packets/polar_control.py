"""The control point of Polar's measurement service: what can be streamed is asked for, chosen, and started.

Source, where nothing else is named: Polar Measurement Data Specification for 3rd Party (`technical_documentation` of
the Polar BLE SDK): sections *Control Point Error Codes*, *Request Stream Settings* and *Start Stream*.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType

POLAR_SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"

REPLY, FEATURES = 0xF0, 0x0F
"""First byte of an answer to a command, and of the list of features that the control point holds when it is read."""


class Command(IntEnum):
    """What the control point can be told."""

    SETTINGS = 1
    START = 2
    STOP = 3


class Stream(IntEnum):
    """What can be streamed, as far as Vigil uses it."""

    ACCELERATION = 2
    PULSE_INTERVALS = 3


STREAMS = range(15)
"""Everything that Polar's sensors and watches stream: 0 is the electrocardiogram, 1 light, 5 turning, 6 the compass;
the rest is in the Polar BLE SDK, `PmdMeasurementType`."""


class Setting(IntEnum):
    """What a stream is set to. Range is in g; channels are axes; the factor is told, never asked for."""

    RATE = 0
    RESOLUTION = 1
    RANGE = 2
    RANGE_MILLI = 3
    CHANNELS = 4
    FACTOR = 5


SIZES: Mapping[int, int] = MappingProxyType({0: 2, 1: 2, 2: 2, 3: 4, 4: 1, 5: 4})
"""Bytes of one value of each setting (Polar BLE SDK for Android, `PmdSetting`)."""

LEAST_HZ, WANTED = (
    25,
    MappingProxyType({Setting.RATE: 50, Setting.RESOLUTION: 16, Setting.RANGE: 8, Setting.CHANNELS: 3}),
)
"""What is chosen, or the nearest to it, and no rate below 25 Hz where there is one above. 50 Hz and 8 g are what an
OH1 has and the Verity Sense nearly (52 Hz), and an H10 offers both (Polar BLE SDK, `documentation/products`): more
than one-second extremes of a sleeper's movement need, at a quarter of the radio time of 200 Hz."""

GOOD, ALREADY_RUNNING = 0, 6

REFUSALS: Mapping[int, str] = MappingProxyType(
    {
        1: "it does not know the command",
        2: "it does not know this measurement",
        3: "it does not support this",
        4: "the command had the wrong length",
        5: "a setting was missing or wrong",
        6: "it runs already",
        7: "it does not offer the resolution",
        8: "it does not offer the rate",
        9: "it does not offer the range",
        10: "its packets are too small for this",
        11: "it does not offer the number of axes",
        12: "it cannot do this in its present state",
        13: "it is on its charger, and measures nothing there",
        14: "its memory is full",
    }
)
"""Status of a reply, in words (*Control Point Error Codes*; 13 and 14 as in the Polar BLE SDK,
`PmdControlPointResponse`)."""

HOPELESS = frozenset({1, 2, 3})
"""After these there is no use in asking again."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the control point. more: further bytes of it follow, which are not waited for."""

    command: int
    stream: int
    status: int
    more: bool
    settings: bytes


def reply_of(data: bytes) -> Reply | str:
    """A reply: 0xF0, command, stream, status, and after success whether more follows, then settings; else why not."""
    if len(data) < 4 or data[0] != REPLY:
        return "it is no answer of a control point"
    return Reply(data[1], data[2], data[3], len(data) > 4 and data[4] != 0, data[5:] if data[3] == GOOD else b"")


def settings_of(data: bytes) -> dict[int, tuple[int, ...]] | str:
    """Settings and the values offered for each, unsigned, in the order of the reply; or why they cannot be read."""
    found: dict[int, tuple[int, ...]] = {}
    at = 0
    while at < len(data):
        if at + 2 > len(data) or data[at] not in SIZES:
            return "its settings are cut off or of an unknown kind"
        kind, count = data[at], data[at + 1]
        size, at = SIZES[kind], at + 2
        if at + count * size > len(data):
            return "its settings are cut off"
        found[kind] = tuple(int.from_bytes(data[i : i + size], "little") for i in range(at, at + count * size, size))
        at += count * size
    return found


def chosen(offered: Mapping[int, tuple[int, ...]]) -> dict[int, int] | str:
    """One value for every setting that is offered: an H10 refuses a start that leaves one out (polar-ble-sdk #124).

    The nearest to `WANTED`, the smaller of two; or a clause if there is no rate to choose.
    """
    rates = offered.get(Setting.RATE, ())
    usable = [hz for hz in rates if hz >= LEAST_HZ] or [hz for hz in rates if hz]
    if not usable:
        return "it offers no rate to measure acceleration at"
    values = {**offered, Setting.RATE: tuple(usable)}
    return {
        kind: _nearest(values[kind], WANTED.get(Setting(kind), 0))
        for kind in offered
        if values[kind] and kind != Setting.FACTOR
    }


def _nearest(values: tuple[int, ...], wanted: int) -> int:
    return min(values, key=lambda value: (abs(value - wanted), value))


def ask_settings(stream: Stream) -> bytes:
    """The command that asks what a stream can be set to."""
    return bytes((Command.SETTINGS, stream))


def start(stream: Stream, settings: Mapping[int, int]) -> bytes:
    """The command that starts a stream: kind, the count one, and the value, little-endian, of each setting."""
    parts = (bytes((kind, 1)) + value.to_bytes(SIZES[kind], "little") for kind, value in settings.items())
    return bytes((Command.START, stream)) + b"".join(parts)


def stop(stream: Stream) -> bytes:
    """The command that stops a stream."""
    return bytes((Command.STOP, stream))


def factor_of(settings: bytes) -> float | str | None:
    """The factor that a start reply tells: a 32-bit float; None if it tells none; or why it cannot be one.

    Values of compressed frames are multiplied by it: 0.000244 for 16 bits and 8 g in the specification's example.
    """
    found = settings_of(settings)
    if isinstance(found, str):
        return found
    if not found.get(Setting.FACTOR):
        return None
    value: float = struct.unpack("<f", found[Setting.FACTOR][0].to_bytes(4, "little"))[0]
    if not (math.isfinite(value) and 0 < value <= MOST_FACTOR):
        return "its factor is none that acceleration can have"
    return value


MOST_FACTOR = 1000.0
"""No unit is larger than a g in milli-g."""
