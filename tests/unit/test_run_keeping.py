"""Keeping a night on a disk that may fail: what waits, what is told, and what gives way first."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import pytest

from vigil.domain.errors import DamagedError, FullError, StoreError, UnwritableError
from vigil.domain.nudges import LedgerRow
from vigil.domain.records import Input, NightBegan, NightOutput, Tick
from vigil.domain.requests import Output, Purpose
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.run.keeping import CarefulKeeper

ROW = LedgerRow("n", 1, "boot", 5, None, Purpose.NUDGE, 1, Output.LIGHT, 1, 4000)


class Disk:
    """A keeper whose calls succeed or fail after a script; None succeeds, and so does all that comes later."""

    def __init__(self, *fates: Exception | None) -> None:
        self._fates: Iterable[Exception | None] = iter(fates)
        self.done: list[object] = []

    def _do(self, what: object) -> None:
        fate = next(iter(self._fates), None)
        if fate is not None:
            raise fate
        self.done.append(what)

    def begin(self, began: NightBegan) -> None:
        self._do(began)

    def add(self, record: Input | NightOutput) -> None:
        self.done.append(record)

    def commit(self) -> None:
        self._do("commit")

    def spend(self, row: LedgerRow) -> None:
        self._do(row)

    def outcome(self, permit: int, text: str, at_ns: int) -> None:
        self._do((permit, text, at_ns))


class Ballast:
    """Room that can be given up once."""

    def __init__(self, *, there: bool = True) -> None:
        self.there = there
        self.asked = 0

    def release(self) -> bool:
        self.asked += 1
        there, self.there = self.there, False
        return there


def careful(*fates: Exception | None, ballast: Ballast | None = None) -> tuple[CarefulKeeper, Disk]:
    disk = Disk(*fates)
    return CarefulKeeper(disk, (ballast or Ballast(there=False)).release), disk


def test_what_is_well_is_passed_on_and_nothing_is_told() -> None:
    """On a sound disk it is not there."""
    keeper, disk = careful()
    began = NightBegan(0)
    keeper.begin(began)
    keeper.add(Tick(1))
    keeper.commit()
    keeper.spend(ROW)
    keeper.outcome(1, "given", 9)
    assert disk.done == [began, Tick(1), "commit", ROW, (1, "given", 9)]
    assert keeper.notices(10) == []


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (FullError("full"), TroubleKind.DISK_FULL),
        (UnwritableError("read only"), TroubleKind.DISK_UNWRITABLE),
        (StoreError("odd"), TroubleKind.DISK_UNWRITABLE),
    ],
)
def test_a_disk_that_refuses_does_not_end_the_night_and_is_told_once(error: StoreError, kind: TroubleKind) -> None:
    """It is tried again at each turn, and told when it is over."""
    keeper, disk = careful(error, error, None)
    keeper.commit()
    assert keeper.notices(10) == [Trouble(10, kind)]
    keeper.commit()
    assert keeper.notices(20) == []
    keeper.commit()
    assert keeper.notices(30) == [Trouble(30, kind, over=True)]
    assert keeper.notices(40) == []
    assert disk.done == ["commit"]


def test_one_trouble_that_becomes_another_is_two() -> None:
    """The first is over when the second begins."""
    keeper, _ = careful(FullError("full"), UnwritableError("read only"))
    keeper.commit()
    keeper.notices(10)
    keeper.commit()
    assert keeper.notices(20) == [
        Trouble(20, TroubleKind.DISK_FULL, over=True),
        Trouble(20, TroubleKind.DISK_UNWRITABLE),
    ]


def test_a_full_disk_gives_up_its_ballast_first() -> None:
    """Then there was room after all, and nothing need be told."""
    ballast = Ballast()
    keeper, disk = careful(FullError("full"), None, ballast=ballast)
    keeper.commit()
    assert (disk.done, keeper.notices(10), ballast.asked) == (["commit"], [], 1)


def test_the_ballast_serves_a_nudge_before_the_nudge_is_given_up() -> None:
    """Once; the next time there is none, and the nudge is not given."""
    keeper, disk = careful(FullError("full"), None, FullError("full"), ballast=Ballast())
    keeper.spend(ROW)
    assert disk.done == [ROW]
    with pytest.raises(FullError):
        keeper.spend(ROW)


@pytest.mark.parametrize("error", [UnwritableError("read only"), StoreError("odd")])
def test_the_ballast_is_kept_where_it_is_no_use(error: StoreError) -> None:
    """A disk that cannot be written is not helped by room."""
    ballast = Ballast()
    keeper, _ = careful(error, error, ballast=ballast)
    keeper.commit()
    with pytest.raises(StoreError):
        keeper.spend(ROW)
    assert ballast.there


def test_room_that_is_not_enough_is_told() -> None:
    """The ballast went, and it is full still."""
    keeper, _ = careful(FullError("full"), FullError("full"), ballast=Ballast())
    keeper.commit()
    assert keeper.notices(10) == [Trouble(10, TroubleKind.DISK_FULL)]


def test_the_ballast_lets_a_night_begin() -> None:
    """An evening on a full disk is watched all the same; what comes after that is told as it comes."""
    keeper, disk = careful(FullError("full"), None, ballast=Ballast())
    keeper.begin(NightBegan(0))
    assert disk.done == [NightBegan(0)]


def test_a_night_that_cannot_be_begun_is_not_watched() -> None:
    """There is nothing to keep it in."""
    keeper, _ = careful(FullError("full"))
    with pytest.raises(FullError):
        keeper.begin(NightBegan(0))


@pytest.mark.parametrize("kind", [TroubleKind.DISK_FULL, TroubleKind.DISK_UNWRITABLE])
def test_a_trouble_of_before_a_restart_is_over_when_the_disk_is_well(kind: TroubleKind) -> None:
    """Otherwise the guard would wait for it all night."""
    keeper, _ = careful()
    keeper.told({TroubleKind.DISK_LOW, kind})
    keeper.commit()
    assert keeper.notices(10) == [Trouble(10, kind, over=True)]


def test_what_must_be_kept_at_last_is_tried_with_the_room_of_the_ballast() -> None:
    """The end of a night is worth it."""
    keeper, disk = careful(FullError("full"), None, ballast=Ballast())
    keeper.at_last(disk.commit)
    assert disk.done == ["commit"]
    with suppress(StoreError):
        keeper.at_last(disk.commit)
    assert disk.done == ["commit", "commit"]


class Mending:
    """Opens a damaged database anew: what comes of each time, an error or whether it was set aside."""

    def __init__(self, *fates: StoreError | bool) -> None:
        self._fates = iter(fates)
        self.asked = 0

    def __call__(self) -> bool:
        self.asked += 1
        fate = next(self._fates)
        if isinstance(fate, StoreError):
            raise fate
        return fate


def mended(mending: Mending, *fates: Exception | None) -> tuple[CarefulKeeper, Disk]:
    disk = Disk(*fates)
    return CarefulKeeper(disk, Ballast().release, mending), disk


DAMAGED = DamagedError("broken")
ASIDE = Trouble(10, TroubleKind.STORE_DAMAGED)


def test_a_database_damaged_at_night_is_set_aside_and_the_night_is_told_once() -> None:
    """F16: what was to be kept is kept in the fresh one, at the same turn."""
    keeper, disk = mended(Mending(True), DAMAGED)
    keeper.commit()
    assert (disk.done, keeper.notices(10), keeper.notices(20)) == (["commit"], [ASIDE], [])


def test_one_that_is_sound_after_all_is_no_trouble() -> None:
    """A disk that misread once."""
    keeper, disk = mended(Mending(False), DAMAGED)
    keeper.commit()
    assert (disk.done, keeper.notices(10)) == (["commit"], [])


def test_one_that_cannot_be_set_aside_yet_is_tried_again() -> None:
    """Nothing is written on a database that is damaged; meanwhile the guard is told that nothing can be."""
    mending = Mending(UnwritableError("read only"), True)
    keeper, disk = mended(mending, DAMAGED)
    keeper.commit()
    assert (disk.done, keeper.notices(10)) == ([], [Trouble(10, TroubleKind.DISK_UNWRITABLE)])
    keeper.commit()
    assert (disk.done, mending.asked) == (["commit"], 2)
    assert keeper.notices(10) == [ASIDE, Trouble(10, TroubleKind.DISK_UNWRITABLE, over=True)]


def test_the_ballast_makes_room_for_a_fresh_database() -> None:
    """A full disk and a damaged database at once."""
    keeper, disk = mended(Mending(FullError("full"), True), DAMAGED)
    keeper.commit()
    assert (disk.done, keeper.notices(10)) == (["commit"], [ASIDE])


def test_a_nudge_is_never_written_down_in_a_fresh_database() -> None:
    """What was spent before is not known there: it is not given, and the database is seen to at the next commit."""
    mending = Mending(True)
    keeper, disk = mended(mending, DAMAGED)
    with pytest.raises(DamagedError):
        keeper.spend(ROW)
    assert (disk.done, mending.asked) == ([], 0)
    keeper.commit()
    assert (disk.done, keeper.notices(10)) == (["commit"], [ASIDE])


def test_damage_that_shows_in_an_outcome_is_seen_to_as_well() -> None:
    """Whoever meets it first."""
    keeper, _ = mended(Mending(True), DAMAGED)
    with pytest.raises(DamagedError):
        keeper.outcome(1, "given", 9)
    keeper.commit()
    assert keeper.notices(10) == [ASIDE]
