"""Trying the outputs by day: every step through the guard, the ledger and the desk, as at night, for somebody awake."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from vigil.control.guard import Facts, Guard, Refusal
from vigil.domain.explain import sentences
from vigil.domain.nudges import LedgerRow
from vigil.domain.records import Event, Held, OutputAcknowledged, OutputConfirmedOff, OutputFailed, Restarted
from vigil.domain.requests import NudgeRequest, Output, Purpose
from vigil.domain.samples import Quality
from vigil.domain.settings import Settings
from vigil.domain.steps import Step
from vigil.domain.units import MS_PER_S
from vigil.run.desk import OFF_S, OFF_TRIES, START_S, Desk
from vigil.store.ledger import LedgerStore

ANSWER_S = START_S + OFF_S * OFF_TRIES + 1.0
"""Beside its own length, how long a step may take to say what came of it."""

LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one step: `begun` if it was felt, heard or seen, and in words."""

    begun: bool
    words: str


class Trial:
    """One round of tries. Every step that is allowed is in the ledger before it is given."""

    def __init__(self, desk: Desk, ledger: LedgerStore, restarted: Restarted, settings: Settings, name: str) -> None:
        self._desk = desk
        self._ledger = ledger
        self._boot_id = restarted.boot_id
        self._name = name
        self._guard = Guard.with_caps(settings.caps, settings.settle_min, settings.top_level, armed=False)
        self._guard.note(restarted)
        self._round = 0

    def hold(self, at_ns: int) -> None:
        """A stop stands: nothing is tried."""
        self._guard.note(Held(at_ns))

    def next_output(self) -> None:
        """Another output begins at its lowest step."""
        self._round += 1

    def give(self, output: Output, step: Step, now_ns: Callable[[], int], wall_ms: Callable[[], int | None]) -> Tried:
        """One step, to its end; raises StoreError if it could not be written down, and then it is not given."""
        at_ns = now_ns()
        request = NudgeRequest(
            Purpose.TEST, self._round, output, step.level, step.duration_ms, max(1, step.strength_percent)
        )
        granted = self._guard.ask(request, _by_day(at_ns))
        if isinstance(granted, Refusal):
            return Tried(begun=False, words=sentences(granted.reasons))
        what = (request.purpose, request.episode, output, step.level, step.duration_ms)
        self._ledger.append(LedgerRow(self._name, granted.serial, self._boot_id, at_ns, wall_ms(), *what))
        self._desk.take(granted, at_ns)
        return self._answer(granted.serial, step.duration_ms / MS_PER_S + ANSWER_S)

    def _answer(self, permit: int, seconds: float) -> Tried:
        """Wait for the desk to say what came of a permit."""
        begun, until = False, time.monotonic() + seconds
        while time.monotonic() < until:
            for event in self._desk.heard(2**62):
                begun = begun or isinstance(event, OutputAcknowledged)
                if isinstance(event, OutputConfirmedOff | OutputFailed):
                    self._ledger.outcome(self._name, permit, _outcome(event), event.at_ns)
                    why = event.why if isinstance(event, OutputFailed) else ""
                    return Tried(begun, why)
            time.sleep(LOOK_S)
        return Tried(begun, "it did not say that it is off again")


def _by_day(at_ns: int) -> Facts:
    """What is known without a wearable: nothing, which a test by day does not need."""
    return Facts(at_ns, Quality.NEVER, None, None, 0, upright=False)


def _outcome(event: Event) -> str:
    return f"failed: {event.why}" if isinstance(event, OutputFailed) else "over"


PAUSE_S = 2.5
"""Between two steps at least: a permit must have died before the next is made (`permits.PERMIT_LIFE_NS`)."""
