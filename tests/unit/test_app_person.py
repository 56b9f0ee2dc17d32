"""Whom a night tells of a lost signal: by one address, by the same count as every alert, and never while away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from vigil.app import person
from vigil.app.home import Home, Shelf
from vigil.app.person import AWAY, NO_ADDRESS, NO_PACKAGE, NOT_INVITED, person_of, tell_person
from vigil.devices.messenger import PersonChoice
from vigil.domain.errors import DeviceError, SettingsError, StoreError
from vigil.store.doors import DOORS_NAME, Doors
from vigil.store.follow import DAY_MS, DAYS, Follows, Grants
from vigil.store.follow_settings import CALL, LOST, MOST_ALERTS, NIGHT_MS, FollowStore

NOW = 1_795_000_000_000
MINUTE_MS = 60_000
ALERT = "https://ntfy.example/topic"
BY_HAND = "ntfy://topic"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, tmp_path)


@pytest.fixture
def store(home: Home) -> FollowStore:
    return FollowStore(Doors(home.shelf(Shelf.OWN) / DOORS_NAME))


@pytest.fixture
def follows(home: Home) -> Follows:
    return Follows(Doors(home.shelf(Shelf.OWN) / DOORS_NAME))


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What went out, by both ways; with the extra, and without pauses."""
    found: list[str] = []

    async def deliver(address: str) -> None:
        await asyncio.sleep(0)
        found.append(address)

    async def tell(choice: PersonChoice) -> None:
        await deliver(choice.address)

    monkeypatch.setattr(person, "deliver", deliver)
    monkeypatch.setattr(person, "tell", tell)
    monkeypatch.setattr(person, "TRIES_S", (0.0, 0.0, 0.0))
    monkeypatch.setattr(person, "find_spec", lambda _: "there")
    return found


def by_hand(home: Home) -> None:
    home.settings_file.write_text(f'[person]\naddress = "{BY_HAND}"\n')


def lose(home: Home, at_ms: int = NOW) -> None:
    asyncio.run(tell_person(home, lambda: at_ms))


def test_the_address_of_alerts_is_enough(home: Home, store: FollowStore, follows: Follows, sent: list[str]) -> None:
    """ "Tell my person" once needed a table that no page sets."""
    follows.invite("Anna", "", Grants(), DAYS, NOW)
    assert person_of(home, NOW).why_not == NO_ADDRESS
    store.put(alert=ALERT)
    assert person_of(home, NOW).why_not == ""
    lose(home)
    assert sent == [ALERT]


def test_a_table_from_before_still_works_and_the_page_comes_before_it(
    home: Home, store: FollowStore, follows: Follows, sent: list[str]
) -> None:
    by_hand(home)
    lose(home)
    store.put(alert=ALERT)
    follows.invite("Anna", "", Grants(), DAYS, NOW)
    lose(home, NOW + NIGHT_MS)
    assert sent == [BY_HAND, ALERT]


@pytest.mark.parametrize(
    ("quiet", "why"),
    [
        (lambda store, _: store.put(away=True), AWAY),
        (lambda _, follows: follows.revoke(), NOT_INVITED),
        (lambda _, follows: follows.invite("Anna", "", Grants(), 1, NOW - DAY_MS), NOT_INVITED),
    ],
    ids=["away", "ended", "run out"],
)
@pytest.mark.parametrize("table", [False, True], ids=["", "table"])
def test_away_and_an_ended_invitation_hold_for_the_night_as_well(
    home: Home,
    store: FollowStore,
    follows: Follows,
    sent: list[str],
    quiet: Callable[[FollowStore, Follows], object],
    why: str,
    table: bool,
) -> None:
    """Off, meant to be off and away look alike: a message at night would tell them apart."""
    if table:
        by_hand(home)
    store.put(alert=ALERT)
    follows.invite("Anna", "", Grants(), DAYS, NOW)
    quiet(store, follows)
    lose(home)
    assert sent == []
    assert person_of(home, NOW).why_not == why


def test_one_count_holds_for_calls_and_for_a_lost_signal(home: Home, store: FollowStore, sent: list[str]) -> None:
    """Two in all, whoever sends them: the night's own count of two came on top."""
    by_hand(home)
    for hour in range(4):
        lose(home, NOW + hour * 60 * MINUTE_MS)
    assert len(sent) == 1
    calls = [store.may_alert(CALL, NOW // MINUTE_MS + n, NOW + n * MINUTE_MS) for n in range(3)]
    assert calls.count(True) + len(sent) == MOST_ALERTS


def test_calls_that_took_both_leave_none(home: Home, store: FollowStore, sent: list[str]) -> None:
    by_hand(home)
    assert all(store.may_alert(CALL, n, NOW) for n in range(MOST_ALERTS))
    lose(home)
    assert sent == []


def test_what_nobody_took_is_tried_again_and_then_said(
    home: Home, store: FollowStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the morning's account, and on the page."""
    tries: list[None] = []

    async def tell(_choice: PersonChoice) -> None:
        await asyncio.sleep(0)
        tries.append(None)
        message = "it did not answer"
        raise DeviceError(message)

    monkeypatch.setattr(person, "tell", tell)
    by_hand(home)
    with pytest.raises(DeviceError, match="did not answer"):
        lose(home)
    assert len(tries) == 3
    assert store.settings().alert_trouble == "it did not answer"
    alert = store.alert_about(LOST, NOW // MINUTE_MS)
    assert alert is not None
    assert alert.trouble == "it did not answer"


@pytest.mark.parametrize("table", [False, True], ids=["", "table"])
def test_an_invitation_that_ends_between_two_tries_ends_them(
    home: Home, store: FollowStore, follows: Follows, monkeypatch: pytest.MonkeyPatch, table: bool
) -> None:
    """Half a minute lies between them: whoever was sent away then heard of it all the same."""
    tries: list[None] = []

    async def refuse(_to: object) -> None:
        await asyncio.sleep(0)
        tries.append(None)
        follows.revoke()
        message = "it did not answer"
        raise DeviceError(message)

    monkeypatch.setattr(person, "deliver", refuse)
    monkeypatch.setattr(person, "tell", refuse)
    follows.invite("Anna", "", Grants(), DAYS, NOW)
    if table:
        by_hand(home)
    else:
        store.put(alert=ALERT)
    with pytest.raises(DeviceError, match="did not answer"):
        lose(home)
    assert len(tries) == 1


def test_without_the_package_nothing_is_spent_and_it_is_an_error(
    home: Home, store: FollowStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person, "find_spec", lambda _: None)
    by_hand(home)
    with pytest.raises(SettingsError, match="one more package"):
        lose(home)
    assert person_of(home, NOW).why_not == NO_PACKAGE
    assert store.is_left(LOST, NOW)
    home.settings_file.write_text("")
    store.put(alert=ALERT)
    Follows(Doors(home.shelf(Shelf.OWN) / DOORS_NAME)).invite("Anna", "", Grants(), DAYS, NOW)
    assert person_of(home, NOW).why_not == ""  # HTTP needs none


def test_where_it_cannot_be_known_whether_they_may_be_told_they_are_not(home: Home, sent: list[str]) -> None:
    by_hand(home)
    home.shelf(Shelf.OWN).mkdir(parents=True)
    (home.shelf(Shelf.OWN) / DOORS_NAME).write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError):
        lose(home)
    assert sent == []
