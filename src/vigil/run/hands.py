"""What acts on permits. Shadows in replay, virtual outputs on a virtual clock, a desk of real ones (`desk.py`)."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from vigil.domain.errors import DeviceError, PermitError
from vigil.domain.permits import Permit
from vigil.domain.records import Event, OutputAcknowledged, OutputConfirmedOff, OutputFailed
from vigil.domain.requests import Output
from vigil.domain.units import NS_PER_MS
from vigil.run.ports import Nudger


class Hands:
    """By themselves they do nothing: what was done is in the recording. `acts`: permits are written down and taken."""

    acts = False

    def take(self, permit: Permit, at_ns: int) -> Sequence[Event]:  # noqa: ARG002 — the contract of those that act
        """Act on a permit that has been written down; returns what is known of it at once, after `at_ns`."""
        return ()

    def heard(self, until_ns: int) -> Sequence[Event]:  # noqa: ARG002 — the contract of those that act
        """What the outputs have said since the last call, up to `until_ns`, in order."""
        return ()

    def quiet(self) -> None:
        """Stop every output now."""

    @staticmethod
    def shadows() -> Hands:
        """Nothing acts; each permit is acknowledged at once, in shadow (replay, evaluate)."""
        return Shadow()

    @staticmethod
    def recorded() -> Hands:
        """Nothing acts; the acknowledgements are among the recorded inputs already."""
        return Hands()


class Shadow(Hands):
    """See `Hands.shadows`."""

    acts = True

    def take(self, permit: Permit, at_ns: int) -> Sequence[Event]:
        """See `Hands`."""
        return (OutputAcknowledged(at_ns + 1, permit.serial, shadow=True),)


class Direct(Hands):
    """Outputs that act within the call and never wait: virtual ones. Stopped when their time is over."""

    acts = True

    def __init__(self, nudgers: Mapping[Output, Nudger]) -> None:
        self._nudgers = nudgers
        self._going: list[tuple[int, Permit]] = []

    def take(self, permit: Permit, at_ns: int) -> Sequence[Event]:
        """See `Hands`."""
        request = permit.request
        nudger = self._nudgers.get(request.output)
        if nudger is None:
            return (OutputFailed(at_ns + 1, permit.serial, request.output, f"there is no {request.output.value} here"),)
        try:
            at_once(nudger.start(permit, at_ns))
        except (DeviceError, PermitError) as error:
            return (OutputFailed(at_ns + 1, permit.serial, request.output, str(error)),)
        self._going.append((at_ns + request.duration_ms * NS_PER_MS, permit))
        return (OutputAcknowledged(at_ns + 1, permit.serial),)

    def heard(self, until_ns: int) -> Sequence[Event]:
        """See `Hands`."""
        over = [(at_ns, permit) for at_ns, permit in self._going if at_ns <= until_ns]
        self._going = [each for each in self._going if each not in over]
        return [self._off(at_ns, permit) for at_ns, permit in over]

    def _off(self, at_ns: int, permit: Permit) -> Event:
        output = permit.request.output
        try:
            at_once(self._nudgers[output].off())
        except DeviceError as error:
            return OutputFailed(at_ns, permit.serial, output, str(error))
        return OutputConfirmedOff(at_ns, permit.serial)

    def quiet(self) -> None:
        """See `Hands`; the confirmation is heard at the next turn."""
        self._going = [(0, permit) for _, permit in self._going]


def at_once(doing: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that never waits; raises what it raises, and RuntimeError if it waits all the same."""
    try:
        doing.send(None)
    except StopIteration:
        return
    doing.close()
    message = "a virtual output waited for something; it belongs on a desk"
    raise RuntimeError(message)
