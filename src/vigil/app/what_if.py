"""What other settings would have done in the last nights: kept nights lived through once more, each in a limited child.

Nothing is written anywhere. What a night may do is limited by the plan of that night (`engine/first_nights.py`), and a
setting skips nothing of it. Learning, and what earlier nights spent, stay as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from threading import Event
from types import TracebackType
from typing import Any, Self, TypeAlias

from vigil.app.home import Home, Shelf
from vigil.app.kept_so_far import what_it_ran_with
from vigil.app.tonight import KeptNights, kept_nights, latest_sleeper
from vigil.app.what_if_child import Came, NightThen, Task, WhatIfChild
from vigil.app.wiring import OpenShelf, packaged_parameters, reading
from vigil.domain.errors import InputError, SettingsError, StoreError
from vigil.domain.records import Mode
from vigil.domain.settings import CapSettings, Settings
from vigil.engine.first_nights import plan_for
from vigil.night.in_words import counted
from vigil.store.nights import NightRow, Nights

Value: TypeAlias = bool | int | float

MOST_NIGHTS = 400
"""As many as learning looks at (`tonight.MOST_NIGHTS`)."""

CAPS = "caps."


def _flag(text: str) -> bool:
    return {"true": True, "false": False}[text]


CHANGED: Mapping[str, Callable[[str], Value]] = {
    "nudging": _flag,
    "top_level": int,
    "settle_min": int,
    "observe_s": int,
    "threshold_factor": float,
    **{CAPS + cap.name: int for cap in fields(CapSettings)},
}
"""Settings of which it can be asked, and how each is written. Outputs and the room change nothing of what is due."""


@dataclass(frozen=True, slots=True)
class Change:
    """Settings that are asked about, by the names that they have in the file of settings."""

    values: tuple[tuple[str, Value], ...]

    @classmethod
    def typed(cls, pairs: Sequence[str]) -> Change:
        """From KEY=VALUE each; raises SettingsError for an unknown key, no number, or one outside its bounds."""
        found: dict[str, Value] = {}
        for pair in pairs:
            key, _, text = pair.partition("=")
            if key not in CHANGED:
                message = f"{pair}: no setting that can be tried; there are {', '.join(CHANGED)}; nothing was tried"
                raise SettingsError(message)
            try:
                found[key] = CHANGED[key](text.strip())
            except (ValueError, KeyError) as error:
                message = f"{pair}: {text!r} is no value for it; write {key}={_example(key)}; nothing was tried"
                raise SettingsError(message) from error
        change = cls(tuple(found.items()))
        change.applied(Settings())
        return change

    def applied(self, settings: Settings) -> Settings:
        """Settings with these in their place; raises SettingsError outside the bounds."""
        caps: dict[str, Any] = {name.removeprefix(CAPS): value for name, value in self.values if name.startswith(CAPS)}
        others: dict[str, Any] = {name: value for name, value in self.values if not name.startswith(CAPS)}
        return replace(settings, **others, caps=replace(settings.caps, **caps))


def _example(key: str) -> str:
    shipped = Settings()
    value = getattr(shipped.caps, key.removeprefix(CAPS)) if key.startswith(CAPS) else getattr(shipped, key)
    return str(value).lower()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A night of which nothing can be said, and why, in a clause."""

    night: str
    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the change would have done. nights: in order. whole: False if it was stopped before the last night."""

    change: Change
    nights: tuple[NightThen, ...]
    left_out: tuple[LeftOut, ...] = ()
    whole: bool = True


class WhatIf:
    """Asks night after night; iterate, then `answer`. `stop` may be called by any thread, and ends the iteration.

    home, shelf: whose nights. change: what is asked. nights: the last so many. sleeper: of the demo's nights.
    Raises StoreError where no night can be read at all.
    """

    def __init__(self, home: Home, shelf: Shelf, change: Change, nights: int = 30) -> None:
        self._change, self._child, self._stopped = change, WhatIfChild(), Event()
        self._done: list[NightThen] = []
        with reading(home, (shelf,)) as opened:
            asked = [_asked(each, change, nights) for each in opened]
        self._tasks = [task for tasks, _ in asked for task in tasks]
        self._left_out = [one for _, several in asked for one in several]
        self._database = home.database(shelf)

    @property
    def total(self) -> int:
        """Nights that will be lived through."""
        return len(self._tasks)

    def __iter__(self) -> Iterator[NightThen | LeftOut]:
        """Each night as it is done; at most once."""
        for task in self._tasks:
            if self._stopped.is_set():
                return
            result: NightThen | LeftOut
            try:
                result = self._child.night(self._database, task)
                self._done.append(result)
            except (InputError, StoreError) as error:
                if self._stopped.is_set():
                    return
                result = LeftOut(task.night, error.reason if isinstance(error, InputError) else str(error))
                self._left_out.append(result)
            yield result

    def stop(self) -> None:
        """Let no further night begin, and end the one that is under way. Twice is harmless."""
        self._stopped.set()
        self._child.stop()

    def answer(self) -> Answer:
        """What came of it so far."""
        done, failed = len(self._done), {one.night for one in self._left_out}
        whole = done + sum(task.night in failed for task in self._tasks) == self.total
        return Answer(self._change, tuple(self._done), tuple(self._left_out), whole)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        self._child.close()


def _asked(shelf: OpenShelf, change: Change, most: int) -> tuple[list[Task], list[LeftOut]]:
    """What is to be lived through, and the nights that cannot be."""
    kept = kept_nights(shelf, packaged_parameters(), latest_sleeper(shelf))
    rows = kept.rows[-min(most, MOST_NIGHTS) :]
    tasks, left_out = [], []
    for row in rows:
        if row is rows[-1] and not row.outputs_digest:
            left_out.append(LeftOut(row.name, "it is not over yet, or was cut off"))
            continue
        found = what_it_ran_with(Nights(shelf.database).summary(row.key))
        if found is None:
            left_out.append(LeftOut(row.name, "the settings that it ran with are not known"))
        else:
            tasks.append(Task(row.name, row.key, _limited(kept, row, change, found[0]), found[1]))
    return tasks, left_out


def _limited(kept: KeptNights, row: NightRow, change: Change, ran: Settings) -> Settings:
    """What the night would have run with: never more than its plan allowed, unless it really ran with as much.

    What is not changed stays as it was, an evening made stricter included.
    """
    wanted = change.applied(ran)
    plan, _ = plan_for([night for night in kept.nights if night.number < row.key], wanted.top_level)
    allowed = plan.settings(wanted)
    return replace(
        wanted,
        top_level=min(wanted.top_level, max(allowed.top_level, ran.top_level)),
        threshold_factor=max(wanted.threshold_factor, min(allowed.threshold_factor, ran.threshold_factor)),
    )


# -- in words --------------------------------------------------------------------------------------------------------

CANNOT_KNOW = (
    "What this cannot know: a nudge that was not given could not be answered by the body. Whether it would have "
    "settled you, woken you or done nothing is not in the data, and what is counted after it in the same episode goes "
    "by a heart that was left alone, or that answered something else.",
    "The plan of each night, what was learned of you by then, and what earlier nights had spent are left as they were. "
    "What made a single evening stricter does not hold for a setting that is changed here.",
)


def words(answer: Answer, asked: str = "") -> list[str]:
    """The answer in sentences. asked: the change in words, where it is not said as it stands in the file."""
    if not answer.nights:
        return ["No night could be tried."]
    nights = answer.nights
    would, really = [one.would for one in nights], [one.really for one in nights]
    asked = asked or ", ".join(f"{name} = {value_words(value)}" for name, value in answer.change.values)
    lines = [
        f"With {asked or 'the settings as they were'}, over {counted(len(nights), 'night')} "
        f"({nights[0].night}{f' to {nights[-1].night}' if nights[1:] else ''}): {_nudges(would)}.",
        f"Really given: {_nudges(really)}.",
        f"Signs of a nightmare followed: {sum(one.signs for one in would)}, really {sum(one.signs for one in really)}.",
    ]
    watched = sum(one.mode is not Mode.ON for one in nights)
    if watched:
        lines.append(f"On {watched} of them Vigil was only watching, and no setting would have changed that.")
    if any(not one.same_engine for one in nights):
        lines.append("Vigil itself has changed since some of these nights, and that counts here as well.")
    if not answer.whole:
        lines.append("It was stopped before the last night.")
    return [*lines, *CANNOT_KNOW]


def _nudges(came: Sequence[Came]) -> str:
    nudges, nights = sum(one.nudges for one in came), sum(one.nudges > 0 for one in came)
    return f"{counted(nudges, 'nudge')} in {counted(nights, 'night')}" if nudges else "no nudge"


def value_words(value: Value) -> str:
    """A value as it is typed."""
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"


def night_words(one: NightThen) -> str:
    """One night that would have been different, in a line; "" for one that would not."""
    if one.would == one.really:
        return ""
    at = f" (first at {', '.join(one.would.at)})" if one.would.at else ""
    return f"{one.night}: {counted(one.would.nudges, 'nudge')}{at}; really {one.really.nudges}."


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer as plain values (`docs/data.md`)."""
    return {
        "format": "vigil-what-if",
        "version": 1,
        "settings": dict(answer.change.values),
        "nights": [one.as_plain() for one in answer.nights],
        "left_out": [{"night": one.night, "why": one.why} for one in answer.left_out],
        "whole": answer.whole,
        "in_words": words(answer),
    }
