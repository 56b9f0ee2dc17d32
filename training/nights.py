"""Reading night folders (version 1) for fitting: what was sensed, as inputs, and what was scored."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vigil.domain.samples import BeatInterval, HeartSample, MotionSummary
from vigil.domain.units import NS_PER_S

LABELS = {"0": 0, "1": 1, "2": 1, "3": 2, "5": 3}
"""Scored stage to class: wake, light (N1, N2), deep (N3), REM; anything else is unscored."""

UNSCORED = -1

Sensed = HeartSample | BeatInterval | MotionSummary


@dataclass(frozen=True, slots=True)
class Night:
    """One recorded night. person: nights with one name are one person. labels: a class an epoch, -1 unscored."""

    name: str
    person: str
    digest: str
    source: str
    labels: tuple[int, ...]
    heart: tuple[HeartSample, ...]
    beats: tuple[BeatInterval, ...]
    motion: tuple[MotionSummary, ...]


def read_night(folder: Path) -> Night:
    """Read one folder; rows of movement with source=counts are left out, since they may know the future."""
    about = json.loads((folder / "night.json").read_text(encoding="utf-8"))
    return Night(
        name=folder.name,
        person=person_of(folder.name),
        digest=digest_of_night(folder),
        source=str(about.get("source", "")),
        labels=tuple(LABELS.get(row["stage"], UNSCORED) for row in _rows(folder / "stage.csv")),
        heart=tuple(_heart(folder / "hr.csv")),
        beats=tuple(_beats(folder / "rr.csv")),
        motion=tuple(_motion(folder / "motion.csv")),
    )


def digest_of_night(folder: Path) -> str:
    """SHA-256, hex, of a folder's content: each CSV file in order of name, as name, newline, SHA-256 hex, newline."""
    whole = hashlib.sha256()
    for path in sorted(folder.glob("*.csv")):
        whole.update(f"{path.name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def person_of(name: str) -> str:
    """The person of a night: both parts of slp01 and of slp02 are one."""
    return name[:5] if name.startswith(("slp01", "slp02")) else name


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            yield from csv.DictReader(file)


def _ns(seconds: str | float) -> int:
    return round(float(seconds) * NS_PER_S)


def _heart(path: Path) -> Iterator[HeartSample]:
    for row in _rows(path):
        yield HeartSample(_ns(row["t_s"]), round(10 * float(row["bpm"])))


def _beats(path: Path) -> Iterator[BeatInterval]:
    for row in _rows(path):
        rr_ms = int(row["rr_ms"])
        yield BeatInterval(_ns(float(row["t_s"]) + rr_ms / 1000), rr_ms, row.get("beat", "N") == "N")


def _motion(path: Path) -> Iterator[MotionSummary]:
    for row in _rows(path):
        if row["source"] == "accelerometer" and row["range_g"]:
            x, y, z = (round(1000 * float(row[axis])) for axis in ("x_g", "y_g", "z_g"))
            end_ns = _ns(float(row["t_s"]) + float(row["dur_s"]))
            range_mg = round(1000 * float(row["range_g"]))
            yield MotionSummary(end_ns, round(1000 * float(row["dur_s"])), range_mg, mean_mg=(x, y, z))
