"""What a night's account is made of: kinds of events, and which inputs and reasons make which."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from vigil.domain import records
from vigil.domain.nudges import ReasonCode
from vigil.domain.samples import BeatInterval, Contact, HeartSample, MotionSummary
from vigil.domain.troubles import TroubleKind
from vigil.domain.units import NS_PER_S
from vigil.night.blindness import BlindCause

LOW_PERCENT = 15
"""Charge of a wearable at which the morning says so (reliability F23)."""

SHORTEST_TOLD_NS = 30 * NS_PER_S
"""Poor stretches of the signal shorter than this are counted as blind and not told one by one. Our choice."""


class AccountKind(Enum):
    """What an event is. Those of `TroubleKind` carry its value."""

    POWER_LOST = "power_lost"
    RESTARTED = "restarted"
    SLEPT = "slept"
    CLOCK_STEPPED = "clock_stepped"
    NEVER = "never"
    STALE = "stale"
    FLAT = "flat"
    DOUBLED = "doubled"
    BAD = "bad"
    OFF_WRIST = "off_wrist"
    LINK_LOST = "link_lost"
    OUTPUT_NOT_READY = "output_not_ready"
    OUTPUT_FAILED = "output_failed"
    OUTPUT_AWAY = "output_away"
    STOPPED = "stopped"
    DISK_LOW = "disk_low"
    DISK_FULL = "disk_full"
    DISK_UNWRITABLE = "disk_unwritable"
    STORE_DAMAGED = "store_damaged"
    COMPUTER_BATTERY = "computer_battery"
    ENGINE_SLOW = "engine_slow"
    ZONE_CHANGED = "zone_changed"
    HOUSE_DOWN = "house_down"
    NOT_TOLD = "not_told"
    MAY_SLEEP = "may_sleep"
    OTHER_BAND = "other_band"
    BAND_CLOCK = "band_clock"
    LIMIT_REACHED = "limit_reached"
    LEDGER_UNREADABLE = "ledger_unreadable"
    ENGINE_FAILED = "engine_failed"
    CLOCK_DOUBTFUL = "clock_doubtful"
    BROKEN_NUMBER = "broken_number"
    NO_OUTPUT = "no_output"
    WEARABLE_BATTERY = "wearable_battery"


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """One thing that happened. Times are seconds from lights-out; to_s None: until the night ended.

    number: as the kind needs it: seconds (power lost; 0 where nobody knows), milliseconds (clock stepped), percent, or
    the value of a trouble. about: which output. why: a clause said by it.
    """

    kind: AccountKind
    from_s: float
    to_s: float | None
    number: int = 0
    about: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """The night's account: events in order of their beginning, and blind seconds by cause, which add up to blind_s."""

    watched_s: int
    blind_s: int
    blind: tuple[tuple[BlindCause, int], ...]
    events: tuple[AccountEvent, ...]


NOT_A_FAULT = frozenset(
    {
        HeartSample,
        BeatInterval,
        MotionSummary,
        Contact,
        records.NightBegan,
        records.NightEnded,
        records.Tick,
        records.OutputAcknowledged,
        records.OutputConfirmedOff,
    }
)
"""Inputs that are no fault; taking the watch off shows as a quality of the signal."""

OF_REASON = {
    ReasonCode.CAP_EPISODE: AccountKind.LIMIT_REACHED,
    ReasonCode.CAP_HOUR: AccountKind.LIMIT_REACHED,
    ReasonCode.CAP_NIGHT: AccountKind.LIMIT_REACHED,
    ReasonCode.CAP_ENERGY: AccountKind.LIMIT_REACHED,
    ReasonCode.LEDGER_UNREADABLE: AccountKind.LEDGER_UNREADABLE,
    ReasonCode.ENGINE_FAILED: AccountKind.ENGINE_FAILED,
    ReasonCode.CLOCK_DOUBTFUL: AccountKind.CLOCK_DOUBTFUL,
    ReasonCode.BROKEN_NUMBER: AccountKind.BROKEN_NUMBER,
    ReasonCode.NO_OUTPUT: AccountKind.NO_OUTPUT,
}
"""Reasons for doing nothing that no input says."""

OF_TROUBLE = {kind: AccountKind(kind.value) for kind in TroubleKind}
