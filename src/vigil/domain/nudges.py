"""Suspicions, nudges, decisions, and the reasons that go with every one of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from vigil.domain.permits import Permit
from vigil.domain.plain import register
from vigil.domain.requests import Output, Purpose


@register
class EpisodeKind(Enum):
    """What an episode looks like. Only NIGHTMARE_LIKE is ever nudged."""

    NIGHTMARE_LIKE = "nightmare_like"
    TERROR_LIKE = "terror_like"
    """an explosive surge out of deep sleep in the first third of the night"""
    OUT_OF_BED = "out_of_bed"
    """upright, walking, or long movement: a trip to the bathroom"""
    AROUSAL = "arousal"
    """an ordinary brief arousal or turn: movement first, a short surge after it"""
    PERIODIC = "periodic"
    """surges that come again and again at one spacing: breathing or leg events"""


@register
class WatchState(Enum):
    """Where the watch stands. The transitions are a table in `control/watch_state.py`."""

    BLIND = "blind"
    SETTLING = "settling"
    WATCHING = "watching"
    SUSPECTING = "suspecting"
    NUDGING = "nudging"
    OBSERVING = "observing"
    RESTING = "resting"
    HELD = "held"


@register
class Action(Enum):
    """What a decision does."""

    NOTHING = "nothing"
    NUDGE = "nudge"


@register
class Unit(Enum):
    """The unit of a reason's value and bound. NONE for counts and bare facts."""

    NONE = ""
    BPM = "bpm"
    SECONDS = "s"
    MINUTES = "min"
    G = "g"
    PROBABILITY = "probability"
    PERCENT = "%"
    SCORE = "score"


@register
class ReasonCode(Enum):
    """Every reason Vigil can give. `domain/explain.py` holds the sentence of each."""

    # What was seen.
    QUIET = "quiet"
    EVIDENCE = "evidence"
    HEART_SURGE = "heart_surge"
    HEART_RISE = "heart_rise"
    STAGE_REM = "stage_rem"
    STAGE_DEEP = "stage_deep"
    STAGE_WAKE = "stage_wake"
    MOVEMENT = "movement"
    STEPS = "steps"
    REPEATING = "repeating"
    LOOKS_LIKE_TERROR = "looks_like_terror"
    LOOKS_LIKE_OUT_OF_BED = "looks_like_out_of_bed"
    LOOKS_LIKE_AROUSAL = "looks_like_arousal"
    LOOKS_LIKE_PERIODIC = "looks_like_periodic"
    # How the body answered.
    OBSERVING_ANSWER = "observing_answer"
    SETTLED = "settled"
    UNCHANGED = "unchanged"
    WOKE = "woke"
    RECOVERING = "recovering"
    LADDER_ENDED = "ladder_ended"
    # Why nothing may be done: data.
    NEVER_HEARD = "never_heard"
    DATA_STALE = "data_stale"
    DATA_FLAT = "data_flat"
    DATA_DOUBLED = "data_doubled"
    DATA_BAD = "data_bad"
    DATA_DOUBTFUL = "data_doubtful"
    OFF_WRIST = "off_wrist"
    LINK_LOST = "link_lost"
    WARMING_UP = "warming_up"
    BROKEN_NUMBER = "broken_number"
    # Why nothing may be done: the night.
    SETTLING_IN = "settling_in"
    HELD = "held"
    AWAKE_MARKED = "awake_marked"
    AWAKE_UPRIGHT = "awake_upright"
    AWAKE_LIKELY = "awake_likely"
    MODE_SHAM = "mode_sham"
    MODE_WATCH_ONLY = "mode_watch_only"
    NIGHT_OVER = "night_over"
    # Why nothing may be done: limits.
    CAP_EPISODE = "cap_episode"
    CAP_HOUR = "cap_hour"
    CAP_NIGHT = "cap_night"
    CAP_ENERGY = "cap_energy"
    LEDGER_UNREADABLE = "ledger_unreadable"
    NOT_LOWEST_FIRST = "not_lowest_first"
    STEP_TOO_HIGH = "step_too_high"
    LEVEL_CEILING = "level_ceiling"
    PERMIT_PENDING = "permit_pending"
    NO_OUTPUT = "no_output"
    PURPOSE_UNKNOWN = "purpose_unknown"
    CLOCK_DOUBTFUL = "clock_doubtful"
    STRENGTH_CEILING = "strength_ceiling"
    HOUSE_TROUBLE = "house_trouble"
    NIGHT_BEGUN = "night_begun"
    ENGINE_FAILED = "engine_failed"
    # Why something was done.
    SMALLEST_FIRST = "smallest_first"
    STEP_UP = "step_up"
    WITHIN_CAPS = "within_caps"


@register
@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: what was measured (`value`), against what (`bound`), in which unit. Both may be absent."""

    code: ReasonCode
    value: float | None = None
    bound: float | None = None
    unit: Unit = Unit.NONE

    def __post_init__(self) -> None:
        """A reason never carries NaN or infinity: a broken number is its own reason."""
        for number in (self.value, self.bound):
            if number is not None and not math.isfinite(number):
                message = f"{self.code.value}: {number} is not a number to give as a reason"
                raise ValueError(message)


Reasons = tuple[Reason, ...]


@register
@dataclass(frozen=True, slots=True)
class Suspicion:
    """An episode that is being followed.

    episode: serial number in the night, from 1.
    onset_ns: the instant from which evidence began to gather, never after `raised_ns`.
    score: evidence gathered, in units of the threshold (1.0 is the bound at which it was raised).
    """

    episode: int
    kind: EpisodeKind
    onset_ns: int
    raised_ns: int
    score: float
    reasons: Reasons


@register
@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One permit that was written down before it was acted on. It counts as a nudge given, whatever came after.

    at_ns: instant on the boot clock of `boot_id`. wall_ms: UTC milliseconds since 1970, or None if unknown.
    """

    night: str
    permit: int
    boot_id: str
    at_ns: int
    wall_ms: int | None
    purpose: Purpose
    episode: int
    output: Output
    level: int
    duration_ms: int


@register
@dataclass(frozen=True, slots=True)
class Ledger:
    """What earlier nights and earlier runs have spent. `readable` False means: count the budget as spent."""

    rows: tuple[LedgerRow, ...] = ()
    readable: bool = True


@register
@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided at an instant, and why. Doing nothing is a decision too.

    `permit` is present exactly when `action` is NUDGE. `episode` is the suspicion it was about, if any.
    """

    at_ns: int
    state: WatchState
    action: Action
    reasons: Reasons
    episode: int | None = None
    permit: Permit | None = None
