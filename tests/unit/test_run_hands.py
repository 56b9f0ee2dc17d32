"""What acts on permits: shadows, virtual outputs, and nothing at all."""

from __future__ import annotations

import asyncio

import pytest

from tests.permits import permit
from vigil.domain.errors import DeviceError
from vigil.domain.permits import PERMIT_LIFE_NS, Permit
from vigil.domain.records import OutputAcknowledged, OutputConfirmedOff, OutputFailed
from vigil.domain.requests import Output
from vigil.domain.units import NS_PER_MS
from vigil.run.hands import Direct, Hands, at_once

LENGTH_NS = 1000 * NS_PER_MS
"""Of what `tests.permits` allows."""


class Buzz:
    """A virtual output."""

    output = Output.VIBRATION
    name = "the buzz"

    def __init__(self, *, start: bool = True, off: bool = True) -> None:
        self._start, self._off = start, off
        self.told: list[str] = []

    async def probe(self) -> str:
        return ""

    async def start(self, given: Permit, at_ns: int) -> None:
        given.redeem(at_ns)
        self.told.append("start")
        self._answer(self._start)

    async def off(self) -> None:
        self.told.append("off")
        self._answer(self._off)

    async def close(self) -> None:
        self.told.append("close")

    @staticmethod
    def _answer(well: bool) -> None:
        if not well:
            message = "the buzz did not answer"
            raise DeviceError(message)


def test_hands_that_do_nothing_do_nothing() -> None:
    """What was done is in the recording."""
    hands = Hands.recorded()
    hands.quiet()
    assert (hands.acts, hands.take(permit(), 0), hands.heard(10**12)) == (False, (), ())


def test_a_shadow_takes_every_permit_and_uses_none() -> None:
    """It says at once that nothing was really done."""
    hands, given = Hands.shadows(), permit()
    assert hands.acts
    assert hands.take(given, 7) == (OutputAcknowledged(8, 1, shadow=True),)
    assert given.redeem(1) is given.request


def test_a_virtual_output_ends_when_its_time_is_over() -> None:
    """Acknowledged at once, confirmed off at the instant at which it ended, and only once."""
    buzz = Buzz()
    hands = Direct({Output.VIBRATION: buzz})
    assert hands.take(permit(5), 5) == (OutputAcknowledged(6, 1),)
    assert hands.heard(5 + LENGTH_NS - 1) == []
    assert hands.heard(5 + LENGTH_NS) == [OutputConfirmedOff(5 + LENGTH_NS, 1)]
    assert hands.heard(10**12) == []
    assert buzz.told == ["start", "off"]


def test_a_hand_that_is_raised_ends_it_at_the_next_turn() -> None:
    """Whatever was left of its time."""
    buzz = Buzz()
    hands = Direct({Output.VIBRATION: buzz})
    hands.take(permit(5), 5)
    hands.quiet()
    (over,) = hands.heard(6)
    assert isinstance(over, OutputConfirmedOff)
    assert buzz.told == ["start", "off"]


@pytest.mark.parametrize(
    ("nudgers", "at_ns", "words"),
    [
        ({}, 5, "there is no vibration here"),
        ({Output.VIBRATION: Buzz(start=False)}, 5, "the buzz did not answer"),
        ({Output.VIBRATION: Buzz()}, 5 + PERMIT_LIFE_NS, "permit 1 is not good at this instant; nothing was done"),
    ],
)
def test_what_cannot_be_given_has_failed(nudgers: dict[Output, Buzz], at_ns: int, words: str) -> None:
    """No such output, one that does not answer, a permit that is out."""
    assert Direct(dict(nudgers)).take(permit(5), at_ns) == (OutputFailed(at_ns + 1, 1, Output.VIBRATION, words),)


def test_one_that_does_not_confirm_has_failed() -> None:
    """The guard then uses it no more."""
    hands = Direct({Output.VIBRATION: Buzz(off=False)})
    hands.take(permit(5), 5)
    assert hands.heard(10**12) == [OutputFailed(5 + LENGTH_NS, 1, Output.VIBRATION, "the buzz did not answer")]


def test_a_virtual_output_that_waits_is_refused() -> None:
    """It belongs on a desk, which has a loop to wait in."""
    with pytest.raises(RuntimeError, match="belongs on a desk"):
        at_once(asyncio.sleep(0))
