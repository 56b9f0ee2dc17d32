"""Trying a wearable on the virtual air: the real link, bleak's public classes, virtual time, no radio."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from vigil.app.pairing import ENOUGH, LOOK_S, TRY_S, Near, OtherFamilyError, Trial, listen, roles_of, sorted_out
from vigil.app.wearables_file import Role
from vigil.devices.ble_link import Backends, scan
from vigil.devices.families import BUILT_IN
from vigil.devices.packets.contract import Heard, Unread
from vigil.devices.virtual.air import Air
from vigil.devices.virtual.faults import Fault, FaultKind
from vigil.devices.virtual.model import Identity
from vigil.devices.virtual.strap import StrapModel
from vigil.domain.errors import DeviceError
from vigil.domain.samples import Battery, BeatInterval, Contact, HeartSample
from vigil.domain.units import NS_PER_S
from vigil.run.virtual_loop import run_virtual

ADDRESS = "F0:00:00:00:00:01"
ROWS = {row.key: row for row in BUILT_IN}
FOR_EVER = 10**6 * NS_PER_S


def tried(kind: FaultKind | None = None, from_s: int = 0, *, there: bool = True, name: bytes = b"Polar H10 1") -> Trial:
    """A strap on the air, found by a scan and tried, as `vigil pair` does."""
    trial = Trial()

    async def run() -> None:
        air = Air()
        faults = () if kind is None else (Fault(kind, from_s * NS_PER_S, FOR_EVER),)
        if there:
            await air.add(StrapModel(Identity(ADDRESS, name), faults=faults))
        backends = Backends(air.scanner, air.client)
        near, _ = sorted_out(await scan(3.0, air.scanner))
        chosen = near[0] if near else Near(ADDRESS, "Polar H10 1", -50, ROWS["polar-h10"])
        try:
            await listen(chosen, TRY_S, trial.hear, backends)
        finally:
            await asyncio.sleep(10.0)  # an air that is closed while a link breaks would never be
            await air.close()

    run_virtual(run())
    return trial


def test_a_strap_is_found_and_tells_its_heart_rate() -> None:
    """As much as is enough, and no longer."""
    trial = tried()
    assert len(trial.rates) == ENOUGH
    assert trial.heart_came
    assert trial.worn is True
    assert trial.battery_percent is not None


def test_a_watch_without_our_app_is_known_by_its_services() -> None:
    """Every Bangle.js is called the same: one whose other app offers the Heart Rate Service is a strap."""
    with pytest.raises(OtherFamilyError) as caught:
        tried(name=b"Bangle.js 1234")
    assert caught.value.family is ROWS["heart-rate-strap"]


def test_one_that_is_silent_ends_with_the_time() -> None:
    """Nothing came, which is no error of the radio's."""
    trial = tried(FaultKind.STALL)
    assert not trial.heart_came


def test_garbage_is_no_heart_rate() -> None:
    """Some bytes of it look like one; there is too much beside them that does not."""
    trial = tried(FaultKind.GARBAGE)
    assert trial.wrong
    assert not trial.heart_came


def test_what_no_heart_can_do_is_not_enough() -> None:
    """The bounds are the signal's own."""
    trial = Trial()
    impossible = (
        HeartSample(1, 249),
        HeartSample(2, 2201),
        BeatInterval(3, 269),
        BeatInterval(4, 2401),
        Unread("x", "y"),
    )
    assert not any(trial.hear(said) for said in impossible * ENOUGH)
    assert (trial.rates, trial.beats, trial.heart_came) == ([], [], False)
    assert trial.wrong == ENOUGH * len(impossible)
    assert trial.hear(HeartSample(5, 250)) is False
    assert not trial.heart_came, "one among many that are not"


@pytest.mark.parametrize(
    ("kind", "from_s"), [(FaultKind.REFUSED, 0), (FaultKind.CONNECT_HANGS, 0), (FaultKind.DROP, 6)]
)
def test_what_a_radio_does_is_words(kind: FaultKind, from_s: int) -> None:
    """And nothing is waited for without end."""
    with pytest.raises(DeviceError) as caught:
        tried(kind, from_s)
    assert str(caught.value)


def test_one_that_went_away_is_said() -> None:
    """After it was looked for once more."""
    assert LOOK_S < 30
    with pytest.raises(DeviceError, match="Polar H10 1 is out of reach now"):
        tried(there=False)


def test_what_a_family_can_be_is_what_its_row_says() -> None:
    """A strap senses, a watch can do both."""
    assert roles_of(ROWS["polar-h10"]) == (Role.SENSOR,)
    assert roles_of(ROWS["banglejs"]) == (Role.SENSOR, Role.VIBRATION)


@pytest.mark.parametrize(
    ("heard", "worn", "battery"), [((), None, None), ((Contact(1, False), Battery(2, 3)), False, 3)]
)
def test_what_it_did_not_say_is_not_known(heard: Sequence[Heard], worn: bool | None, battery: int | None) -> None:
    """Unworn, and silent about it, are two things."""
    trial = Trial()
    assert not any(trial.hear(said) for said in heard)
    assert (trial.worn, trial.battery_percent, trial.heart_came) == (worn, battery, False)
