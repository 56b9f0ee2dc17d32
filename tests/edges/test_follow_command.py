"""`vigil follow` in the terminal, and `vigil serve` for the home network, as a person meets them."""

from __future__ import annotations

import re
import time

import pytest
from typer.testing import CliRunner, Result

from tests.edges.test_serve import answers, started, there, until
from vigil.app.cli import app
from vigil.app.commands import serve as command
from vigil.app.home import Home, Shelf
from vigil.store.doors import DOORS_NAME, Doors
from vigil.store.follow import Follows, Grants
from vigil.store.follow_settings import FollowStore
from vigil.web.opening import OpenPage


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, [*words])


def told(result: Result) -> str:
    return " ".join(result.output.split())


def doors() -> Doors:
    return Doors(Home.here().shelf(Shelf.OWN) / DOORS_NAME)


def test_invited_listed_and_ended_in_the_terminal() -> None:
    assert "Nobody is invited." in told(invoke("follow", "list"))
    result = invoke("follow", "invite", "Anna", "--episode", "--days", "7")
    assert result.exit_code == 0
    link = re.search(r"/enter/([\w-]{43})", result.output)
    assert link is not None
    now_ms = time.time_ns() // 1_000_000
    invited = Follows(doors()).invited(now_ms)
    assert invited is not None
    assert invited.grants == Grants(episode=True)
    said = told(invoke("follow", "list"))
    assert "Anna, until" in said
    assert "something looked like a nightmare" in said
    assert "They have not opened their link. Their page is closed." in said
    assert Follows(doors()).enter(link[1], now_ms) is not None
    Follows(doors()).looked(invited.id, now_ms)
    FollowStore(doors()).put(away=True, at="https://vigil.home:8458")
    said = told(invoke("follow", "list"))
    assert "Looked:" in said
    assert "whatever goes on" in said
    assert "https://vigil.home:8458" in said
    assert "https://vigil.home:8458/enter/" in invoke("follow", "invite", "Bea").output
    assert "It is ended." in told(invoke("follow", "revoke"))
    assert invoke("follow", "revoke").exit_code == 1


def test_an_invitation_without_a_name_is_refused() -> None:
    assert invoke("follow", "invite", " ").exit_code == 1
    assert invoke("follow", "invite", "A", "--days", "0").exit_code == 2


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> list[OpenPage]:
    """What would be served; it is closed at once instead."""
    found: list[OpenPage] = []

    def close(one: OpenPage) -> None:
        found.append(one)
        one.close()

    monkeypatch.setattr(command, "serve_in_order", close)
    return found


def test_in_the_home_network_link_square_and_fingerprint_are_said(page: list[OpenPage]) -> None:
    result = invoke("serve", "--home-network", "--address", "127.0.0.1", "--name", "vigil.home")
    assert result.exit_code == 0, result.output
    (one,) = page
    assert one.network is not None
    assert f"{one.url}/enter/" in result.output
    assert f"#sha256={one.rooms.sha256}" in result.output
    assert one.network.certificate.shown in result.output
    assert "█" in result.output
    assert "is a new one" in told(result)
    assert "is a new one" not in told(invoke("serve", "--home-network", "--address", "127.0.0.1"))


@pytest.mark.parametrize("words", [("--address", "8.8.8.8"), ("--name", "a b"), ("--address", "vigil.home")])
def test_what_cannot_be_opened_is_refused(page: list[OpenPage], words: tuple[str, ...]) -> None:
    result = invoke("serve", "--home-network", *words)
    assert result.exit_code == 1
    assert page == []


@pytest.mark.timeout(240)
def test_their_page_is_off_until_it_is_switched_on_and_ends_with_the_page() -> None:
    """A page on this computer is not opened to the home beside it: it is said that it must be closed first."""
    with started("serve") as process:
        until(there)
        until(lambda: answers(there()) == 401)
        assert FollowStore(doors()).settings().at == ""
        assert invoke("serve", "--home-network", "--address", "127.0.0.1").exit_code == 3
        assert invoke("serve", "--follow").exit_code == 0
        until(lambda: FollowStore(doors()).settings().at)
        at = FollowStore(doors()).settings().at
        until(lambda: answers(at) == 404)
        process.terminate()
        process.wait(60)
    assert FollowStore(doors()).settings().at == ""
    with pytest.raises(OSError, match="refused"):
        answers(at)
