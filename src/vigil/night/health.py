"""Whether the part that looks for signs can be relied on tonight.

A detector that throws, gives numbers that are none, or is too slow stands still for that step: nothing is decided on
its word. Three times within ten minutes, and it is off for the night; what is heard goes on being kept (reliability
F21).
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from vigil.domain.plain import register
from vigil.domain.units import NS_PER_MINUTE
from vigil.engine.follower import EngineLook

MOST_FAILURES = 3
WITHIN_NS = 10 * NS_PER_MINUTE
"""Three failures within ten minutes turn it off (reliability F21)."""


@register
@dataclass(slots=True)
class Health:
    """failures: instants of the latest. off: for the rest of the night."""

    failures: deque[int] = field(default_factory=lambda: deque(maxlen=MOST_FAILURES))
    off: bool = False

    def fail(self, at_ns: int) -> None:
        """It failed at `at_ns`."""
        self.failures.append(at_ns)
        if len(self.failures) == MOST_FAILURES and at_ns - self.failures[0] <= WITHIN_NS:
            self.off = True


def is_sound(look: EngineLook) -> bool:
    """Whether every number of a look that becomes a reason is one; control and guard check the others themselves."""
    scored = look.suspicion is None or math.isfinite(look.suspicion.score)
    return scored and all(
        math.isfinite(value) and (bound is None or math.isfinite(bound)) for _, value, bound, *_ in look.signs
    )
