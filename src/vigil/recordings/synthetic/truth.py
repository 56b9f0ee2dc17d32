"""What really happened in a simulated night: known to the simulator alone, for measuring."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from vigil.domain.requests import Output
from vigil.domain.sleep import AasmStage
from vigil.recordings.synthetic.distractors import DistractorKind
from vigil.recordings.synthetic.episodes import EndedBy, EpisodeSize
from vigil.recordings.synthetic.night_plan import Trouble


class NudgeOutcome(Enum):
    """What a nudge did."""

    NOTHING = "nothing"
    """not perceived: the body shows no answer (mission 5.4)"""
    FELT = "felt"
    """perceived, and nothing else: a dream that was going on goes on"""
    SETTLED = "settled"
    """it ended the nightmare, and the sleeper sleeps on"""
    WOKE = "woke"
    AWAKE = "awake"
    """the sleeper was awake already"""


@dataclass(frozen=True, slots=True)
class NudgeFelt:
    """One nudge that reached the body, and what it did."""

    t_s: float
    output: Output
    level: int
    perceived: bool
    outcome: NudgeOutcome


@dataclass(frozen=True, slots=True)
class EpisodeTruth:
    """One nightmare as it was lived. end_s and ended_by are None while it goes on.

    stage: what it began in. rise_bpm: the most it added to the heart rate. peak_bpm: highest true heart rate in it.
    """

    size: EpisodeSize
    stage: AasmStage
    onset_s: int
    end_s: int | None
    ended_by: EndedBy | None
    rise_bpm: float
    peak_bpm: float


@dataclass(frozen=True, slots=True)
class DistractorTruth:
    """One event that was not a nightmare. to_s may lie ahead while it goes on."""

    kind: DistractorKind
    from_s: int
    to_s: int


@dataclass(frozen=True, slots=True)
class Truth:
    """The night up to `known_s` seconds after lights-out; complete once that is the night's length.

    scoring: stages of the whole 30-s epochs so far. troubles: of the wearable, planned or come about.
    """

    known_s: int
    scoring: tuple[AasmStage, ...]
    episodes: tuple[EpisodeTruth, ...]
    distractors: tuple[DistractorTruth, ...]
    nudges: tuple[NudgeFelt, ...]
    troubles: tuple[Trouble, ...]
