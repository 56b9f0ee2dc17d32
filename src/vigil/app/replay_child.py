"""Recordings looked into and replayed in a limited child (run/limited.py): what is asked and answered, as plain JSON.

The functions at the top run in the child; `ReplayChild` is the parent's end of them. A class of our own travels as the
values of its fields, and what comes back is built anew and checked, so that a child gone wrong can only fail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from vigil.app.clock_words import NightClock
from vigil.app.home import Home
from vigil.app.replay_night import Failed, PassedOver, Replayed, Task, Wish, read_through, run, tasks_at
from vigil.domain.errors import InputError
from vigil.domain.sleep import Stage
from vigil.night.report import NightFigures
from vigil.recordings.readers.options import ReadOptions
from vigil.run.limited import LimitedChild

T = TypeVar("T")
Plain = dict[str, Any]
LOOK, REPLAY, READ = (f"{__name__}:{name}" for name in ("look_plain", "replay_plain", "read_plain"))
"""What the child is asked to call."""

Looked = Task | Failed | PassedOver


def look_plain(path: str, options: Plain) -> list[Plain]:
    """In the child: `tasks_at`."""
    return [_found_plain(one) for one in tasks_at(Path(path), _options(options))]


def replay_plain(task: Plain, wish: Plain) -> Plain:
    """In the child: `run`; a night that cannot be read is raised."""
    done = run(_task(task), _wish(wish))
    if isinstance(done, Failed):
        return {"failed": asdict(done)}
    return {
        "lines": done.lines,
        "stages": [stage.value for stage in done.stages],
        "lights_out": None if done.clock.lights_out is None else done.clock.lights_out.isoformat(),
        "figures": asdict(done.figures),
        "kept": done.kept,
        "text": done.text,
        "pictures": done.pictures,
    }


def read_plain(task: Plain, options: Plain) -> None:
    """In the child: `read_through`."""
    read_through(_task(task), _options(options))


class ReplayChild(LimitedChild):
    """A child that looks into paths and replays nights."""

    def look(self, path: Path, options: ReadOptions) -> list[Looked]:
        """`tasks_at`, in the child; a path at which the child came to harm is a `Failed`."""
        try:
            answer = self.call(LOOK, str(path), asdict(options), about=str(path))
            return _built(lambda: [_found(one) for one in answer], str(path))
        except InputError as error:
            return [Failed(str(path), str(error))]

    def replay(self, task: Task, wish: Wish) -> Replayed | Failed:
        """`run`, in the child; a night at which the child came to harm is a `Failed`. Raises as `run`."""
        about = str(task.path)
        try:
            answer = self.call(REPLAY, _task_plain(task), _wish_plain(wish), about=about)
            return _built(lambda: _replayed(task, answer), about)
        except InputError as error:
            return Failed(about, str(error))

    def read_through(self, task: Task, options: ReadOptions) -> Failed | None:
        """Read a night to its end and throw it away: whether it can be read within bounds, before it is played."""
        about = str(task.path)
        try:
            self.call(READ, _task_plain(task), asdict(options), about=about)
        except InputError as error:
            return Failed(about, str(error))
        return None


def _built(build: Callable[[], T], about: str) -> T:
    try:
        return build()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"the worker that read it answered with something else ({error}); it was given up"
        raise InputError(message, path=about) from error


def _found_plain(one: Looked) -> Plain:
    if isinstance(one, PassedOver):
        return {"folder": str(one.folder), "names": one.names}
    return _task_plain(one) if isinstance(one, Task) else asdict(one)


def _found(one: Plain) -> Looked:
    if "why" in one:
        return _failed(one)
    if "folder" in one:
        return PassedOver(Path(one["folder"]), _texts(one["names"]))
    return _task(one)


def _task_plain(task: Task) -> Plain:
    return {**asdict(task), "path": str(task.path)}


def _task(one: Plain) -> Task:
    night, kind = _texts([one["night"], one["format"]])
    return Task(Path(one["path"]), int(one["number"]), night, kind)


def _wish_plain(wish: Wish) -> Plain:
    return {
        "data": str(wish.home.data),
        "config": str(wish.home.config),
        "options": asdict(wish.options),
        "keep": wish.keep,
        "as_json": wish.as_json,
        "pictures": None if wish.pictures is None else str(wish.pictures),
    }


def _wish(one: Plain) -> Wish:
    return Wish(
        Home(Path(one["data"]), Path(one["config"])),
        _options(one["options"]),
        keep=one["keep"],
        as_json=one["as_json"],
        pictures=None if one["pictures"] is None else Path(one["pictures"]),
    )


def _options(one: Mapping[str, Any]) -> ReadOptions:
    pairs = {name: tuple((role, text) for role, text in one[name]) for name in ("columns", "units")}
    return ReadOptions(**{**one, **pairs})


def _replayed(task: Task, one: Plain) -> Replayed | Failed:
    if "failed" in one:
        return _failed(one["failed"])
    lights_out, figures = one["lights_out"], one["figures"]
    kept, text = _texts([one["kept"], one["text"]])
    return Replayed(
        task=task,
        lines=_texts(one["lines"]),
        stages=tuple(Stage(value) for value in one["stages"]),
        clock=NightClock(None if lights_out is None else datetime.fromisoformat(lights_out)),
        figures=_figures(figures),
        kept=kept,
        text=text,
        pictures=_texts(one["pictures"]),
    )


def _figures(one: Plain) -> NightFigures:
    counts = tuple((str(kind), int(count)) for kind, count in one["suspicions"])
    return NightFigures(**{**one, "suspicions": counts})


def _failed(one: Plain) -> Failed:
    path, why = _texts([one["path"], one["why"]])
    return Failed(path, why)


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    if not all(isinstance(value, str) for value in values):
        message = "words were expected"
        raise TypeError(message)
    return tuple(values)
