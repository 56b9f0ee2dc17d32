"""Who watches over the night process: when it is started again, when not, and that outputs are off in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.run.supervisor import (
    BUSY,
    DONE,
    END_S,
    FIRST_BEAT_S,
    MOST_RESTARTS,
    SAID,
    WATCHDOG_S,
    WITHIN_S,
    WRONG_USE,
    Child,
    RestartBudget,
    Sign,
    Surroundings,
    supervise,
)

KILLED = -9


class Scripted:
    """A night process after a script: signs, then its end with a code. Time passes while it is waited for."""

    def __init__(self, world: World, signs: Iterable[Sign], code: int, *, deaf: bool = False) -> None:
        self._world = world
        self._signs: Iterator[Sign] = iter(signs)
        self._code = code
        self._deaf = deaf
        self.code: int | None = None

    def wait(self, seconds: float) -> Sign:
        sign = next(self._signs, Sign.ENDED)
        self._world.told.append(f"wait {seconds:g}")
        if sign in (Sign.SILENT, Sign.BEAT):
            self._world.now_s += seconds if sign is Sign.SILENT else 1.0
        if sign is Sign.ENDED and not self._deaf:
            self.code = self._code
        elif sign is Sign.ENDED:
            self._world.now_s += seconds
        return sign

    def end(self) -> None:
        self._world.told.append("end")

    def kill(self) -> None:
        self._world.told.append("kill")
        self.code = KILLED


class World:
    """Everything around a supervisor, and what it did, in order."""

    def __init__(self, *, left: Sequence[str] = ()) -> None:
        self.now_s = 0.0
        self.told: list[str] = []
        self.said: list[str] = []
        self.beats = 0
        self.resumes: list[bool] = []
        self.gave_up: list[int] = []
        self._left = left
        self.children: Iterator[Callable[[], Child]] = iter(())

    def start(self, resume: bool) -> Child:
        self.resumes.append(resume)
        self.told.append("start")
        return next(self.children)()

    def outputs_off(self) -> Sequence[str]:
        self.told.append("off")
        return self._left

    def _alive(self) -> None:
        self.beats += 1

    def run(self, *children: tuple[Iterable[Sign], int]) -> int:
        self.children = iter([partial(Scripted, self, signs, code) for signs, code in children])
        return self.go()

    def go(self) -> int:
        return supervise(
            Surroundings(
                start=self.start,
                outputs_off=self.outputs_off,
                say=self.said.append,
                now_s=lambda: self.now_s,
                alive=self._alive,
                gave_up=self.gave_up.append,
            )
        )

    @property
    def done(self) -> list[str]:
        return [word for word in self.told if not word.startswith("wait")]


BEATS = [Sign.BEAT, Sign.BEAT, Sign.BEAT]


def test_a_night_that_ends_well_is_one_process() -> None:
    """Its beats are passed on, its outputs are off at the end."""
    world = World()
    assert world.run((BEATS, DONE)) == DONE
    assert (world.beats, world.done, world.resumes, world.said) == (3, ["start", "off"], [False], [])


@pytest.mark.parametrize("code", [KILLED, -11, 1, 2, 77])
def test_a_night_that_died_is_gone_on_with(code: int) -> None:
    """Whatever ended it: outputs off first, then the same night, and it is said."""
    world = World()
    assert world.run((BEATS, code), (BEATS, DONE)) == DONE
    assert world.done == ["start", "off", "start", "off"]
    assert world.resumes == [False, True]
    (words,) = world.said
    assert "started again" in words


def test_a_process_that_died_before_its_night_began_begins_anew() -> None:
    """There is nothing to go on with yet."""
    world = World()
    assert world.run(([], KILLED), (BEATS, KILLED), ([], KILLED), (BEATS, DONE)) == DONE
    assert world.resumes == [False, False, True, True]


@pytest.mark.parametrize("code", [SAID, WRONG_USE])
def test_one_that_could_not_begin_and_said_why_is_not_tried_again(code: int) -> None:
    """Settings that are wrong are as wrong a second later."""
    world = World()
    assert world.run(([], code)) == code
    assert (world.done, world.said) == (["start", "off"], [])


def test_a_second_vigil_touches_no_output() -> None:
    """F18: the outputs belong to the night that runs."""
    world = World()
    assert world.run(([], BUSY)) == BUSY
    assert world.done == ["start"]


def test_a_night_that_finds_its_store_taken_for_a_moment_goes_on() -> None:
    """Between two of its processes a page may be putting a morning's answer into the store, or erasing something."""
    world = World()
    assert world.run((BEATS, KILLED), ([], BUSY), (BEATS, DONE)) == DONE
    assert world.resumes == [False, True, True]
    assert world.gave_up == []


def test_one_that_cannot_go_on_is_tried_again_and_then_stays_down() -> None:
    """A disk that refuses for a moment must not end the night; one that refuses for good is said and kept."""
    world = World()
    assert world.run((BEATS, KILLED), *([([], SAID)] * MOST_RESTARTS)) == SAID
    assert world.gave_up == [MOST_RESTARTS]
    assert "stays down" in world.said[-1]


def test_five_ends_in_ten_minutes_are_too_many() -> None:
    """It stays down, says so, and leaves word for the morning."""
    world = World()
    assert world.run(*([(BEATS, KILLED)] * (MOST_RESTARTS + 1))) == SAID
    assert len(world.resumes) == MOST_RESTARTS + 1
    assert world.gave_up == [MOST_RESTARTS]
    assert world.done[-1] == "off"
    assert "5 times in ten minutes" in world.said[-1]


def test_ends_that_are_far_apart_are_not() -> None:
    """A night may be interrupted often, if each time something came of it."""
    world = World()
    lives: list[tuple[list[Sign], int]] = [([Sign.BEAT] * 200, KILLED)] * 12
    assert world.run(*lives, (BEATS, DONE)) == DONE
    assert world.gave_up == []


@given(st.lists(st.floats(0, 2000), max_size=40))
def test_never_more_restarts_in_ten_minutes_than_allowed(steps: list[float]) -> None:
    """Whatever the times at which it is asked."""
    budget, now, granted = RestartBudget(), 0.0, []
    for step in steps:
        now += step
        if budget.allows(now):
            granted.append(now)
        assert sum(now - each <= WITHIN_S for each in granted) <= MOST_RESTARTS


def test_a_night_that_makes_no_progress_is_ended() -> None:
    """F14: before its first beat it has longer than between two."""
    world = World()
    assert world.run(([Sign.BEAT, Sign.SILENT], 0), (BEATS, DONE)) == DONE
    assert world.told[1:5] == [f"wait {FIRST_BEAT_S:g}", f"wait {WATCHDOG_S:g}", "kill", "off"]
    assert "no progress" in world.said[0]


def test_a_request_to_end_is_passed_on_and_its_code_is_the_answer() -> None:
    """Ctrl-C ends a night in good order: not restarted, outputs off."""
    world = World()
    assert world.run(([Sign.BEAT, Sign.ASKED, Sign.BEAT], DONE)) == DONE
    assert world.done == ["start", "end", "off"]
    refused = World()
    assert refused.run(([Sign.ASKED], SAID)) == SAID


def test_one_that_was_asked_to_end_before_it_listened_ended_well() -> None:
    """It was ended by the signal itself, as was asked."""
    world = World()
    assert world.run(([Sign.ASKED], -15)) == DONE


def test_one_that_does_not_end_when_asked_is_ended() -> None:
    """It has twenty seconds for its report."""
    world = World()
    world.children = iter([lambda: Scripted(world, [Sign.BEAT, Sign.ASKED], DONE, deaf=True)])
    assert world.go() == DONE
    assert world.done == ["start", "end", "kill", "off"]
    assert END_S <= world.now_s <= END_S + 2


def test_outputs_that_cannot_be_reached_do_not_end_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be made, a lamp whose library is gone: it is said, and the night goes on."""

    def gone() -> Sequence[str]:
        message = "the folder of outputs cannot be made"
        raise OSError(message)

    world = World()
    monkeypatch.setattr(world, "outputs_off", gone)
    assert world.run((BEATS, KILLED), (BEATS, DONE)) == DONE
    assert world.resumes == [False, True]
    assert "the folder of outputs cannot be made" in world.said[0]


def test_what_could_not_be_stopped_is_said() -> None:
    """After every end."""
    world = World(left=("the lamp did not confirm that it is off",))
    assert world.run((BEATS, KILLED), (BEATS, DONE)) == DONE
    assert world.said.count("the lamp did not confirm that it is off") == 2


def test_one_that_cannot_even_be_killed_leaves_no_output_on() -> None:
    """A process held up in the system: its outputs are put out at once, it is said once, and it is waited for."""

    class Stuck(Scripted):
        kills = 0

        def kill(self) -> None:
            self.kills += 1
            self._world.told.append("kill")
            self.code = KILLED if self.kills == 3 else None

    world = World()
    world.children = iter(
        [
            lambda: Stuck(world, [Sign.BEAT, *[Sign.SILENT] * 3], KILLED),
            lambda: Scripted(world, BEATS, DONE),
        ]
    )
    assert world.go() == DONE
    assert world.done == ["start", "kill", "off", "kill", "off", "kill", "off", "start", "off"]
    assert [words for words in world.said if "held up" in words] == [world.said[1]]
    assert world.resumes == [False, True]
