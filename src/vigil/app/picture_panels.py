"""The panels of the picture of a night, from the top down: stages, watch, heart rate, movement."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from vigil.app import night_lanes, palette
from vigil.app.known import Known
from vigil.domain.records import EpochScored
from vigil.domain.sleep import Stage
from vigil.domain.units import EPOCH_S
from vigil.night.report import NightReport

_ROWS = (Stage.DEEP, Stage.LIGHT, Stage.REM, Stage.WAKE)
"""From the bottom up, as hypnograms are drawn in the field."""

_ROW_WORDS = ("deep", "light", "REM", "awake")

_MOVEMENT_TICKS = (0.25, 1.0)


def end_s(report: NightReport) -> float:
    """Where the time axis ends: the end of the last epoch."""
    return night_lanes.end_s(report.epochs)


def calm(axes: Axes, report: NightReport) -> None:
    """A panel without a frame, with faint hours."""
    axes.set_facecolor(palette.PANEL)
    axes.set_xlim(0, end_s(report))
    axes.tick_params(length=0, labelbottom=False)
    axes.grid(visible=True, axis="x", color=palette.LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)


def shade(axes: Axes, report: NightReport) -> None:
    """Suspicions by kind, nudges as thin lines: the same through every panel, so that the eye can go down."""
    for row in report.suspicions:
        axes.axvspan(row.from_s, row.to_s, color=palette.KIND_COLOURS[row.kind], alpha=0.16, linewidth=0)
    for nudge in report.nudges:
        axes.axvline(nudge.t_s, color=palette.NUDGE, alpha=0.55, linewidth=0.8)


def hypnogram(axes: Axes, epochs: Sequence[EpochScored]) -> None:
    """Coloured bars at the height of their stage, as sleep laboratories draw them."""
    before: int | None = None
    for stage, from_s, to_s in night_lanes.runs(epochs):
        if stage is Stage.UNSCORED:
            before = None
            continue
        row = _ROWS.index(stage)
        if before is not None:
            axes.plot([from_s, from_s], [before, row], color=palette.FAINT, linewidth=0.7, alpha=0.6, zorder=2)
        colour = palette.STAGE_COLOURS[stage]
        axes.fill_between([from_s, to_s], -0.6, row, color=colour, alpha=0.13, linewidth=0, zorder=1)
        axes.plot([from_s, to_s], [row, row], color=colour, linewidth=5, solid_capstyle="butt", zorder=3)
        before = row
    axes.set_ylim(-0.6, len(_ROWS) - 0.5)
    axes.set_yticks(range(len(_ROWS)), _ROW_WORDS)
    for label, stage in zip(axes.get_yticklabels(), _ROWS, strict=True):
        label.set_color(palette.STAGE_COLOURS[stage])


def watch_strip(axes: Axes, report: NightReport, known: Sequence[Known]) -> None:
    """What was suspected, done, impossible, and (where known) true, one above the other."""
    for row in report.suspicions:
        width = max(row.to_s - row.from_s, EPOCH_S)
        axes.broken_barh([(row.from_s, width)], (0.18, 0.34), color=palette.KIND_COLOURS[row.kind], linewidth=0)
    _hatch(axes, report.epochs, 0.0, 0.7)
    for t_s, steps in _nudges_by_episode(report):
        axes.plot(t_s, 0.82, marker="v", markersize=9, color=palette.NUDGE, clip_on=False, zorder=5)
        axes.annotate(
            steps, (t_s, 0.84), (8, 0), textcoords="offset points", color=palette.NUDGE, fontsize=8.5, va="center"
        )
    for one in known:
        colour = palette.BRIGHT if one.nightmare else palette.FAINT
        axes.plot(
            [one.from_s, one.to_s],
            [0.0, 0.0],
            color=colour,
            linewidth=3.5,
            solid_capstyle="butt",
            zorder=5,
            clip_on=False,
        )
    axes.set_ylim(-0.08, 1)
    axes.set_yticks([0.36], ["watch"])


def _nudges_by_episode(report: NightReport) -> list[tuple[float, str]]:
    """Where each episode's first nudge was, and the steps it took: "1", or "1-3"."""
    found = []
    for _, run in groupby(report.nudges, key=lambda row: row.episode):
        rows = list(run)
        steps = sorted({row.level for row in rows})
        found.append((rows[0].t_s, "-".join(str(step) for step in dict.fromkeys((steps[0], steps[-1])))))
    return found


def _hatch(axes: Axes, epochs: Sequence[EpochScored], low: float, high: float) -> None:
    for from_s, to_s in night_lanes.blind_stretches(epochs):
        span = [from_s, to_s]
        axes.fill_between(span, low, high, facecolor="none", edgecolor=palette.FAINT, hatch="////", linewidth=0)


def heart(axes: Axes, report: NightReport) -> None:
    """Heart rate by epoch; the line breaks where it is not known."""
    rates = [math.nan if epoch.heart_bpm is None else epoch.heart_bpm for epoch in report.epochs]
    middles = [(epoch.index + 0.5) * EPOCH_S for epoch in report.epochs]
    known = [rate for rate in rates if not math.isnan(rate)]
    low, high = (min(known) - 4, max(known) + 6) if known else (40.0, 100.0)
    axes.set_ylim(low, high)
    axes.plot(middles, rates, color=palette.HEART, linewidth=1.3, zorder=3)
    axes.fill_between(middles, low, rates, color=palette.HEART, alpha=0.10, linewidth=0)
    _hatch(axes, report.epochs, low, high)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.grid(visible=True, axis="y", color=palette.LINE, linewidth=0.5)
    _name(axes, "heart rate, bpm")
    if not known:
        axes.text(0.5, 0.5, "no heart rate", transform=axes.transAxes, ha="center", va="center", color=palette.FAINT)


def movement(axes: Axes, epochs: Sequence[EpochScored]) -> None:
    """Bars, as high as `night_lanes.height` says."""
    starts = [epoch.index * EPOCH_S for epoch in epochs] or [0]
    heights = [night_lanes.height(epoch.movement_g) for epoch in epochs] or [0.0]
    axes.fill_between(
        [*starts, starts[-1] + EPOCH_S], [*heights, 0.0], step="post", color=palette.MOVEMENT, linewidth=0, zorder=3
    )
    axes.set_ylim(0, max(1.35, *heights))
    recorded = any(epoch.movement_g is not None for epoch in epochs)
    ticks = _MOVEMENT_TICKS if recorded else ()
    axes.set_yticks([night_lanes.height(tick) for tick in ticks], [f"{tick:g}" for tick in ticks])
    axes.grid(visible=True, axis="y", color=palette.LINE, linewidth=0.5)
    _name(axes, "movement, g" if recorded else "no movement recorded")


def _name(axes: Axes, words: str) -> None:
    axes.annotate(
        words, (0, 1), (6, -5), xycoords="axes fraction", textcoords="offset points", va="top", fontsize=8.5,
        color=palette.FAINT, zorder=6, bbox={"facecolor": palette.PANEL, "alpha": 0.7, "linewidth": 0, "pad": 1.5},
    )  # fmt: skip
