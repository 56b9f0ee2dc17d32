"""What live and replay share: push inputs, keep everything, and let an output act only after the ledger is written.

After a tick, whatever the runner itself adds (an acknowledgement) is stamped one nanosecond later, so that a night
read back from the store falls into the same steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from vigil.domain.errors import StoreError
from vigil.domain.nudges import Decision, LedgerRow
from vigil.domain.permits import Permit
from vigil.domain.records import (
    Event,
    Held,
    Input,
    LinkLost,
    Marked,
    NightBegan,
    NightEnded,
    NightOutput,
    OutputAcknowledged,
    OutputConfirmedOff,
    OutputFailed,
    Restarted,
    Resumed,
    Tick,
)
from vigil.domain.samples import Contact
from vigil.night.night_watch import NightWatch
from vigil.night.report import NightReport, ReportBuilder
from vigil.run.hands import Hands
from vigil.run.ports import Keeper

Listener = Callable[[Input | NightOutput], None]

_STARTS = (NightBegan, Restarted)
_ANSWERS = (OutputAcknowledged, OutputConfirmedOff, OutputFailed)
_QUIETING = (Held, Marked, LinkLost, Resumed, NightEnded)
"""After any of these nothing may go on: a hand was raised, or nobody is there to be watched."""


class NightRunner:
    """Drives one `NightWatch`; `deliver` every input in order.

    ledger_shift_ns: the night's instants less those of the boot clock, by which the ledger counts (`axis.py`).
    """

    def __init__(
        self,
        watch: NightWatch,
        keeper: Keeper,
        hands: Hands,
        listener: Listener | None = None,
        wall_ms: Callable[[], int | None] = lambda: None,
        ledger_shift_ns: int = 0,
    ) -> None:
        self._watch = watch
        self._keeper = keeper
        self._hands = hands
        self._listener = listener
        self._wall_ms = wall_ms
        self._ledger_shift_ns = ledger_shift_ns
        self.too_late: Callable[[], bool] = lambda: False
        """Asked before anything acts: whether what is looked at took too long to be acted on (reliability F21)."""
        self.begun = False
        """Whether the night has begun, here or before a restart."""
        self._night, self._boot_id = "", ""
        self._report = ReportBuilder("")

    def deliver(self, record: Input) -> None:
        """Push one input, keep it and what comes of it, and act on a permit."""
        quieting = isinstance(record, _QUIETING) or (isinstance(record, Contact) and not record.on)
        if quieting:
            self._hands.quiet()
        self._note(record)
        if isinstance(record, _ANSWERS):
            with suppress(StoreError):  # what became of a nudge is worth knowing; that it was given is written already
                self._keeper.outcome(record.permit, _outcome(record), record.at_ns)
        if self._listener is not None:
            self._listener(record)
        if type(record) is not Tick:
            self._keeper.add(record)
        for output in self._watch.push(record):
            self._keeper.add(output)
            self._report.add(output)
            if self._listener is not None:
                self._listener(output)
            # A step that ended before a hand was raised may be looked at only now: what it allows is let go.
            if isinstance(output, Decision) and output.permit is not None and not quieting:
                self._act(output.permit, record.at_ns)

    def _note(self, record: Input) -> None:
        if isinstance(record, NightBegan):
            self._night = self._report.night = record.night
            self._keeper.begin(record)
        self._follow(record)

    def _follow(self, record: Input) -> None:
        if isinstance(record, _STARTS):
            self.begun, self._boot_id = True, record.boot_id
        elif isinstance(record, OutputAcknowledged):
            self._report.acknowledge(record)

    def heard(self, until_ns: int) -> Sequence[Event]:
        """What the outputs have said up to `until_ns` and is still to be delivered."""
        return self._hands.heard(until_ns)

    def catch_up(self, records: Iterable[Input], until_ns: int, heard: Listener = lambda _record: None) -> None:
        """Live through what was kept before a restart: nothing is kept again, shown, or acted on.

        until_ns: the last instant that was kept; what was said up to it was kept too and is not said again. heard: is
        told of all that passes, to know what it would know had it been there.
        """
        for record in (*records, Tick(until_ns)):
            if isinstance(record, NightBegan):
                self._night = self._report.night = record.night
            self._follow(record)
            heard(record)
            for output in self._watch.push(record):
                self._report.add(output)
                heard(output)

    def _act(self, permit: Permit, at_ns: int) -> None:
        """Ledger first, then the output, then its answer as an input.

        A permit of a step that is over, because the turn came late or the engine was slow, is let go: no output is to
        blame for that.
        """
        if not self._hands.acts or at_ns >= permit.expires_ns or self.too_late():
            return
        try:
            self._keeper.spend(self._row(permit))
        except StoreError as error:
            self.deliver(OutputFailed(at_ns + 1, permit.serial, permit.request.output, str(error)))
            return
        for answer in self._hands.take(permit, at_ns):
            self.deliver(answer)

    def _row(self, permit: Permit) -> LedgerRow:
        request = permit.request
        return LedgerRow(
            night=self._night,
            permit=permit.serial,
            boot_id=self._boot_id,
            at_ns=permit.issued_ns - self._ledger_shift_ns,
            wall_ms=self._wall_ms(),
            purpose=request.purpose,
            episode=request.episode,
            output=request.output,
            level=request.level,
            duration_ms=request.duration_ms,
        )

    def commit(self) -> None:
        """Make everything delivered so far durable."""
        self._keeper.commit()

    @property
    def watch(self) -> NightWatch:
        """The night itself."""
        return self._watch

    def report(self) -> NightReport:
        """The night's report with its digests; raises ValueError before the night has ended."""
        return self._report.build(self._watch.digests.items())


def _outcome(answer: OutputAcknowledged | OutputConfirmedOff | OutputFailed) -> str:
    """What became of a permit, as the ledger keeps it."""
    if isinstance(answer, OutputFailed):
        return f"failed: {answer.why}"
    return "given" if isinstance(answer, OutputAcknowledged) else "over"
