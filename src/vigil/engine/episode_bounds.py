"""The numbers the episode detector goes by: defaults here, fitted values in the parameters file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

from vigil.domain.errors import SettingsError
from vigil.domain.plain import register


@register
@dataclass(frozen=True, slots=True)
class EpisodeBounds:
    """Bounds of the detector. "Sigma" is the ordinary spread of heart rate about its running baseline.

    threshold: evidence, in ordinary nights between two such moments, at which a suspicion is raised. Six of them: the
        guard and what is told apart take off nearly half, so that about 0.1 false nudges a night are left
        (docs/evidence.md, people left out).
    settled: deviation in sigma up to which the heart rate counts as at its baseline.
    wobble_quantile, wobble_share, wobble_least_bpm: what one sigma is beside the spread of minutes (`wobble.py`).
    recovery: recovery gathered, in sigma-steps, at which the episode is over; it grows below `recovered_below` sigma.
    surge_on, surge_off: sigma at which a surge begins and ends, for counting surges that repeat.
    repeats: surges within ten minutes that make a pattern (PLMS: at least 4 in a row, mission 5.5).
    terror_p_deep: probability of deep sleep just before onset that makes a surge terror-like, with
        terror_rise: the rise within 30 s as a share of the baseline (adults +33 %, Ledard 2020, mission 5.5).
    fading: share of its top below which a surge is passing.
    moving_s: seconds of movement within two minutes that mean getting up; steps: steps within a minute that do.
    """

    threshold: float = 6.0
    settled: float = 1.0
    wobble_quantile: float = 0.95
    wobble_share: float = 2.0
    wobble_least_bpm: float = 2.0
    recovery: float = 6.0
    recovered_below: float = 1.5
    surge_on: float = 2.5
    surge_off: float = 1.0
    repeats: float = 4.0
    terror_p_deep: float = 0.4
    terror_rise: float = 0.33
    fading: float = 0.35
    moving_s: float = 50.0
    steps: float = 6.0

    def __post_init__(self) -> None:
        """Raise SettingsError unless every bound is finite and not negative, and the threshold above 0."""
        for one in fields(self):
            value = getattr(self, one.name)
            if not (math.isfinite(value) and value >= 0):
                message = f"episode bound {one.name} = {value!r} must be a number, 0 or more; nothing was started"
                raise SettingsError(message)
        for name in ("threshold", "wobble_share", "wobble_least_bpm"):
            if not getattr(self, name) > 0:
                message = f"episode bound {name} must be above 0; nothing was started"
                raise SettingsError(message)
        if not self.wobble_quantile < 1:
            message = "episode bound wobble_quantile must be below 1; nothing was started"
            raise SettingsError(message)

    @classmethod
    def of(cls, values: Mapping[str, float]) -> EpisodeBounds:
        """Defaults overlaid with `values`; raises SettingsError for a name it does not know."""
        unknown = sorted(set(values) - {one.name for one in fields(cls)})
        if unknown:
            message = f"unknown episode bounds {unknown}; nothing was started"
            raise SettingsError(message)
        return cls(**values)
