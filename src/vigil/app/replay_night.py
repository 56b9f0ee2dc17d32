"""One recorded night, from its path to what came of it: the task of a worker, and of a replay that is played.

A task names its night by path and number, because a recording opened in one process cannot be sent to another. What
comes back is plain text and numbers: a permit cannot be sent either.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from vigil.app.clock_words import NightClock
from vigil.app.home import Home, Shelf
from vigil.app.keepers import MOST_KEPT, ReplayKeeper
from vigil.app.private import private_folder
from vigil.app.said import noted, told
from vigil.app.wiring import population_outfit
from vigil.domain.errors import InputError, StoreError
from vigil.domain.sleep import Stage
from vigil.night.as_json import night_json
from vigil.night.report import NightFigures, NightReport
from vigil.recordings.readers.formats import find_recordings, look_into
from vigil.recordings.readers.options import ReadOptions
from vigil.recordings.recording import LeftOut, Recording
from vigil.run.ports import Keeper, NoKeeper
from vigil.run.replay import Pace, replay
from vigil.run.runner import Listener
from vigil.store.database import Database


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of every night of a replay."""

    home: Home
    options: ReadOptions
    keep: bool = True
    as_json: bool = False
    pictures: Path | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One night: the `number`-th at `path`, from 0, to be called `night`."""

    path: Path
    number: int
    night: str
    format: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A path or night that could not be read, and why, in words that name file and line."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of one night. kept: its name in the store, "" if it was not kept. text: the night as JSON, or ""."""

    task: Task
    lines: tuple[str, ...]
    stages: tuple[Stage, ...]
    clock: NightClock
    figures: NightFigures
    kept: str
    text: str
    pictures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What else was in a folder of nights: of no kind that Vigil reads, which is ordinary, but never unsaid."""

    folder: Path
    names: tuple[str, ...]


def tasks_at(path: Path, options: ReadOptions) -> Iterator[Task | Failed | PassedOver]:
    """Every night at a path, opened to see that it opens, or what is wrong with it; never raises for bad data."""
    names: dict[str, int] = {}
    try:
        places, others = look_into(path)
    except InputError as error:
        yield Failed(str(path), str(error))
        return
    if places and others:
        yield PassedOver(path, tuple(other.name for other in others))
    for place in places or (path,):
        try:
            for number, recording in enumerate(find_recordings(place, options)):
                count = names[recording.night] = names.get(recording.night, 0) + 1
                own = count == 1 or recording.as_recorded
                name = recording.night if own else f"{recording.night}-{count}"
                yield Task(place, number, name, recording.format)
        except InputError as error:
            yield Failed(str(place), str(error))


def run(
    task: Task,
    wish: Wish,
    listener: Listener | None = None,
    pace: Pace | None = None,
) -> Replayed | Failed:
    """Replay one night and keep it, one process at a time writing to the store. Raises StoreError, SettingsError."""
    try:
        recording = _open(task, wish.options)
        keeper = ReplayKeeper() if wish.keep else None
        held: Keeper = NoKeeper() if keeper is None else keeper
        report = replay(recording, population_outfit(), keeper=held, listener=listener, pace=pace)
    except InputError as error:
        return Failed(str(task.path), str(error))
    facts = {"left_out": left_out_plain(recording.notes.left_out), "remarks": list(recording.notes.remarks)}
    kept = ""
    if keeper is not None:
        database_file = wish.home.database(Shelf.REPLAY)
        with _alone(database_file.parent), Database.open(database_file) as database:
            kept = keeper.store(database, recording, report, facts)
        if keeper.too_long:
            recording.notes.remarks.append(f"this is too long to be kept as a night (over {MOST_KEPT} records)")
    return _result(task, wish, recording, report, kept)


def read_through(task: Task, options: ReadOptions) -> None:
    """Read one night to its end and keep nothing of it; raises InputError for one that cannot be."""
    for _ in _open(task, options).items():
        pass


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other worker writes; the kernel lets go for one that is killed. Raises StoreError."""
    try:
        descriptor = os.open(private_folder(folder), os.O_RDONLY)
    except OSError as error:
        message = f"{folder} could not be opened ({error.strerror}); nothing was kept; check the folder"
        raise StoreError(message) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _open(task: Task, options: ReadOptions) -> Recording:
    found = next(islice(find_recordings(task.path, options), task.number, None), None)
    if found is None:
        message = "is not what it was a moment ago; nothing was kept of it"
        raise InputError(message, path=str(task.path))
    return replace(found, night=task.night, began=replace(found.began, night=task.night))


def _result(task: Task, wish: Wish, recording: Recording, report: NightReport, kept: str) -> Replayed:
    clock = NightClock.of(recording.began)
    notes = recording.notes
    pictures = _draw(wish.pictures, kept or report.night, report, clock) if wish.pictures is not None else ()
    text = ""
    if wish.as_json:
        rows = left_out_plain(notes.left_out)
        night = night_json(report, path=str(task.path), source_format=recording.format, left_out=rows)
        text = json.dumps(night | {"remarks": list(notes.remarks), "kept_as": kept}, ensure_ascii=False)
    return Replayed(
        task=task,
        lines=(*told(report, clock), *noted(notes.left_out, notes.remarks)),
        stages=report.hypnogram.stages,
        clock=clock,
        figures=NightFigures.of(report, str(task.path)),
        kept=kept,
        text=text,
        pictures=pictures,
    )


def _draw(folder: Path, name: str, report: NightReport, clock: NightClock) -> tuple[str, ...]:
    from vigil.app import picture  # noqa: PLC0415 — matplotlib takes most of a second to import

    safe = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name).lstrip(".") or "night"
    paths = [folder / f"{safe}.svg", folder / f"{safe}.png"]
    try:
        picture.save(report, clock, paths)
    except OSError as error:
        message = f"{folder}: the picture could not be written ({error.strerror}); the night itself was replayed"
        raise StoreError(message) from error
    return tuple(str(path) for path in paths)


def left_out_plain(rows: Sequence[LeftOut]) -> list[dict[str, Any]]:
    """Rows that were not used, for machines."""
    return [asdict(row) for row in rows]
