"""One minute of a night as two small blobs, and back, without loss and in order.

`samples`: the kind of every record in the order in which they came, then the samples' numbers column by column
(a column compresses far better than rows: neighbours are alike). Peaks are kept as distances from the mean,
and a range as its distance from what its peaks give, which is usually 0.
`records`: all other records as JSON in the words of `vigil.domain.plain`.

Both are deflated without header or checksum, since the row has its own.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TypeVar

from vigil.domain.plain import from_plain, to_plain
from vigil.domain.records import Sample
from vigil.domain.samples import Battery, BeatInterval, Contact, HeartSample, Milligrams, MotionSummary
from vigil.store.columns import ColumnReader, pack, pack_instants, pack_steps
from vigil.store.stored import OUTPUTS, Stored
from vigil.store.vocabulary import OUTLINE, VOCABULARY

_EVENT, _OUTPUT, _HEART, _BEAT, _MOTION, _CONTACT, _BATTERY = range(7)
_KIND_BITS = 7
_FLAG = 8
"""Flags stand above the kind in a record's byte: clean, on, or which parts of a motion summary there are."""

_RANGE, _LOW, _HIGH, _MEAN, _STEPS = (_FLAG << shift for shift in range(5))

_VERSION = b"\x01"
_COUNT = struct.Struct("<I")
_MOST_BYTES = 1 << 26
"""No honest minute unpacks to more than 64 MiB: a blob that does is not unpacked further."""

_MOST_FOREIGN = 1 << 23

_T = TypeVar("_T")

_NOWHERE: Milligrams = (0, 0, 0)


def _deflate(data: bytes, words: bytes) -> bytes:
    """Raw (no header), with a window of 4 KiB: setting up a larger one takes longer than packing a minute."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -12, 6, zlib.Z_DEFAULT_STRATEGY, words)
    return packer.compress(data) + packer.flush()


def _inflate(blob: bytes, words: bytes, most_bytes: int = _MOST_BYTES) -> bytes:
    unpacker = zlib.decompressobj(-15, words)
    data = unpacker.decompress(blob, most_bytes)
    if not unpacker.eof or unpacker.unused_data:
        message = "the minute cannot be unpacked to its end"
        raise ValueError(message)
    return data


def pack_minute(records: Sequence[Stored]) -> tuple[bytes, bytes]:
    """The two blobs of a minute, `samples` and `records`. Raises TypeError or ValueError for what is no record.

    A sample that holds something other than whole numbers has no place in the columns: then all samples of this
    minute are kept as JSON, because one broken value must not stop the night from being stored.
    """
    try:
        return _pack(bytes(map(_kind_of, records)), records)
    except (struct.error, TypeError):
        return _pack(bytes(_OUTPUT if isinstance(record, OUTPUTS) else _EVENT for record in records), records)


def _pack(kinds: bytes, records: Sequence[Stored]) -> tuple[bytes, bytes]:
    in_columns = [r for r, kind in zip(records, kinds, strict=True) if kind not in (_EVENT, _OUTPUT)]
    hearts = [r for r in in_columns if type(r) is HeartSample]
    beats = [r for r in in_columns if type(r) is BeatInterval]
    motions = [r for r in in_columns if type(r) is MotionSummary]
    contacts = [r.at_ns for r in in_columns if type(r) is Contact]
    batteries = [r for r in in_columns if type(r) is Battery]
    base = records[0].at_ns
    samples = b"".join(
        (
            _VERSION,
            _COUNT.pack(len(kinds)),
            kinds,
            pack([base]),
            pack_instants([r.at_ns for r in hearts], base),
            pack_steps([r.bpm_x10 for r in hearts]),
            pack_instants([r.at_ns for r in beats], base),
            pack_steps([r.rr_ms for r in beats]),
            *_pack_motion(motions, base),
            pack_instants(contacts, base),
            pack_instants([r.at_ns for r in batteries], base),
            pack_steps([r.percent for r in batteries]),
        )
    )
    others = [to_plain(r) for r, kind in zip(records, kinds, strict=True) if kind in (_EVENT, _OUTPUT)]
    text = json.dumps(others, separators=(",", ":"), allow_nan=False) if others else ""
    return _deflate(samples, OUTLINE), _deflate(text.encode(), VOCABULARY)


_KINDS: dict[type, int] = {HeartSample: _HEART, Battery: _BATTERY, **dict.fromkeys(OUTPUTS, _OUTPUT)}


def _kind_of(record: Stored) -> int:
    if isinstance(record, MotionSummary):
        return (
            _MOTION
            + _RANGE * (record.range_mg is not None)
            + _LOW * (record.low_mg is not None)
            + _HIGH * (record.high_mg is not None)
            + _MEAN * (record.mean_mg is not None)
            + _STEPS * (record.steps is not None)
        )
    if isinstance(record, BeatInterval):
        return _BEAT + _FLAG * record.clean
    if isinstance(record, Contact):
        return _CONTACT + _FLAG * record.on
    return _KINDS.get(type(record), _EVENT)


def _pack_motion(motions: Sequence[MotionSummary], base: int) -> Iterator[bytes]:
    means = [r.mean_mg or _NOWHERE for r in motions]
    yield pack_instants([r.at_ns for r in motions], base)
    yield pack_steps([r.duration_ms for r in motions])
    yield pack_steps(list(chain.from_iterable(r.mean_mg for r in motions if r.mean_mg is not None)), 3)
    yield pack([-above for above in _above(means, [r.low_mg for r in motions])])
    yield pack(_above(means, [r.high_mg for r in motions]))
    yield pack([r.range_mg - span_mg(r.low_mg, r.high_mg) for r in motions if r.range_mg is not None])
    yield pack([r.steps for r in motions if r.steps is not None])


def _above(means: Iterable[Milligrams], vectors: Iterable[Milligrams | None]) -> list[int]:
    """How far the vectors that there are lie above their means, axis after axis in one list."""
    return [
        value - mean
        for vector, around in zip(vectors, means, strict=True)
        if vector is not None
        for value, mean in zip(vector, around, strict=True)
    ]


def span_mg(low: Milligrams | None, high: Milligrams | None) -> int:
    """Euclidean norm of the peak-to-peak ranges to the nearest milli-g, in whole numbers; 0 where not known."""
    if low is None or high is None:
        return 0
    (ax, ay, az), (bx, by, bz) = low, high
    return (math.isqrt(4 * ((bx - ax) ** 2 + (by - ay) ** 2 + (bz - az) ** 2)) + 1) // 2


def unpack_minute(samples: bytes, records: bytes, *, outputs: bool = True) -> Iterator[Stored]:
    """The records of a minute in their order; without `outputs`, the inputs alone.

    Raises ValueError, zlib.error, struct.error, IndexError or SnapshotError for what `pack_minute` did not write;
    the caller names the minute.
    """
    reader = ColumnReader(_inflate(samples, OUTLINE))
    if reader.take(1) != _VERSION:
        message = "the minute was packed by a newer Vigil"
        raise ValueError(message)
    kinds = reader.take(_COUNT.unpack(reader.take(_COUNT.size))[0])
    sources = _sources(kinds, reader)
    others = iter(_others(records))
    for kind in kinds:
        code = kind & _KIND_BITS
        if code in sources:
            yield next(sources[code])
        elif plain := next(others, None):
            if outputs or code == _EVENT:
                yield from_plain(plain)
        else:
            message = "a record is missing from the minute"
            raise ValueError(message)


def unpack_foreign(samples: bytes, records: bytes, count: int) -> tuple[list[Stored], list[Stored]]:
    """The records of a minute that came from elsewhere, and those of them that were no columns of whole numbers.

    The latter may hold anything in their fields. Raises as `unpack_minute`, before it takes much memory: no honest
    minute of `MOST_RECORDS` unpacks to more than 8 MiB, since a sample takes some 30 bytes and a decision 500.
    """
    data = _inflate(samples, OUTLINE, _MOST_FOREIGN)
    if data[1 : 1 + _COUNT.size] != _COUNT.pack(count):
        message = "the minute holds another number of records than it says"
        raise ValueError(message)
    _inflate(records, VOCABULARY, _MOST_FOREIGN)
    return list(unpack_minute(samples, records)), [from_plain(plain) for plain in _others(records)]


def unpack_others(records: bytes, wanted: frozenset[str]) -> Iterator[Stored]:
    """The records of a minute that are no samples, of the wanted class names, without unpacking the samples."""
    return (from_plain(plain) for plain in _others(records) if plain["$record"][0] in wanted)


def _others(records: bytes) -> list[dict[str, list[str]]]:
    text = _inflate(records, VOCABULARY)
    plains: list[dict[str, list[str]]] = json.loads(text) if text else []
    return plains


def _sources(kinds: bytes, reader: ColumnReader) -> dict[int, Iterator[Sample]]:
    """The samples of each kind, in order. Columns are read in the order in which `pack_minute` wrote them."""
    count = Counter(kind & _KIND_BITS for kind in kinds)
    (base,) = reader.values(1)
    hearts, beats = count[_HEART], count[_BEAT]
    heart = map(HeartSample, reader.instants(hearts, base), reader.steps(hearts))
    beat = map(BeatInterval, reader.instants(beats, base), reader.steps(beats), _flags(kinds, _BEAT))
    motion = _unpack_motion([kind for kind in kinds if kind & _KIND_BITS == _MOTION], reader, base)
    contact = map(Contact, reader.instants(count[_CONTACT], base), _flags(kinds, _CONTACT))
    battery = map(Battery, reader.instants(count[_BATTERY], base), reader.steps(count[_BATTERY]))
    return {_HEART: heart, _BEAT: beat, _MOTION: motion, _CONTACT: contact, _BATTERY: battery}


def _flags(kinds: bytes, code: int) -> list[bool]:
    return [kind >= _FLAG for kind in kinds if kind & _KIND_BITS == code]


def _unpack_motion(kinds: Sequence[int], reader: ColumnReader, base: int) -> Iterator[MotionSummary]:
    at_ns = reader.instants(len(kinds), base)
    duration_ms = reader.steps(len(kinds))
    mean = _spread(kinds, _MEAN, _threes(reader.steps(3 * _having(kinds, _MEAN), 3)))
    around = [vector or _NOWHERE for vector in mean]
    below = [-depth for depth in reader.values(3 * _having(kinds, _LOW))]
    low = _plus(_spread(kinds, _LOW, _threes(below)), around)
    high = _plus(_spread(kinds, _HIGH, _threes(reader.values(3 * _having(kinds, _HIGH)))), around)
    excess = _spread(kinds, _RANGE, reader.values(_having(kinds, _RANGE)))
    range_mg = [
        None if over is None else over + span_mg(bottom, top)
        for over, bottom, top in zip(excess, low, high, strict=True)
    ]
    steps = _spread(kinds, _STEPS, reader.values(_having(kinds, _STEPS)))
    return map(MotionSummary, at_ns, duration_ms, range_mg, low, high, mean, steps)


def _having(kinds: Sequence[int], part: int) -> int:
    return sum(1 for kind in kinds if kind & part)


def _threes(values: Sequence[int]) -> list[Milligrams]:
    return list(zip(values[0::3], values[1::3], values[2::3], strict=True))


def _spread(kinds: Sequence[int], part: int, values: Sequence[_T]) -> list[_T | None]:
    """The values of those summaries that have the part, None for the others."""
    source = iter(values)
    return [next(source) if kind & part else None for kind in kinds]


def _plus(vectors: Sequence[Milligrams | None], means: Sequence[Milligrams]) -> list[Milligrams | None]:
    return [
        None if vector is None else (vector[0] + mean[0], vector[1] + mean[1], vector[2] + mean[2])
        for vector, mean in zip(vectors, means, strict=True)
    ]
