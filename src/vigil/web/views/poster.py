"""The poster of a night as shapes, in one composition: ribbons of sleep, one line of heart, soft bars of movement.

Coordinates are pixels of the picture; paths are the words of SVG. It needs no script, and is what is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from vigil.app.night_lanes import blind_stretches, height, runs
from vigil.domain.nudges import EpisodeKind
from vigil.domain.sleep import SCORED_STAGES, Stage
from vigil.domain.units import EPOCH_S
from vigil.web.views.night_seen import NightSeen, baseline, heart_range, ticks
from vigil.web.views.poster_labels import Label, labels
from vigil.web.views.poster_sizes import Size
from vigil.web.words import Words

ROWS = (Stage.WAKE, Stage.REM, Stage.LIGHT, Stage.DEEP)
"""From the top down, as hypnograms are drawn in the field."""

KIND_TOKENS = {
    EpisodeKind.NIGHTMARE_LIKE: "nightmare",
    EpisodeKind.TERROR_LIKE: "terror",
    EpisodeKind.OUT_OF_BED: "bed",
    EpisodeKind.AROUSAL: "arousal",
    EpisodeKind.PERIODIC: "periodic",
}
"""Colours of suspicions, by the names of their tokens."""

STAGE_TOKENS = {Stage.WAKE: "wake", Stage.REM: "rem", Stage.LIGHT: "light", Stage.DEEP: "deep"}

THINNEST = 0.02
"""Probabilities below this are drawn as nothing."""

THINNEST_BAR = 0.3
"""Pixels below which a bar of movement is not drawn."""


STAGES_SHARE, HEART_FROM, HEART_TO, MOVEMENT_FROM = 0.54, 0.60, 0.87, 0.90
"""Where each lane lies, as shares of the height between the margins. Our choice."""


@dataclass(frozen=True, slots=True)
class Ribbon:
    """One stage: all of its probability, faint, and where it was the likeliest, full."""

    token: str
    word: str
    y: float
    faint: str
    full: str


@dataclass(frozen=True, slots=True)
class Wash:
    """A band through every lane."""

    x: float
    width: float
    token: str = ""


@dataclass(frozen=True, slots=True)
class Poster:
    """Everything that is drawn. hours: x and words. scale: y and words of the heart's lane."""

    size: Size
    ribbons: tuple[Ribbon, ...]
    risers: str
    heart: tuple[str, ...]
    base: tuple[str, ...]
    scale: tuple[tuple[float, str], ...]
    movement: str
    blind: tuple[Wash, ...]
    washes: tuple[Wash, ...]
    nudges: tuple[float, ...]
    labels: tuple[Label, ...]
    hours: tuple[tuple[float, str], ...]
    lanes: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Frame:
    size: Size
    end_s: float

    def x(self, t_s: float) -> float:
        inner = self.size.width - self.size.left - self.size.right
        return round(self.size.left + inner * min(1.0, max(0.0, t_s / self.end_s)), 1)

    def y(self, share: float) -> float:
        inner = self.size.height - self.size.top - self.size.bottom
        return round(self.size.top + inner * share, 1)


def poster(seen: NightSeen, size: Size, t: Words) -> Poster:
    """The poster of a night in that size; an empty night gives an empty one."""
    frame = _Frame(size, seen.end_s)
    report = seen.stored.report
    heart, base, scale = _heart(seen, frame)
    return Poster(
        size=size,
        ribbons=tuple(_ribbons(seen, frame, t)),
        risers=_risers(seen, frame),
        heart=heart,
        base=base,
        scale=scale,
        movement=_movement(seen, frame),
        blind=tuple(_wash(frame, from_s, to_s) for from_s, to_s in blind_stretches(seen.epochs)),
        washes=tuple(_wash(frame, row.from_s, row.to_s, KIND_TOKENS[row.kind]) for row in report.suspicions),
        nudges=tuple(frame.x(row.t_s) for row in report.nudges),
        labels=labels(seen, size, frame.x, t),
        hours=tuple((frame.x(at_s), words) for at_s, words in ticks(seen, size.most_ticks)),
        lanes=tuple(frame.y(share) for share in (0, STAGES_SHARE, HEART_FROM, HEART_TO, MOVEMENT_FROM, 1)),
    )


def _wash(frame: _Frame, from_s: float, to_s: float, token: str = "") -> Wash:
    x = frame.x(from_s)
    return Wash(x, round(max(1.5, frame.x(to_s) - x), 1), token)


# -- sleep -----------------------------------------------------------------------------------------------------------


def _row_y(frame: _Frame, stage: Stage) -> float:
    return frame.y(STAGES_SHARE * (ROWS.index(stage) + 0.5) / len(ROWS))


def _half(frame: _Frame) -> float:
    """Half of the thickness of a ribbon that is certain."""
    return (frame.y(STAGES_SHARE) - frame.y(0)) / len(ROWS) * 0.46


Column = tuple[float, float, Stage, tuple[float, ...]]
"""Beginning and end in seconds, the commonest stage, and the mean probabilities, in the order of `SCORED_STAGES`."""


def _columns(seen: NightSeen, most: int) -> list[Column | None]:
    """The night cut into at most so many columns; None where nothing was scored."""
    epochs = {epoch.index: epoch for epoch in seen.epochs}
    total = round(seen.end_s / EPOCH_S)
    each = max(1, -(-total // most))
    found: list[Column | None] = []
    for first in range(0, total, each):
        part = [epochs[index] for index in range(first, min(total, first + each)) if index in epochs]
        scored = [epoch for epoch in part if epoch.stage is not Stage.UNSCORED]
        if not scored:
            found.append(None)
            continue
        stages = [epoch.stage for epoch in scored]
        known = [epoch.p.as_tuple() for epoch in scored if epoch.p is not None]
        mean = tuple(sum(values) / len(known) for values in zip(*known, strict=True))
        best = max(SCORED_STAGES, key=stages.count)
        span = (first * EPOCH_S, min(total, first + each) * EPOCH_S)
        found.append((*span, best, mean or tuple(float(stage is best) for stage in SCORED_STAGES)))
    return found


def _ribbons(seen: NightSeen, frame: _Frame, t: Words) -> list[Ribbon]:
    columns = _columns(seen, frame.size.columns)
    found = []
    for stage in ROWS:
        likely = [None if column is None else _likely(column, stage) for column in columns]
        best = [one if column and column[2] is stage else None for column, one in zip(columns, likely, strict=True)]
        paths = (_ribbon(frame, stage, columns, each) for each in (likely, best))
        found.append(Ribbon(STAGE_TOKENS[stage], t(f"night.stage_{stage.value}"), _row_y(frame, stage), *paths))
    return found


def _likely(column: Column, stage: Stage) -> float | None:
    share = column[3][SCORED_STAGES.index(stage)]
    return share if share >= THINNEST else None


def _ribbon(frame: _Frame, stage: Stage, columns: Sequence[Column | None], shares: Sequence[float | None]) -> str:
    """Closed shapes around a row, as thick as the stage is likely."""
    middle, half = _row_y(frame, stage), _half(frame)
    shapes: list[str] = []
    pairs = zip(columns, shares, strict=True)
    for there, run in groupby(pairs, key=lambda pair: pair[0] is not None and pair[1] is not None):
        if there:
            parts = [(column, max(1.0, half * share)) for column, share in run if column and share]
            spine = [(frame.x((column[0] + column[1]) / 2), thick) for column, thick in parts]
            (first, begins), (last, ends) = parts[0], parts[-1]
            spine = [(frame.x(first[0]), begins), *spine, (frame.x(last[1]), ends)]
            upper = [f"{x:g} {middle - thick:.1f}" for x, thick in spine]
            lower = [f"{x:g} {middle + thick:.1f}" for x, thick in reversed(spine)]
            shapes.append(f"M{'L'.join((*upper, *lower))}Z")
    return "".join(shapes)


def _risers(seen: NightSeen, frame: _Frame) -> str:
    """Thin lines from one stage to the next."""
    parts = []
    before: tuple[Stage, float] | None = None
    for stage, from_s, to_s in runs(seen.epochs):
        if before is not None and before[1] == from_s and Stage.UNSCORED not in (stage, before[0]):
            parts.append(f"M{frame.x(from_s):g} {_row_y(frame, before[0]):g}V{_row_y(frame, stage):g}")
        before = (stage, to_s)
    return "".join(parts)


# -- heart and movement ----------------------------------------------------------------------------------------------


def _heart(seen: NightSeen, frame: _Frame) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[float, str], ...]]:
    """The line and its baseline, broken where nothing is known, and two or three numbers beside them."""
    rates = [epoch.heart_bpm for epoch in seen.epochs]
    shown = heart_range(seen)
    if shown is None:
        return (), (), ()
    low, high = shown

    def y(rate: float) -> float:
        return frame.y(HEART_TO - (HEART_TO - HEART_FROM) * (rate - low) / (high - low))

    step = next((step for step in (5, 10, 20, 50) if (high - low) / step <= 4), 100)
    marks = range(-int(-low // step) * step, int(high) + 1, step)
    fine, broad = frame.size.columns * 2, frame.size.columns // 2
    lines = (_line(seen, frame, rates, y, fine), _line(seen, frame, baseline(seen.epochs), y, broad))
    return *lines, tuple((y(mark), str(mark)) for mark in marks)


def _line(
    seen: NightSeen, frame: _Frame, rates: Sequence[float | None], y: Callable[[float], float], most: int
) -> tuple[str, ...]:
    """Lines through the means of at most so many stretches; broken where one knows nothing."""
    known = {epoch.index: rate for epoch, rate in zip(seen.epochs, rates, strict=True) if rate is not None}
    total = round(seen.end_s / EPOCH_S)
    each = max(1, -(-total // most))
    parts: list[list[str]] = [[]]
    for first in range(0, total, each):
        near = [known[index] for index in range(first, first + each) if index in known]
        if near:
            parts[-1].append(f"{frame.x((first + each / 2) * EPOCH_S):g} {y(sum(near) / len(near)):g}")
        elif parts[-1]:
            parts.append([])
    return tuple(f"M{'L'.join(part)}" for part in parts if len(part) > 1)


def _movement(seen: NightSeen, frame: _Frame) -> str:
    """Soft bars on the lowest lane."""
    foot, room = frame.y(1), frame.y(1) - frame.y(MOVEMENT_FROM)
    tallest = max(1.35, *(height(epoch.movement_g) for epoch in seen.epochs), 0)
    each = max(1, -(-len(seen.epochs) // frame.size.columns))
    parts = []
    for first in range(0, len(seen.epochs), each):
        bar = seen.epochs[first : first + each]
        tall = round(room * max(height(epoch.movement_g) for epoch in bar) / tallest, 1)
        if tall >= THINNEST_BAR:
            x, end = frame.x(bar[0].index * EPOCH_S), frame.x((bar[0].index + each) * EPOCH_S)
            parts.append(f"M{x:g} {foot:g}v-{tall:g}h{round(end - x, 1):g}v{tall:g}")
    return "".join(parts)
