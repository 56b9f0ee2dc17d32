"""A night that was interrupted: what its wall clock is worth, and what counts against its caps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.cut_nights import EVENING_MS, Cut, World
from tests.nights import parameters
from vigil.app.home import Shelf
from vigil.app.kept_so_far import KeptSoFar, kept_so_far, spent_in
from vigil.domain.nudges import Ledger, LedgerRow
from vigil.domain.records import ClockStepped, Held, Input, NightBegan, Restarted
from vigil.domain.requests import Output, Purpose
from vigil.domain.settings import Profile, Settings
from vigil.domain.units import NS_PER_S
from vigil.run.replay import Outfit
from vigil.store.database import Database
from vigil.store.ledger import LedgerStore
from vigil.store.nights import NightRow, Nights

S = NS_PER_S
BEGAN = NightBegan(100 * S, night="n", boot_id="one", wall_ms=EVENING_MS, wall_sane=True)


def kept(*inputs: Input, began: NightBegan = BEGAN, whole: bool = True) -> KeptSoFar:
    row = NightRow.__new__(NightRow)  # nothing here looks at it
    return KeptSoFar(
        row, began, (began, *inputs), (), "one", 160 * S, Outfit(parameters(), Settings(), Profile()), whole
    )


def test_the_last_wall_time_is_counted_on_from_a_proven_start() -> None:
    """Also over a restart that was proven; other inputs say nothing of it."""
    again = Restarted(140 * S, "one", EVENING_MS + 40_000, wall_sane=True)
    assert kept(Held(120 * S), again).last_wall_ms == EVENING_MS + 60_000
    assert not kept(again).stepped


@pytest.mark.parametrize(
    ("night", "stepped"),
    [
        (kept(began=replace(BEGAN, wall_sane=False)), False),
        (kept(began=replace(BEGAN, wall_ms=None)), False),
        (kept(Restarted(140 * S, "two", EVENING_MS, wall_sane=False)), False),
        (kept(ClockStepped(120 * S, 7_200_000)), True),
        (kept(ClockStepped(120 * S, 7_200_000), Restarted(140 * S, "two", EVENING_MS, wall_sane=True)), True),
        (kept(whole=False), True),
    ],
)
def test_after_any_doubt_the_last_wall_time_is_not_known(night: KeptSoFar, stepped: bool) -> None:
    """A start that was not sane, a step, or minutes that are gone and may have held one."""
    assert night.last_wall_ms is None
    assert night.stepped is stepped


def test_how_far_the_night_is_ahead_of_the_boot_clock_is_kept() -> None:
    """By its last start: none before a reboot."""
    assert kept().shift_ns == 0
    assert (
        kept(Restarted(140 * S, "two", shift_ns=80 * S), Restarted(150 * S, "two", shift_ns=90 * S)).shift_ns == 90 * S
    )


def test_damaged_minutes_make_the_wall_clock_doubtful(world: World) -> None:
    """A step may have been in them."""
    world.live_until(Cut(200))
    with Database.open(world.path) as database:
        assert world.kept(database).last_wall_ms is not None
        with database.atomic():
            database.execute(
                "UPDATE minute SET records = zeroblob(40) WHERE place = (SELECT min(place) + 1 FROM minute)"
            )
        row = Nights(database).nights()[-1]
        assert kept_so_far(database, row, world.outfit).last_wall_ms is None


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch, every=5)


@pytest.mark.parametrize("trusted", [True, False])
def test_a_clock_set_right_after_a_power_cut_dates_nothing_that_came_before(world: World, trusted: bool) -> None:
    """Rows of a clock that nobody set carry no wall time, and the pause is believed only from a proven start."""
    world.trusted = trusted
    pause_s = 60.0 if trusted else 7_260.0  # it was two hours behind
    world.live([Cut(4000, 60.0, reboot=True, wall_ms=EVENING_MS + round((4000 + pause_s) * 1000), trusted=True)])
    restarted = next(one for one in world.inputs() if isinstance(one, Restarted))
    assert restarted.wall_sane is trusted
    assert restarted.since_ns is not None
    assert (restarted.at_ns - restarted.since_ns) // S in (range(60, 66) if trusted else (1,))
    with Database.open(world.path) as database:
        before = [row for row in LedgerStore(database).recent().rows if row.boot_id == "boot 1"]
    assert before
    assert all((row.wall_ms is not None) is trusted for row in before)


# -- what counts ---------------------------------------------------------------------------------------------------


def row(night: str) -> LedgerRow:
    return LedgerRow(night, 1, "boot", 5, None, Purpose.NUDGE, 1, Output.VIBRATION, 1, 2_000)


ROWS = (row("yesterday"), row("tonight"))


@pytest.mark.parametrize(("shelf", "rows"), [(Shelf.OWN, ROWS), (Shelf.DEMO, ROWS[1:]), (Shelf.REPLAY, ROWS[1:])])
def test_what_was_spent_is_the_persons_whole_ledger_and_a_simulated_sleepers_own_night(
    shelf: Shelf, rows: tuple[LedgerRow, ...]
) -> None:
    """The limit of eighteen hours reaches over nights; simulated nights are a day apart in their sleeper's life."""
    assert spent_in(shelf, Ledger(ROWS), "tonight") == Ledger(rows)


@pytest.mark.parametrize("shelf", list(Shelf))
def test_a_ledger_that_cannot_be_read_stays_spent(shelf: Shelf) -> None:
    """Whoever's it is."""
    assert spent_in(shelf, Ledger(readable=False), "tonight").readable is False
