"""What a picture of a night is drawn from, whoever draws it: runs of a stage, blind stretches, heights of movement."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from vigil.domain.records import EpochScored
from vigil.domain.sleep import Stage
from vigil.domain.units import EPOCH_S

BLIND_SHARE = 0.5
"""An epoch counts as blind in a picture when less than this share of it was watched."""

STILL_G = 0.02
"""Movement of an arm at rest: noise of wrist sensors, 10 to 20 mg peak to peak; drawn as nothing."""

Stretch = tuple[float, float]


def end_s(epochs: Sequence[EpochScored]) -> float:
    """Where the time axis ends: the end of the last epoch, at least one; seconds from lights-out."""
    return float(max((epoch.index + 1 for epoch in epochs), default=1) * EPOCH_S)


def runs(epochs: Sequence[EpochScored]) -> Iterator[tuple[Stage, float, float]]:
    """Stages in order, each with its beginning and end in seconds; a missing epoch ends a run."""
    run: list[EpochScored] = []
    for epoch in epochs:
        if run and (epoch.stage is not run[0].stage or epoch.index != run[-1].index + 1):
            yield _run(run)
            run = []
        run.append(epoch)
    if run:
        yield _run(run)


def _run(run: Sequence[EpochScored]) -> tuple[Stage, float, float]:
    return run[0].stage, float(run[0].index * EPOCH_S), float((run[-1].index + 1) * EPOCH_S)


def blind_stretches(epochs: Sequence[EpochScored]) -> list[Stretch]:
    """Seconds from lights-out between which Vigil was blind, to the nearest epoch; what was not kept is blind, too."""
    seen = {epoch.index for epoch in epochs if epoch.watched_s >= BLIND_SHARE * EPOCH_S}
    found: list[Stretch] = []
    for index in range(round(end_s(epochs) / EPOCH_S) if epochs else 0):
        if index in seen:
            continue
        from_s = float(index * EPOCH_S)
        begun = found.pop()[0] if found and found[-1][1] == from_s else from_s
        found.append((begun, from_s + EPOCH_S))
    return found


def height(movement_g: float | None) -> float:
    """Square-root scale above the sensor's own noise: a turn is a hundred times a twitch, and both matter."""
    return math.sqrt(max(0.0, (movement_g or 0.0) - STILL_G))
