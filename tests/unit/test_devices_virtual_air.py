"""Virtual wearables on a radio in this process, heard through bleak's public classes alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

pytest.importorskip("bumble", reason="bumble is not installed (extra: radio)")

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError

from vigil.devices.packets.banglejs import command_of
from vigil.devices.virtual.air import Air
from vigil.devices.virtual.faults import Fault, FaultKind
from vigil.devices.virtual.model import Identity, WearableModel
from vigil.devices.virtual.polar import CONTROL, DATA, PolarModel
from vigil.devices.virtual.strap import BATTERY_LEVEL, HEART_SERVICE, LOCATION, MEASUREMENT, StrapModel
from vigil.devices.virtual.waiting import heeding
from vigil.devices.virtual.watch import COMMAND, HEART, MOTION, SERVICE, STATE, WatchModel
from vigil.domain.units import NS_PER_S
from vigil.run.virtual_loop import run_virtual

ADDRESS, OTHER = "F0:00:00:00:00:01", "F0:00:00:00:00:02"
FOR_EVER_NS = 10**6 * NS_PER_S

Heard = list[tuple[float, bytes]]


def on_air(scenario: Callable[[Air], Awaitable[None]]) -> None:
    """Run a scenario on an air of its own, in virtual time."""

    async def run() -> None:
        air = Air()
        try:
            await scenario(air)
        finally:
            await air.close()

    run_virtual(run())


def strap(*faults: Fault) -> StrapModel:
    """A strap with these faults."""
    return StrapModel(Identity(ADDRESS, b"Strap"), faults=faults, seed=1)


def always(kind: FaultKind) -> Fault:
    """A fault from five seconds on: after it was found."""
    return Fault(kind, 5 * NS_PER_S, FOR_EVER_NS)


async def find(air: Air, service: str = HEART_SERVICE) -> BLEDevice | None:
    """Look for a service for ten seconds."""
    return await BleakScanner.find_device_by_filter(
        lambda _, said: service in said.service_uuids, timeout=10, backend=air.scanner
    )


async def connect(
    air: Air, device: BLEDevice | str | None, lost: Callable[[BleakClient], None] | None = None
) -> BleakClient:
    """Connect."""
    assert device is not None
    client = BleakClient(device, lost, timeout=10, backend=air.client)
    await client.connect()
    return client


async def listen(client: BleakClient, *characteristics: str) -> Heard:
    """Subscribe; what comes is added to the list, with its second."""
    loop, heard = asyncio.get_running_loop(), Heard()
    for one in characteristics:
        await client.start_notify(one, lambda _, data: heard.append((loop.time(), bytes(data))))
    return heard


def test_scan_connect_read_listen_and_disconnect() -> None:
    """One packet a second, values that can be read, and a clean end that is told as bleak's backends tell it."""
    losses: list[BleakClient] = []

    async def scenario(air: Air) -> None:
        await air.add(strap())
        client = await connect(air, await find(air), losses.append)
        assert client.name == "Strap"
        assert client.mtu_size >= 247
        assert await client.read_gatt_char(LOCATION) == b"\x01"
        assert await client.read_gatt_char(BATTERY_LEVEL) == b"\x64"
        heard = await listen(client, MEASUREMENT)
        await asyncio.sleep(10)
        assert [round(at) for at, _ in heard] == list(range(1, 11))
        await client.stop_notify(MEASUREMENT)
        await asyncio.sleep(5)
        assert len(heard) == 10
        await client.disconnect()
        assert not client.is_connected
        assert losses == [client]

    on_air(scenario)


def test_a_drop_is_told_once_and_the_strap_is_found_again() -> None:
    """A lost link calls back, a call on it is an error, and a new client hears the same strap on."""
    losses: list[BleakClient] = []

    async def scenario(air: Air) -> None:
        await air.add(strap(Fault(FaultKind.DROP, 20 * NS_PER_S, 21 * NS_PER_S)))
        first = await connect(air, await find(air), losses.append)
        heard = await listen(first, MEASUREMENT)
        await asyncio.sleep(25)
        assert losses == [first]
        assert not first.is_connected
        with pytest.raises(BleakError):
            await first.read_gatt_char(BATTERY_LEVEL)
        await first.disconnect()
        assert len(heard) == 19
        second = await connect(air, await find(air))
        again = await listen(second, MEASUREMENT)
        await asyncio.sleep(5)
        assert len(again) >= 4

    on_air(scenario)


def test_out_of_range_is_neither_seen_nor_reached_until_it_is_back() -> None:
    """While away it is not found and a connect ends by its timeout; afterwards both work."""

    async def scenario(air: Air) -> None:
        await air.add(strap(Fault(FaultKind.OUT_OF_RANGE, 5 * NS_PER_S, 60 * NS_PER_S)))
        device = await find(air)
        await asyncio.sleep(6)
        assert await find(air) is None
        with pytest.raises(TimeoutError):
            await connect(air, device)
        await asyncio.sleep(60)
        client = await connect(air, await find(air))
        assert client.is_connected

    on_air(scenario)


def test_a_connect_that_is_refused_is_an_error_each_time() -> None:
    """A device that breaks off at once raises an error of bleak's, and is reachable once it stops doing so."""

    async def scenario(air: Air) -> None:
        await air.add(strap(Fault(FaultKind.REFUSED, 5 * NS_PER_S, 60 * NS_PER_S)))
        device = await find(air)
        await asyncio.sleep(6)
        for _ in range(5):
            with pytest.raises(BleakError, match="disconnected"):
                await connect(air, device)
            await asyncio.sleep(2)
        await asyncio.sleep(60)
        await connect(air, device)

    on_air(scenario)


def test_a_connect_that_hangs_ends_by_its_timeout_or_by_being_cancelled() -> None:
    """Bleak's own timeout ends it, and so does the caller's; the next connect does not suffer from either."""

    async def scenario(air: Air) -> None:
        await air.add(strap(Fault(FaultKind.CONNECT_HANGS, 5 * NS_PER_S, 60 * NS_PER_S)))
        device = await find(air)
        await asyncio.sleep(6)
        with pytest.raises(TimeoutError):
            await connect(air, device)
        attempt = asyncio.create_task(connect(air, device))
        await asyncio.sleep(1)
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt
        await asyncio.sleep(60)
        await connect(air, device)

    on_air(scenario)


@pytest.mark.parametrize("kind", [FaultKind.READ_HANGS, FaultKind.WRITE_HANGS, FaultKind.SUBSCRIBE_HANGS])
def test_a_call_that_never_returns_is_ended_by_the_caller_alone(kind: FaultKind) -> None:
    """Each call of a connection can hang for as long as the caller's patience, and the connection survives it."""

    async def scenario(air: Air) -> None:
        await air.add(WatchModel(Identity(ADDRESS, b"Watch"), faults=[always(kind)]))
        client = await connect(air, await find(air, SERVICE))
        await asyncio.sleep(6)
        calls: dict[FaultKind, Callable[[], Awaitable[object]]] = {
            FaultKind.READ_HANGS: lambda: client.read_gatt_char(STATE),
            FaultKind.WRITE_HANGS: lambda: client.write_gatt_char(COMMAND, b"", response=True),
            FaultKind.SUBSCRIBE_HANGS: lambda: client.start_notify(HEART, lambda *_: None),
        }
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(20):
                await calls[kind]()
        assert client.is_connected

    on_air(scenario)


def test_a_link_that_breaks_during_a_call_ends_the_call() -> None:
    """A read that hangs raises as soon as the link is lost."""

    async def scenario(air: Air) -> None:
        await air.add(strap(always(FaultKind.READ_HANGS), Fault(FaultKind.DROP, 20 * NS_PER_S, 21 * NS_PER_S)))
        client = await connect(air, await find(air))
        await asyncio.sleep(6)
        with pytest.raises(BleakError, match="disconnected"):
            await client.read_gatt_char(BATTERY_LEVEL)
        assert asyncio.get_running_loop().time() == pytest.approx(20, abs=0.1)

    on_air(scenario)


def test_a_write_that_is_refused_is_an_error_of_the_protocol() -> None:
    """With response the error arrives; without one nobody is told."""

    async def scenario(air: Air) -> None:
        await air.add(WatchModel(Identity(ADDRESS, b"Watch"), faults=[always(FaultKind.WRITE_REFUSED)]))
        client = await connect(air, await find(air, SERVICE))
        await asyncio.sleep(6)
        with pytest.raises(BleakGATTProtocolError):
            await client.write_gatt_char(COMMAND, b"", response=True)

    on_air(scenario)


@pytest.mark.parametrize("kind", [FaultKind.STALL, FaultKind.BURST, FaultKind.DUPLICATES, FaultKind.GARBAGE])
def test_faults_of_packets_arrive_as_they_went_out(kind: FaultKind) -> None:
    """What bleak hands on is what the model sent: silent, late, twice or wrong, packet by packet."""
    fault = Fault(kind, 10 * NS_PER_S, 20 * NS_PER_S)
    twin = strap(fault)
    expected = [p.data for s in range(1, 30) for p in twin.due(s * NS_PER_S) if p.characteristic == MEASUREMENT]

    async def scenario(air: Air) -> None:
        await air.add(strap(fault))
        client = await connect(air, await find(air))
        heard = await listen(client, MEASUREMENT)
        await asyncio.sleep(29.5 - asyncio.get_running_loop().time())
        assert [data for _, data in heard] == expected

    on_air(scenario)


HOSTILE = [
    b"",
    b"\x1b[2J\x1b]0;owned\x07",
    b"a\nb\rc\td",
    b"\xff\xfe\x80",
    b"[red]x[/red]{0}%s",
    "\u202egnp.\u2066".encode(),
    b"<img src=x>",
    b"../../etc/x",
    b"Polar H10 00000000",
    b"\x00after",
    b"x" * 200,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_arrive_as_they_are(name: bytes) -> None:
    """A name is handed on byte for byte as far as it is text; an empty one is none."""

    async def scenario(air: Air) -> None:
        await air.add(StrapModel(Identity(ADDRESS, name, rssi=-99)))
        found = await BleakScanner.discover(timeout=3, return_adv=True, backend=air.scanner)
        device, said = found[ADDRESS]
        assert device.address == ADDRESS
        assert said.local_name == (name.decode("utf-8", errors="replace") or None)
        assert said.rssi == -99
        await connect(air, device)

    on_air(scenario)


def test_two_wearables_are_kept_apart() -> None:
    """A strap and a watch at once, each with its own packets, and a pulse that only the watch feels."""
    felt: list[tuple[int, int]] = []

    async def scenario(air: Air) -> None:
        await air.add(strap())
        watch = WatchModel(Identity(OTHER, b"Watch"), felt=lambda ms, percent: felt.append((ms, percent)))
        await air.add(watch)
        one, other = await connect(air, await find(air)), await connect(air, await find(air, SERVICE))
        hearts, moves = await listen(one, MEASUREMENT), await listen(other, MOTION, STATE)
        await asyncio.sleep(20)
        await other.write_gatt_char(COMMAND, command_of(1, 1, 300, 25), response=True)
        await asyncio.sleep(1)
        assert felt == [(300, 25)]
        assert watch.motor.given[0].at_ns // NS_PER_S >= 20
        assert len(hearts) >= 20
        assert {len(data) for _, data in hearts} == {4}
        assert len([data for _, data in moves if len(data) == 20]) >= 20
        assert [data[4] for _, data in moves if len(data) == 9] == [1]

    on_air(scenario)


def test_a_polar_strap_is_asked_and_streams() -> None:
    """Indications and notifications of the measurement service pass the whole stack."""

    async def scenario(air: Air) -> None:
        await air.add(PolarModel(Identity(ADDRESS, b"Polar H10 00000000")))
        client = await connect(air, await find(air))
        replies, frames = await listen(client, CONTROL), await listen(client, DATA)
        await client.write_gatt_char(CONTROL, bytes((2, 2, 0, 1, 50, 0)), response=True)
        await asyncio.sleep(18)
        assert [data for _, data in replies] == [bytes((0xF0, 2, 2, 0, 0))]
        assert len(frames) == 25
        assert {len(data) for _, data in frames} == {10 + 36 * 6}

    on_air(scenario)


def test_nobody_is_there() -> None:
    """An address that nobody has is not found."""

    async def scenario(air: Air) -> None:
        assert await find(air) is None
        with pytest.raises(BleakDeviceNotFoundError):
            await connect(air, OTHER)
        with pytest.raises(BleakDeviceNotFoundError):
            _ = BleakClient(OTHER, backend=air.client).name

    on_air(scenario)


def test_only_wanted_services_are_asked_for() -> None:
    """A client that names services sees those alone; a scan that names one hears only who has it."""

    async def scenario(air: Air) -> None:
        await air.add(strap())
        await air.add(WatchModel(Identity(OTHER, b"Watch")))
        found = await BleakScanner.discover(timeout=3, service_uuids=[SERVICE], backend=air.scanner)
        assert [device.address for device in found] == [OTHER]
        client = BleakClient(ADDRESS, services=[HEART_SERVICE], backend=air.client)
        await client.connect()
        assert [one.uuid for one in client.services] == [HEART_SERVICE]

    on_air(scenario)


def test_descriptors_can_be_read() -> None:
    """The switch of notifications is a descriptor like any other."""

    async def scenario(air: Air) -> None:
        await air.add(strap())
        client = await connect(air, await find(air))
        row = client.services.get_characteristic(MEASUREMENT)
        assert row is not None
        (switch,) = row.descriptors
        assert await client.read_gatt_descriptor(switch) == b"\x00\x00"
        await client.start_notify(MEASUREMENT, lambda *_: None)
        assert await client.read_gatt_descriptor(switch) == b"\x01\x00"
        await client.pair()
        await client.unpair()

    on_air(scenario)


def test_fifty_drops_leave_nothing_behind() -> None:
    """The fiftieth reconnection is as good as the first: what failed or ended is off the air."""

    async def scenario(air: Air) -> None:
        await air.add(strap(*(Fault(FaultKind.DROP, s * NS_PER_S, s * NS_PER_S + 1) for s in range(10, 510, 10))))
        device, reconnected = await find(air), 0
        while asyncio.get_running_loop().time() < 500:
            lost = asyncio.Event()
            client = await connect(air, device, lambda _, lost=lost: lost.set())  # type: ignore[misc]  # bound now
            reconnected += 1
            async with asyncio.timeout(30):
                await lost.wait()
        assert reconnected >= 49
        assert air.crowd <= 2
        assert not client.is_connected

    on_air(scenario)


def test_half_an_hour_of_both_comes_through() -> None:
    """3600 packets of a strap and a watch pass the whole stack, none lost."""

    async def scenario(air: Air) -> None:
        models: list[tuple[WearableModel, str, str]] = [
            (strap(), HEART_SERVICE, MEASUREMENT),
            (WatchModel(Identity(OTHER, b"Watch")), SERVICE, MOTION),
        ]
        heard = []
        for model, service, characteristic in models:
            await air.add(model)
            heard.append(await listen(await connect(air, await find(air, service)), characteristic))
        await asyncio.sleep(1800)
        assert [len(one) >= 1799 for one in heard] == [True, True]

    on_air(scenario)


def test_a_cancellation_that_bumble_loses_is_heeded() -> None:
    """Work that goes on although it was cancelled gives no result to who was cancelled; later cancels are their own."""

    async def deaf() -> str:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            return "done all the same"
        return "done"

    async def scenario(_air: Air) -> None:
        waiting = asyncio.create_task(heeding(deaf()))
        await asyncio.sleep(1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await heeding(deaf()) == "done"

    on_air(scenario)
