"""One tap in the evening: what makes tonight different, and how much stricter Vigil then is. Good for one night.

It only ever takes away: more evidence, a lower step, fewer outputs.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import Enum

from vigil.domain.requests import Output
from vigil.domain.settings import Settings

STRONG_SIGNS = 2.0
"""Times the usual evidence: what "strong signs only" asks for in the first nights too (engine/first_nights.py)."""

LOWEST = 1
ANY_LEVEL = 4
MOST_FACTOR = 4.0
"""The bound of `Settings.threshold_factor`."""


class Tap(Enum):
    """What can be said of an evening."""

    DRINK = "drink"
    PILL = "pill"
    ILL = "ill"
    SHARING = "sharing"


WORDS = {
    Tap.DRINK: "After a drink the heart beats faster for hours, and an ordinary dream can look like a bad one.",
    Tap.PILL: "A sleeping pill makes waking harder and muddled.",
    Tap.ILL: "Illness drives the heart up all night, dream or no dream.",
    Tap.SHARING: "Somebody shares the room, so nothing but the buzz on your wrist.",
}
"""Why each makes tonight stricter. Alcohol: the heart is up in the first hours (PMC5878366); the rest is our choice."""

CAUTIOUS = "If I nudge tonight at all, then at strong signs only, and with the lowest step."
USUAL = "Tonight is as usual."
UNREADABLE = (
    "What you said about this evening cannot be read, so I take all of it: strong signs, lowest step, only the buzz."
)

_CAUTIOUS = frozenset({Tap.DRINK, Tap.PILL, Tap.ILL})


@dataclass(frozen=True, slots=True)
class Stricter:
    """How much stricter tonight is. outputs_only: None leaves the outputs as they are. words: for bedtime."""

    threshold_factor_at_least: float = 1.0
    top_level_at_most: int = ANY_LEVEL
    outputs_only: tuple[Output, ...] | None = None
    words: tuple[str, ...] = (USUAL,)

    def applied(self, chosen: Settings, profile_factor: float = 1.0) -> Settings:
        """The settings, stricter. profile_factor: what the sleeper's profile multiplies the threshold by as well.

        The product reaches `threshold_factor_at_least` wherever the settings' own bound lets it (a profile is 0.5 or
        more, so that it always does).
        """
        stricter = self.threshold_factor_at_least > 1.0
        wanted = min(MOST_FACTOR, self.threshold_factor_at_least / profile_factor) if stricter else 0.0
        factor = max(chosen.threshold_factor, wanted)
        allowed = self.outputs_only
        outputs = chosen.outputs if allowed is None else tuple(one for one in chosen.outputs if one in allowed)
        level = min(chosen.top_level, self.top_level_at_most)
        return replace(chosen, threshold_factor=factor, top_level=level, outputs=outputs)


def for_tonight(taps: Collection[Tap]) -> Stricter:
    """How tonight is after these taps."""
    if not taps:
        return Stricter()
    cautious = bool(_CAUTIOUS & set(taps))
    why = tuple(words for tap, words in WORDS.items() if tap in taps)
    return Stricter(
        STRONG_SIGNS if cautious else 1.0,
        LOWEST if cautious else ANY_LEVEL,
        (Output.VIBRATION,) if Tap.SHARING in taps else None,
        (*why, CAUTIOUS) if cautious else why,
    )


def strictest() -> Stricter:
    """Tonight where what was said cannot be read."""
    return replace(for_tonight(tuple(Tap)), words=(UNREADABLE,))
