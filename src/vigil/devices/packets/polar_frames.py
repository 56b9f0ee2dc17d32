"""Data frames of Polar's measurement service: acceleration, raw and compressed, and pulse intervals.

Source: Polar Measurement Data Specification for 3rd Party (`technical_documentation` of the Polar BLE SDK), *Frame
types ACC*, *Frame types PPI* and *Delta frame sample example*; compressed types as the SDK reads them (`AccData`).
A frame is: what is measured (1 byte), the time of its last sample (8 bytes, ns since 2000-01-01), its type (1 byte,
the top bit of which means compressed), and samples. All numbers are little-endian.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from vigil.domain.units import MAX_INSTANT_NS

HEADER = 10
COMPRESSED = 0x80

RAW_BYTES: Mapping[int, int] = MappingProxyType({0: 1, 1: 2, 2: 3})
"""Bytes of an axis in raw frames of types 0, 1 and 2, signed, in milli-g."""

MG_PER_UNIT: Mapping[int, float] = MappingProxyType({0x80: 1000.0, 0x81: 1.0})
"""Compressed frames of type 0 are in g, those of type 1 in milli-g, each times the factor (`AccData`)."""

MOST_SAMPLES = 512
"""10 s at 50 Hz. An H10 sends 36 in a frame, a Verity Sense 71 (polar-ble-sdk #317); more than this is no frame."""

MOST_BITS = 24
"""Differences of 16-bit values need 17 bits; a wider one is none."""

PULSE_BYTES = 6
MOST_PULSES = 32
"""A Verity Sense sends about five in a frame (polar-ble-sdk #311)."""

MOST_ERROR_MS = 30
"""A pulse interval whose expected error is larger may be movement (Polar BLE SDK, `PolarPpiSample`)."""

MOST_MG = 32767


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame before its samples are read. device_ns: None where it has no time, as pulse intervals have not."""

    stream: int
    device_ns: int | None
    kind: int
    content: bytes


def frame_of(data: bytes) -> Frame | str:
    """A data packet taken apart, or in a clause why it is none. Any bytes may be given."""
    if len(data) <= HEADER:
        return "it is too short for a frame"
    device_ns = int.from_bytes(data[1:9], "little")
    return Frame(data[0], device_ns if 0 < device_ns < MAX_INSTANT_NS else None, data[9], data[HEADER:])


def acceleration_of(frame: Frame, factor: float | None) -> NDArray[np.int16] | str:
    """The samples of an acceleration frame, (n, 3) in milli-g, oldest first; or why they cannot be read.

    factor: as the start reply told, None if it told none. Beyond the 16 bits of a block values are cut off.
    """
    if frame.kind in RAW_BYTES:
        found = raw(frame.content, RAW_BYTES[frame.kind])
        scale = 1.0
    elif frame.kind in MG_PER_UNIT:
        if factor is None and frame.kind == COMPRESSED:
            return "its unit was not told when the stream started"
        found = deltas(frame.content)
        scale = MG_PER_UNIT[frame.kind] * (1.0 if factor is None else factor)
    else:
        return f"acceleration frames of type {frame.kind} are not known"
    if isinstance(found, str):
        return found
    mg: NDArray[np.int16] = np.clip(np.rint(found * scale), -MOST_MG, MOST_MG).astype(np.int16)
    return mg


def raw(content: bytes, size: int) -> NDArray[np.int64] | str:
    """Samples of three signed numbers of `size` bytes (1 to 3) each, as (n, 3); or why there are none."""
    if not content or len(content) % (3 * size):
        return f"it has {len(content)} bytes, which are no whole samples"
    if len(content) > 3 * size * MOST_SAMPLES:
        return f"it has more than {MOST_SAMPLES} samples"
    parts = np.frombuffer(content, np.uint8).reshape(-1, 3, size).astype(np.int64)
    values: NDArray[np.int64] = (parts << (8 * np.arange(size))).sum(axis=2)
    return values - ((values >> (8 * size - 1)) << (8 * size))


def deltas(content: bytes) -> NDArray[np.int64] | str:
    """Compressed samples as (n, 3) in the sensor's own steps; or why they cannot be read.

    A reference of three signed 16-bit numbers, then groups: bits of a difference, number of samples, and differences
    to the sample before, axis by axis, packed from the lowest bit on and filled up to a whole byte at the group's end.
    """
    first = raw(content[:6], 2)
    if isinstance(first, str):
        return "its first sample is cut off"
    steps = [first]
    at, count = 6, 1
    while at < len(content):
        if at + 2 > len(content):
            return "its last group is cut off"
        bits, samples = content[at], content[at + 1]
        if not 1 <= bits <= MOST_BITS:
            return f"a group of it has differences of {bits} bits"
        count += samples
        if count > MOST_SAMPLES:
            return f"it has more than {MOST_SAMPLES} samples"
        at, ends = at + 2, at + 2 + -(-bits * samples * 3 // 8)
        if ends > len(content):
            return "its last group is cut off"
        steps.append(_unpacked(content[at:ends], bits, samples))
        at = ends
    return np.cumsum(np.concatenate(steps), axis=0)


def _unpacked(data: bytes, bits: int, samples: int) -> NDArray[np.int64]:
    """Signed numbers of `bits` bits each, lowest first, as (samples, 3)."""
    each = np.unpackbits(np.frombuffer(data, np.uint8), count=bits * samples * 3, bitorder="little")
    values: NDArray[np.int64] = (each.reshape(-1, bits).astype(np.int64) << np.arange(bits)).sum(axis=1)
    return (values - ((values >> (bits - 1)) << bits)).reshape(-1, 3)


def pulses_of(frame: Frame) -> tuple[tuple[int, bool], ...] | str:
    """Pulse intervals as (ms, whether it is clean), oldest first; or why they cannot be read.

    Each is heart rate, interval (16 bits, ms), expected error (16 bits, ms) and flags: bit 0, movement or another
    reason makes it invalid; bits 1 and 2, skin contact, and whether it is known. Contact only makes an interval
    unclean: it "should not be trusted" on these sensors (Polar BLE SDK, `documentation/products/PolarVeritySense.md`).
    """
    if frame.kind:
        return f"pulse interval frames of type {frame.kind} are not known"
    content = frame.content
    if len(content) % PULSE_BYTES:
        return f"it has {len(content)} bytes, which are no whole pulse intervals"
    if len(content) > PULSE_BYTES * MOST_PULSES:
        return f"it has more than {MOST_PULSES} pulse intervals"
    return tuple(_pulse(content[at : at + PULSE_BYTES]) for at in range(0, len(content), PULSE_BYTES))


def _pulse(data: bytes) -> tuple[int, bool]:
    error_ms, flags = int.from_bytes(data[3:5], "little"), data[5]
    return int.from_bytes(data[1:3], "little"), error_ms <= MOST_ERROR_MS and flags & 0b001 == 0 and flags & 0b110 != 4
