"""Everything one night comes to. Made once; all figures, of any set of nights, are sums of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vigil.evidence.alarm_counts import AlarmCounts
from vigil.evidence.epoch_counts import EpochCounts
from vigil.evidence.placement_counts import PlacementCounts
from vigil.evidence.records import NightEvidence


@dataclass(frozen=True, slots=True, eq=False)
class NightCounts:
    """One night, counted at the thresholds asked for."""

    night: NightEvidence
    epochs: EpochCounts
    alarms: AlarmCounts
    placements: PlacementCounts

    @classmethod
    def of(cls, night: NightEvidence, factors: Sequence[float]) -> NightCounts:
        """Count a night whose `factors` hold all of those asked for."""
        order = [night.factors.index(factor) for factor in factors]
        epochs, alarms = EpochCounts.of(night), AlarmCounts.of(night, order)
        return cls(night, epochs, alarms, PlacementCounts.of(night, order))

    @property
    def unscored(self) -> bool:
        """Whether it has no stages at all, so that it is told per 8 h of recording, apart."""
        return not self.night.scored


def common_factors(nights: Sequence[NightEvidence]) -> tuple[float, ...]:
    """The thresholds at which every night was run, ascending."""
    shared = set(nights[0].factors).intersection(*(night.factors for night in nights[1:])) if nights else set()
    return tuple(sorted(shared))
