"""A recorded night, whatever it came from: who recorded it, what was scored, and its samples in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from vigil.domain.records import Event, NightBegan, Sample
from vigil.domain.samples import AccelerationBlock
from vigil.domain.sleep import AasmStage

Item: TypeAlias = Sample | Event | AccelerationBlock
"""What a reader yields. Blocks are reduced to one-second summaries by `run`; the rest is pushed as it is."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows of one file that were not used, and why. `first_line` is 1-based, the header being line 1."""

    file: str
    reason: str
    count: int
    first_line: int | None = None


@dataclass(slots=True)
class ReadingNotes:
    """What a reader noticed while it read; complete only when the items have been read to the end."""

    left_out: list[LeftOut] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def leave_out(self, file: str, reason: str, line: int | None = None) -> None:
        """Count one more row of `file` left out for `reason`."""
        for index, row in enumerate(self.left_out):
            if (row.file, row.reason) == (file, reason):
                self.left_out[index] = LeftOut(file, reason, row.count + 1, row.first_line)
                return
        self.left_out.append(LeftOut(file, reason, 1, line))


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded night.

    night: its name, by the local date of lights-out where known, else the folder's or file's name.
    format: the recognised format, in words for a person ("night folder 1", "EDF+", ...).
    began: the NightBegan to push, at the recording's zero (lights-out) unless the recording says otherwise.
    items: call it for a fresh iterator of samples in non-decreasing order of the instant at which each was known.
        A block stands where its first sample does, and holds ten seconds at most. Samples known before `began.at_ns`
        come first. Raises InputError for what cannot be used at all.
    scoring: polysomnography stages of consecutive 30-s epochs from zero, or None. Never fed to the engine.
    marks: scored events as (onset_s, text), for measuring only.
    as_recorded: True for a night that Vigil itself wrote, whose acknowledgements and other events are among the
        items, so that nothing is acknowledged in shadow when it is replayed.
    ends_ns: where the night ends, if the recording says so; else it ends with the epoch of its last sample.
    notes: filled while `items()` is consumed; reading twice starts it anew.
    """

    night: str
    path: Path
    format: str
    began: NightBegan
    items: Callable[[], Iterator[Item]]
    notes: ReadingNotes
    scoring: tuple[AasmStage, ...] | None = None
    marks: tuple[tuple[float, str], ...] = ()
    as_recorded: bool = False
    ends_ns: int | None = None
