"""What is left of a night over the virtual radio: the motor's own memory, and what the store kept."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaigns.radio_week_faults import Dealt, S, Worn
from vigil.devices.virtual.motor import Buzz, Motor
from vigil.domain.nudges import LedgerRow
from vigil.domain.records import EpochScored, Input, LinkLost, LinkRegained
from vigil.domain.samples import Battery, HeartSample, MotionSummary
from vigil.night.account_events import Account

POSSIBLE_X10 = range(250, 2201)
"""Heart rates that can be, in tenths."""

ONE_TRAIN_NS = 3 * S
"""Pulses closer than this are one train: the ladder's pauses are below a second."""


class WitnessedMotor(Motor):
    """The watch's motor; at each pulse that it gives, the ledger's rows are counted by a connection of its own."""

    def __init__(self, database: Path) -> None:
        super().__init__()
        self._database = database
        self.rows: list[int] = []

    def ask(self, serial: int, duration_ms: int, strength_percent: int, at_ns: int) -> Buzz | None:
        """See `Motor`."""
        buzz = super().ask(serial, duration_ms, strength_percent, at_ns)
        if buzz is not None:
            reader = sqlite3.connect(self._database)
            self.rows.append(reader.execute("SELECT count(*) FROM ledger").fetchone()[0])
            reader.close()
        return buzz


@dataclass(frozen=True, slots=True)
class Train:
    """Pulses that belong together. rows: what the ledger held when the first was given, of all nights."""

    pulses: tuple[Buzz, ...]
    rows: int

    @property
    def at_ns(self) -> int:
        """When it began."""
        return self.pulses[0].at_ns


def trains_of(pulses: Sequence[Buzz], rows: Sequence[int]) -> list[Train]:
    """The trains that the motor gave."""
    found: list[list[int]] = []
    for index, pulse in enumerate(pulses):
        if index and pulse.at_ns - pulses[index - 1].at_ns <= ONE_TRAIN_NS:
            found[-1].append(index)
        else:
            found.append([index])
    return [Train(tuple(pulses[i] for i in each), rows[each[0]]) for each in found]


@dataclass(slots=True)
class Heard:
    """What was kept of what was heard, instants in order."""

    hearts: list[int] = field(default_factory=list)
    moves: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    regained: list[int] = field(default_factory=list)
    batteries: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def of(cls, inputs: Iterable[Input]) -> Heard:
        """Of a night's inputs."""
        heard = cls()
        for record in inputs:
            match record:
                case HeartSample(at_ns=at_ns, bpm_x10=bpm_x10) if bpm_x10 in POSSIBLE_X10:
                    heard.hearts.append(at_ns)
                case MotionSummary(at_ns=at_ns):
                    heard.moves.append(at_ns)
                case LinkLost(at_ns=at_ns):
                    heard.lost.append(at_ns)
                case LinkRegained(at_ns=at_ns):
                    heard.regained.append(at_ns)
                case Battery(at_ns=at_ns, percent=percent):
                    heard.batteries.append((at_ns, percent))
        return heard

    def linked(self, at_ns: int) -> bool:
        """Whether the sensor was linked, as far as the night knew."""
        return bisect_right(self.lost, at_ns) <= bisect_right(self.regained, at_ns)

    def back_ns(self, worn: Worn, there_ns: int) -> int | None:
        """When the first was kept that came after the wearable was there again; None: never."""
        rows = self.hearts if worn is Worn.STRAP else self.moves
        after = rows[bisect_right(rows, there_ns) :]
        return next((at_ns for at_ns in after if worn is Worn.WATCH or self.linked(at_ns)), None)


@dataclass(frozen=True, slots=True)
class Left:
    """What one night left. zero_ns, end_ns: lights-out and morning since the wearables were put on.

    night_ns: lights-out in the time of the whole week. rows: of its own ledger. rows_before: of earlier nights.
    """

    name: str
    night_ns: int
    zero_ns: int
    end_ns: int
    dealt: tuple[Dealt, ...]
    trains: tuple[Train, ...]
    rows: tuple[LedgerRow, ...]
    rows_before: int
    heard: Heard
    account: Account
    epochs: tuple[EpochScored, ...]

    def on(self, worn: Worn) -> tuple[Dealt, ...]:
        """What a wearable suffered."""
        return tuple(one for one in self.dealt if one.worn is worn)

    def ns(self, account_s: float) -> int:
        """An instant of the account, since the wearables were put on."""
        return self.zero_ns + round(account_s * S)
