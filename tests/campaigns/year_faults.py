"""What goes wrong in a simulated night: the fault table as data, and the nights drawn from it.

Seconds are true seconds from lights-out; nothing here knows what Vigil makes of a fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from random import Random

FIRST_S = 240
"""Nothing is drawn earlier than this, so that a first look at everything has been taken."""

LEFT_S = 300
"""Nothing begins within the last minutes."""


class Fault(Enum):
    """One kind of fault, and the row of the fault table that it stands for."""

    DROP_OUT = "heart rate drops out"
    HANG = "band falls silent without a word"
    LINK = "link lost and regained"
    DOUBLED = "doubled values"
    LATE = "values late and out of order"
    IMPOSSIBLE = "impossible values"
    FLAT = "a value that stays the same"
    OFF_WRIST = "off the wrist"
    BAND_BATTERY = "battery of the band low"
    NTP_SLIGHT = "clock set by less than two seconds"
    NTP = "clock set by seconds"
    HOUR = "clock set by an hour"
    DAY = "clock set by a day"
    YEAR_1970 = "clock in 1970 for a while"
    SUMMER = "summer time begins"
    WINTER = "summer time ends"
    JOURNEY = "another time zone"
    SUSPEND_BRIEF = "computer slept a second"
    SUSPEND = "computer slept seconds to minutes"
    SUSPEND_LONG = "computer slept one to nine hours"
    KILL = "killed"
    KILL_BEFORE_ACT = "killed between ledger and act"
    KILL_AFTER_ACT = "killed after the act"
    STUCK = "process stuck until the watchdog"
    STORM = "killed again and again"
    POWER_CUT = "power cut"
    POWER_CUT_1970 = "power cut, and a clock that lost its time"
    DISK_LOW = "disk nearly full"
    DISK_FULL = "disk full and back"
    DISK_UNWRITABLE = "disk that cannot be written"
    DAMAGED = "database damaged at start"
    OUTPUT_STUCK = "output that does not go off"
    OUTPUT_MISSING = "output that is not there"
    OUTPUT_CHANGED = "output that is another one"
    OUTPUT_FAILING = "output that fails at the act"
    COMPUTER_BATTERY = "battery of the computer low"
    DETECTOR_THROWS = "detector that throws"
    DETECTOR_NAN = "detector that gives no number"
    DETECTOR_SLOW = "detector that is too slow"
    STOP = "stop until the evening"
    STOP_RELEASED = "stop, taken back later"
    MARK_AWAKE = "the sleeper marks: awake"
    MARK_BAD_DREAM = "the sleeper marks: bad dream"
    SECOND = "a second Vigil is started"
    SETTINGS = "settings that cannot be relied on"


ROWS = {
    Fault.DROP_OUT: "F1",
    Fault.HANG: "F2",
    Fault.LINK: "F2",
    Fault.DOUBLED: "F3",
    Fault.LATE: "F3",
    Fault.IMPOSSIBLE: "F4",
    Fault.FLAT: "F5",
    Fault.OFF_WRIST: "F5",
    Fault.BAND_BATTERY: "F23",
    Fault.NTP_SLIGHT: "F7",
    Fault.NTP: "F7",
    Fault.HOUR: "F7",
    Fault.DAY: "F7",
    Fault.YEAR_1970: "F7",
    Fault.SUMMER: "F7",
    Fault.WINTER: "F7",
    Fault.JOURNEY: "F7",
    Fault.SUSPEND_BRIEF: "F8",
    Fault.SUSPEND: "F8",
    Fault.SUSPEND_LONG: "F8",
    Fault.KILL: "F12",
    Fault.KILL_BEFORE_ACT: "F12",
    Fault.KILL_AFTER_ACT: "F12",
    Fault.STUCK: "F14",
    Fault.STORM: "F12",
    Fault.POWER_CUT: "F13",
    Fault.POWER_CUT_1970: "F13",
    Fault.DISK_LOW: "F15",
    Fault.DISK_FULL: "F15",
    Fault.DISK_UNWRITABLE: "F15",
    Fault.DAMAGED: "F16",
    Fault.OUTPUT_STUCK: "F9",
    Fault.OUTPUT_MISSING: "F10",
    Fault.OUTPUT_CHANGED: "F11",
    Fault.OUTPUT_FAILING: "F10",
    Fault.COMPUTER_BATTERY: "F23",
    Fault.DETECTOR_THROWS: "F21",
    Fault.DETECTOR_NAN: "F21",
    Fault.DETECTOR_SLOW: "F21",
    Fault.STOP: "F27",
    Fault.STOP_RELEASED: "F27",
    Fault.MARK_AWAKE: "F27",
    Fault.MARK_BAD_DREAM: "F27",
    Fault.SECOND: "F18",
    Fault.SETTINGS: "F20",
}

LASTS_S: dict[Fault, tuple[int, int]] = {
    Fault.DROP_OUT: (20, 600),
    Fault.HANG: (60, 600),
    Fault.LINK: (15, 600),
    Fault.DOUBLED: (150, 500),
    Fault.LATE: (60, 300),
    Fault.IMPOSSIBLE: (120, 500),
    Fault.FLAT: (500, 900),
    Fault.OFF_WRIST: (60, 600),
    Fault.YEAR_1970: (60, 600),
    Fault.SUSPEND_BRIEF: (1, 1),
    Fault.SUSPEND: (3, 600),
    Fault.SUSPEND_LONG: (3600, 9 * 3600),
    Fault.STUCK: (31, 60),
    Fault.STORM: (600, 1800),
    Fault.POWER_CUT: (20, 900),
    Fault.POWER_CUT_1970: (20, 600),
    Fault.DISK_LOW: (130, 700),
    Fault.DISK_FULL: (60, 700),
    Fault.DISK_UNWRITABLE: (60, 700),
    Fault.COMPUTER_BATTERY: (130, 700),
    Fault.DETECTOR_THROWS: (5, 12),
    Fault.DETECTOR_NAN: (5, 12),
    Fault.DETECTOR_SLOW: (5, 12),
    Fault.STOP_RELEASED: (60, 900),
}
"""How long a fault goes on, in seconds; the others are over at once, or go on for the night."""

ALL_NIGHT = frozenset(
    {Fault.OUTPUT_STUCK, Fault.OUTPUT_MISSING, Fault.OUTPUT_CHANGED, Fault.OUTPUT_FAILING, Fault.DAMAGED}
    | {Fault.SETTINGS, Fault.KILL_BEFORE_ACT, Fault.KILL_AFTER_ACT}
)
"""Faults that are there from the evening on and show when something is done."""

FINAL = frozenset({Fault.SUSPEND_LONG, Fault.STOP})
"""Faults after which little is left of a night: they come last."""

_SHARE = {Fault.SUSPEND_LONG: 0.3, Fault.STOP: 0.5, Fault.DAMAGED: 0.3, Fault.SETTINGS: 0.25, Fault.STORM: 0.4}
_SHARE |= {Fault.OUTPUT_STUCK: 3.0}
"""How often a kind is drawn: less than the others, because it takes much of a night or of the computer; more, because
it takes effect only where something is done and has to be ended early."""

_STACKED = 0.1
"""Share of faults that are put anywhere, on others too."""


@dataclass(frozen=True, slots=True, order=True)
class Planned:
    """A fault in a night. value: as the kind needs it (milliseconds of a step, minutes of a zone, steps, a choice)."""

    from_s: float
    to_s: float
    kind_name: str
    value: int = 0

    @property
    def kind(self) -> Fault:
        """Which fault."""
        return Fault[self.kind_name]


def planned(seed: int, night: int, kinds: tuple[Fault, ...] | None = None, hours: float = 8.0) -> tuple[Planned, ...]:
    """The faults of a night, those that leave little of it last: about twenty or, each sixth night, two or three.

    kinds: exactly these instead.
    """
    chance, last_s = Random(f"faults {seed} {night}"), hours * 3600 - LEFT_S
    if kinds is None:
        kinds = _drawn(chance, chance.randint(2, 3) if night % 6 == 0 else chance.randint(18, 22))
    kinds = tuple(sorted(kinds, key=lambda kind: kind in FINAL))
    placed: list[Planned] = []
    at_s = FIRST_S + chance.uniform(0, 900)
    room_s = (last_s - at_s) / max(1, len(kinds))
    for kind in kinds:
        lasts_s = chance.randint(*LASTS_S.get(kind, (0, 0)))
        from_s = 0.0 if kind in ALL_NIGHT else at_s
        if kind not in ALL_NIGHT and kind not in FINAL and chance.random() < _STACKED:
            from_s = chance.uniform(FIRST_S, last_s - 900)
        to_s = hours * 3600 if kind in ALL_NIGHT else from_s + lasts_s
        placed.append(Planned(round(from_s, 3), round(to_s, 3), kind.name, _value(chance, kind)))
        at_s += chance.uniform(0.6, 1.0) * room_s
    return tuple(sorted(fault for fault in placed if fault.from_s < last_s))


def _drawn(chance: Random, count: int) -> tuple[Fault, ...]:
    """So many different kinds."""
    keyed = sorted(Fault, key=lambda kind: (-(chance.random() ** (1 / _SHARE.get(kind, 1.0))), kind.name))
    drawn = keyed[:count]
    chance.shuffle(drawn)
    return tuple(drawn)


def _value(chance: Random, kind: Fault) -> int:
    sign = chance.choice((-1, 1))
    match kind:
        case Fault.NTP_SLIGHT:
            return sign * chance.randint(200, 1_500)
        case Fault.NTP:
            return sign * chance.randint(2_500, 60_000)
        case Fault.HOUR:
            return sign * 3_600_000
        case Fault.DAY:
            return sign * 86_400_000
        case Fault.SUMMER | Fault.WINTER:
            return 60 if kind is Fault.SUMMER else -60
        case Fault.JOURNEY:
            return sign * 60 * chance.randint(1, 9)
        case Fault.BAND_BATTERY | Fault.COMPUTER_BATTERY:
            return chance.randint(3, 14)
        case _:
            return chance.randint(0, 999)
