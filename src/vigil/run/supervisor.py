"""Who watches over the night process: starts it, sees that it makes progress, starts it again, but not for ever.

A child beats once after each turn that was lived and kept. No beat for `WATCHDOG_S`: it is killed. Whenever it has
ended, by whatever cause, every output is stopped first. At most four restarts in ten minutes; then it stays down and
says so, because what fails that often will not be mended by trying again at night (reliability F12, F14).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

MOST_RESTARTS = 4
WITHIN_S = 600.0
WATCHDOG_S = 30.0
"""Reliability F12 and F14."""

FIRST_BEAT_S = 120.0
"""A start may take longer than a turn: the database is checked and the night is lived through again. Our choice."""

END_S = 20.0
"""How long a child that was asked to end may take: its report, its backup. Our choice."""

_STUCK = "It is held up in the system and does not end; its outputs are put out, and it is looked at again and again."

DONE, SAID, WRONG_USE, BUSY = 0, 1, 2, 3
"""Exit codes (DESIGN section 7). SAID: it could not begin, and has said why."""


class Sign(Enum):
    """What came of waiting for a child."""

    BEAT = "beat"
    ENDED = "ended"
    SILENT = "silent"
    ASKED = "asked"
    """somebody asks the supervisor to end"""


class Child(Protocol):
    """A night process."""

    def wait(self, seconds: float) -> Sign:
        """The next sign, at most so long."""
        ...

    @property
    def code(self) -> int | None:
        """Its exit code; negative for the signal that ended it, None while it runs."""
        ...

    def end(self) -> None:
        """Ask it to end in good order."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...


@dataclass(slots=True)
class RestartBudget:
    """Restarts in the latest ten minutes, by a clock that counts suspended time too."""

    starts: deque[float] = field(default_factory=deque)

    def allows(self, now_s: float) -> bool:
        """Whether one more restart is allowed; if so it is counted."""
        while self.starts and now_s - self.starts[0] > WITHIN_S:
            self.starts.popleft()
        if len(self.starts) >= MOST_RESTARTS:
            return False
        self.starts.append(now_s)
        return True


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a supervisor needs.

    start(resume) makes a child. outputs_off stops every output and says what it could not stop. say tells the person.
    alive tells whoever watches over the supervisor itself. gave_up keeps that it stays down.
    """

    start: Callable[[bool], Child]
    outputs_off: Callable[[], Sequence[str]]
    say: Callable[[str], None]
    now_s: Callable[[], float]
    alive: Callable[[], None] = lambda: None
    gave_up: Callable[[int], None] = lambda _restarts: None


def supervise(around: Surroundings) -> int:
    """Run a night to its end; returns the exit code for the whole."""
    budget, resume = RestartBudget(), False
    while True:
        child = around.start(resume)
        began, asked = _follow(child, around)
        code = child.code
        if code == BUSY and not began and not resume:
            return BUSY  # another Vigil has the night, and its outputs are not ours to touch (reliability F18)
        for left in _all_off(around):
            around.say(left)
        if asked or code == DONE or (not resume and not began and code in (SAID, WRONG_USE)):
            return DONE if asked and code is not None and code < 0 else code or DONE
        if not budget.allows(around.now_s()):
            around.gave_up(len(budget.starts))
            around.say(
                f"Vigil stopped {len(budget.starts) + 1} times in ten minutes and stays down now. Nothing will be "
                "nudged and nothing watched; what was kept until now is safe. To look for the cause: vigil doctor"
            )
            return SAID
        around.say("The night process ended unexpectedly; it is started again, and goes on with the same night.")
        resume = resume or began


def _all_off(around: Surroundings) -> Sequence[str]:
    """Stop every output; what cannot be stopped, or even be reached, must not end the watch over the night."""
    try:
        return around.outputs_off()
    except Exception as error:
        return (f"It cannot be told whether every output is off ({error}); please look at them.",)


def _follow(child: Child, around: Surroundings) -> tuple[bool, bool]:
    """Until the child has ended; returns whether it ever beat, and whether it was asked to end."""
    began = stuck = False
    while child.code is None:
        sign = child.wait(WATCHDOG_S if began else FIRST_BEAT_S)
        if sign is Sign.BEAT:
            began = True
            around.alive()
        elif sign is Sign.SILENT:
            _end_at_once(child, around, again=stuck)
            stuck = True
        elif sign is Sign.ASKED:
            child.end()
            _see_it_end(child, around.now_s)
            return began, True
    return began, False


def _end_at_once(child: Child, around: Surroundings, *, again: bool) -> None:
    """Kill it; if even that does not end it, the outputs are put out all the same."""
    if not again:
        around.say("The night process made no progress; it is ended and started again.")
    child.kill()
    if child.code is None:
        left = _all_off(around)
        for words in () if again else (_STUCK, *left):
            around.say(words)


def _see_it_end(child: Child, now_s: Callable[[], float]) -> None:
    until = now_s() + END_S
    while child.code is None and now_s() < until:
        child.wait(1.0)
    if child.code is None:
        child.kill()
