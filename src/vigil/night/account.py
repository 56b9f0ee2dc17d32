"""What went wrong in a night, as typed events: the morning's account, gathered from what came in and what was said.

Every kind of input that is a fault has its kind of event here and its sentence in `account_words.py`, and every other
is named in `account_events.NOT_A_FAULT` (tests hold both).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, get_args

from vigil.domain import records
from vigil.domain.guard_memory import is_whole
from vigil.domain.nudges import Decision
from vigil.domain.records import EpochScored, Input, Mark, NightClosed, NightOutput, QualityNote
from vigil.domain.requests import Output
from vigil.domain.samples import Battery, BeatInterval, HeartSample, Quality
from vigil.domain.troubles import FORBIDDING, Trouble
from vigil.domain.units import NS_PER_S
from vigil.night.account_events import (
    LOW_PERCENT,
    OF_REASON,
    OF_TROUBLE,
    SHORTEST_TOLD_NS,
    Account,
    AccountEvent,
    AccountKind,
)
from vigil.night.blindness import OF_QUALITY, BlindCause, Span, blind_seconds
from vigil.night.gaps import gap_before

_OUTPUTS = frozenset(get_args(NightOutput))


@dataclass(slots=True)
class AccountMaker:
    """Gathers a night's account; `add` every input and output in the order in which they came, then `build`.

    began_ns: lights-out. lasting: what began and is not over: its kind, since when, and its number.
    last_ns: of the last input. poor, away: stretches blind for the signal, and those in which nothing or nobody looked.
    returned: a loss of the link that was regained, from when to when; it may go on, since no heart was heard yet.
    went_on: whether the loss under way did so before. outputs_away: since when an output is out of reach.
    """

    began_ns: int
    last_ns: int = field(init=False)
    boot_id: str = ""
    events: list[AccountEvent] = field(default_factory=list)
    lasting: dict[AccountKind, tuple[int, int]] = field(default_factory=dict)
    held_until_ns: int | None = None
    quality: tuple[Quality, int] = field(init=False)
    poor: list[Span] = field(default_factory=list)
    away: list[Span] = field(default_factory=list)
    epochs: list[EpochScored] = field(default_factory=list)
    charge: int = LOW_PERCENT + 1
    returned: tuple[int, int] | None = None
    went_on: bool = False
    outputs_away: dict[Output, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.last_ns = self.began_ns
        self.quality = (Quality.NEVER, self.began_ns)

    def add(self, record: Input | NightOutput) -> None:
        """Take one input or output; of a stored decision, the decision it was."""
        handler = _HANDLERS.get(type(record))
        if handler is not None:
            handler(self, record)
        if type(record) not in _OUTPUTS:
            self.last_ns = max(self.last_ns, record.at_ns)

    def build(self, closed: NightClosed) -> Account:
        """The account of the night that `closed` ends."""
        self._end_hold(closed.at_ns)
        if AccountKind.ENGINE_FAILED in self.lasting:
            self._blind_engine(closed.at_ns + 1)
        self._return(None)
        for kind in list(self.lasting):
            self._end(kind, None)
        for output in list(self.outputs_away):
            self._find(output, None)
        self._end_quality(closed.at_ns, to_the_end=True)
        blind = blind_seconds(closed, self.epochs, (*self.poor, *self.away))
        events = sorted(self.events, key=lambda event: (event.from_s, event.kind.value))
        return Account(closed.watched_s, closed.blind_s, blind, tuple(events))

    # -- what lasts ----------------------------------------------------------------------------------------

    def _s(self, at_ns: int) -> float:
        return (at_ns - self.began_ns) / NS_PER_S

    def _tell(self, kind: AccountKind, from_ns: int, to_ns: int | None, number: int = 0, **more: str) -> None:
        to_s = None if to_ns is None else self._s(to_ns)
        self.events.append(AccountEvent(kind, self._s(from_ns), to_s, number, **more))

    def _begin(self, kind: AccountKind, at_ns: int, number: int = 0) -> None:
        self.lasting.setdefault(kind, (at_ns, number))

    def _end(self, kind: AccountKind, at_ns: int | None) -> None:
        found = self.lasting.pop(kind, None)
        if found is not None:
            self._tell(kind, found[0], at_ns, found[1])

    # -- inputs --------------------------------------------------------------------------------------------

    def _start(self, event: records.NightBegan) -> None:
        self.boot_id = event.boot_id

    def _restart(self, event: records.Restarted) -> None:
        rebooted = event.boot_id != self.boot_id
        self.boot_id = event.boot_id
        kind = AccountKind.POWER_LOST if rebooted else AccountKind.RESTARTED
        from_ns, _ = gap_before(event, self.last_ns)
        gap_s = max(0, round(self._s(event.at_ns) - self._s(from_ns)))
        known = not rebooted or event.wall_sane
        self._away(event, BlindCause.POWER_LOST if rebooted else BlindCause.RESTARTED)
        self._tell(kind, from_ns, event.at_ns, gap_s if known else 0)

    def _resume(self, event: records.Resumed) -> None:
        self._away(event, BlindCause.SLEPT)
        self._tell(AccountKind.SLEPT, *gap_before(event, self.last_ns))

    def _away(self, event: records.Restarted | records.Resumed, cause: BlindCause) -> None:
        from_ns, until_ns = gap_before(event, self.last_ns)
        self.away.append((from_ns + 1, until_ns + 1, cause))

    def _step_clock(self, event: records.ClockStepped) -> None:
        self._tell(AccountKind.CLOCK_STEPPED, event.at_ns, event.at_ns, event.step_ms)

    def _lose_link(self, event: records.LinkLost) -> None:
        """Lost again before anything of the heart was heard is the same loss: a strap may connect and say nothing."""
        again, self.returned = self.returned, None
        self.went_on |= again is not None
        self._begin(AccountKind.LINK_LOST, event.at_ns if again is None else again[0])

    def _regain_link(self, event: records.LinkRegained) -> None:
        found = self.lasting.pop(AccountKind.LINK_LOST, None)
        if found is not None:
            self.returned = found[0], event.at_ns

    def _hear_heart(self, sample: HeartSample | BeatInterval) -> None:
        self._return(sample.at_ns)

    def _return(self, heard_ns: int | None) -> None:
        """The link is back for good: a loss that went on ended when something was heard, any other at its return."""
        if self.returned is not None:
            (from_ns, back_ns), self.returned = self.returned, None
            self._tell(AccountKind.LINK_LOST, from_ns, heard_ns if self.went_on else back_ns)
            self.went_on = False

    def _probe(self, event: records.OutputProbed) -> None:
        if event.ok is not True:
            kind = AccountKind.OUTPUT_NOT_READY
            self._tell(kind, event.at_ns, event.at_ns, about=event.output.value, why=event.why)
        elif event.output in self.outputs_away:
            self._find(event.output, event.at_ns)

    def _find(self, output: Output, at_ns: int | None) -> None:
        self._tell(AccountKind.OUTPUT_AWAY, self.outputs_away.pop(output), at_ns, about=output.value)

    def _fail(self, event: records.OutputFailed) -> None:
        if event.unreached is True:
            self.outputs_away.setdefault(event.output, event.at_ns)
            return
        self._tell(AccountKind.OUTPUT_FAILED, event.at_ns, event.at_ns, about=event.output.value, why=event.why)

    def _hold(self, event: records.Held) -> None:
        self._end_hold(event.at_ns)
        held = AccountKind.STOPPED in self.lasting
        endless = event.until_ns is None or (held and self.held_until_ns is None)
        self._begin(AccountKind.STOPPED, event.at_ns)
        self.held_until_ns = None if endless else max(event.until_ns or 0, self.held_until_ns or 0)

    def _mark(self, event: records.Marked) -> None:
        if event.mark is Mark.STOP:
            self._hold(records.Held(event.at_ns))

    def _release(self, event: records.Released) -> None:
        self._end_hold(event.at_ns)
        self._end(AccountKind.STOPPED, event.at_ns)
        self.held_until_ns = None

    def _end_hold(self, at_ns: int) -> None:
        """A hold that had an end of its own ended there."""
        if self.held_until_ns is not None and self.held_until_ns <= at_ns:
            self._end(AccountKind.STOPPED, self.held_until_ns)
            self.held_until_ns = None

    def _trouble(self, event: Trouble) -> None:
        kind = OF_TROUBLE[event.kind]
        if event.over is True:
            self._end(kind, event.at_ns)
        elif event.kind in FORBIDDING:
            self._begin(kind, event.at_ns, event.value)
        else:
            self._tell(kind, event.at_ns, event.at_ns, event.value)

    def _battery(self, event: Battery) -> None:
        """The least charge it said it had, from when it was first low."""
        if is_whole(event.percent, 0, self.charge - 1):
            self.charge = event.percent
            first_ns, _ = self.lasting.get(AccountKind.WEARABLE_BATTERY, (event.at_ns, 0))
            self.lasting[AccountKind.WEARABLE_BATTERY] = (first_ns, event.percent)

    # -- outputs -------------------------------------------------------------------------------------------

    def _decide(self, decision: Decision) -> None:
        """A reason holds from the decision that gives it to the next that does not."""
        kinds = {OF_REASON[reason.code] for reason in decision.reasons if reason.code in OF_REASON}
        for kind in set(OF_REASON.values()) & set(self.lasting) - kinds:
            if kind is AccountKind.ENGINE_FAILED:
                self._blind_engine(decision.at_ns)
            self._end(kind, decision.at_ns)
        for kind in kinds:
            self._begin(kind, decision.at_ns)

    def _blind_engine(self, until_ns: int) -> None:
        self.away.append((self.lasting[AccountKind.ENGINE_FAILED][0], until_ns, BlindCause.ENGINE_FAILED))

    def _score(self, epoch: EpochScored) -> None:
        self.epochs.append(epoch)

    def _note_quality(self, note: QualityNote) -> None:
        self._end_quality(note.at_ns)
        self.quality = (note.quality, note.at_ns)

    def _end_quality(self, at_ns: int, *, to_the_end: bool = False) -> None:
        quality, since_ns = self.quality
        if quality is Quality.GOOD:
            return
        self.poor.append((since_ns, at_ns + to_the_end, OF_QUALITY[quality]))
        for from_ns, until_ns, _ in self.away:  # what nobody could hear is told as that, and not once more
            since_ns = max(since_ns, until_ns) if from_ns <= since_ns < until_ns else since_ns
        if quality is not Quality.LINK_LOST and at_ns - since_ns >= SHORTEST_TOLD_NS:
            self._tell(AccountKind(quality.value), since_ns, None if to_the_end else at_ns)


_HANDLERS: dict[type, Callable[[AccountMaker, Any], None]] = {
    records.NightBegan: AccountMaker._start,
    records.Restarted: AccountMaker._restart,
    records.Resumed: AccountMaker._resume,
    records.ClockStepped: AccountMaker._step_clock,
    records.LinkLost: AccountMaker._lose_link,
    records.LinkRegained: AccountMaker._regain_link,
    HeartSample: AccountMaker._hear_heart,
    BeatInterval: AccountMaker._hear_heart,
    records.OutputProbed: AccountMaker._probe,
    records.OutputFailed: AccountMaker._fail,
    records.Held: AccountMaker._hold,
    records.Released: AccountMaker._release,
    records.Marked: AccountMaker._mark,
    Trouble: AccountMaker._trouble,
    Battery: AccountMaker._battery,
    Decision: AccountMaker._decide,
    EpochScored: AccountMaker._score,
    QualityNote: AccountMaker._note_quality,
}

FAULTS = frozenset(_HANDLERS) - {records.NightBegan, HeartSample, BeatInterval, Decision, EpochScored, QualityNote}
"""Inputs that are, or end, a fault."""


def account_of(records_of_night: Iterable[Input | NightOutput], closed: NightClosed) -> Account:
    """The account of a whole night."""
    maker = AccountMaker(closed.began_ns)
    for record in records_of_night:
        maker.add(record)
    return maker.build(closed)
