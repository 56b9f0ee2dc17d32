"""Two million hostile packets through every codec: `python -m tests.campaigns.packets --json FILE`."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from tests.campaigns.figures import command
from tests.codec_contract import Held, hostile, known_to
from tests.honest_packets import HONEST, LATER
from vigil.devices.families import BUILT_IN
from vigil.devices.packets.contract import Codec, Read, Subscribe, Unread, Write
from vigil.devices.packets.heart_rate import HeartRateCodec
from vigil.devices.packets.polar import PolarCodec

PACKETS = 2_000_000
SHARE = 20_000
"""Packets of one seed, all to one family's codecs."""

CONNECTION = 2_500
"""Packets of one connection: a codec's first packets matter as much as its thousandth."""

FIRST_SEED = 70_000

Factory = Callable[[], Codec]


def codec_of(key: str) -> Codec:
    """A codec of the row of this key in the catalogue."""
    return next(row for row in BUILT_IN if row.key == key).codec()


FACTORIES: tuple[Factory, ...] = (
    *(partial(codec_of, row.key) for row in BUILT_IN),
    partial(HeartRateCodec, beats=False),
    partial(PolarCodec, pulses=True),
)
"""Every codec of the catalogue, and the two ways that no row takes; each can be handed to another process."""


@dataclass(frozen=True, slots=True)
class PacketFigures:
    """packets: handed in. records: what was heard of them, of which `unread`; wishes: what they made codecs ask for.

    held_most: numbers, bytes and objects that a codec held at the end of a connection. codecs: kinds of codec.
    violations: rules broken, each as "seed: rule".
    """

    packets: int
    records: int
    unread: int
    wishes: int
    held_most: int
    codecs: int
    seeds: int
    first_seed: int
    violations: tuple[str, ...]


def one_seed(seed: int, packets: int = SHARE, factories: Sequence[Factory] = FACTORIES) -> PacketFigures:
    """Hostile packets to one kind of codec, connection after connection, until they are sent or something is wrong."""
    factory = factories[seed % len(factories)]
    heard_at = (*known_to(factory), *LATER)
    chance = random.Random(seed)
    sent = records = unread = wishes = held_most = 0
    wrongs: tuple[str, ...] = ()
    try:
        while sent < packets:
            held = Held(factory(), heard_at)
            for packet in hostile(heard_at, chance, min(CONNECTION, packets - sent), HONEST):
                sent += 1
                for one in held.hear(*packet):
                    wishes += isinstance(one, Subscribe | Read | Write)
                    unread += isinstance(one, Unread)
                    records += not isinstance(one, Subscribe | Read | Write)
            held_most = max(held_most, held.weigh())
    except AssertionError as error:
        wrongs = (f"{seed}: {error}",)
    return PacketFigures(sent, records, unread, wishes, held_most, 1, 1, seed, wrongs)


def hostile_packets(
    packets: int = PACKETS, seed: int = FIRST_SEED, processes: int = 2, factories: Sequence[Factory] = FACTORIES
) -> PacketFigures:
    """At least so many hostile packets, in seeds of their own from `seed` on, each kind of codec in its turn."""
    share = min(SHARE, -(-packets // len(factories)))
    seeds = range(seed, seed + -(-packets // share))
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        found = pool.map(partial(one_seed, packets=share, factories=factories), seeds, chunksize=1)
    return PacketFigures(
        sum(one.packets for one in found),
        sum(one.records for one in found),
        sum(one.unread for one in found),
        sum(one.wishes for one in found),
        max(one.held_most for one in found),
        len(factories),
        len(found),
        seed,
        tuple(wrong for one in found for wrong in one.violations),
    )


if __name__ == "__main__":
    command("packets", {"packets": PACKETS, "seed": FIRST_SEED, "processes": 2}, hostile_packets)
