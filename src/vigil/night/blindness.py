"""How long the night was blind, and why: every blind second has exactly one cause, and they add up to what was blind.

Counted in the night's own steps. A step is blind for the gravest cause that holds at it: nothing ran, the part that
looks for signs stood still, or the heart signal could not be believed; what is left was warming up after one of these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import Enum

from vigil.domain.records import EpochScored, NightClosed
from vigil.domain.samples import Quality
from vigil.domain.units import EPOCH_S, STEP_NS, STEP_S

STEPS_AN_EPOCH = EPOCH_S // STEP_S


class BlindCause(Enum):
    """Why a second was blind."""

    POWER_LOST = "power_lost"
    RESTARTED = "restarted"
    SLEPT = "slept"
    ENGINE_FAILED = "engine_failed"
    NEVER = "never"
    STALE = "stale"
    FLAT = "flat"
    DOUBLED = "doubled"
    BAD = "bad"
    OFF_WRIST = "off_wrist"
    LINK_LOST = "link_lost"
    WARMING_UP = "warming_up"
    NOT_KEPT = "not_kept"
    """what was kept of the minute cannot be believed, so its cause is gone"""


OF_QUALITY = {quality: BlindCause(quality.value) for quality in Quality if quality is not Quality.GOOD}
"""Each poor quality of the heart signal is a cause of its own."""

Span = tuple[int, int, BlindCause]
"""(from_ns, until_ns, cause): the steps at from_ns or later and before until_ns."""


def blind_seconds(
    closed: NightClosed, epochs: Iterable[EpochScored], spans: Sequence[Span]
) -> tuple[tuple[BlindCause, int], ...]:
    """Seconds by cause, the longest first; they add up to `closed.blind_s`. Of spans that overlap the last counts."""
    steps = _causes(closed, spans)
    scored = {epoch.index: epoch for epoch in epochs}
    counts: Counter[BlindCause] = Counter(cause for cause in steps if cause is not None)
    unknown = 0
    for index in range(len(steps) // STEPS_AN_EPOCH):
        known = steps[index * STEPS_AN_EPOCH : (index + 1) * STEPS_AN_EPOCH]
        without = sum(cause is None for cause in known)
        epoch = scored.get(index)
        if epoch is None:
            unknown += without
        else:
            blind = STEPS_AN_EPOCH - epoch.watched_s // STEP_S
            counts[BlindCause.WARMING_UP] += max(0, blind - (STEPS_AN_EPOCH - without))
    return _fitted(counts, closed.blind_s // STEP_S, unknown)


def _causes(closed: NightClosed, spans: Sequence[Span]) -> list[BlindCause | None]:
    """The cause of each step that is known by itself; item i is the step that ends i + 1 steps after lights-out."""
    count = max(0, (closed.at_ns - closed.began_ns) // STEP_NS)
    steps: list[BlindCause | None] = [None] * count
    for from_ns, until_ns, cause in spans:
        first = max(0, -((closed.began_ns - from_ns) // STEP_NS) - 1)
        last = min(count, -((closed.began_ns - until_ns) // STEP_NS) - 1)
        steps[first:last] = [cause] * max(0, last - first)
    return steps


def _fitted(counts: Counter[BlindCause], blind: int, unknown: int) -> tuple[tuple[BlindCause, int], ...]:
    """The counts of steps made to add up to `blind`, in seconds.

    What is too little was not kept, as far as epochs are missing, or was warming up in a step that no epoch holds. What
    is too much is taken off the mildest causes first.
    """
    missing = blind - counts.total()
    if missing > 0:
        counts[BlindCause.NOT_KEPT] += min(missing, unknown)
        counts[BlindCause.WARMING_UP] += max(0, missing - unknown)
    for cause in (BlindCause.WARMING_UP, *reversed(BlindCause)):
        counts[cause] -= min(counts[cause], max(0, counts.total() - blind))
    return tuple((cause, steps * STEP_S) for cause, steps in counts.most_common() if steps)
