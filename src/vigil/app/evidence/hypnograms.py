"""Hypnograms side by side: what was scored, what was said, and how likely each stage was."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vigil.app import palette
from vigil.app.evidence.pictures import calm, render
from vigil.domain.sleep import SCORED_STAGES, Stage
from vigil.domain.units import EPOCH_S
from vigil.evidence.records import NightEvidence, Row4

_ROWS = (Stage.DEEP, Stage.LIGHT, Stage.REM, Stage.WAKE)
_ROW_WORDS = ("deep", "light", "REM", "wake")


def hypnograms(night: NightEvidence) -> bytes:
    """One night as SVG: scored above, said below it, then the probabilities stacked."""
    said = [_best(epoch.p) for epoch in night.epochs]

    def draw(figure: Figure) -> None:
        grid = figure.add_gridspec(3, 1, height_ratios=(1.2, 1.2, 1))
        above, below, likely = (figure.add_subplot(grid[row]) for row in range(3))
        _hypnogram(above, [epoch.scored.stage for epoch in night.epochs], "scored")
        _hypnogram(below, said, "said")
        _probabilities(likely, [epoch.p for epoch in night.epochs])
        for axes in (above, below):
            axes.tick_params(labelbottom=False)
        likely.set_xlabel("hours since lights-out")

    return render(draw, (8.4, 4.6), "Stages scored and said, and how likely each was")


def _best(p: Row4 | None) -> Stage:
    return Stage.UNSCORED if p is None else SCORED_STAGES[p.index(max(p))]


def _hours(epochs: int) -> float:
    return epochs * EPOCH_S / 3600


def _hypnogram(axes: Axes, stages: Sequence[Stage], words: str) -> None:
    calm(axes)
    bouts = _bouts(stages)
    steps = [
        (from_h, before, row)
        for (_, _, before), (from_h, _, row) in pairwise(bouts)
        if before is not None and row is not None
    ]
    if steps:
        axes.vlines(*zip(*steps, strict=True), color=palette.FAINT, linewidth=0.6, alpha=0.6)
    for row, stage in enumerate(_ROWS):
        mine = [(from_h, to_h) for from_h, to_h, of_row in bouts if of_row == row]
        colour = palette.STAGE_COLOURS[stage]
        axes.hlines([row] * len(mine), [one[0] for one in mine], [one[1] for one in mine], color=colour, linewidth=4)
    axes.set_ylim(-0.6, len(_ROWS) - 0.4)
    axes.set_yticks(range(len(_ROWS)), _ROW_WORDS)
    axes.set_xlim(0, _hours(max(len(stages), 1)))
    axes.set_ylabel(words)


def _bouts(stages: Sequence[Stage]) -> list[tuple[float, float, int | None]]:
    """From and to in hours, and the row a stage is drawn in; None where nothing is."""
    bouts, at = [], 0
    for stage, run in groupby(stages):
        start, at = at, at + len(list(run))
        bouts.append((_hours(start), _hours(at), None if stage is Stage.UNSCORED else _ROWS.index(stage)))
    return bouts


def _probabilities(axes: Axes, rows: Sequence[Row4 | None]) -> None:
    calm(axes)
    hours = [_hours(index) for index in range(len(rows))]
    order = [SCORED_STAGES.index(stage) for stage in _ROWS]
    bands = [[0.0 if row is None else row[at] for row in rows] for at in order]
    if rows:
        axes.stackplot(
            hours, *bands, colors=[palette.STAGE_COLOURS[stage] for stage in _ROWS], linewidth=0, step="post"
        )
    axes.set_ylim(0, 1)
    axes.set_xlim(0, _hours(max(len(rows), 1)))
    axes.set_ylabel("likely")
