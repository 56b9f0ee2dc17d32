"""What enters a night and what leaves it: two closed lists. Time is a field of each record, never read.

An input is pushed into `NightWatch`; outputs come back. Instants are nanoseconds on one clock that never steps:
the computer's boot clock when live, seconds since the start of the recording when replayed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from vigil.domain.nudges import Decision, EpisodeKind, Ledger, Reasons, Suspicion
from vigil.domain.plain import register
from vigil.domain.requests import Output
from vigil.domain.samples import Battery, BeatInterval, Contact, HeartSample, MotionSummary, Quality
from vigil.domain.sleep import Stage, StageProbabilities
from vigil.domain.troubles import Trouble


@register
class Mode(Enum):
    """What the night is for. SHAM watches in full and never nudges; so does WATCH_ONLY, which says so."""

    ON = "on"
    SHAM = "sham"
    WATCH_ONLY = "watch_only"


@register
class Mark(Enum):
    """What the sleeper says by hand."""

    AWAKE = "awake"
    BAD_DREAM = "bad_dream"
    STOP = "stop"


@register
@dataclass(frozen=True, slots=True)
class Digests:
    """SHA-256, hex, of what the night was run with."""

    parameters: str = ""
    settings: str = ""
    profile: str = ""


@register
@dataclass(frozen=True, slots=True)
class NightBegan:
    """Lights-out. Samples may come before it: they warm the estimators, and nothing else.

    wall_ms: UTC milliseconds since 1970 at `at_ns`, or None without a clock; zone_min: offset from UTC.
    heart_cadence_ms: how often the source sends a heart rate, as the catalogue says or the reader estimated;
        None where there are beats instead, or nothing is known.
    """

    at_ns: int
    mode: Mode = Mode.ON
    night: str = ""
    boot_id: str = ""
    wall_ms: int | None = None
    zone_min: int | None = None
    wall_sane: bool = False
    heart_cadence_ms: int | None = None
    digests: Digests = field(default_factory=Digests)
    ledger: Ledger = field(default_factory=Ledger)


@register
@dataclass(frozen=True, slots=True)
class LinkLost:
    """The wearable is out of reach."""

    at_ns: int


@register
@dataclass(frozen=True, slots=True)
class LinkRegained:
    """The wearable is back."""

    at_ns: int


@register
@dataclass(frozen=True, slots=True)
class Restarted:
    """Vigil itself came back. `ledger` is what the store says was spent; a new `boot_id` means a reboot.

    since_ns: the last instant of the night before it that is known; None where only its inputs tell. shift_ns: `at_ns`
    less what the boot clock showed, which a reboot had set back; what runs in the same boot later goes on by it.
    """

    at_ns: int
    boot_id: str
    wall_ms: int | None = None
    wall_sane: bool = False
    ledger: Ledger = field(default_factory=Ledger)
    since_ns: int | None = None
    shift_ns: int = 0


@register
@dataclass(frozen=True, slots=True)
class Resumed:
    """The computer slept for `asleep_ms` and woke."""

    at_ns: int
    asleep_ms: int


@register
@dataclass(frozen=True, slots=True)
class ClockStepped:
    """The wall clock jumped by `step_ms` against the boot clock."""

    at_ns: int
    step_ms: int


@register
@dataclass(frozen=True, slots=True)
class Tick:
    """Time has reached `at_ns`, and nothing else happened. Extra ticks change nothing."""

    at_ns: int


@register
@dataclass(frozen=True, slots=True)
class OutputProbed:
    """An output was tried without touching the sleeper, and answered or not; if not, `why` says it in a clause."""

    at_ns: int
    output: Output
    ok: bool
    why: str = ""


@register
@dataclass(frozen=True, slots=True)
class OutputAcknowledged:
    """An output took the permit. `shadow`: nothing was really done (replay, evaluate)."""

    at_ns: int
    permit: int
    shadow: bool = False


@register
@dataclass(frozen=True, slots=True)
class OutputConfirmedOff:
    """An output confirmed that it has stopped."""

    at_ns: int
    permit: int


@register
@dataclass(frozen=True, slots=True)
class OutputFailed:
    """An output did not do what the permit allowed, or did not confirm that it stopped.

    unreached: it was out of reach, and nothing else is known to be wrong; a later probe may find it again.
    """

    at_ns: int
    permit: int
    output: Output
    why: str = ""
    unreached: bool = False


@register
@dataclass(frozen=True, slots=True)
class Held:
    """The sleeper (or the page) holds the watch until `until_ns`, or until released if None."""

    at_ns: int
    until_ns: int | None = None


@register
@dataclass(frozen=True, slots=True)
class Released:
    """The hold is over."""

    at_ns: int


@register
@dataclass(frozen=True, slots=True)
class Marked:
    """The sleeper's own mark."""

    at_ns: int
    mark: Mark


@register
@dataclass(frozen=True, slots=True)
class NightEnded:
    """The night is over; nothing is decided after it."""

    at_ns: int


SAMPLES = frozenset({HeartSample, BeatInterval, MotionSummary, Contact, Battery})
"""The classes of `Sample`."""

Sample: TypeAlias = HeartSample | BeatInterval | MotionSummary | Contact | Battery
Event: TypeAlias = (
    NightBegan
    | LinkLost
    | LinkRegained
    | Restarted
    | Resumed
    | ClockStepped
    | OutputProbed
    | OutputAcknowledged
    | OutputConfirmedOff
    | OutputFailed
    | Held
    | Released
    | Marked
    | Trouble
    | NightEnded
)
Input: TypeAlias = Sample | Event | Tick


@register
@dataclass(frozen=True, slots=True)
class EpochScored:
    """One 30-s epoch, scored at its end from what was known then.

    index: from lights-out, from 0. heart_bpm and movement_g: means of the epoch for the picture, None if blind.
    watched_s: seconds of the epoch in which a nudge would have been possible for want of nothing but a reason.
    """

    at_ns: int
    index: int
    stage: Stage
    p: StageProbabilities | None
    heart_bpm: float | None
    movement_g: float | None
    watched_s: int


@register
@dataclass(frozen=True, slots=True)
class SuspicionRaised:
    """Evidence passed its bound: an episode is followed from now on."""

    at_ns: int
    suspicion: Suspicion


@register
@dataclass(frozen=True, slots=True)
class SuspicionCleared:
    """The body has recovered, or the signal was lost, or the night ended. `score`: the most evidence there was."""

    at_ns: int
    episode: int
    kind: EpisodeKind
    onset_ns: int
    score: float
    reasons: Reasons


@register
@dataclass(frozen=True, slots=True)
class QualityNote:
    """The quality of the heart signal changed at this instant."""

    at_ns: int
    quality: Quality
    before: Quality


@register
@dataclass(frozen=True, slots=True)
class NightClosed:
    """The night's account. left_out: samples not used, as (fault, count), for every fault that occurred."""

    at_ns: int
    began_ns: int
    watched_s: int
    blind_s: int
    nudges: int
    left_out: tuple[tuple[str, int], ...]


NightOutput: TypeAlias = EpochScored | SuspicionRaised | SuspicionCleared | Decision | QualityNote | NightClosed
