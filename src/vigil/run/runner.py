"""What live and replay share: push inputs, keep everything, and let an output act only after the ledger is written.

After a tick, whatever the runner itself adds (an acknowledgement) is stamped one nanosecond later, so that a night
read back from the store falls into the same steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vigil.domain.errors import DeviceError, PermitError, StoreError
from vigil.domain.nudges import Decision, LedgerRow
from vigil.domain.permits import Permit
from vigil.domain.records import (
    Input,
    NightBegan,
    NightOutput,
    OutputAcknowledged,
    OutputFailed,
    Restarted,
    Tick,
)
from vigil.domain.requests import Output
from vigil.night.night_watch import NightWatch
from vigil.night.report import NightReport, ReportBuilder
from vigil.run.ports import Keeper, Nudger

Listener = Callable[[Input | NightOutput], None]

_STARTS = (NightBegan, Restarted)


@dataclass(frozen=True, slots=True)
class Hands:
    """What acts on a permit. shadow: nothing does, and each permit is acknowledged at once (replay, evaluate).

    With neither nudgers nor shadow the acknowledgements are among the recorded inputs already.
    """

    nudgers: Mapping[Output, Nudger]
    shadow: bool

    @classmethod
    def shadows(cls) -> Hands:
        """Acknowledge in shadow."""
        return cls({}, shadow=True)

    @classmethod
    def recorded(cls) -> Hands:
        """Do nothing: what was done is in the recording."""
        return cls({}, shadow=False)


class NightRunner:
    """Drives one `NightWatch`; `deliver` every input in order."""

    def __init__(
        self,
        watch: NightWatch,
        keeper: Keeper,
        hands: Hands,
        listener: Listener | None = None,
        wall_ms: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._watch = watch
        self._keeper = keeper
        self._hands = hands
        self._listener = listener
        self._wall_ms = wall_ms
        self._night, self._boot_id = "", ""
        self._report = ReportBuilder("")

    def deliver(self, record: Input) -> None:
        """Push one input, keep it and what comes of it, and act on a permit."""
        if isinstance(record, _STARTS):
            self._start(record)
        elif isinstance(record, OutputAcknowledged):
            self._report.acknowledge(record)
        if self._listener is not None:
            self._listener(record)
        if type(record) is not Tick:
            self._keeper.add(record)
        for output in self._watch.push(record):
            self._keeper.add(output)
            self._report.add(output)
            if self._listener is not None:
                self._listener(output)
            if isinstance(output, Decision) and output.permit is not None:
                self._act(output.permit, record.at_ns)

    def _start(self, record: NightBegan | Restarted) -> None:
        if isinstance(record, NightBegan):
            self._night = self._report.night = record.night
            self._keeper.begin(record)
        self._boot_id = record.boot_id

    def _act(self, permit: Permit, at_ns: int) -> None:
        """Ledger first, then the output, then its answer as an input."""
        if not self._hands.shadow and not self._hands.nudgers:
            return
        try:
            self._keeper.spend(self._row(permit))
            if not self._hands.shadow:
                self._hands.nudgers[permit.request.output].act(permit, at_ns)
        except (StoreError, DeviceError, PermitError, KeyError) as error:
            self.deliver(OutputFailed(at_ns + 1, permit.serial, permit.request.output, str(error)))
            return
        self.deliver(OutputAcknowledged(at_ns + 1, permit.serial, shadow=self._hands.shadow))

    def _row(self, permit: Permit) -> LedgerRow:
        request = permit.request
        return LedgerRow(
            night=self._night,
            permit=permit.serial,
            boot_id=self._boot_id,
            at_ns=permit.issued_ns,
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
