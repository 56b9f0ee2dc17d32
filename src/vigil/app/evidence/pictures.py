"""Pictures of the evidence, drawn from its JSON: what is found against what is false, calibration, minutes of sleep.

The bytes are the same for the same figures. Takes most of a second to import, as all that draws does.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from vigil.app import palette
from vigil.app.evidence.shown import NIGHTMARE_WORDS, POINT_WORDS, Json, at
from vigil.app.evidence.tables import MEASURE_WORDS, STAGE_WORDS
from vigil.domain.sleep import Stage

CLASS_COLOURS = {"strong": "#e0824f", "moderate": "#c7a24a", "silent": "#7f9db8"}

STAGE_COLOURS = {
    "wake": palette.STAGE_COLOURS[Stage.WAKE],
    "nrem": palette.STAGE_COLOURS[Stage.LIGHT],
    "rem": palette.STAGE_COLOURS[Stage.REM],
}

LEAST_RATE = 0.01
"""Rates below are drawn here: the axis is logarithmic."""

STYLE: Any = {
    "svg.hashsalt": "vigil",
    "svg.fonttype": "none",
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.size": 10,
    "axes.edgecolor": palette.LINE,
    "text.color": palette.TEXT,
    "axes.labelcolor": palette.TEXT,
    "axes.titlecolor": palette.BRIGHT,
    "xtick.color": palette.FAINT,
    "ytick.color": palette.FAINT,
}


def curve(part: Json) -> bytes:
    """Share of added nightmares found within 300 s against false nudges a night; operating points as thin lines."""
    return _drawn(_curve, part, (8.4, 4.4), "Nightmares found against false nudges a night, by class")


def latency(part: Json) -> bytes:
    """Share found within 60, 120 and 300 s, at 0.1 and 0.5 false nudges a night and as shipped."""
    return _drawn(_latency, part, (8.4, 3.6), "Share of added nightmares found within 60, 120 and 300 seconds")


def calibration(part: Json) -> bytes:
    """How often a stage was scored, against how likely it was said to be."""
    return _drawn(_calibration, part, (4.6, 4.4), "Calibration of the probabilities of wake, NREM and REM")


def agreement(part: Json, nights: Sequence[Json]) -> bytes:
    """Bland-Altman pictures of the four measures, a point a night, with bias and limits."""

    def draw(figure: Figure, shown: Json) -> None:
        for index, (key, words) in enumerate(MEASURE_WORDS.items()):
            axes = figure.add_subplot(2, 2, index + 1)
            _bland_altman(axes, at(shown, f"staging.minutes.{key}"), _points(nights, key))
            axes.set_title(words, fontsize=10, loc="left")
            axes.set_ylabel("said less scored, min")
            axes.set_xlabel("scored, min")

    return _drawn(draw, part, (8.4, 6.4), "Minutes said less minutes scored, by minutes scored (Bland-Altman)")


def as_image(svg: bytes) -> str:
    """An HTML image that holds the picture itself, with its title as its words."""
    words = escape(svg.split(b"<title>", 1)[1].split(b"</title>", 1)[0].decode(), {'"': "&quot;"})
    return f'<img alt="{words}" src="data:image/svg+xml;base64,{base64.b64encode(svg).decode()}">'


def render(draw: Callable[[Figure], None], size: tuple[float, float], title: str) -> bytes:
    """What `draw` puts on a figure of so many inches, as SVG."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=size, facecolor=palette.GROUND, layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure)
        out = BytesIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Title": title})
        return out.getvalue()


def calm(axes: Axes) -> None:
    """A panel without a frame, with faint lines."""
    axes.set_facecolor(palette.PANEL)
    axes.grid(visible=True, color=palette.LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)


def _drawn(draw: Callable[[Figure, Json], None], part: Json, size: tuple[float, float], title: str) -> bytes:
    return render(lambda figure: draw(figure, part), size, title)


def _curve(figure: Figure, part: Json) -> None:
    axes = figure.add_subplot()
    calm(axes)
    for name, words in NIGHTMARE_WORDS.items():
        rows = [
            (max(one["nudges_per_8h_sleep"]["value"], LEAST_RATE), one[name]["within_300_s"], one["factor"])
            for one in part["curve"]
            if one["nudges_per_8h_sleep"]["value"] is not None and one[name]["within_300_s"]["value"] is not None
        ]
        if not rows:
            continue
        rates, shares = [row[0] for row in rows], [100 * row[1]["value"] for row in rows]
        if all(row[1]["low"] is not None for row in rows):
            low, high = ([100 * row[1][end] for row in rows] for end in ("low", "high"))
            axes.fill_between(rates, low, high, color=CLASS_COLOURS[name], alpha=0.15, linewidth=0)
        axes.plot(rates, shares, color=CLASS_COLOURS[name], marker="o", markersize=3, linewidth=1.4, label=words)
        shipped = [(rate, 100 * share["value"]) for rate, share, factor in rows if factor == 1]
        axes.plot(
            *zip(*shipped, strict=True), color=palette.NUDGE, marker="D", markersize=7, linestyle=""
        ) if shipped else None
    for rate in (0.05, 0.1, 0.25, 0.5, 1.0):
        axes.axvline(rate, color=palette.FAINT, linewidth=0.7, alpha=0.7)
    axes.set_xscale("log")
    axes.set_xticks([0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5], ["≤0.01", "0.05", "0.1", "0.25", "0.5", "1", "2", "5"])
    axes.minorticks_off()
    axes.set_ylim(0, 101)
    axes.set_xlabel("false nudges per 8 h of scored sleep (diamond: as shipped)")
    axes.set_ylabel("found within 300 s, %")
    _legend(axes)


def _latency(figure: Figure, part: Json) -> None:
    points = ("at_0_1", "at_0_5", "as_shipped")
    for index, point in enumerate(points):
        axes = figure.add_subplot(1, len(points), index + 1)
        calm(axes)
        for name, words in NIGHTMARE_WORDS.items():
            figures = [at(part, f"added.{name}.{point}")[f"within_{limit}_s"] for limit in (60, 120, 300)]
            if all(one["value"] is not None for one in figures):
                shares = [100 * one["value"] for one in figures]
                axes.plot([60, 120, 300], shares, color=CLASS_COLOURS[name], marker="o", linewidth=1.4, label=words)
        axes.set_title(POINT_WORDS[point], fontsize=10, loc="left")
        axes.set_xticks([60, 120, 300])
        axes.set_ylim(0, 101)
        axes.set_xlabel("seconds after onset")
        if index == 0:
            axes.set_ylabel("found, %")
            _legend(axes)


def _calibration(figure: Figure, part: Json) -> None:
    axes = figure.add_subplot()
    calm(axes)
    axes.plot([0, 1], [0, 1], color=palette.FAINT, linewidth=0.8, linestyle="--")
    bins = at(part, "staging.wake_nrem_rem.calibration")["bins"]
    for name, colour in STAGE_COLOURS.items():
        rows = [one for one in bins if one["of_class"] == name and one["said"] is not None]
        most = max((one["epochs"] for one in rows), default=1)
        said, happened = [one["said"] for one in rows], [one["happened"] for one in rows]
        axes.plot(said, happened, color=colour, linewidth=1.2, label=STAGE_WORDS[name])
        axes.scatter(said, happened, s=[6 + 60 * one["epochs"] / most for one in rows], color=colour, linewidths=0)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("said to be likely")
    axes.set_ylabel("scored so")
    _legend(axes)


def _points(nights: Sequence[Json], key: str) -> list[tuple[float, float]]:
    """(scored, said less scored) of the nights that have both."""
    pairs = [(one["minutes"]["scored"].get(key), one["minutes"]["said"].get(key)) for one in nights]
    return [(scored, said - scored) for scored, said in pairs if scored is not None and said is not None]


def _bland_altman(axes: Axes, one: Json, points: Sequence[tuple[float, float]]) -> None:
    calm(axes)
    axes.axhline(0, color=palette.FAINT, linewidth=0.7)
    axes.plot(
        *zip(*points, strict=True), color=palette.HEART, marker="o", markersize=4, linestyle=""
    ) if points else None
    if one["bias"]["value"] is None or one["lower"]["value"] is None:
        return
    ends = [min(x for x, _ in points), max(x for x, _ in points)]
    middle = [one["bias"]["value"]] * 2
    spread = [one["upper"]["value"] - one["bias"]["value"]] * 2
    if one["proportional"]:
        middle = [one["intercept"]["value"] + one["slope"]["value"] * x for x in ends]
        spread = [1.96 * one["residual_sd"]["value"]] * 2
    if one["heteroscedastic"]:
        spread = [2.46 * (one["spread_intercept"]["value"] + one["spread_slope"]["value"] * x) for x in ends]
    axes.plot(ends, middle, color=palette.BRIGHT, linewidth=1.2)
    for sign in (-1, 1):
        limit = [centre + sign * wide for centre, wide in zip(middle, spread, strict=True)]
        axes.plot(ends, limit, color=palette.NUDGE, linewidth=1.0, linestyle="--")


def _legend(axes: Axes) -> None:
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=9, labelcolor=palette.TEXT)
