"""The faults of nights over the virtual radio: dealt from a shuffled pack, so that each kind comes on each wearable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from random import Random

from vigil.devices.virtual.faults import Fault, FaultKind
from vigil.domain.units import NS_PER_S

S = NS_PER_S


class Worn(Enum):
    """Which wearable: the strap is the sensor, the watch vibrates and tells movement."""

    STRAP = "strap"
    WATCH = "watch"


HINDERING = frozenset({FaultKind.REFUSED, FaultKind.CONNECT_HANGS, FaultKind.READ_HANGS, FaultKind.SUBSCRIBE_HANGS})
"""Each hinders a new connection, so the old one is broken at its beginning."""

BREAKING = frozenset({FaultKind.DROP, FaultKind.OUT_OF_RANGE}) | HINDERING
SILENCING = frozenset({FaultKind.STALL, FaultKind.BURST})

LENGTHS_S: dict[FaultKind, tuple[int, int]] = {
    FaultKind.DROP: (1, 1),
    FaultKind.STALL: (15, 240),
    FaultKind.FROZEN: (420, 900),
    FaultKind.BURST: (4, 180),
    FaultKind.DUPLICATES: (120, 400),
    FaultKind.GARBAGE: (120, 400),
    FaultKind.CONTACT_LOST: (60, 600),
    FaultKind.BATTERY_FALLING: (900, 1800),
    FaultKind.OUT_OF_RANGE: (20, 900),
    FaultKind.REFUSED: (30, 300),
    FaultKind.WRITE_REFUSED: (300, 1500),
    FaultKind.CONNECT_HANGS: (30, 300),
    FaultKind.READ_HANGS: (30, 300),
    FaultKind.WRITE_HANGS: (300, 1500),
    FaultKind.SUBSCRIBE_HANGS: (30, 300),
}
"""Seconds, from and to, of each kind: long enough that it must be noticed, some of them just not."""

APART_S = 200
"""Between two faults of one wearable, so that what comes of one is over."""


@dataclass(frozen=True, slots=True)
class Dealt:
    """One fault of a night. from_ns, until_ns: since the wearables were put on; both of them at the loop's zero."""

    worn: Worn
    kind: FaultKind
    from_ns: int
    until_ns: int

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What the wearable suffers."""
        broken = Fault(FaultKind.DROP, self.from_ns, self.from_ns + 1)
        return (*((broken,) if self.kind in HINDERING else ()), Fault(self.kind, self.from_ns, self.until_ns))

    @property
    def there_ns(self) -> int:
        """From when on it could be heard again."""
        return self.from_ns if self.kind is FaultKind.DROP else self.until_ns

    @property
    def length_s(self) -> float:
        """How long it lasts."""
        return (self.until_ns - self.from_ns) / S

    @property
    def name(self) -> str:
        """As figures have it."""
        return f"{self.worn.value}, {self.kind.name}"


def pack(seed: int) -> Iterator[tuple[Worn, FaultKind]]:
    """Every kind on every wearable, shuffled, over and over."""
    chance = Random(seed)
    while True:
        cards = [(worn, kind) for worn in Worn for kind in FaultKind]
        chance.shuffle(cards)
        yield from cards


def place(
    worn: Worn, kinds: Sequence[FaultKind], span_s: tuple[int, int], chance: Random, *, shortest: bool = False
) -> list[Dealt]:
    """The kinds in this order, anywhere in the span but apart; what finds no room is left out, the last first.

    shortest: each as short as it comes.
    """
    lengths = [LENGTHS_S[kind][0] if shortest else chance.randint(*LENGTHS_S[kind]) for kind in kinds]
    while lengths and _taken(lengths) > span_s[1] - span_s[0]:
        lengths.pop()
    free = span_s[1] - span_s[0] - _taken(lengths) if lengths else 0
    starts = sorted(chance.randint(0, free) for _ in lengths)
    dealt, before_s = [], span_s[0]
    for kind, length_s, start_s in zip(kinds, lengths, starts, strict=False):
        from_s = before_s + start_s
        dealt.append(Dealt(worn, kind, from_s * S, (from_s + length_s) * S))
        before_s += length_s + APART_S
    return dealt


DOSE: dict[Worn, tuple[FaultKind, ...]] = {
    Worn.STRAP: (
        FaultKind.DROP,
        FaultKind.CONTACT_LOST,
        FaultKind.GARBAGE,
        FaultKind.STALL,
        FaultKind.READ_HANGS,
        FaultKind.FROZEN,
        FaultKind.OUT_OF_RANGE,
        FaultKind.DUPLICATES,
        FaultKind.CONNECT_HANGS,
    ),
    Worn.WATCH: (
        FaultKind.BURST,
        FaultKind.REFUSED,
        FaultKind.WRITE_REFUSED,
        FaultKind.BATTERY_FALLING,
        FaultKind.SUBSCRIBE_HANGS,
        FaultKind.WRITE_HANGS,
    ),
}
"""Every kind once, in one hour."""


def dose(seed: int) -> list[Dealt]:
    """Every kind once, each as short as it comes, in one hour."""
    chance = Random(seed)
    return [one for worn, kinds in DOSE.items() for one in place(worn, kinds, (300, 3540), chance, shortest=True)]


def _taken(lengths: Sequence[int]) -> int:
    return sum(lengths) + APART_S * len(lengths)
