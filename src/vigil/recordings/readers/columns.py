"""Which column of a table holds what, and in which unit, by its name; or as the person said."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vigil.recordings.readers.acceleration import MG_PER_UNIT
from vigil.recordings.readers.numbers import shown
from vigil.recordings.readers.options import ROLES, ReadOptions
from vigil.recordings.readers.refusals import refuse
from vigil.recordings.readers.text import Table

_NAMES: dict[str, frozenset[str]] = {
    "time": frozenset(
        [
            "t",
            "time",
            "timestamp",
            "datetime",
            "date_time",
            "local_time",
            "unix",
            "unix_time",
            "utc",
            "seconds",
            "sec",
            "elapsed",
            "elapsed_time",
        ]
    ),
    "hr": frozenset(["hr", "heart_rate", "heartrate", "bpm", "pulse", "pulse_rate", "beats_per_minute", "heart"]),
    "rr": frozenset(["rr", "rri", "ibi", "rr_interval", "rr_intervals", "interbeat_interval", "beat_interval", "nn"]),
    "steps": frozenset(["steps", "step_count", "stepcount"]),
} | {
    axis: frozenset(
        f"{axis} acc_{axis} accel_{axis} acceleration_{axis} accelerometer_{axis} a{axis} acc{axis} accel{axis} "
        f"{axis}_axis".split()
    )
    for axis in "xyz"
}

UNITS: dict[str, dict[str, float]] = {
    "time": {"s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1.0},
    "hr": {"bpm": 1.0, "hz": 60.0},
    "rr": {"ms": 1.0, "s": 1_000.0},
    "steps": {"": 1.0, "count": 1.0},
} | dict.fromkeys("xyz", MG_PER_UNIT)
"""What one unit is in ns, bpm, ms, steps or milli-g."""

_SAME_UNIT = {
    "sec": "s",
    "secs": "s",
    "second": "s",
    "seconds": "s",
    "msec": "ms",
    "milliseconds": "ms",
    "µs": "us",
    "μs": "us",
    "1/min": "bpm",
    "/min": "bpm",
    "min-1": "bpm",
    "beats/min": "bpm",
    "m/s^2": "m/s2",
    "m/s²": "m/s2",
    "ms2": "m/s2",
    "ms-2": "m/s2",
    "mps2": "m/s2",
    "steps": "count",
}
_BRACKETED = re.compile(r"(.*?)[\s_]*[(\[]([^()\[\]]{0,16})[)\]]\s*").fullmatch
_SUFFIXED = re.compile(r"(.+)_(s|sec|seconds|ms|us|ns|bpm|hz|g|mg|ms2|mps2)").fullmatch


@dataclass(frozen=True, slots=True)
class Column:
    """A column found: where it stands, its name, its unit if said, and the factor from it to Vigil's grid."""

    index: int
    name: str
    unit: str | None
    factor: float


def guess(name: str) -> tuple[str | None, str | None]:
    """(role, unit) by a column's name; None where it says nothing. "HR (bpm)", "rr_ms" and "acc_x [g]" are known."""
    body, unit = name.strip().lower(), None
    if (match := _BRACKETED(body)) is not None:
        body, unit = match.group(1), match.group(2).strip()
    plain = re.sub(r"[^a-z0-9]+", "_", body).strip("_")
    role = _role(plain)
    if unit is None and (match := _SUFFIXED(plain)) is not None:
        by_stem = _role(match.group(1))
        if by_stem is not None:
            role, unit = by_stem, match.group(2)
    return role, unit


def unit_factor(role: str, unit: str) -> float | None:
    """The factor from a unit to Vigil's grid for a role, the role's usual unit if empty; None for an unknown one."""
    plain = _SAME_UNIT.get(unit.strip().lower(), unit.strip().lower())
    return UNITS[role].get(plain or next(iter(UNITS[role])))


def _role(plain: str) -> str | None:
    return next((role for role, names in _NAMES.items() if plain in names), None)


def find_columns(table: Table, options: ReadOptions) -> dict[str, Column]:
    """The columns of a table by role. Names given in the options win over guesses.

    Raises InputError for a given name the table has not, a role two columns could fill, or a unit Vigil has not.
    """
    found: dict[str, Column] = {}
    for role in ROLES:
        given = options.column(role)
        names = [given] if given is not None else [name for name in table.header if guess(name)[0] == role]
        if len(set(names)) > 1:
            could = ", ".join(map(repr, names))[:200]
            message = f"columns {could} could all be {role}; name the one to use: --column {role}=NAME"
            refuse(message, table.path, table.header_line)
        if names:
            found[role] = _column(table, role, names[0], options)
    return found


def _column(table: Table, role: str, name: str, options: ReadOptions) -> Column:
    index = table.index(name)
    if index is None:
        message = f"has no column {name!r} (it has: {', '.join(table.header)[:200]}); nothing was read"
        refuse(message, table.path, table.header_line)
    said = options.unit(role) or guess(name)[1]
    unit = None if said is None else _SAME_UNIT.get(said.lower(), said.lower())
    if role == "time" and unit in {"utc", "local", "iso", "unix", ""}:
        unit = None
    units = UNITS[role]
    if unit is not None and unit not in units:
        message = f"unit {shown(unit)!r} of column {name!r} is not one of {', '.join(units)}; nothing was read"
        refuse(message, table.path, table.header_line)
    return Column(index, name, unit, units[unit or next(iter(units))])
