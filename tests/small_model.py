"""Every order of a few events, on a coarse clock: an explicit search in which no state is looked at twice.

A state is everything on which the future depends: the guard, what was saved of it, the ledger, and the oracle. All
instants are held against now, so that one state reached at two times is one. Orders that lead to the same state are
counted, not repeated: the counts of a layer add up to every order there is.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from typing import Any, TypeVar, cast

from tests.guard_oracle import HOUR, MINUTE, Act, Oracle, S, caps
from vigil.control.guard import Facts, Guard
from vigil.domain.guard_memory import GuardMemory
from vigil.domain.nudges import Ledger, LedgerRow
from vigil.domain.permits import Permit
from vigil.domain.records import (
    Input,
    Mark,
    Marked,
    NightBegan,
    OutputFailed,
    Released,
    Restarted,
    Resumed,
)
from vigil.domain.requests import NudgeRequest, Output, Purpose
from vigil.domain.samples import Contact, Quality

OWN = caps(per_episode=2, per_hour=2, per_18_hours=3, energised_s=12)
"""So low that a few events reach every one of them."""

_INSTANTS = attrgetter("began_ns", "last_ns", "warm_ns", "held_until_ns", "awake_marked_ns")
_PLAIN = attrgetter("mode", "night", "serial", "episode", "level", "linked", "worn", "spent", "over")
_SEEN = attrgetter("dark", "mode", "linked", "worn", "over", "spent")
TICK = 6 * MINUTE
"""The tick of the coarse clock: past the five minutes of warmth."""

_LONG = 30 * HOUR
"""Further from now than this, before or after, is all one: no window, hold or jump of a clock reaches so far."""


@dataclass(slots=True)
class Small:
    """One state, and what has gone wrong in it. `now` is true time, `boot` when the boot clock stood at zero.

    saved: the guard's memory as a crash would leave it: every input was kept, no permit since lights-out was.
    """

    now: int
    boot: int
    boots: int
    episode: int
    guard: Guard
    saved: GuardMemory
    oracle: Oracle
    rows: tuple[LedgerRow, ...] = ()
    wrongs: list[str] = field(default_factory=list)
    acts: int = 0

    @property
    def clock(self) -> int:
        """The boot clock."""
        return self.now - self.boot

    def twin(self) -> Small:
        """The same state, to go on from."""
        guard = self.guard
        own = Guard(guard.caps, guard.settle_ns, guard.top_level, guard.armed, _copied(guard.memory))
        seen, saved = _copied(self.oracle), _copied(self.saved)
        return Small(self.now, self.boot, self.boots, self.episode, own, saved, seen, self.rows, [], self.acts)

    def tell(self, event: Input) -> None:
        """An input reaches guard and oracle."""
        self.guard.note(event)
        self.saved.note(event)
        self.oracle.see(event, self.now, self.boot)

    def ask(self, purpose: Purpose = Purpose.NUDGE, *, written: bool = True, dies: bool = False) -> None:
        """Ask for the step that is due (the ladder is not looked at), write it down, act; then the next tick comes."""
        memory = self.guard.memory
        level = memory.level + 1 if memory.episode == self.episode else 1
        output = next((one for one in Output if one not in self.oracle.failed), Output.LIGHT)
        request = NudgeRequest(purpose, self.episode, output, level, 4_000, 5)
        facts = Facts(self.clock, Quality.GOOD, 2_000, self.clock - HOUR, 0, upright=False)
        answer = self.guard.ask(request, facts)
        if isinstance(answer, Permit):
            self.wrongs += self.oracle.of_leave(request, facts, self.now, self.clock)
            self._follow(answer, written=written, dies=dies)
        self.now += TICK

    def _follow(self, permit: Permit, *, written: bool, dies: bool) -> None:
        request = permit.request
        if written:
            what = (request.purpose, request.episode, request.output, request.level, request.duration_ms)
            row = LedgerRow(self.oracle.night, permit.serial, f"boot {self.boots}", self.clock, None, *what)
            self.rows = (*self.rows, row)
        if dies:
            self.come_back(rebooted=False)
        elif written:
            permit.redeem(self.clock)
            act = Act(self.now, self.now, self.oracle.night, request, permit.serial)
            self.wrongs += self.oracle.of_act(act)
            self.acts += 1
        else:
            self.tell(OutputFailed(self.clock, permit.serial, request.output))

    def come_back(self, *, rebooted: bool) -> None:
        """Vigil died; it comes back from the inputs that were kept, and from the ledger."""
        self.guard = replace(self.guard, memory=_copied(self.saved))
        if rebooted:
            self.boots, self.boot = self.boots + 1, self.now - 20 * S
        self.tell(Restarted(self.clock, f"boot {self.boots}", ledger=Ledger(self.rows)))

    def key(self) -> tuple[Any, ...]:
        """Everything on which the future depends, with instants told from now and the long past told as one."""
        memory, saved, oracle = self.guard.memory, self.saved, self.oracle
        return (
            self.episode,
            self.clock if self.oracle.began is None else None,
            _memory_key(memory, self.clock, self.boots),
            _memory_key(saved, self.clock, self.boots),
            tuple(_row_key(row, self.clock, self.boots) for row in self.rows),
            _SEEN(oracle),
            _since(oracle.began, self.now),
            _since(oracle.warm, self.now),
            _since(oracle.awake, self.now),
            tuple(sorted({_since(hold, self.now) for hold in oracle.holds if hold > self.now})),
            frozenset(oracle.failed),
            frozenset(oracle.troubles),
            tuple((_since(act.asked_ns, self.now), act.request, act.serial) for act in oracle.acts),
        )


_T = TypeVar("_T", bound=GuardMemory | Oracle)

_ALL_OF: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    each: attrgetter(*(one.name for one in fields(each))) for each in (GuardMemory, Oracle)
}


_CHANGE: dict[type, tuple[int, ...]] = {
    each: tuple(number for number, value in enumerate(_ALL_OF[each](each())) if isinstance(value, list | set))
    for each in (GuardMemory, Oracle)
}


def _copied(state: _T) -> _T:
    """As saved and read back, and much faster: what can change is copied, the rest shared."""
    kind, make = type(state), cast("Callable[..., _T]", type(state))
    values = list(_ALL_OF[kind](state))
    for number in _CHANGE[kind]:
        values[number] = values[number].copy()
    return make(*values)


def _since(at_ns: int | None, now_ns: int) -> int | None:
    return None if at_ns is None else max(-_LONG, min(now_ns - at_ns, _LONG))


def _row_key(row: LedgerRow, clock: int, boots: int) -> tuple[Any, ...]:
    return row.permit, row.episode, row.level, row.purpose, row.boot_id == f"boot {boots}", _since(row.at_ns, clock)


def _memory_key(memory: GuardMemory, clock: int, boots: int) -> tuple[Any, ...]:
    return (
        _PLAIN(memory),
        memory.boot_id == f"boot {boots}",
        *(_since(at_ns, clock) for at_ns in _INSTANTS(memory)),
        tuple(_row_key(row, clock, boots) for row in memory.rows),
        tuple(memory.unusable),
        tuple(memory.away),
        tuple(memory.troubles),
    )


# -- what may happen ------------------------------------------------------------------------------------------------


def _hold(small: Small) -> None:
    held = bool(small.oracle.holds)
    small.tell(Released(small.clock) if held else Marked(small.clock, Mark.STOP))


def _wear(small: Small) -> None:
    small.tell(Contact(small.clock, on=not small.oracle.worn))


def _sleep(small: Small) -> None:
    small.now += HOUR
    small.tell(Resumed(small.clock, 3_600_000))


def _next_episode(small: Small) -> None:
    small.episode = 3 - small.episode


EVENTS: dict[str, Callable[[Small], None]] = {
    "ask": Small.ask,
    "ask, and die before the act": lambda small: small.ask(dies=True),
    "ask, and the ledger fails": lambda small: small.ask(written=False),
    "ask for a test": lambda small: small.ask(Purpose.TEST),
    "the computer sleeps for an hour": _sleep,
    "stop, or release": _hold,
    "off the wrist, or on again": _wear,
    "reboot": lambda small: small.come_back(rebooted=True),
    "the other episode": _next_episode,
}
"""The event kinds of the model; some take a tick of its coarse clock, one an hour, the others no time."""


def begin() -> Small:
    """A night of forty minutes, warm, nothing given."""
    now, boot = 100 * HOUR, 90 * HOUR
    guard, oracle = Guard.with_caps(OWN, 30, 4, True), Oracle()
    oracle.set_up(OWN, 30, 4, True)
    small = Small(now, boot, 1, 1, guard, _copied(guard.memory), oracle)
    small.tell(NightBegan(small.clock, night="tonight", boot_id="boot 1"))
    small.now += 40 * MINUTE
    small.saved = _copied(guard.memory)
    return small


@dataclass(frozen=True, slots=True)
class Search:
    """What was covered: orders of `depth` events over `kinds`, in so many different states, and what was wrong.

    acts: the most in one order. last: the states that `depth` events lead to, each with its number of orders.
    """

    kinds: int
    depth: int
    states: int
    steps: int
    acts: int
    wrongs: tuple[str, ...]
    last: dict[tuple[Any, ...], int]

    @property
    def orders(self) -> int:
        """How many orders led to the last layer: all there are."""
        return sum(self.last.values())


def search(depth: int, *, to_the_first: bool = False) -> Search:
    """Go through every order of `depth` events; with `to_the_first`, only until something is wrong."""
    collects = gc.isenabled()
    gc.disable()  # nothing here is a cycle, and looking for cycles among so many states takes most of the time
    try:
        return _search(depth, to_the_first=to_the_first)
    finally:
        if collects:
            gc.enable()


def _search(depth: int, *, to_the_first: bool) -> Search:
    layer: dict[tuple[Any, ...], tuple[Small, int]] = {(): (begin(), 1)}
    states, steps, acts = 1, 0, 0
    wrongs: list[str] = []
    for _ in range(depth):
        following: dict[tuple[Any, ...], tuple[Small, int]] = {}
        for small, orders in layer.values():
            for name, happen in EVENTS.items():
                then = small.twin()
                happen(then)
                wrongs += [f"{name}: {wrong}" for wrong in then.wrongs]
                key = then.key()
                known = following.get(key)
                following[key] = (then, orders) if known is None else (known[0], known[1] + orders)
            if wrongs and to_the_first:
                break
        steps += len(layer) * len(EVENTS)
        layer = following
        states += len(layer)
        acts = max(acts, *(small.acts for small, _ in layer.values()))
        if wrongs and to_the_first:
            break
    last = {key: orders for key, (_, orders) in layer.items()}
    return Search(len(EVENTS), depth, states, steps, acts, tuple(wrongs), last)
