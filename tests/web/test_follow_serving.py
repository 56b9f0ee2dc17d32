"""The listener of the one who follows: opened and closed by a switch, under the names that were given and no others."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from vigil.store.follow_settings import FollowStore
from vigil.web import follow_serving
from vigil.web.follow_serving import FollowDoor, Where
from vigil.web.rooms import Rooms
from vigil.web.serving import listening


@pytest.fixture
def door(rooms: Rooms) -> Iterator[FollowDoor]:
    found = FollowDoor(rooms, Where(port=0))
    yield found
    found.close()


@pytest.fixture
def store(rooms: Rooms) -> FollowStore:
    return FollowStore(rooms.doors)


def status(port: int, host: str, path: str = "/") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": f"{host}:{port}"})
        return connection.getresponse().status
    finally:
        connection.close()


def port_of(store: FollowStore) -> int:
    return urlsplit(store.settings().at).port or 0


def test_it_listens_only_while_it_is_switched_on(door: FollowDoor, store: FollowStore) -> None:
    door.look()
    assert store.settings().at == ""
    store.put(open=True)
    door.look()
    port = port_of(store)
    assert status(port, "127.0.0.1") == 401
    assert status(port, "127.0.0.1", "/tonight") == 404
    door.look()
    assert port_of(store) == port
    store.put(open=False)
    door.look()
    assert store.settings().at == ""
    with pytest.raises(ConnectionError):
        status(port, "127.0.0.1")


def test_it_answers_to_the_names_that_were_given_and_no_others(door: FollowDoor, store: FollowStore) -> None:
    store.put(open=True)
    door.look()
    assert status(port_of(store), "vigil.home") == 421
    store.put(hosts=("vigil.home",))
    door.look()
    assert store.settings().at.startswith("http://vigil.home:")
    assert status(port_of(store), "vigil.home") == 401
    assert status(port_of(store), "evil.example") == 421


def test_a_port_that_is_taken_is_said_and_tried_again(
    rooms: Rooms, store: FollowStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_serving, "AGAIN_TURNS", 2)
    taken = listening(port=0)
    door = FollowDoor(rooms, Where(port=taken.getsockname()[1]))
    store.put(open=True)
    door.look()
    assert "is taken by another program" in store.settings().trouble
    taken.close()
    door.look()
    door.look()
    assert store.settings().at == ""
    door.look()
    assert store.settings().at != ""
    assert store.settings().trouble == ""
    door.close()
