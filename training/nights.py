"""Reading night folders (version 1) for fitting: what was sensed, as inputs, and what was scored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from vigil.domain.samples import BeatInterval, HeartSample, MotionSummary
from vigil.domain.sleep import SCORED_STAGES
from vigil.recordings.readers.formats import ReadOptions, find_recordings
from vigil.run.evaluate_about import digest_of_night, person_of

CLASS_OF = {stage: index for index, stage in enumerate(SCORED_STAGES)}
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
    """Read one folder as Vigil itself does; movement that may know the future (source=counts) is left out."""
    recording = next(iter(find_recordings(folder, ReadOptions())))
    items = list(recording.items())
    about = json.loads((folder / "night.json").read_text(encoding="utf-8"))
    return Night(
        name=folder.name,
        person=person_of(folder.name),
        digest=digest_of_night(folder),
        source=str(about.get("source", "")),
        labels=tuple(CLASS_OF.get(scored.stage, UNSCORED) for scored in recording.scoring or ()),
        heart=tuple(item for item in items if isinstance(item, HeartSample)),
        beats=tuple(item for item in items if isinstance(item, BeatInterval)),
        motion=tuple(item for item in items if isinstance(item, MotionSummary)),
    )
