"""`vigil stop`: one small file, looked at by whatever could act; and how soon an output is told to be off."""

from __future__ import annotations

import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.campaigns.stops import STOPS, run
from vigil.app import stopping
from vigil.app.arming import HOLD_NAME
from vigil.app.cli import app
from vigil.app.commands import stop as command
from vigil.app.home import Home, Shelf
from vigil.app.wiring import LOCK_NAME, writing
from vigil.domain.errors import StoreError
from vigil.store.hold import Hold, HoldState, read_hold
from vigil.store.lock import StoreLock


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, ["stop", *words])


def held(shelf: Shelf = Shelf.OWN) -> HoldState:
    return read_hold(Home.here().shelf(shelf) / HOLD_NAME)


def told(result: Result) -> str:
    return " ".join(result.stdout.split())


def test_a_stop_lasts_until_evening_and_is_said() -> None:
    """At least three hours, at most a day and three; nothing else changes."""
    before_ms = time.time_ns() // 1_000_000
    result = invoke()
    assert result.exit_code == 0
    state = held()
    assert state.hold is not None
    assert state.hold.until_wall_ms is not None
    hours = (state.hold.until_wall_ms - before_ms) / 3_600_000
    assert 2.9 < hours < 27.1
    local = datetime.fromtimestamp(state.hold.until_wall_ms / 1000, UTC).astimezone()
    assert f"Stopped until {local:%H:%M}" in told(result)
    assert "Nothing will nudge you" in told(result)
    assert [each.name for each in Home.here().shelf(Shelf.OWN).iterdir()] == [HOLD_NAME]


def test_a_stop_can_be_for_a_chosen_time() -> None:
    """In minutes, a day at the most."""
    before_ms = time.time_ns() // 1_000_000
    assert invoke("--for", "90").exit_code == 0
    state = held()
    assert state.hold is not None
    assert state.hold.until_wall_ms is not None
    assert 0 <= state.hold.until_wall_ms - before_ms - 90 * 60_000 < 60_000
    for wrong in ("0", "-5", "1441", "x"):
        assert invoke("--for", wrong).exit_code == 2


def test_with_a_clock_that_cannot_be_believed_it_lasts_until_it_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """In 1970 nobody knows when evening is."""
    monkeypatch.setattr(time, "time_ns", lambda: 86_400 * 10**9)
    result = invoke()
    assert held().hold == Hold(None, 86_400_000)
    assert "until you end it with vigil stop --release" in told(result)


def test_a_stop_is_ended_by_a_person() -> None:
    """And it says what comes then."""
    invoke()
    result = invoke("--release")
    assert result.exit_code == 0
    assert not held().held
    assert "The stop is over." in told(result)


def test_a_stop_reaches_every_store_in_which_a_night_is_watched() -> None:
    """The simulated sleeper's too, and one that is watched at this moment."""
    with writing(Home.here(), Shelf.DEMO):
        assert invoke().exit_code == 0
    assert (held().held, held(Shelf.DEMO).held, held(Shelf.REPLAY).held) == (True, True, False)


@pytest.mark.parametrize("database", [b"", b"not a database at all", None])
def test_it_needs_no_database(database: bytes | None) -> None:
    """Missing, empty or broken: the stop is not kept there."""
    folder = Home.here().shelf(Shelf.OWN)
    if database is not None:
        folder.mkdir(parents=True)
        (folder / "vigil.db").write_bytes(database)
    assert invoke().exit_code == 0
    assert held().held
    if database is not None:
        assert (folder / "vigil.db").read_bytes() == database


def refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path, _hold: Hold) -> None:
        message = "the stop could not be written down (no space)"
        raise StoreError(message)

    monkeypatch.setattr(stopping, "write_hold", refuse)


def test_a_stop_that_cannot_be_written_is_told_to_the_night_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a signal to the process that holds the lock; the person is told that it could not be written."""
    refusing(monkeypatch)
    pressed: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: pressed.append(number))
    try:
        with StoreLock.acquire(Home.here().shelf(Shelf.DEMO) / LOCK_NAME, "22:41"):
            result = invoke()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert result.exit_code == 1  # the other stores know nothing of it
    assert pressed == [signal.SIGUSR1]
    assert "Note: the stop could not be written down" in told(result)


def test_where_no_night_runs_nobody_is_signalled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number in a lock that nobody holds may be anybody's."""
    refusing(monkeypatch)
    lock = Home.here().shelf(Shelf.DEMO) / LOCK_NAME
    lock.parent.mkdir(parents=True)
    lock.write_text(f"pid {os.getpid()}, since 22:41\n")
    assert invoke().exit_code == 1  # and this process was not ended by a signal


@pytest.mark.parametrize("words", [(), ("--outputs-only",)])
def test_outputs_are_put_out_whatever_left_them_on(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be put out is said, and a stop is no failure for it."""
    monkeypatch.setattr(command, "outputs_off", lambda _home: ("the lamp did not confirm that it is off",))
    result = invoke(*words)
    assert result.exit_code == 0
    assert "Note: the lamp did not confirm that it is off." in told(result)
    assert held().held is (not words)


def test_a_folder_of_outputs_that_cannot_be_made_does_not_spoil_a_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk the stop stands all the same."""

    def refuse(_home: Home) -> tuple[str, ...]:
        message = "there is no room left on the disk"
        raise StoreError(message)

    monkeypatch.setattr(command, "outputs_off", refuse)
    result = invoke()
    assert (result.exit_code, held().held) == (0, True)
    assert "Note: there is no room left on the disk." in told(result)


def answered(stops: int) -> bool:
    figures = run(stops=stops, seed=3)
    return figures.unanswered == 0 and figures.ms_median_p99_p999_most["all"][0] < 250


@pytest.mark.timeout(240)
def test_a_dose_of_stops() -> None:
    """Plain, with a store that refuses, with a main thread that hangs, on a full disk: every stop is answered."""
    assert answered(6)


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_a_thousand_stops_in_four_states() -> None:
    """The same in full; how long each took is measured by the command."""
    assert answered(STOPS)
