"""A permit is made by the guard alone, used once, and not for long."""

from __future__ import annotations

import copy
import pickle

import pytest

import vigil.control.guard  # noqa: F401 - the guard claims the mint when it is imported
from tests.permits import permit
from vigil.domain.errors import PermitError
from vigil.domain.permits import PERMIT_LIFE_NS, Permit, claim_mint
from vigil.domain.requests import NudgeRequest, Output, Purpose

REQUEST = NudgeRequest(Purpose.NUDGE, 1, Output.VIBRATION, 1, 1000, 5)


def test_the_mint_is_claimed_once() -> None:
    """Nobody after the guard gets the means to make permits."""
    with pytest.raises(PermitError, match=r"^the mint of permits was already claimed by the guard$"):
        claim_mint()


@pytest.mark.parametrize("key", [object(), None, 0, "key"])
def test_a_permit_cannot_be_made_without_the_key(key: object) -> None:
    """The constructor refuses everybody else."""
    with pytest.raises(PermitError, match=r"^only the guard makes permits; nothing was done$"):
        Permit(key=key, serial=1, request=REQUEST, issued_ns=0)


def test_a_permit_is_used_once() -> None:
    """The second use is refused."""
    one = permit()
    assert one.redeem(0) == REQUEST
    with pytest.raises(PermitError, match="already used"):
        one.redeem(0)


@pytest.mark.parametrize("late_ns", [PERMIT_LIFE_NS, PERMIT_LIFE_NS + 1, -1])
def test_a_permit_outside_its_two_seconds_is_refused_and_spent(late_ns: int) -> None:
    """A suspended computer must not fire what was due before."""
    one = permit(issued_ns=100)
    with pytest.raises(PermitError, match="not good"):
        one.redeem(100 + late_ns)
    with pytest.raises(PermitError, match="already used"):
        one.redeem(100)


def test_a_permit_says_when_it_dies() -> None:
    """Issue and expiry can be kept beside it."""
    one = permit(issued_ns=5, serial=9)
    assert (one.serial, one.issued_ns, one.expires_ns, one.request) == (9, 5, 5 + PERMIT_LIFE_NS, REQUEST)
    assert "9" in repr(one)


def test_a_permit_cannot_be_copied() -> None:
    """A copy could be used a second time."""
    one = permit()
    for make in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(PermitError, match=r"^a permit cannot be copied$"):
            make(one)


def test_permits_compare_by_what_they_allow() -> None:
    """Two decisions are equal when they allow the same."""
    assert permit() == permit()
    assert len({permit(), permit(), permit(serial=2), permit(issued_ns=1)}) == 3
    assert len({hash(permit()), hash(permit(serial=2)), hash(permit(issued_ns=1))}) == 3
    assert permit() != permit(serial=2)
    assert permit() != "permit"
