"""vigil watch --evening, as a service starts it: whenever a night might be due or have been interrupted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from typer.testing import CliRunner, Result

from vigil.app.cli import app
from vigil.app.commands import watch as watch_command
from vigil.app.home import Home, Shelf
from vigil.app.wiring import reading
from vigil.store.nights import NightRow, Nights

QUICK = ("--speed", "10000", "--hours", "0.1", "--quiet")


class PowerCutError(BaseException):
    """The night process is gone between two turns."""


@pytest.fixture(autouse=True)
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """What the clock says, in UTC."""

    def set_to(local: str) -> None:
        now_ns = round(datetime.fromisoformat(f"{local}+00:00").timestamp()) * 1_000_000_000
        patch.setattr(time, "time_ns", lambda: now_ns)

    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield set_to
    time.tzset()


def watch(*words: str) -> Result:
    command = ["watch", "--source", "synthetic", "--alone", *QUICK, "--evening", "22:00", *words]
    return CliRunner().invoke(app, command, catch_exceptions=False)


def cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin a night and lose the power after its first turn."""

    def beat() -> None:
        raise PowerCutError

    with monkeypatch.context() as patch:
        patch.setattr(watch_command, "beats_to", lambda _descriptor: beat)
        with pytest.raises(PowerCutError):
            watch()


def kept() -> list[NightRow]:
    with reading(Home.here(), (Shelf.DEMO,)) as shelves:
        return [row for shelf in shelves for row in Nights(shelf.database).nights()]


def test_a_login_at_noon_begins_nothing(at: Callable[[str], None]) -> None:
    """It says so, and that is no failure."""
    at("2026-05-04T12:00")
    result = watch()
    assert (result.exit_code, kept()) == (0, [])
    assert "nothing was begun" in result.stdout


def test_the_evening_begins_a_night(at: Callable[[str], None]) -> None:
    """At its time, as without the option."""
    at("2026-05-04T22:00")
    assert watch().exit_code == 0
    assert [bool(row.outputs_digest) for row in kept()] == [True]


@pytest.mark.parametrize("back", ["2026-05-04T23:10", "2026-05-05T04:30"], ids=["in the evening", "near morning"])
def test_an_interrupted_night_goes_on(at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, back: str) -> None:
    """After a power cut, also when it is too late to begin one; no other is begun."""
    at("2026-05-04T23:00")
    cut_off(monkeypatch)
    assert [row.outputs_digest for row in kept()] == [""]
    at(back)
    result = watch()
    assert (result.exit_code, "Going on with night" in result.stdout) == (0, True)
    assert [bool(row.outputs_digest) for row in kept()] == [True]


def test_a_night_that_was_interrupted_long_ago_is_left(
    at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At noon it is neither gone on with nor followed by another; in the evening another one begins."""
    at("2026-05-04T22:00")
    cut_off(monkeypatch)
    at("2026-05-05T12:00")
    assert "nothing was begun" in watch().stdout
    assert len(kept()) == 1
    at("2026-05-05T22:00")
    watch()
    assert len(kept()) == 2


def test_a_store_damaged_at_noon_is_told(at: Callable[[str], None]) -> None:
    """It is set aside and said, and no night is begun for it."""
    at("2026-05-04T22:00")
    watch()
    Home.here().database(Shelf.DEMO).write_bytes(b"x" * 8192)
    at("2026-05-05T12:00")
    result = watch()
    assert (result.exit_code, kept()) == (0, [])
    assert "was damaged" in result.stdout


def test_a_time_that_is_none_is_refused() -> None:
    """Before anything is opened."""
    result = CliRunner().invoke(app, ["watch", "--source", "synthetic", "--evening", "25:00"])
    assert result.exit_code == 1
    assert not Home.here().shelf(Shelf.DEMO).exists()
