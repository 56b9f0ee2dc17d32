"""A dose of the week over the virtual radio: one hour with every kind of fault, and checks that see what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.campaigns.radio_week import WIDEST, RadioWeek, dealt_nights, figures_of, live_nights, run
from tests.campaigns.radio_week_checks import wrong_with
from tests.campaigns.radio_week_faults import HINDERING, S, Worn, dose
from tests.campaigns.radio_week_kept import Heard, Left, Train, trains_of
from vigil.devices.virtual.faults import FaultKind
from vigil.devices.virtual.motor import Buzz
from vigil.domain.records import EpochScored
from vigil.night.account_events import AccountEvent, AccountKind

SEED = 11


@pytest.fixture(scope="module")
def week() -> RadioWeek:
    """The hour, lived once."""
    return live_nights([dose(SEED)], SEED, 1.0)


@pytest.fixture(scope="module")
def night(week: RadioWeek) -> Left:
    """What the hour left."""
    return week.left[0]


def test_an_hour_with_every_fault_breaks_no_promise(week: RadioWeek) -> None:
    """Caps, ledger, account, blindness, return and digests hold through each kind of fault."""
    assert week.wrong == []
    assert {one.kind for one in week.left[0].dealt} == set(FaultKind)


def test_recording_is_back_in_time(week: RadioWeek) -> None:
    """Half a minute after a wearable is there again; longer only after one that would not be talked to."""
    figures = figures_of(week, 0.0)
    assert figures.returns == 3
    assert 0.0 < figures.return_s_median_p95_most[2] <= 30.0
    assert figures.returns_hindered == len(HINDERING)


def test_a_week_is_dealt_alike_and_every_kind_on_both() -> None:
    """The same seed is the same week; five nights have every kind on each wearable, and none outside its night."""
    week = dealt_nights(1, 7, 8.0)
    assert week == dealt_nights(1, 7, 8.0)
    assert {(one.worn, one.kind) for night in week for one in night} == {(w, k) for w in Worn for k in FaultKind}
    assert all(600 * S <= one.from_ns < one.until_ns <= 8 * 3600 * S for night in week for one in night)


def _silent(night: Left) -> Left:
    account = replace(night.account, events=())
    return replace(night, account=account)


def _saying(kind: AccountKind, from_s: float) -> Callable[[Left], Left]:
    event = AccountEvent(kind, from_s, from_s + 60)
    return lambda night: replace(night, account=replace(night.account, events=(*night.account.events, event)))


def _buzzed(at_s: int, rows: int) -> Callable[[Left], Left]:
    return lambda night: replace(night, trains=(Train((Buzz(at_s * S, 200, 25),), rows),))


def _deaf(night: Left) -> Left:
    """The sensor was not heard again after its first loss."""
    lost = min(night.heard.lost)
    heard = replace(night.heard, hearts=[at_ns for at_ns in night.heard.hearts if at_ns < lost])
    return replace(night, heard=heard)


def _watching(night: Left) -> Left:
    def awake(epoch: EpochScored) -> EpochScored:
        return replace(epoch, watched_s=30)

    return replace(night, epochs=tuple(map(awake, night.epochs)))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (_silent, "is not told in time"),
        (_saying(AccountKind.BAD, 60), "told without a cause"),
        (_saying(AccountKind.OUTPUT_FAILED, 120), "told without a cause"),
        (_saying(AccountKind.NO_OUTPUT, 120), "told without a cause"),
        (_saying(AccountKind.LIMIT_REACHED, 120), "told without a cause"),
        (_saying(AccountKind.WEARABLE_BATTERY, 120), "the battery's least"),
        (_buzzed(600, 1), "the first half hour"),
        (_buzzed(3599, 0), "a ledger row before it"),
        (_deaf, "recording was back"),
        (_watching, "count as watched inside a fault"),
    ],
)
def test_what_is_wrong_is_seen(night: Left, change: Callable[[Left], Left], word: str) -> None:
    """Each check finds the fault that it is there for: a campaign that sees nothing would pass too."""
    if change is not _silent:
        assert not any(word in line for line in wrong_with(night, [], WIDEST.caps))
    assert any(word in line for line in wrong_with(change(night), [], WIDEST.caps))


def test_caps_are_counted_over_nights(night: Left) -> None:
    """The thirteenth train within 18 hours, and the seventh within one, are seen."""
    one = _buzzed(3599, 99)(night)
    train = one.trains[0]
    week_ns = one.night_ns + train.at_ns - one.zero_ns
    spread = [(week_ns - hours * 3600 * S, train) for hours in range(2, 14)]
    assert any("the cap of a night" in line for line in wrong_with(one, spread, WIDEST.caps))
    close = [(week_ns - minutes * 60 * S, train) for minutes in range(10, 16)]
    assert any("the cap of an hour" in line for line in wrong_with(one, close, WIDEST.caps))


def test_a_train_inside_a_loss_is_seen(night: Left) -> None:
    """A train while the strap is out of reach is one too many, whatever the ledger says."""
    lost = next(one for one in night.on(Worn.STRAP) if one.kind is FaultKind.OUT_OF_RANGE)
    buzzed = replace(night, trains=(Train((Buzz(lost.from_ns + 5 * S, 200, 25),), 1),))
    assert any("OUT_OF_RANGE of the strap" in line for line in wrong_with(buzzed, [], WIDEST.caps))


def test_pulses_become_trains() -> None:
    """Pulses a second apart are one train, with the rows of its first; a pause begins the next."""
    pulses = [Buzz(at_s * S, 200, 25) for at_s in (10, 11, 12, 40)]
    assert [(len(train.pulses), train.rows) for train in trains_of(pulses, [1, 1, 2, 2])] == [(3, 1), (1, 2)]


def test_what_comes_while_the_link_is_lost_is_no_return() -> None:
    """A heart rate that is heard before the link is told to be back does not count."""
    heard = Heard(hearts=[5 * S, 20 * S, 40 * S], lost=[10 * S], regained=[30 * S])
    assert heard.back_ns(Worn.STRAP, 10 * S) == 40 * S


@pytest.mark.nightly
@pytest.mark.timeout(4 * 3600)
def test_a_week_breaks_no_promise() -> None:
    """The whole campaign: seven nights of eight hours."""
    figures = run()
    assert figures.examples == ()
    assert figures.nights == 7
    assert all(figures.faults_by_kind.values())
