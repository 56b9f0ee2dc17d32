"""What every codec must hold, whoever wrote it: `check_codec(factory)` raises AssertionError, naming the packet.

Of use to other packages too: a row of theirs in the catalogue has a codec, and this is what it is held to.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, get_args

import numpy as np

from vigil.devices.packets.contract import (
    MOST_BYTES,
    Codec,
    DeviceTime,
    Heard,
    Read,
    Subscribe,
    Unread,
    Wish,
    Write,
)
from vigil.domain.records import Marked
from vigil.domain.samples import AccelerationBlock, Battery, BeatInterval, Contact, HeartSample, MotionSummary
from vigil.domain.units import NS_PER_MS, NS_PER_S

MOST_RECORDS = 64
"""What one packet may lead to, unless a codec's own check states less."""

MOST_HELD = 4096
"""Numbers, bytes and objects a codec may hold, all its containers taken together."""

ORDERED = frozenset({HeartSample, BeatInterval, MotionSummary, Contact, Battery, AccelerationBlock, Marked, DeviceTime})
"""Kinds whose instants may not go back while arrivals do not."""

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ELSEWHERE = "12345678-1234-5678-1234-56789abcdef0"
"""A characteristic that nobody asked for."""

STEPS_NS = (0, 1, NS_PER_MS, 20 * NS_PER_MS, NS_PER_S, NS_PER_S, NS_PER_S, 3 * NS_PER_S, 70 * NS_PER_S, 3600 * NS_PER_S)
"""From one arrival to the next."""

Examples = Mapping[str, Sequence[bytes]]
"""Honest packets by characteristic, from which hostile ones are made."""


class Everything(frozenset[str]):
    """The characteristics of a wearable that has them all: how a codec is asked which it knows."""

    def __contains__(self, _characteristic: object) -> bool:
        return True


def known_to(factory: Callable[[], Codec]) -> tuple[str, ...]:
    """The characteristics that a codec wishes something of, in order, each once."""
    wishes = factory().opening(Everything())
    assert not isinstance(wishes, str), "with everything offered, nothing is missing"
    return tuple(dict.fromkeys(wish.characteristic for wish in wishes))


def check_codec(
    factory: Callable[[], Codec],
    characteristics: Sequence[str] | None = None,
    *,
    examples: Examples | None = None,
    seed: int = 1,
    packets: int = 1500,
    most_records: int = MOST_RECORDS,
    ordered: frozenset[type] = ORDERED,
) -> None:
    """Hold a codec to the contract. characteristics: those it hears, by default those it wishes something of.

    Hostile bytes of every length, honest ones broken, packets of strangers: it never raises, gives at most
    `most_records` a packet, holds little, says nothing of the future, never goes back in time, and says the same twice.
    """
    heard_at = tuple(characteristics or known_to(factory))
    assert heard_at, "a codec that wishes for nothing hears nothing"
    check_opening(factory, heard_at)
    check_pulses(factory)
    first, second = (Held(factory(), heard_at, most_records, ordered) for _ in range(2))
    for packet in all_lengths(heard_at, seed):
        assert first.hear(*packet) == second.hear(*packet), "the same packets, told differently"
    for packet in hostile(heard_at, random.Random(seed), packets, examples or {}):
        assert first.hear(*packet) == second.hear(*packet), "the same packets, told differently"
    first.weigh()


def check_opening(factory: Callable[[], Codec], heard_at: Sequence[str]) -> None:
    """Only what is offered is wished for, and what is heard of a stranger is no reason to ask."""
    for offered in (frozenset[str](), frozenset(heard_at), *(frozenset({one}) for one in heard_at)):
        wishes = factory().opening(offered)
        if isinstance(wishes, str):
            assert wishes
            assert not offered, "something of it was offered"
            continue
        assert isinstance(wishes, tuple)
        for wish in wishes:
            check_wish(wish)
            assert wish.characteristic in offered, f"{wish} was wished for and is not offered"


def check_pulses(factory: Callable[[], Codec]) -> None:
    """Whatever is asked, writes come back or nothing does."""
    codec = factory()
    codec.opening(Everything())
    for duration_ms in (-1, 0, 1, 200, 1000, 10**9):
        for strength in (-1, 0, 1, 25, 100, 101, 10**9):
            writes = codec.pulse(duration_ms, strength)
            for wish in (*(() if isinstance(writes, str) else writes), *codec.still()):
                assert isinstance(wish, Write)
                check_wish(wish)


@dataclass
class Held:
    """A codec that is listened to while it is handed packets; `hear` checks each answer and returns it, comparable."""

    codec: Codec
    heard_at: tuple[str, ...]
    most_records: int = MOST_RECORDS
    ordered: frozenset[type] = ORDERED
    at_ns: int = 5_000 * NS_PER_S

    def __post_init__(self) -> None:
        self.codec.opening(frozenset(self.heard_at))
        self.latest: dict[type, int] = {}

    def hear(self, characteristic: str, data: bytes, step_ns: int) -> tuple[object, ...]:
        """Hand it a packet that comes `step_ns` after the one before."""
        self.at_ns += step_ns
        packet = f"{characteristic} {data.hex()}"
        try:
            told = self.codec.hear(characteristic, data, self.at_ns)
        except Exception as error:
            message = f"it raised {error!r} at {packet}"
            raise AssertionError(message) from error
        assert isinstance(told, tuple), f"not a tuple: {told!r} at {packet}"
        assert len(told) <= self.most_records, f"{len(told)} records of one packet: {packet}"
        for one in told:
            assert isinstance(one, TOLD), f"{one!r} at {packet}"
            if isinstance(one, Subscribe | Read | Write):
                check_wish(one)
            else:
                check_heard(one, self.at_ns, packet)
                self._check_order(one, packet)
        return tuple(map(comparable, told))

    def _check_order(self, one: Heard, packet: str) -> None:
        if type(one) in self.ordered and not isinstance(one, Unread):
            before_ns = self.latest.get(type(one))
            assert before_ns is None or one.at_ns >= before_ns, f"{one!r} goes back from {before_ns} at {packet}"
            self.latest[type(one)] = one.at_ns

    def weigh(self) -> int:
        """How much it holds; not more than `MOST_HELD`."""
        held = weight(self.codec)
        assert held <= MOST_HELD, f"it holds {held} things"
        return held


TOLD: tuple[type, ...] = (*get_args(Heard), *get_args(Wish))


def check_wish(wish: Wish) -> None:
    """A wish has a full, lower-case UUID, and bytes that an attribute can hold."""
    assert isinstance(wish, Subscribe | Read | Write)
    assert UUID.fullmatch(wish.characteristic), f"no full, lower-case UUID: {wish!r}"
    if isinstance(wish, Write):
        assert type(wish.data) is bytes, f"not bytes: {wish!r}"
        assert len(wish.data) <= MOST_BYTES, f"longer than any value: {wish!r}"


def check_heard(one: Heard, at_ns: int, packet: str) -> None:
    """What was heard is of the right types, in range, and not of the future."""
    where = f"{one!r} at {packet}"
    if isinstance(one, Unread):
        assert one.why, where
        assert "\n" not in one.why, where
        return
    assert type(one.at_ns) is int, where
    last_ns = one.at_ns
    if isinstance(one, AccelerationBlock):
        assert one.mg.dtype == np.int16, where
        assert one.mg.ndim == 2, where
        assert one.mg.shape[1] == 3, where
        assert len(one.mg) >= 1, where
        assert type(one.period_ns) is int, where
        assert one.period_ns > 0, where
        last_ns += (len(one.mg) - 1) * one.period_ns
    assert last_ns <= at_ns, f"of the future: {where}"
    check = IN_RANGE.get(type(one))
    assert check is None or check(one), f"out of range: {where}"


def _whole(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


IN_RANGE: dict[type, Callable[[Any], bool]] = {
    HeartSample: lambda one: _whole(one.bpm_x10, 1, 10 * 0xFFFF),
    BeatInterval: lambda one: _whole(one.rr_ms, 1, 0xFFFF) and type(one.clean) is bool,
    Contact: lambda one: type(one.on) is bool,
    Battery: lambda one: _whole(one.percent, 0, 100),
    DeviceTime: lambda one: _whole(one.device_ns, 0, 2**64 - 1),
    MotionSummary: lambda one: _whole(one.duration_ms, 1, 3_600_000),
}


def comparable(one: Heard | Wish) -> object:
    """The same for the same: blocks compare by identity otherwise."""
    if isinstance(one, AccelerationBlock):
        return (one.at_ns, one.period_ns, one.mg.tobytes())
    return one


def weight(held: object) -> int:
    """Numbers, bytes and objects that something holds, itself included."""
    seen: set[int] = set()

    def of(one: object) -> int:
        if id(one) in seen and not isinstance(one, int | float | str | bytes):
            return 0
        seen.add(id(one))
        if isinstance(one, str | bytes | bytearray):
            return 1 + len(one)
        if isinstance(one, np.ndarray):
            return 1 + one.size
        if isinstance(one, dict):
            return 1 + sum(of(key) + of(value) for key, value in one.items())
        if isinstance(one, Iterable):
            return 1 + sum(map(of, one))
        return 1 + sum(map(of, _parts(one)))

    return of(held)


def _parts(one: object) -> Iterator[object]:
    if isinstance(one, type) or callable(one):
        return
    if is_dataclass(one):
        yield from (getattr(one, part.name) for part in fields(one))
    yield from getattr(one, "__dict__", {}).values()


# -- packets ------------------------------------------------------------------------------------------------------

Packet = tuple[str, bytes, int]
"""Characteristic, bytes, and nanoseconds since the one before."""


def all_lengths(heard_at: Sequence[str], seed: int) -> Iterator[Packet]:
    """Every length up to more than is possible, of nothing, of ones, and of noise."""
    chance = random.Random(seed)
    for characteristic in (*heard_at, ELSEWHERE):
        for length in (*range(40), *range(40, MOST_BYTES + 9, 7), MOST_BYTES, MOST_BYTES + 1, 4096):
            for data in (bytes(length), b"\xff" * length, chance.randbytes(length)):
                yield characteristic, data, NS_PER_MS


def hostile(heard_at: Sequence[str], chance: random.Random, count: int, examples: Examples) -> Iterator[Packet]:
    """Noise, honest packets, and honest packets broken: flipped, cut, doubled, drawn out, spliced, sent elsewhere."""
    for _ in range(count):
        characteristic = ELSEWHERE if chance.random() < 0.01 else chance.choice(heard_at)
        known = examples.get(characteristic, ())
        data = _broken(chance, chance.choice(known)) if known and chance.random() < 0.85 else _noise(chance)
        yield characteristic, data, chance.choice(STEPS_NS)


def _noise(chance: random.Random) -> bytes:
    return chance.randbytes(chance.choice((0, 1, 2, 3, 4, 6, 8, 12, 17, 20, chance.randrange(MOST_BYTES + 20))))


def _broken(chance: random.Random, data: bytes) -> bytes:
    packet = bytearray(data)
    for _ in range(chance.choice((0, 0, 1, 1, 2, 5))):
        way = chance.randrange(6)
        at = chance.randrange(len(packet) + 1)
        if way <= 2 and packet:
            packet[at % len(packet)] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        elif way == 3:
            del packet[at:]
        elif way == 4:
            packet[at:at] = chance.randbytes(chance.randrange(1, 9))
        else:
            packet += packet[:at]
    return bytes(packet[: MOST_BYTES + 20])
