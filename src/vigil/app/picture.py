"""The picture of a night: stages, heart rate, movement, what was suspected, what was done, and when Vigil was blind.

One figure for SVG and PNG. The bytes are the same for the same night: no date is written and identifiers are salted
with a constant. Only here and in `picture_panels` is matplotlib imported: it takes most of a second, so commands import
this module only when they draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from vigil.app import night_lanes, palette, picture_panels
from vigil.app.clock_words import NightClock
from vigil.app.known import Known
from vigil.app.picture_words import in_words
from vigil.app.private import write_private
from vigil.domain.explain import KIND_WORDS
from vigil.night.in_words import duration
from vigil.night.report import NightReport

SIZE_INCHES = (12.0, 7.0)
DPI = 100

_LEGEND_COLUMNS = 4

_STYLE: Any = {
    "svg.hashsalt": "vigil",
    "svg.fonttype": "none",
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "hatch.linewidth": 0.7,
    "hatch.color": palette.FAINT,
    "axes.edgecolor": palette.LINE,
    "text.color": palette.TEXT,
    "axes.labelcolor": palette.FAINT,
    "xtick.color": palette.FAINT,
    "ytick.color": palette.FAINT,
}


def draw(report: NightReport, clock: NightClock, known: Sequence[Known] = ()) -> Figure:
    """The night as a figure of 1200 by 700 points."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=SIZE_INCHES, dpi=DPI, facecolor=palette.GROUND)
        FigureCanvasAgg(figure)
        grid = figure.add_gridspec(
            4, 1, height_ratios=(3.1, 0.8, 2.7, 1.3), hspace=0.1, left=0.065, right=0.98, top=0.872, bottom=0.13
        )
        stages, watch, heart, movement = (figure.add_subplot(grid[row]) for row in range(4))
        for axes in (stages, watch, heart, movement):
            picture_panels.calm(axes, report)
            picture_panels.shade(axes, report)
        picture_panels.hypnogram(stages, report.epochs)
        picture_panels.watch_strip(watch, report, known)
        picture_panels.heart(heart, report)
        picture_panels.movement(movement, report.epochs)
        _time_axis((stages, watch, heart, movement), report, clock)
        _titles(figure, report)
        _legend(figure, report, known)
        return figure


def save(report: NightReport, clock: NightClock, paths: Sequence[Path], known: Sequence[Known] = ()) -> None:
    """Write the picture to every path, as its ending says (.svg or .png), for its owner only; raises OSError."""
    figure = draw(report, clock, known)
    words = in_words(report, clock, f"Night {report.night}")
    for path in paths:
        write_private(path, _svg(figure, words) if path.suffix.lower() == ".svg" else _png(figure, words))


def _svg(figure: Figure, words: str) -> bytes:
    out = BytesIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Title": "A night, as Vigil saw it"})
    label = escape(words, {'"': "&quot;"})
    return out.getvalue().replace(b"<svg ", f'<svg role="img" aria-label="{label}" '.encode(), 1)


def _png(figure: Figure, words: str) -> bytes:
    out = BytesIO()
    metadata = {"Software": None, "Title": "A night, as Vigil saw it", "Description": words}
    with mpl.rc_context(_STYLE):
        figure.savefig(out, format="png", dpi=DPI, metadata=metadata)
    return out.getvalue()


def _time_axis(panels: Sequence[Axes], report: NightReport, clock: NightClock) -> None:
    """A tick at every whole hour of the clock shown, or half hour in a short night."""
    end_s = picture_panels.end_s(report)
    step = next((step for step in (900, 1800, 3600, 7200) if end_s / step <= 11), 14400)
    out = clock.lights_out
    offset = 0 if out is None else -(out.minute * 60 + out.second) % step
    ticks = list(range(offset, int(end_s) + 1, step))
    for axes in panels:
        axes.set_xticks(ticks)
    panels[-1].set_xticklabels([clock.words(second) for second in ticks])
    panels[-1].tick_params(labelbottom=True, pad=5)


def _titles(figure: Figure, report: NightReport) -> None:
    summary = report.summary
    parts = [f"in bed {duration(summary.tib_min)}", f"asleep {duration(summary.tst_min)}"]
    parts.append(f"watched {duration(report.watched_min)}")
    if report.blind_min >= 1:
        parts.append(f"{duration(report.blind_min)} without good signal")
    parts.append(_nudge_words(report))
    figure.text(0.065, 0.945, f"Night {report.night}", fontsize=15, color=palette.BRIGHT, va="center")
    figure.text(0.065, 0.905, "  ·  ".join(parts), fontsize=10.5, color=palette.TEXT, va="center")


def _nudge_words(report: NightReport) -> str:
    count = len(report.nudges)
    words = "no nudge" if not count else f"{count} nudge{'s' if count > 1 else ''}"
    return f"{words} (nothing really done)" if count and report.nudges[0].shadow else words


def _legend(figure: Figure, report: NightReport, known: Sequence[Known]) -> None:
    kinds = sorted({row.kind for row in report.suspicions}, key=lambda kind: kind.value)
    handles: list[Any] = [Patch(color=palette.KIND_COLOURS[kind], label=KIND_WORDS[kind]) for kind in kinds]
    if report.nudges:
        mark = Line2D([], [], color=palette.NUDGE, marker="v", linestyle="", label="nudge, with its steps")
        handles.append(mark)
    if night_lanes.blind_stretches(report.epochs):
        words = "no good signal: nothing could be done"
        handles.append(Patch(facecolor="none", edgecolor=palette.FAINT, hatch="////", linewidth=0, label=words))
    for nightmare, words in ((True, "simulated nightmare"), (False, "simulated look-alike")):
        if any(one.nightmare is nightmare for one in known):
            colour = palette.BRIGHT if nightmare else palette.FAINT
            handles.append(Line2D([], [], color=colour, linewidth=3.5, label=words))
    if handles:
        figure.legend(
            handles=handles, loc="upper left", bbox_to_anchor=(0.058, 0.085), ncols=_LEGEND_COLUMNS, frameon=False,
            fontsize=9, labelcolor=palette.TEXT, handlelength=1.6, columnspacing=1.6, borderaxespad=0.2,
        )  # fmt: skip
