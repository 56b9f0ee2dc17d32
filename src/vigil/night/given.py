"""What a nudge does to the signals it is given by: it shakes the wrist, and the heart answers it.

A vibration that was really given moves the accelerometer on the same wrist, so movement is blanked while it lasts; any
nudge may raise the heart rate for some seconds, and that echo is not read as escalation. Nothing is done for a shadow
nudge, which nobody felt. Everything follows from the inputs alone, so a night read back is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from vigil.domain.permits import Permit
from vigil.domain.plain import register
from vigil.domain.records import Input, OutputAcknowledged, OutputFailed
from vigil.domain.requests import NudgeRequest, Output
from vigil.domain.steps import ECHO_S, SHAKEN_S
from vigil.domain.units import NS_PER_MS, NS_PER_S


class Answered(NamedTuple):
    """Until when a nudge is seen in the signals. blanked: the span of movement that is not believed, if any."""

    echo_until_ns: int
    blanked: tuple[int, int] | None


@register
@dataclass(slots=True)
class LastPermit:
    """The last permit of the night: its serial number, 0 before the first, what it allowed, and when."""

    serial: int = 0
    issued_ns: int = 0
    request: NudgeRequest | None = None

    def issue(self, permit: Permit) -> None:
        """A permit was issued."""
        self.serial, self.issued_ns, self.request = permit.serial, permit.issued_ns, permit.request

    def answered(self, record: Input) -> Answered | None:
        """What to expect after an output said that it took the permit, or failed at it: then it may have acted too.

        The shaking counts from the issue of the permit, because an output may act before its word is heard. None for
        any other input, for a permit that is not the last, and in shadow.
        """
        if not isinstance(record, OutputAcknowledged | OutputFailed) or record.permit != self.serial:
            return None
        request = self.request
        if request is None or (isinstance(record, OutputAcknowledged) and record.shadow is not False):
            return None
        over_ns = record.at_ns + request.duration_ms * NS_PER_MS
        shakes = request.output is Output.VIBRATION
        blanked = (self.issued_ns, over_ns + SHAKEN_S * NS_PER_S) if shakes else None
        return Answered(over_ns + ECHO_S * NS_PER_S, blanked)
