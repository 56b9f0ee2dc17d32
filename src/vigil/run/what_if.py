"""A kept night once more through the same engine with other settings: which nudges it would have had.

Where the night would have been nudged just as it was, what the outputs said then is told again, so that unchanged
settings give the very night that was kept. A nudge that it had not is acknowledged in shadow: nobody felt it. What was
said of a nudge that it would not have had is left out; the wrist that was shaken and the heart that answered are in the
data all the same, and nothing can take them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from vigil.domain.permits import Permit
from vigil.domain.records import Event, Input, NightEnded, OutputAcknowledged, OutputConfirmedOff, OutputFailed
from vigil.domain.requests import NudgeRequest
from vigil.night.night_watch import NightWatch
from vigil.night.report import NightReport
from vigil.run.hands import Hands
from vigil.run.ports import NoKeeper
from vigil.run.replay import Outfit, ticked
from vigil.run.runner import NightRunner
from vigil.store.stored import OUTPUTS, Stored, StoredDecision

Issued: TypeAlias = tuple[int, NudgeRequest]
"""When a permit was issued, and what it allowed."""

_ANSWERS = (OutputAcknowledged, OutputConfirmedOff, OutputFailed)


def what_if(records: Sequence[Stored], outfit: Outfit) -> NightReport:
    """The report of a kept night under another outfit. records: as `NightReader.records` gives them.

    Raises ValueError for a night without a beginning.
    """
    permits = [one.permit for one in records if isinstance(one, StoredDecision) and one.permit is not None]
    hands = _AsThen({(permit.issued_ns, permit.request): permit.serial for permit in permits})
    runner = NightRunner(NightWatch(outfit.parameters, outfit.settings, outfit.profile), NoKeeper(), hands)
    for record in ticked(_whole(records)):
        if not isinstance(record, _ANSWERS):
            runner.deliver(record)
        elif record.permit in hands.now:
            runner.deliver(replace(record, permit=hands.now[record.permit]))
    return runner.report()


class _AsThen(Hands):
    """Answers for nudges that were not given then. now: by the serial number a nudge had then, the one it has now."""

    acts = True

    def __init__(self, then: Mapping[Issued, int]) -> None:
        self._then = then
        self.now: dict[int, int] = {}

    def take(self, permit: Permit, at_ns: int) -> Sequence[Event]:
        """See `Hands`."""
        serial = self._then.get((permit.issued_ns, permit.request))
        if serial is None:
            return (OutputAcknowledged(at_ns + 1, permit.serial, shadow=True),)
        self.now[serial] = permit.serial
        return ()


def _whole(records: Iterable[Stored]) -> Iterator[Input]:
    """The inputs; a night that was cut off ends with the last of them."""
    last_ns, ended = 0, False
    for record in records:
        if not isinstance(record, OUTPUTS):
            yield record
            last_ns, ended = max(last_ns, record.at_ns), isinstance(record, NightEnded)
    if not ended:
        yield NightEnded(last_ns)
