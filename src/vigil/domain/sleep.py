"""Sleep in the field's words: stages, probabilities, hypnograms, and what is read off them.

Terms follow the AASM manual as YASA prints them (yasa `sleep_statistics`); where Vigil differs, the
docstring says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from vigil.domain.plain import register
from vigil.domain.units import EPOCH_S


@register
class Stage(Enum):
    """What Vigil tells apart from heart rate and movement. Light is N1 or N2, deep is N3."""

    WAKE = "wake"
    LIGHT = "light"
    DEEP = "deep"
    REM = "rem"
    UNSCORED = "unscored"


SCORED_STAGES = (Stage.WAKE, Stage.LIGHT, Stage.DEEP, Stage.REM)
"""The order of classes wherever probabilities stand in a row."""

ASLEEP = frozenset({Stage.LIGHT, Stage.DEEP, Stage.REM})


@register
class AasmStage(Enum):
    """What a polysomnography scorer wrote, finer than Vigil can see."""

    WAKE = "W"
    N1 = "N1"
    N2 = "N2"
    N3 = "N3"
    REM = "R"
    UNSCORED = "?"

    @property
    def stage(self) -> Stage:
        """The same epoch in the classes Vigil uses."""
        return _COARSE[self]


_COARSE = {
    AasmStage.WAKE: Stage.WAKE,
    AasmStage.N1: Stage.LIGHT,
    AasmStage.N2: Stage.LIGHT,
    AasmStage.N3: Stage.DEEP,
    AasmStage.REM: Stage.REM,
    AasmStage.UNSCORED: Stage.UNSCORED,
}


@register
@dataclass(frozen=True, slots=True)
class StageProbabilities:
    """How likely each stage is, in [0, 1], summing to 1."""

    wake: float
    light: float
    deep: float
    rem: float

    @property
    def best(self) -> Stage:
        """The likeliest stage; on a tie the first in the order wake, light, deep, REM."""
        values = self.as_tuple()
        return SCORED_STAGES[values.index(max(values))]

    def as_tuple(self) -> tuple[float, float, float, float]:
        """The four values in the order of `SCORED_STAGES`."""
        return (self.wake, self.light, self.deep, self.rem)


@register
@dataclass(frozen=True, slots=True)
class SleepSummary:
    """What a hypnogram comes to, in minutes unless said otherwise.

    TIB, time in bed: the whole hypnogram. SPT, sleep period time: first to last epoch of sleep.
    TST, total sleep time. SOL, sleep-onset latency: lights-out to the first epoch of sleep (YASA's
    default too; the AASM also has "first of three"). WASO, wake after sleep onset: wake within SPT, as in
    YASA; wake after the last sleep epoch is not counted. Efficiency: TST / TIB, 0 to 1.
    `sol_min` and `efficiency` are None where there is no sleep, or no time in bed, to speak of.
    """

    tib_min: float
    spt_min: float
    tst_min: float
    sol_min: float | None
    waso_min: float
    efficiency: float | None
    wake_min: float
    light_min: float
    deep_min: float
    rem_min: float
    unscored_min: float


@register
@dataclass(frozen=True, slots=True)
class Hypnogram:
    """Stages of consecutive 30-s epochs, the first starting at lights-out."""

    stages: tuple[Stage, ...]

    @classmethod
    def of(cls, stages: Sequence[Stage]) -> Hypnogram:
        """Build from any sequence."""
        return cls(tuple(stages))

    def minutes(self, *stages: Stage) -> float:
        """Minutes spent in the given stages together."""
        wanted = set(stages)
        return sum(1 for stage in self.stages if stage in wanted) * EPOCH_S / 60

    def summary(self) -> SleepSummary:
        """The sleep statistics of this hypnogram; see `SleepSummary` for each definition."""
        asleep = [index for index, stage in enumerate(self.stages) if stage in ASLEEP]
        per_epoch = EPOCH_S / 60
        tib = len(self.stages) * per_epoch
        tst = len(asleep) * per_epoch
        period = self.stages[asleep[0] : asleep[-1] + 1] if asleep else ()
        return SleepSummary(
            tib_min=tib,
            spt_min=len(period) * per_epoch,
            tst_min=tst,
            sol_min=asleep[0] * per_epoch if asleep else None,
            waso_min=Hypnogram(period).minutes(Stage.WAKE),
            efficiency=tst / tib if tib else None,
            wake_min=self.minutes(Stage.WAKE),
            light_min=self.minutes(Stage.LIGHT),
            deep_min=self.minutes(Stage.DEEP),
            rem_min=self.minutes(Stage.REM),
            unscored_min=self.minutes(Stage.UNSCORED),
        )
