"""Unmodified bleak over a stand-in for bluetoothd: a night's calls, and what bleak makes of everything that goes wrong.

These hold the ground on which the product's link stands: where bleak never notices a loss, the product has to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)

from tests.radio.bluez import NEVER, UNKNOWN_OBJECT, BlueZ, Wrong, over_bluez
from tests.radio.bluez_device import ABORTED, FAILED, IN_PROGRESS, BlueZDevice
from vigil.devices.packets.banglejs import command_of
from vigil.devices.virtual.faults import Fault, FaultKind, Packet
from vigil.devices.virtual.model import Identity
from vigil.devices.virtual.strap import BATTERY_LEVEL, HEART_SERVICE, MEASUREMENT, StrapModel
from vigil.devices.virtual.watch import COMMAND, SERVICE, STATE, WatchModel
from vigil.domain.units import NS_PER_S

pytestmark = pytest.mark.timeout(60)

ADDRESS = "F0:00:00:00:00:01"
FOR_EVER_NS = 10**6 * NS_PER_S
LIMIT_S = 60
"""Virtual seconds after which a call counts as one that never returns."""

BUSY = Wrong(IN_PROGRESS, "Operation already in progress")


def strap(*faults: Fault, name: bytes = b"Strap") -> StrapModel:
    """A strap with these faults."""
    return StrapModel(Identity(ADDRESS, name), faults=faults)


def always(*kinds: FaultKind) -> tuple[Fault, ...]:
    """These faults, from five seconds on: after it was found."""
    return tuple(Fault(kind, 5 * NS_PER_S, FOR_EVER_NS) for kind in kinds)


async def find() -> BLEDevice:
    """Find the strap by a scan, as the product does."""
    found = await BleakScanner.find_device_by_filter(lambda _, said: HEART_SERVICE in said.service_uuids, timeout=10)
    assert found is not None
    return found


class Written(StrapModel):
    """A strap whose battery level is whatever was written to it."""

    value = b""

    def write(self, characteristic: str, data: bytes, elapsed_ns: int) -> tuple[Packet, ...]:
        self.value += data + b","
        return ()

    def read(self, characteristic: str) -> bytes:
        return self.value


class Connection:
    """A client that subscribed, with what came and how often it was told of a loss."""

    def __init__(self, device: BLEDevice) -> None:
        self.packets: list[bytes] = []
        self.losses = 0
        self.device = device
        self.client = BleakClient(device, self._lost, timeout=10)

    def _lost(self, _: BleakClient) -> None:
        self.losses += 1

    async def open(self) -> Connection:
        """Connect and subscribe."""
        await self.client.connect()
        await self.client.start_notify(MEASUREMENT, lambda _, data: self.packets.append(bytes(data)))
        return self

    async def read(self) -> bytes:
        """Read the battery."""
        return bytes(await self.client.read_gatt_char(BATTERY_LEVEL))


async def connected(bluez: BlueZ, *faults: Fault) -> tuple[Connection, BlueZDevice]:
    """A strap that was found, connected and subscribed to."""
    device = bluez.add(strap(*faults))
    return await Connection(await find()).open(), device


async def after(seconds: float, call: Awaitable[object]) -> type[BaseException] | None:
    """What a call raises within so many virtual seconds; None if it returned."""
    try:
        async with asyncio.timeout(seconds):
            await call
    except (Exception, asyncio.CancelledError) as error:
        return type(error)
    return None


def test_scan_connect_notify_drop_and_reconnect() -> None:
    """Six packets, a loss that is told once, and six more over a new client with a fresh device."""

    async def scenario(bluez: BlueZ) -> None:
        first, _ = await connected(bluez, Fault(FaultKind.DROP, 8 * NS_PER_S, 9 * NS_PER_S))
        assert await first.read() == b"d"
        await asyncio.sleep(10)
        assert len(first.packets) == 6
        assert first.packets[0] == bytes([0x16, 60, 0, 4])
        assert (first.losses, first.client.is_connected) == (1, False)
        second = await Connection(await find()).open()
        await asyncio.sleep(6)
        assert len(second.packets) == 6
        await second.client.disconnect()
        assert bluez.calls.count("Connect") == 2

    over_bluez(scenario)


def test_writes_of_both_kinds_arrive() -> None:
    """A write with and without response reaches the wearable; one that it refuses is an error of the protocol."""

    async def scenario(bluez: BlueZ) -> None:
        bluez.add(Written(Identity(ADDRESS, b"Strap"), faults=always(FaultKind.WRITE_REFUSED)))
        one = await Connection(await find()).open()
        await one.client.write_gatt_char(BATTERY_LEVEL, b"asked", response=True)
        await one.client.write_gatt_char(BATTERY_LEVEL, b"told", response=False)
        assert next(iter(bluez.devices.values())).model.read(BATTERY_LEVEL) == b"asked,told,"
        await asyncio.sleep(5)
        with pytest.raises(BleakGATTProtocolError):
            await one.client.write_gatt_char(BATTERY_LEVEL, b"no", response=True)
        await one.client.disconnect()

    over_bluez(scenario)


def test_a_watch_over_bluez_feels_what_it_is_asked_for() -> None:
    """A command is felt once with its instant, and the state that answers it is heard."""
    felt: list[tuple[int, int]] = []

    async def scenario(bluez: BlueZ) -> None:
        bluez.add(WatchModel(Identity(ADDRESS, b"Watch"), felt=lambda ms, percent: felt.append((ms, percent))))
        device = await BleakScanner.find_device_by_filter(lambda _, said: SERVICE in said.service_uuids, timeout=10)
        assert device is not None
        client, states = BleakClient(device), list[bytes]()
        await client.connect()
        await client.start_notify(STATE, lambda _, data: states.append(bytes(data)))
        await asyncio.sleep(20)
        before = len(states)
        await client.write_gatt_char(COMMAND, command_of(1, 1, 300, 25), response=True)
        await asyncio.sleep(0.5)
        assert felt == [(300, 25)]
        assert [state[4] for state in states[before:]] == [1]
        await client.disconnect()

    over_bluez(scenario)


def test_the_signal_strength_and_a_hostile_name_are_handed_on() -> None:
    """A name that is no text and the strength of the signal arrive as BlueZ gives them."""

    async def scenario(bluez: BlueZ) -> None:
        bluez.add(StrapModel(Identity(ADDRESS, b"\x1b[2J\xff\xfe<b>", rssi=-91)))
        found = await BleakScanner.discover(timeout=3, return_adv=True)
        _, said = found[ADDRESS]
        assert said.rssi == -91
        assert said.local_name == "\x1b[2J  <b>"

    over_bluez(scenario)


def test_notifications_doubled_after_a_reconnect() -> None:
    """After a reconnection every packet comes twice, if bluetoothd has that bug."""

    async def scenario(bluez: BlueZ) -> None:
        first, device = await connected(bluez, Fault(FaultKind.DROP, 5 * NS_PER_S, 6 * NS_PER_S))
        device.doubled = True
        await asyncio.sleep(6)
        single = len(first.packets)
        second = await Connection(await find()).open()
        await asyncio.sleep(5)
        assert 2 <= single <= 5  # about one a second; twice that afterwards
        assert 8 <= len(second.packets) <= 12
        await second.client.disconnect()

    over_bluez(scenario)


@pytest.mark.parametrize(
    ("kinds", "outcome"),
    [
        ((FaultKind.CONNECT_HANGS,), TimeoutError),
        ((FaultKind.OUT_OF_RANGE,), TimeoutError),
        ((FaultKind.REFUSED,), TimeoutError),
    ],
)
def test_a_connect_that_does_not_come_about_ends_by_bleaks_own_timeout(
    kinds: tuple[FaultKind, ...], outcome: type[Exception]
) -> None:
    """Hanging, unreachable and refusing devices look the same: TimeoutError, and the call is cancelled at BlueZ."""

    async def scenario(bluez: BlueZ) -> None:
        bluez.add(strap(*always(*kinds)))
        device = await find()
        await asyncio.sleep(6)
        client = BleakClient(device, timeout=10)
        assert await after(LIMIT_S, client.connect()) is outcome
        assert bluez.calls[-1] == "Disconnect"
        await client.disconnect()

    over_bluez(scenario)


@pytest.mark.parametrize(
    ("wrong", "outcome"),
    [
        (BUSY, BleakDBusError),
        (NEVER, TimeoutError),
        (Wrong(FAILED, ABORTED), TimeoutError),
        (Wrong(UNKNOWN_OBJECT, "gone"), BleakDeviceNotFoundError),
    ],
)
def test_what_a_connect_that_bluez_answers_with_an_error_raises(wrong: Wrong, outcome: type[Exception]) -> None:
    """Each error of Connect has its own exception, and the next attempt works."""

    async def scenario(bluez: BlueZ) -> None:
        bluez.add(strap())
        device = await find()
        bluez.wrong["Connect"].append(wrong)
        client = BleakClient(device, timeout=10)
        assert await after(LIMIT_S, client.connect()) is outcome
        await client.disconnect()
        again = await Connection(await find()).open()
        await again.client.disconnect()

    over_bluez(scenario)


def test_a_device_that_bluez_forgot_is_an_error() -> None:
    """A device that was removed after the scan cannot be connected to without another scan."""

    async def scenario(bluez: BlueZ) -> None:
        device = bluez.add(strap())
        found = await find()
        device.forget_objects()
        await asyncio.sleep(1)
        assert await after(LIMIT_S, BleakClient(found).connect()) is BleakError
        await (await Connection(await find()).open()).client.disconnect()

    over_bluez(scenario)


@pytest.mark.parametrize("kind", [FaultKind.READ_HANGS, FaultKind.WRITE_HANGS, FaultKind.SUBSCRIBE_HANGS])
def test_calls_on_a_connection_have_no_limit_of_their_own(kind: FaultKind) -> None:
    """A read, write or subscription that is never answered never returns; the caller's limit alone ends it."""

    async def scenario(bluez: BlueZ) -> None:
        one, _ = await connected(bluez, *always(kind))
        await asyncio.sleep(6)
        calls: dict[FaultKind, Callable[[], Awaitable[object]]] = {
            FaultKind.READ_HANGS: one.read,
            FaultKind.WRITE_HANGS: lambda: one.client.write_gatt_char(BATTERY_LEVEL, b"1", response=True),
            FaultKind.SUBSCRIBE_HANGS: lambda: one.client.start_notify(BATTERY_LEVEL, lambda *_: None),
        }
        assert await after(LIMIT_S, calls[kind]()) is TimeoutError
        await one.client.disconnect()

    over_bluez(scenario)


def test_a_read_that_is_under_way_does_not_end_with_the_link() -> None:
    """When the link drops during a read, bleak goes on waiting although it has told of the loss."""

    async def scenario(bluez: BlueZ) -> None:
        one, _ = await connected(
            bluez, *always(FaultKind.READ_HANGS), Fault(FaultKind.DROP, 9 * NS_PER_S, 10 * NS_PER_S)
        )
        await asyncio.sleep(6)
        assert await after(LIMIT_S, one.read()) is TimeoutError
        assert one.losses == 1
        await one.client.disconnect()

    over_bluez(scenario)


def test_an_adapter_that_vanishes_and_returns() -> None:
    """If BlueZ tells, the loss is told; a scan says that there is no Bluetooth until the adapter is back."""

    async def scenario(bluez: BlueZ) -> None:
        one, _ = await connected(bluez)
        await asyncio.sleep(3)
        bluez.adapter_goes()
        await asyncio.sleep(1)
        assert (one.losses, one.client.is_connected) == (1, False)
        assert await after(LIMIT_S, find()) is BleakBluetoothNotAvailableError
        bluez.adapter_comes()
        await asyncio.sleep(1)
        again = await Connection(await find()).open()
        await asyncio.sleep(3)
        assert len(again.packets) >= 2
        await again.client.disconnect()

    over_bluez(scenario)


def test_an_adapter_that_vanishes_unsaid_leaves_bleak_connected() -> None:
    """Removed objects alone are no loss for bleak: nothing comes and nothing is told, until it is asked to end."""

    async def scenario(bluez: BlueZ) -> None:
        one, _ = await connected(bluez)
        await asyncio.sleep(3)
        bluez.adapter_goes(told=False)
        await asyncio.sleep(60)
        assert (one.losses, one.client.is_connected) == (0, True)
        assert await after(LIMIT_S, one.read()) is BleakDBusError
        assert await after(LIMIT_S, one.client.disconnect()) is BleakDBusError
        assert (one.losses, one.client.is_connected) == (1, False)

    over_bluez(scenario)


def test_an_adapter_that_is_switched_off() -> None:
    """The link is lost, and neither a scan nor a connect works until it is on again."""

    async def scenario(bluez: BlueZ) -> None:
        one, _ = await connected(bluez)
        bluez.power(False)
        await asyncio.sleep(1)
        assert one.losses == 1
        assert await after(LIMIT_S, find()) is BleakBluetoothNotAvailableError
        assert await after(LIMIT_S, BleakClient(one.device).connect()) is BleakDBusError
        bluez.power(True)
        await asyncio.sleep(1)
        await (await Connection(await find()).open()).client.disconnect()

    over_bluez(scenario)


def test_a_scan_whose_adapter_vanishes_cannot_even_be_stopped() -> None:
    """Stopping a scan raises once the adapter is gone; a scan of BlueZ that is busy raises too."""

    async def scenario(bluez: BlueZ) -> None:
        bluez.wrong["StartDiscovery"].append(BUSY)
        assert await after(LIMIT_S, BleakScanner().start()) is BleakDBusError
        scanner = BleakScanner()
        await scanner.start()
        bluez.adapter_goes()
        assert await after(LIMIT_S, scanner.stop()) is BleakDBusError

    over_bluez(scenario)


def test_a_scan_that_cannot_be_stopped_hangs() -> None:
    """A StopDiscovery that is never answered keeps the scan, and every later scan, waiting for ever."""

    async def scenario(bluez: BlueZ) -> None:
        bluez.add(strap())
        bluez.wrong["StopDiscovery"].append(NEVER)
        stopping = asyncio.ensure_future(find())
        assert await after(LIMIT_S, asyncio.shield(stopping)) is TimeoutError
        assert await after(LIMIT_S, BleakScanner().start()) is TimeoutError
        stopping.cancel()
        with suppress(asyncio.CancelledError):
            await stopping
        await find()

    over_bluez(scenario)


def test_bluetoothd_that_crashes_leaves_bleak_connected_and_a_phantom_behind() -> None:
    """A crash is never told; after it bleak believes in the old connection, and a client without a scan gets it."""

    async def scenario(bluez: BlueZ) -> None:
        one, _ = await connected(bluez)
        bluez.crash()
        await asyncio.sleep(5)
        assert (one.losses, one.client.is_connected) == (0, True)
        assert await after(LIMIT_S, find()) is BleakDBusError
        await bluez.start()
        await asyncio.sleep(60)
        assert (one.losses, one.client.is_connected) == (0, True)
        assert await after(LIMIT_S, one.client.disconnect()) is BleakDBusError
        assert one.losses == 1
        again = await Connection(await find()).open()
        await asyncio.sleep(3)
        assert len(again.packets) >= 2
        await again.client.disconnect()

    over_bluez(scenario)


def test_a_phantom_connection_after_a_crash() -> None:
    """Connecting with a device of before the crash succeeds at once, and nothing ever comes of it."""

    async def scenario(bluez: BlueZ) -> None:
        bluez.add(strap())
        device = await find()
        first = await Connection(device).open()
        bluez.crash()
        await bluez.start()
        await asyncio.sleep(1)
        phantom = BleakClient(device, timeout=10)
        await phantom.connect()
        assert phantom.is_connected
        assert bluez.calls.count("Connect") == 1
        for client in (phantom, first.client):
            assert await after(LIMIT_S, client.disconnect()) is BleakDBusError

    over_bluez(scenario)


def test_bluetoothd_that_is_stopped_and_started() -> None:
    """A clean stop tells the loss; a new scan finds everything again."""

    async def scenario(bluez: BlueZ) -> None:
        one, _ = await connected(bluez)
        await bluez.stop()
        assert (one.losses, one.client.is_connected) == (1, False)
        assert await after(LIMIT_S, find()) is BleakBluetoothNotAvailableError
        await bluez.start()
        await asyncio.sleep(1)
        await (await Connection(await find()).open()).client.disconnect()

    over_bluez(scenario)


def test_a_bus_that_dies_is_told_and_its_return_is_used() -> None:
    """A dead bus is a loss; calls raise errors of the operating system until a bus and BlueZ are there again."""

    async def scenario(bluez: BlueZ) -> None:
        one, _ = await connected(bluez)
        bluez.bus.die()
        await asyncio.sleep(1)
        assert (one.losses, one.client.is_connected) == (1, False)
        assert await after(LIMIT_S, find()) is ConnectionRefusedError
        assert await after(LIMIT_S, BleakClient(one.device).connect()) is ConnectionRefusedError
        await one.client.disconnect()
        bluez.crash()
        bluez.bus.rise()
        await bluez.start()
        await (await Connection(await find()).open()).client.disconnect()

    over_bluez(scenario)


@pytest.mark.parametrize(("dies", "outcome"), [("bus", EOFError), ("bluetoothd", BleakDBusError)])
def test_a_call_under_way_ends_when_what_it_asked_dies(dies: str, outcome: type[Exception]) -> None:
    """A read whose bus or daemon dies raises: EOFError, which is no error of bleak's, or a D-Bus error."""

    async def scenario(bluez: BlueZ) -> None:
        one, _ = await connected(bluez, *always(FaultKind.READ_HANGS))
        await asyncio.sleep(6)
        asyncio.get_running_loop().call_later(5, {"bus": bluez.bus.die, "bluetoothd": bluez.crash}[dies])
        assert await after(LIMIT_S, one.read()) is outcome
        with suppress(BleakError):
            await one.client.disconnect()

    over_bluez(scenario)


def test_reads_that_are_busy_are_asked_again_and_subscriptions_are_not() -> None:
    """bleak itself repeats a busy read; a busy subscription raises."""

    async def scenario(bluez: BlueZ) -> None:
        one, _ = await connected(bluez)
        bluez.wrong["ReadValue"] += [BUSY, BUSY]
        assert await one.read() == b"d"
        bluez.wrong["StartNotify"].append(BUSY)
        assert await after(LIMIT_S, one.client.start_notify(BATTERY_LEVEL, lambda *_: None)) is BleakDBusError
        await one.client.disconnect()

    over_bluez(scenario)


def test_a_disconnect_that_is_never_answered_never_returns() -> None:
    """Ending a connection has no limit of its own either, though the client lets go once it is cancelled."""

    async def scenario(bluez: BlueZ) -> None:
        one, _ = await connected(bluez)
        bluez.wrong["Disconnect"].append(NEVER)
        assert await after(LIMIT_S, one.client.disconnect()) is TimeoutError
        assert (one.losses, one.client.is_connected) == (1, False)

    over_bluez(scenario)
