"""A person's own night in real threads: the wearable in the radio's, the outputs at their desk, the night here."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.permits import permit
from vigil.app.home import Home
from vigil.app.wearable_bed import WearableBed, WearableBeds, paired_family, paired_sensor
from vigil.app.wearables_file import Paired, Role, Wearables, write_wearables
from vigil.devices.ble_link import Backends
from vigil.devices.virtual.air import Air
from vigil.devices.virtual.model import Identity
from vigil.devices.virtual.strap import StrapModel
from vigil.devices.virtual.vitals import Vitals
from vigil.devices.virtual.watch import WatchModel
from vigil.domain.errors import DeviceError, SettingsError
from vigil.domain.permits import Permit
from vigil.domain.records import Mark, NightBegan
from vigil.domain.requests import Output
from vigil.domain.samples import HeartSample
from vigil.domain.units import NS_PER_S
from vigil.run.ports import Nudger, WallClock

STRAP = Paired("heart-rate-strap", "F0:00:00:00:00:01", "the strap", frozenset({Role.SENSOR}))
WATCH = Paired("banglejs", "F0:00:00:00:00:02", "the watch", frozenset({Role.VIBRATION}))


class Room:
    """A strap and a watch on the air of a bed that is not open yet."""

    def __init__(self, vibration: Paired | None, *, presses: bool = False) -> None:
        self.clock, self.said = WallClock(), list[str]()
        self.air = asyncio.run(_air())
        beds = WearableBeds(
            self.clock, STRAP, vibration, self.said.append, None, 1.0, Backends(self.air.scanner, self.air.client)
        )
        self.bed = beds.begins(NightBegan(0), self.clock.boot_ns())
        loop = self.bed.loop
        loop.run_until_complete(self.air.add(StrapModel(Identity(STRAP.address, b"strap"))))
        mark = Mark.STOP if presses else None
        self.watch = WatchModel(
            Identity(WATCH.address, b"watch"),
            lambda elapsed_ns: Vitals(60, mark=mark if elapsed_ns >= 2 * NS_PER_S else None),
        )
        loop.run_until_complete(self.air.add(self.watch))


async def _air() -> Air:
    return Air()


@pytest.fixture
def room(request: pytest.FixtureRequest) -> Iterator[Room]:
    """A room, and its bed closed after the test."""
    made = Room(**getattr(request, "param", {"vibration": WATCH}))
    yield made
    made.bed.close()


def test_what_the_strap_says_is_due_to_the_night(room: Room) -> None:
    """Heart rates arrive in their order, stamped within the night, and nothing is looked for any more."""
    assert room.bed.open(lambda _mark: None) == ()
    source = room.bed.source
    zero = source.began().at_ns
    heard: list[HeartSample] = []
    while len(heard) < 2:
        elapsed = room.clock.boot_ns() - zero
        heard += [one for one in source.due(elapsed) if isinstance(one, HeartSample)]
        assert elapsed < 20 * NS_PER_S
    assert [one.bpm_x10 for one in heard] == [600, 600]
    assert zero < heard[0].at_ns < heard[1].at_ns
    assert room.said == ["Looking for the strap and the watch.", "the strap is there.", "the watch is there."]


def test_a_permit_reaches_the_watch_from_another_loop(room: Room) -> None:
    """The outputs run in a loop of their own; the pulse goes through the radio's, and is asked of the motor.

    It refuses: for ten seconds after it was switched on nothing moves it.
    """
    room.bed.open(lambda _mark: None)
    (nudger,) = room.bed.outputs([Output.VIBRATION, Output.SOUND]).values()
    asyncio.run(_given(nudger, permit(level=1, duration_ms=2_200)))
    assert [why for _, why in room.watch.motor.refused] == ["busy"]


async def _given(nudger: Nudger, allowed: Permit) -> None:
    assert await nudger.probe() == ""
    await nudger.start(allowed, allowed.issued_ns)
    await nudger.off()


@pytest.mark.parametrize("room", [{"vibration": WATCH, "presses": True}], indirect=True)
def test_a_stop_on_the_wrist_is_told_at_once(room: Room) -> None:
    """In the radio's own thread, whatever the night is doing."""
    pressed = asyncio.Event()
    marks: list[Mark] = []

    def press(mark: Mark) -> None:
        marks.append(mark)
        pressed.set()

    room.bed.open(press)
    began = room.clock.boot_ns()
    while not marks:
        assert room.clock.boot_ns() - began < 20 * NS_PER_S
    assert set(marks) == {Mark.STOP}


def test_without_a_pairing_it_says_what_to_do() -> None:
    """Nothing is begun."""
    with pytest.raises(SettingsError, match="vigil pair"):
        paired_sensor(Home.here())


def test_a_pairing_that_nothing_knows_any_more_is_refused(tmp_path: Path) -> None:
    """A package that was removed leaves a pairing behind."""
    write_wearables(Home.here(), Wearables(Paired("gone", "F0:00:00:00:00:01", "it", frozenset({Role.SENSOR}))))
    sensor = paired_sensor(Home.here())
    with pytest.raises(SettingsError, match="nothing here knows"):
        paired_family(sensor)
    del tmp_path


def test_out_of_reach_is_said_to_whoever_asks_for_a_pulse(room: Room) -> None:
    """A watch that is not connected takes none."""
    (nudger,) = room.bed.outputs([Output.VIBRATION]).values()
    allowed = permit(level=1, duration_ms=2_200)

    async def ask() -> None:
        assert "out of reach" in await nudger.probe()
        with pytest.raises(DeviceError, match="out of reach"):
            await nudger.start(allowed, allowed.issued_ns)

    room.bed.loop.run_until_complete(ask())


def test_the_bed_is_what_the_store_will_call_it(room: Room) -> None:
    """A live night of this family, of which nobody knows the truth."""
    bed: WearableBed = room.bed
    assert (bed.kind, bed.format) == ("live", "heart-rate-strap")
