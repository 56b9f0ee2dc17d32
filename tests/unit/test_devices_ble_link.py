"""One connection over bleak's public classes and a backend that does whatever a radio can do."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from bleak import BleakScanner
from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakError

from vigil.devices import ble_link
from vigil.devices.ble_link import MOST_WAITING, Backends, BleLink, OtherKindError, find, scan
from vigil.devices.bluez_held import connected, held
from vigil.devices.packets.contract import Heard, Read, Subscribe, Unread, Wish, Write, uuid_of
from vigil.devices.radio_calls import BREAK_S, BREAKS, CALL_S, in_words, within
from vigil.domain.errors import DeviceError
from vigil.domain.samples import HeartSample
from vigil.run.virtual_loop import run_virtual

ADDRESS, OTHER = "F0:00:00:00:00:01", "F0:00:00:00:00:02"
HEART, BATTERY, COMMAND = uuid_of(0x2A37), uuid_of(0x2A19), uuid_of(0x2A39)
SAID = AdvertisementData("Strap", {}, {}, [uuid_of(0x180D).upper()], None, -50, ())
OFF = BleakBluetoothNotAvailableError("off", BleakBluetoothNotAvailableReason.POWERED_OFF)

Happens = Callable[[], Awaitable[Any]]


async def hangs() -> None:
    """Never answer."""
    await asyncio.get_running_loop().create_future()


async def hangs_twice() -> None:
    """Never answer, and if given up never answer the next question either, as bleak's connect over BlueZ."""
    try:
        await hangs()
    finally:
        await hangs()


async def is_given_up() -> None:
    """Be cancelled by somebody else."""
    raise asyncio.CancelledError


def raises(error: BaseException) -> Happens:
    """Answer with an error."""

    async def answer() -> None:
        raise error

    return answer


@dataclass(slots=True)
class Radio:
    """What happens at each call, by its name; what was called; whether the wearable is connected."""

    happens: dict[str, Happens] = field(default_factory=dict)
    called: list[str] = field(default_factory=list)
    heard: tuple[str, ...] = (OTHER, ADDRESS)
    offered: tuple[str, ...] = (HEART, BATTERY, COMMAND)
    written: list[tuple[bytes, bool]] = field(default_factory=list)
    client: Client | None = None

    async def at(self, call: str) -> None:
        """Note a call, and have happen what is to."""
        self.called.append(call)
        if (happens := self.happens.get(call)) is not None:
            await happens()


class Scanner(BaseBleakScanner):
    """Hears what the radio says is there."""

    radio: ClassVar[Radio]

    def __init__(self, detection_callback: Any, service_uuids: Any, scanning_mode: str = "active", **_: Any) -> None:
        super().__init__(detection_callback, service_uuids)
        del scanning_mode

    async def start(self) -> None:
        """See bleak."""
        await self.radio.at("scan")
        self.seen_devices = {}
        for address in (*self.radio.heard, *self.radio.heard):
            self.call_detection_callbacks(self.create_or_update_device(address, address, "S", None, SAID), SAID)

    async def stop(self) -> None:
        """See bleak."""
        await self.radio.at("stop")


class Client(BaseBleakClient):
    """A connection that comes about, or not, as the radio says."""

    radio: ClassVar[Radio]
    mtu_size = 23
    name = "S"
    is_connected = True

    def __init__(self, device: Any, services: Any = None, **given: Any) -> None:
        super().__init__(device, disconnected_callback=given["disconnected_callback"], timeout=given["timeout"])
        del services
        self.radio.client = self
        self.notified: dict[str, NotifyCallback] = {}

    async def connect(self, pair: bool, **_: Any) -> None:
        """See bleak."""
        del pair
        await self.radio.at("connect")
        self.services = BleakGATTServiceCollection()
        service = BleakGATTService(None, 1, uuid_of(0x180D))
        self.services.add_service(service)
        for handle, uuid in enumerate(self.radio.offered, 2):
            row = BleakGATTCharacteristic(None, handle, uuid, ["read", "write", "notify"], lambda: 20, service)
            self.services.add_characteristic(row)
        await self.radio.at("connected")

    async def disconnect(self) -> None:
        """See bleak."""
        await self.radio.at("disconnect")

    async def pair(self, *_: Any, **__: Any) -> None:
        """See bleak; never asked for."""

    async def unpair(self) -> None:
        """See bleak; never asked for."""

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **_: Any) -> bytearray:
        """See bleak."""
        del characteristic
        await self.radio.at("read")
        return bytearray(b"\x50")

    async def read_gatt_descriptor(self, descriptor: BleakGATTDescriptor, **_: Any) -> bytearray:
        """See bleak; never asked for."""
        raise NotImplementedError

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool) -> None:
        """See bleak."""
        del characteristic
        await self.radio.at("write")
        self.radio.written.append((bytes(data), response))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """See bleak; never asked for."""

    async def start_notify(self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_: Any) -> None:
        """See bleak."""
        await self.radio.at("subscribe")
        self.notified[characteristic.uuid] = callback

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """See bleak; never asked for."""

    def sends(self, data: bytes = b"\x00\x3c", uuid: str = HEART) -> None:
        """A packet comes."""
        self.notified[uuid](bytearray(data))

    def breaks(self) -> None:
        """The link is gone, as bleak tells it: it has no services any more."""
        self.services = None
        if self._disconnected_callback is not None:
            self._disconnected_callback()


class Absent(Client):
    """A connection that this computer cannot even try."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise BleakError


@dataclass(slots=True)
class Plain:
    """A codec: a rate for each packet, and whatever it is to wish for or to raise."""

    wishes: tuple[Wish, ...] | str = (Subscribe(HEART),)
    then: tuple[Heard | Wish, ...] = ()
    writes: tuple[Write, ...] = (Write(COMMAND, b"buzz"),)
    would_not: str = ""
    fails: str = ""
    offered: frozenset[str] = frozenset()

    def opening(self, offered: frozenset[str]) -> tuple[Wish, ...] | str:
        """See `Codec`."""
        self._must("opening")
        self.offered = offered
        return self.wishes

    def hear(self, characteristic: str, data: bytes, at_ns: int) -> tuple[Heard | Wish, ...]:
        """See `Codec`."""
        self._must("hear")
        return self.then or (HeartSample(at_ns, 10 * data[-1]),)

    def pulse(self, duration_ms: int, strength_percent: int) -> tuple[Write, ...] | str:
        """See `Codec`."""
        del duration_ms, strength_percent
        self._must("pulse")
        return self.would_not or self.writes

    def still(self) -> tuple[Write, ...]:
        """See `Codec`."""
        self._must("still")
        return self.writes

    def _must(self, method: str) -> None:
        if self.fails == method:
            message = "a codec that breaks its promise"
            raise ValueError(message)


@dataclass(slots=True)
class Linked:
    """A link, its radio, and what it told."""

    radio: Radio
    link: BleLink
    heard: list[Heard]
    lost: list[str]

    @property
    def client(self) -> Client:
        """bleak's side of it."""
        assert self.radio.client is not None
        return self.radio.client

    async def open(self) -> None:
        """Connect."""
        await self.link.open(BLEDevice(ADDRESS, "S", None))


Scenario = Callable[[Linked], Coroutine[Any, Any, None]]


def linked(scenario: Scenario, codec: Plain | None = None, **happens: Happens) -> Linked:
    """Run a scenario with a link that is not open yet, in virtual time."""
    radio, heard, lost = Radio(happens), list[Heard](), list[str]()
    link = BleLink(codec or Plain(), heard.append, lost.append, lambda: 7, backends(radio))
    one = Linked(radio, link, heard, lost)
    run_virtual(scenario(one))
    return one


def backends(radio: Radio) -> Backends:
    """The same radio for scans and connections."""
    return Backends(type("OneScanner", (Scanner,), {"radio": radio}), type("OneClient", (Client,), {"radio": radio}))


async def opened(one: Linked) -> None:
    """Open it, hear a packet, close it."""
    await one.open()
    one.client.sends()
    await one.link.close()


def refused(codec: Plain | None = None, **happens: Happens) -> str:
    """Why it would not open; nothing is held then, and nothing else is told."""
    why: list[str] = []

    async def scenario(one: Linked) -> None:
        with pytest.raises(DeviceError) as caught:
            await one.open()
        why.append(str(caught.value))
        assert one.radio.called[-1] == "disconnect"
        await one.link.close()
        assert one.radio.called.count("disconnect") == 1

    linked(scenario, codec, **happens)
    return why[0]


# --- calls


def seconds_of(call: Happens, seconds: float = CALL_S) -> tuple[str, float]:
    """Why a call did not work, and how long was waited for it."""

    async def run() -> tuple[str, float]:
        loop = asyncio.get_running_loop()
        with pytest.raises(DeviceError) as caught:
            await within(call(), "it", seconds)
        return str(caught.value), loop.time()

    return run_virtual(run())


@pytest.mark.parametrize(
    ("call", "why", "waits_s"),
    [
        (hangs, "it took longer than 10 s", CALL_S),
        (hangs_twice, "it took longer than 10 s", CALL_S + BREAK_S),
        (is_given_up, "it was broken off", 0),
        (raises(OFF), "Bluetooth is off, or this computer has none", 0),
        (raises(FileNotFoundError()), "Bluetooth is off, or this computer has none", 0),
        (raises(BleakError("what")), "it failed (BleakError)", 0),
        (raises(EOFError()), "it failed (EOFError)", 0),
        (raises(DeviceError("as it says")), "as it says", 0),
    ],
)
def test_a_call_ends_in_words(call: Happens, why: str, waits_s: float) -> None:
    """Whatever it does, and also where it asks something else before it gives up."""
    assert seconds_of(call) == (why, waits_s)


def test_a_call_that_cannot_even_be_broken_off_is_left_behind() -> None:
    """Nothing waits for it for ever; what becomes of it is nobody's trouble."""
    ends: list[asyncio.Future[None]] = []

    async def stubborn() -> None:
        end = asyncio.get_running_loop().create_future()
        ends.append(end)
        while not end.done():
            try:
                await asyncio.shield(end)
            except asyncio.CancelledError:
                continue

    async def run() -> float:
        with pytest.raises(DeviceError):
            await within(stubborn(), "it")
        waited_s = asyncio.get_running_loop().time()
        ends[0].set_exception(OSError())
        await asyncio.sleep(1)
        return waited_s

    assert run_virtual(run()) == CALL_S + BREAKS * BREAK_S


def test_whoever_waits_for_a_call_can_be_cancelled() -> None:
    """The call is broken off, and the cancellation is not lost."""
    over: list[str] = []

    async def call() -> None:
        try:
            await hangs()
        finally:
            over.append("over")

    async def run() -> None:
        waiting = asyncio.create_task(within(call(), "it"))
        await asyncio.sleep(1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    run_virtual(run())
    assert over == ["over"]


def test_words_leave_a_cancellation_alone() -> None:
    """It is no failure."""
    with pytest.raises(asyncio.CancelledError), in_words("it"):
        raise asyncio.CancelledError


# --- scans


def test_a_scan_gives_everything_that_is_heard() -> None:
    """With name, strength and services in lower case."""
    radio = Radio()
    found = run_virtual(scan(3.0, backends(radio).scanner))
    assert sorted(one.address for one in found) == [ADDRESS, OTHER]
    assert (found[0].name, found[0].rssi, found[0].services) == ("Strap", -50, frozenset({uuid_of(0x180D)}))
    assert radio.called == ["scan", "stop"]


def test_a_device_is_found_as_soon_as_it_is_heard() -> None:
    """Whoever else is heard is told of; upper and lower case are the same."""
    others: list[str] = []

    async def run() -> tuple[BLEDevice | None, float]:
        found = await find(ADDRESS.lower(), 10.0, backends(Radio()).scanner, lambda seen: others.append(seen.address))
        return found, asyncio.get_running_loop().time()

    found, at_s = run_virtual(run())
    assert found is not None
    assert (found.address, at_s) == (ADDRESS, 0)
    assert set(others) == {OTHER}


def test_a_device_that_is_not_heard_is_none() -> None:
    """After the seconds given, and the scan is ended."""
    radio = Radio(heard=(OTHER,))
    assert run_virtual(find(ADDRESS, 10.0, backends(radio).scanner)) is None
    assert radio.called == ["scan", "stop"]


@pytest.mark.parametrize("wrong", [hangs, raises(BleakError("no such adapter"))])
def test_a_scan_that_cannot_be_ended_has_heard_all_the_same(wrong: Happens) -> None:
    """Found by a StopDiscovery that never returned: the device was there, and was looked for twenty seconds more."""
    found = run_virtual(find(ADDRESS, 10.0, backends(Radio({"stop": wrong})).scanner))
    assert found is not None


def test_a_scan_that_cannot_begin_is_an_error() -> None:
    """In words; nothing is to be ended then."""
    radio = Radio({"scan": raises(OFF)})
    with pytest.raises(DeviceError, match="Bluetooth is off"):
        run_virtual(scan(3.0, backends(radio).scanner))
    assert radio.called == ["scan"]


def test_what_is_held_connected_is_asked_for_where_nothing_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """On this computer's own radio only; if that cannot be asked, it is not there."""
    device, asked = BLEDevice(ADDRESS, None, {}), list[str]()

    async def holds(address: str) -> BLEDevice | None:
        asked.append(address)
        if len(asked) > 1:
            raise EOFError
        return device

    own = backends(Radio(heard=())).scanner
    assert own is not None
    monkeypatch.setattr(ble_link, "held", holds)
    monkeypatch.setattr(ble_link, "BleakScanner", lambda hear: own(hear, None))
    assert run_virtual(find(ADDRESS, 10.0)) is device
    assert run_virtual(find(ADDRESS, 10.0)) is None
    assert asked == [ADDRESS, ADDRESS]


def test_what_is_connected_already_is_listed_after_what_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not advertise; one that was heard is not listed twice, and a radio that cannot be asked adds nothing."""
    here = [(BLEDevice(ADDRESS, "A", {}), frozenset[str]()), (BLEDevice(OTHER, "Polar H10 1", {}), frozenset({"x"}))]

    async def holds() -> list[tuple[BLEDevice, frozenset[str]]]:
        if not here:
            raise EOFError
        return here

    own = backends(Radio(heard=(ADDRESS,))).scanner
    assert own is not None
    monkeypatch.setattr(ble_link, "all_held", holds)
    monkeypatch.setattr(ble_link, "BleakScanner", lambda _hear: BleakScanner(backend=own))
    found = run_virtual(scan(3.0))
    assert [(one.address, one.held) for one in found] == [(ADDRESS, False), (OTHER, True)]
    assert (found[1].name, found[1].services) == ("Polar H10 1", frozenset({"x"}))
    here.clear()
    assert [one.address for one in run_virtual(scan(3.0))] == [ADDRESS]


def test_only_devices_that_are_connected_are_held() -> None:
    """Among bluetoothd's objects, by their properties, whatever else stands there."""
    path = "/org/bluez/hci0/dev_F0_00_00_00_00_01"
    about: dict[str, object] = {"Address": ADDRESS, "Connected": True, "Name": "Polar H10 1", "UUIDs": ["180D", 7]}
    objects: dict[str, dict[str, dict[str, object]]] = {
        "/org/bluez/hci0": {"org.bluez.Adapter1": {"Address": ADDRESS}},
        path: {"org.bluez.Device1": about},
        "/org/bluez/hci0/dev_x": {"org.bluez.Device1": {"Address": 7, "Connected": True}},
    }
    ((found, services),) = connected(objects)
    assert (found.address, found.name, services) == (ADDRESS, "Polar H10 1", frozenset({"180d"}))
    assert found.details == {"path": path, "props": about}
    about["Connected"] = False
    assert connected(objects) == []
    assert connected({}) == []


def test_elsewhere_than_on_linux_nothing_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """There a connection ends with its program."""
    monkeypatch.setattr("sys.platform", "darwin")
    assert run_virtual(held(ADDRESS)) is None


# --- a connection


def test_what_the_codec_wishes_is_done_and_what_it_says_is_handed_on() -> None:
    """Subscriptions, reads and writes, in order, and packets with the instant they came."""
    codec = Plain((Subscribe(HEART), Read(BATTERY), Write(COMMAND, b"on", response=False)))
    one = linked(opened, codec)
    assert one.radio.called[2:] == ["subscribe", "read", "write", "disconnect"]
    assert one.radio.written == [(b"on", False)]
    assert one.heard == [HeartSample(7, 800), HeartSample(7, 600)]
    assert codec.offered == {HEART, BATTERY, COMMAND}
    assert one.link.packets == 2
    assert one.lost == []


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("connect", "connecting took longer than 10 s"),
        ("subscribe", "subscribing took longer than 10 s"),
        ("read", "reading took longer than 10 s"),
        ("write", "writing took longer than 10 s"),
    ],
)
def test_a_call_that_never_returns_is_a_refusal(call: str, why: str) -> None:
    """Each call while it is opened has a limit, and the connection is let go."""
    codec = Plain((Subscribe(HEART), Read(BATTERY), Write(COMMAND, b"on")))
    assert refused(codec, **{call: hangs_twice}) == why


def test_a_link_that_breaks_while_it_is_opened_is_a_refusal() -> None:
    """Whether bleak has no services any more by then, or told of it at the last."""

    async def scenario(one: Linked) -> None:
        async def breaks() -> None:
            one.client.breaks()

        one.radio.happens["connected"] = breaks
        with pytest.raises(DeviceError, match="connecting failed"):
            await one.open()
        del one.radio.happens["connected"]

    linked(scenario)

    async def at_the_last(one: Linked) -> None:
        async def breaks() -> None:
            one.client.breaks()

        one.radio.happens["subscribe"] = breaks
        with pytest.raises(DeviceError, match="went away at once"):
            await one.open()

    linked(at_the_last)


def test_a_radio_that_is_not_there_is_a_refusal() -> None:
    """Even a client that cannot be made."""

    link = BleLink(Plain(), lambda _heard: None, lambda _why: None, lambda: 7, Backends(client=Absent))
    with pytest.raises(DeviceError, match="connecting failed"):
        run_virtual(link.open(BLEDevice(ADDRESS, "S", None)))


def test_a_loss_is_told_once_and_nothing_is_heard_after_it() -> None:
    """And it is let go all the same: only that frees what bleak holds."""

    async def scenario(one: Linked) -> None:
        await one.open()
        client = one.client
        client.breaks()
        client.breaks()
        client.sends()
        assert one.lost == ["the connection broke"]
        assert one.heard == []
        await one.link.close()
        with pytest.raises(DeviceError, match="out of reach"):
            await one.link.pulse(100, 10)

    assert linked(scenario).radio.called[-1] == "disconnect"


def test_a_connection_that_is_closed_tells_no_loss() -> None:
    """Though bleak does."""

    async def scenario(one: Linked) -> None:
        await one.open()
        client = one.client
        await one.link.close()
        client.breaks()
        await one.link.close()

    one = linked(scenario)
    assert one.lost == []
    assert one.radio.called.count("disconnect") == 1


@pytest.mark.parametrize("wrong", [hangs, hangs_twice, raises(BleakError("gone")), is_given_up])
def test_closing_neither_raises_nor_hangs(wrong: Happens) -> None:
    """A client that cannot be closed is dropped."""

    async def scenario(one: Linked) -> None:
        await one.open()
        before_s = asyncio.get_running_loop().time()
        await one.link.close()
        assert asyncio.get_running_loop().time() - before_s <= CALL_S + BREAKS * BREAK_S

    linked(scenario, disconnect=wrong)


def test_a_cancellation_while_it_is_closed_is_not_lost_and_it_is_disconnected() -> None:
    """Found by thought: it was taken for that of the task that does the wishes, and the night's end hung."""

    async def scenario(one: Linked) -> None:
        await one.open()
        await asyncio.sleep(1)
        closing = asyncio.create_task(one.link.close())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing

    assert linked(scenario).radio.called[-1] == "disconnect"


def test_what_packets_make_necessary_is_done() -> None:
    """One after the other, as long as not too many wait."""
    codec = Plain()

    async def scenario(one: Linked) -> None:
        await one.open()
        codec.then = (Write(COMMAND, b"more"),)
        for _ in range(2 * MOST_WAITING):
            one.client.sends()
        await asyncio.sleep(1)
        await one.link.close()

    assert len(linked(scenario, codec).radio.written) == MOST_WAITING


def test_a_wish_that_fails_ends_the_link() -> None:
    """It is told why."""
    codec = Plain()

    async def scenario(one: Linked) -> None:
        await one.open()
        codec.then = (Read(BATTERY),)
        one.client.sends()
        await asyncio.sleep(20)
        await one.link.close()

    assert linked(scenario, codec, read=hangs).lost == ["reading took longer than 10 s"]


def test_pulses_are_written_and_ended() -> None:
    """And one that the codec has no bytes for is an error in words."""
    codec = Plain()

    async def scenario(one: Linked) -> None:
        await one.open()
        await one.link.pulse(300, 25)
        await one.link.still()
        assert one.radio.written == [(b"buzz", True)] * 2
        codec.writes = ()
        await one.link.still()
        for codec.would_not, why in (("", "would not vibrate now"), ("it was stopped by hand", "stopped by hand")):
            with pytest.raises(DeviceError, match=why):
                await one.link.pulse(300, 25)
        await one.link.close()

    linked(scenario, codec)


@pytest.mark.parametrize("method", ["pulse", "still"])
def test_a_codec_that_raises_is_an_error_in_words(method: str) -> None:
    """It may be another package's."""
    codec = Plain(fails=method)

    async def scenario(one: Linked) -> None:
        await one.open()
        with pytest.raises(DeviceError, match="its codec"):
            await (one.link.pulse(300, 25) if method == "pulse" else one.link.still())
        await one.link.close()

    linked(scenario, codec)


def test_a_codec_that_raises_at_the_opening_is_a_refusal() -> None:
    """It ends nobody else's night."""
    assert refused(Plain(fails="opening")) == "connecting failed (ValueError)"


def test_one_that_is_not_what_it_was_taken_for_is_let_go() -> None:
    """In the codec's words, and with what it offers, so that somebody may know what it is."""

    async def scenario(one: Linked) -> None:
        with pytest.raises(OtherKindError, match="its app is not open") as caught:
            await one.open()
        assert caught.value.services == {uuid_of(0x180D)}
        assert one.radio.called[-1] == "disconnect"

    linked(scenario, Plain(wishes="its app is not open"))


def test_what_the_libraries_warn_of_does_not_reach_the_screen(capfd: pytest.CaptureFixture[str]) -> None:
    """Python writes warnings that nobody handles to standard error: not of these two."""
    script = (
        "import logging; import vigil.devices.ble_link\n"
        "for name in ('bleak.backends.bluezdbus.manager', 'dbus_fast.message_bus'): logging.getLogger(name).error('x')"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert capfd.readouterr().err == ""


def test_a_packet_that_a_codec_fails_at_is_unread() -> None:
    """Every one counts against its wearable, and the link stands."""
    one = linked(opened, Plain(fails="hear"))
    assert one.heard == [Unread(HEART, "its codec failed (ValueError)")]
    assert one.lost == []
