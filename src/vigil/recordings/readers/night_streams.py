"""The streams of a night folder, version 1: what each column means and when each row was known."""

from __future__ import annotations

from collections.abc import Callable

from vigil.domain.samples import BeatInterval, HeartSample, Milligrams, MotionSummary
from vigil.domain.units import NS_PER_MS
from vigil.recordings.readers.numbers import (
    BEAT,
    DURATION,
    HEART,
    MEAN,
    RANGE,
    STEPS,
    TIME,
    Bounds,
    instant_ns,
    number,
    unusable,
)
from vigil.recordings.readers.refusals import refuse
from vigil.recordings.readers.streams import Stream
from vigil.recordings.readers.text import Table

MG_PER_G = 1_000
_MS = 1_000
_MG = Bounds("acceleration", "mg", -32_768, 32_767)
_LOW = ("low_x_mg", "low_y_mg", "low_z_mg")
_HIGH = ("high_x_mg", "high_y_mg", "high_z_mg")
_MEAN = ("x_g", "y_g", "z_g")
COUNTS_REASON = "source=counts: recovered from a smoothed series, may leak one row of the future"

Place = Callable[[list[str]], Milligrams | None]


def required(table: Table, name: str) -> int:
    """Where a column stands; raises InputError naming the columns there are."""
    index = table.index(name)
    if index is None:
        have = ", ".join(table.header)[:200]
        message = f"has no column {name!r} (it has: {have}); nothing of it was used"
        refuse(message, table.path, table.header_line)
    return index


def heart_stream(table: Table, origin_ns: int = 0, bounds: Bounds = HEART) -> Stream[HeartSample]:
    """`t_s,bpm`: known at `t_s`."""
    time, bpm = required(table, "t_s"), required(table, "bpm")

    def make(cells: list[str]) -> HeartSample:
        return HeartSample(origin_ns + instant_ns(cells[time]), round(number(cells[bpm], bounds) * 10))

    return Stream(table, make)


def beat_stream(table: Table, origin_ns: int = 0, bounds: Bounds = BEAT) -> Stream[BeatInterval]:
    """`t_s,rr_ms[,beat]`: the interval starts at `t_s` and is known at its end; any beat code but N is doubtful."""
    time, rr, beat = required(table, "t_s"), required(table, "rr_ms"), table.index("beat")

    def make(cells: list[str]) -> BeatInterval:
        rr_ms = round(number(cells[rr], bounds))
        clean = beat is None or cells[beat].strip() == "N"
        return BeatInterval(origin_ns + instant_ns(cells[time]) + rr_ms * NS_PER_MS, rr_ms, clean)

    return Stream(table, make)


def motion_stream(table: Table, *, keep_counts: bool, as_recorded: bool, origin_ns: int = 0) -> Stream[MotionSummary]:
    """`t_s,dur_s,range_g,x_g,y_g,z_g,source`: known at `t_s + dur_s`; Vigil's own columns of extremes and steps too.

    source=none rows say that nothing was recorded. source=counts rows are left out unless `keep_counts`.
    """
    time, duration, extent = (required(table, name) for name in ("t_s", "dur_s", "range_g"))
    low, high, mean = _vector(table, _LOW, _MG, 1), _vector(table, _HIGH, _MG, 1), _vector(table, _MEAN, MEAN, MG_PER_G)
    source, step_count = table.index("source"), table.index("steps")

    def make(cells: list[str]) -> MotionSummary | None:
        origin = "" if source is None or as_recorded else cells[source].strip()
        if origin == "none":
            return None
        if origin == "counts" and not keep_counts:
            unusable(COUNTS_REASON)
        duration_ms = round(number(cells[duration], DURATION) * _MS)
        bare = as_recorded and not cells[extent]
        return MotionSummary(
            at_ns=origin_ns + instant_ns(cells[time]) + duration_ms * NS_PER_MS,
            duration_ms=duration_ms,
            range_mg=None if bare else round(number(cells[extent], RANGE) * MG_PER_G),
            low_mg=low(cells),
            high_mg=high(cells),
            mean_mg=mean(cells),
            steps=None if step_count is None or not cells[step_count] else round(number(cells[step_count], STEPS)),
        )

    return Stream(table, make)


def _vector(table: Table, names: tuple[str, str, str], bounds: Bounds, factor: int) -> Place:
    """How to find three numbers in a row: None where the columns are absent or all three cells empty."""
    x, y, z = (table.index(name) for name in names)

    def place(cells: list[str]) -> Milligrams | None:
        if x is None or y is None or z is None or not (cells[x] or cells[y] or cells[z]):
            return None
        return (
            round(number(cells[x], bounds) * factor),
            round(number(cells[y], bounds) * factor),
            round(number(cells[z], bounds) * factor),
        )

    return place


def step_stream(table: Table) -> Stream[MotionSummary]:
    """`t_s,dur_s,steps[,intensity]`: known at `t_s + dur_s`; the device's intensity is not used."""
    time, duration, steps = (required(table, name) for name in ("t_s", "dur_s", "steps"))

    def make(cells: list[str]) -> MotionSummary:
        duration_ms = round(number(cells[duration], DURATION) * _MS)
        return MotionSummary(
            at_ns=instant_ns(cells[time], TIME) + duration_ms * NS_PER_MS,
            duration_ms=duration_ms,
            range_mg=None,
            steps=round(number(cells[steps], STEPS)),
        )

    return Stream(table, make)
