"""After every kind of loss the wearable is listened to again within half a minute of its being there."""

from __future__ import annotations

import itertools

import pytest

from tests.radio.kept import keep
from vigil.devices.virtual.faults import Fault, FaultKind
from vigil.domain.units import NS_PER_S
from vigil.run.wearable import Parted, Stranger

S = NS_PER_S
FROM_S, UNTIL_S = 60, 120
BACK_WITHIN_S = 30.0

LOSING = (
    FaultKind.DROP,
    FaultKind.STALL,
    FaultKind.OUT_OF_RANGE,
)
"""Each breaks a connection that stands."""

HINDERING = (FaultKind.REFUSED, FaultKind.CONNECT_HANGS, FaultKind.READ_HANGS, FaultKind.SUBSCRIBE_HANGS)
"""Each hinders a new one, so something must break the old one first."""


def test_a_whole_wearable_is_joined_once_and_heard_every_second() -> None:
    """Nothing is lost, nothing is said twice."""
    kept = keep(seconds=120)
    assert kept.links == ["Joined"]
    hearts = kept.hearts(20)
    assert len(hearts) >= 99
    assert max(b - a for a, b in itertools.pairwise(hearts)) < 1.5


@pytest.mark.parametrize("kind", LOSING)
def test_a_loss_is_told_and_mended(kind: FaultKind) -> None:
    """It is told that the link is lost, and recording is back in time."""
    kept = keep([Fault(kind, FROM_S * S, UNTIL_S * S)])
    there_again_s = FROM_S if kind is FaultKind.DROP else UNTIL_S
    assert kept.links[:3] == ["Joined", "Parted", "Joined"]
    assert kept.links[-1] == "Joined"
    assert min(kept.hearts(there_again_s + 0.5)) <= there_again_s + BACK_WITHIN_S
    assert kept.hearts(290)


@pytest.mark.parametrize("kind", HINDERING)
def test_what_hinders_a_connection_is_outlived(kind: FaultKind) -> None:
    """Whatever hangs or refuses does not hang the night; afterwards it is joined, after at most the longest pause."""
    kept = keep([Fault(FaultKind.DROP, FROM_S * S, FROM_S * S + 1), Fault(kind, FROM_S * S, UNTIL_S * S)], 400)
    assert min(kept.hearts(UNTIL_S)) <= UNTIL_S + 75 + 20
    assert kept.links[-1] == "Joined"


def test_silence_is_noticed_within_twelve_seconds() -> None:
    """A connection that says nothing is ended by us (reliability F2)."""
    kept = keep([Fault(FaultKind.STALL, FROM_S * S, UNTIL_S * S)])
    assert FROM_S + 9 <= kept.of(Parted)[0] <= FROM_S + 12


def test_another_band_is_never_joined() -> None:
    """Somebody else's, like ours, while ours is not there: left alone, and told once."""
    kept = keep(seconds=120, there=False, strangers=3)
    assert kept.links == []
    assert len(kept.of(Stranger)) == 1
    assert kept.hearts() == []
