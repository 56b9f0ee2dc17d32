"""What evaluating one night found, before anything is counted together. Filled by `run`, summed up by `evidence`.

The words are those of DESIGN section 6. A threshold is told as a factor of the one that is shipped: at factor 2 twice
as much evidence is asked for. Every tuple that goes "by factor" is in the order of `NightEvidence.factors`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from vigil.domain.nudges import EpisodeKind
from vigil.domain.sleep import AasmStage

Row4 = tuple[float, float, float, float]
"""Probabilities of wake, light, deep, REM, in this order."""

LIMITS_S = (60.0, 120.0, 300.0)
"""Within how long after its onset an added episode counts as found."""

RATES = (0.05, 0.1, 0.25, 0.5, 1.0)
"""Operating points: false nudges per 8 h of scored sleep."""


class AddedClass(Enum):
    """What is added to a night: three sizes of nightmare (mission 5.3), look-alikes (5.5), and a control."""

    SILENT = "silent"
    MODERATE = "moderate"
    STRONG = "strong"
    TERROR = "terror"
    """an explosive surge out of deep sleep"""
    TURN = "turn"
    """an ordinary arousal: movement and a short surge"""
    BATHROOM = "bathroom"
    """up, walking, back"""
    PERIODIC = "periodic"
    """surges at one spacing: breathing or leg events"""
    ZERO = "zero"
    """an episode of size nought, through the whole of the adding: must not be told from the untouched night"""


@dataclass(frozen=True, slots=True)
class Happening:
    """An intervention or a suspicion of a run on the untouched night.

    t_s: since lights-out. stage: scored for the epoch it fell in; None where nothing is scored.
    kind: what it looked like when it was raised; of an intervention always NIGHTMARE_LIKE.
    """

    t_s: float
    stage: AasmStage | None
    kind: EpisodeKind


@dataclass(frozen=True, slots=True)
class Run:
    """The untouched night at one threshold. interventions: after the guard; suspicions: of any kind."""

    interventions: tuple[Happening, ...]
    suspicions: tuple[Happening, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """One added episode in a run from a snapshot of the untouched night.

    onset_s: since lights-out. size_bpm: the most that heart rate was raised by. stage: scored at the onset.
    latency_s: by factor, from onset to the first intervention, None if there was none within the longest limit.
    counts: by factor, False where the untouched night itself had an intervention in that window, so that nothing
    can be said. peak, peak_untouched: most evidence in the window, with the episode and without it.
    """

    added: AddedClass
    onset_s: float
    size_bpm: float
    stage: AasmStage
    latency_s: tuple[float | None, ...]
    counts: tuple[bool, ...]
    peak: float
    peak_untouched: float


@dataclass(frozen=True, slots=True)
class Epoch:
    """One 30-s epoch: what was scored (UNSCORED if nothing) and the probabilities said at its end (None: no data)."""

    scored: AasmStage
    p: Row4 | None


@dataclass(frozen=True, slots=True)
class NightEvidence:
    """Everything found on one night.

    name, path, source: which night, where, and of which data set (the folder's own words). person: nights with one
    name are one person. digest: of its content, as in the parameters file. seen: it was among the nights fitted on.
    left_out: why the night is not counted at all, in words, else None. remarks: what was noticed and is only said
    (a shifted clock, one class only, short). scored: whether it has stages. cadence_s: of heart rate, None if unknown.
    sensor: "beats", "heart" or "heart and movement", ... ahi: apnoea-hypopnoea index where the recording says it.
    epochs: of the whole night. clock: what the clock alone would say of each epoch (the parameters' table), by epoch.
    recorded_h, blind_min: of the night as the engine ran. factors: thresholds, 1.0 (as shipped) among them.
    runs: by factor. placements: of every class.
    """

    name: str
    path: str
    source: str
    person: str
    digest: str
    seen: bool
    left_out: str | None
    remarks: tuple[str, ...]
    scored: bool
    cadence_s: float | None
    sensor: str
    ahi: float | None
    epochs: tuple[Epoch, ...]
    clock: tuple[Row4, ...]
    recorded_h: float
    blind_min: float
    factors: tuple[float, ...]
    runs: tuple[Run, ...]
    placements: tuple[Placement, ...]
