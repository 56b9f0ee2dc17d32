"""A stand-in for bluetoothd on a private bus, as far as bleak and a central need it, and everything it gets wrong.

It carries the same virtual wearables as the radio of `vigil.devices.virtual.air`. Sources: BlueZ's documentation,
doc/org.bluez.Adapter.rst, org.bluez.Device.rst, org.bluez.GattCharacteristic.rst; errors, src/error.c and src/error.h.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from bleak.backends.bluezdbus.version import BlueZFeatures
from dbus_fast import Message, MessageType, NameFlag, Variant
from dbus_fast.aio import MessageBus

from tests.radio.bluez_device import ADAPTER, CONNECT_S, BlueZDevice, CallError
from tests.radio.bus import PrivateBus
from vigil.devices.virtual.model import WearableModel
from vigil.run.virtual_loop import run_virtual

ADAPTER1 = "org.bluez.Adapter1"

NOT_READY = "org.bluez.Error.NotReady"
UNKNOWN_OBJECT = "org.freedesktop.DBus.Error.UnknownObject"
ADVERTISING_S = 1.0
"""How often a device is heard while somebody scans."""

Properties = dict[str, Variant]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wrong:
    """How a call is answered instead of well: an error of a name and a text; without a name, never."""

    error: str = ""
    text: str = ""


NEVER = Wrong()


class BlueZ:
    """bluetoothd. wrong: what to answer instead, call by call, e.g. wrong["Connect"].append(NEVER)."""

    def __init__(self, bus: PrivateBus) -> None:
        self.bus = bus
        self.wrong: defaultdict[str, list[Wrong]] = defaultdict(list)
        self.calls: list[str] = []
        self.devices: dict[str, BlueZDevice] = {}
        self._objects: dict[str, dict[str, Properties]] = {}
        self._link: MessageBus | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._scan: asyncio.Task[None] | None = None

    # --- what a test does to it

    async def start(self) -> None:
        """Own the name, with an adapter that is on; nothing of an earlier life is known."""
        self._link = await MessageBus(bus_address=self.bus.address).connect()
        self._link.add_message_handler(self._called)
        await self._link.request_name("org.bluez", NameFlag.DO_NOT_QUEUE)
        self.adapter_comes()

    def crash(self) -> None:
        """Be gone from one instant to the next: nobody is told anything. `start` begins again."""
        if self._link is not None:
            self._link.disconnect()
            self._link = None
        self._objects.clear()
        for device in self.devices.values():
            device.forget()

    async def stop(self) -> None:
        """Take every object back, and then be gone, as when the service is stopped. `start` begins again."""
        self.adapter_goes()
        await asyncio.sleep(CONNECT_S)
        self.crash()

    def adapter_goes(self, told: bool = True) -> None:
        """The adapter is unplugged: every device and then the adapter is removed.

        told: whether it is said of each device that it is not connected any more; bluetoothd does not always.
        """
        for device in self.devices.values():
            if told:
                device.lost()
            device.forget()
        for path in sorted(self._objects, reverse=True):
            self.remove(path)

    def adapter_comes(self) -> None:
        """The adapter is there, and on."""
        self.add_object(
            ADAPTER,
            {
                ADAPTER1: {
                    "Address": Variant("s", "C0:00:00:00:00:01"),
                    "Name": Variant("s", "computer"),
                    "Alias": Variant("s", "computer"),
                    "Powered": Variant("b", True),
                    "Discovering": Variant("b", False),
                    "UUIDs": Variant("as", []),
                    "Roles": Variant("as", ["central", "peripheral"]),
                }
            },
        )

    def power(self, on: bool) -> None:
        """Switch the adapter on or off; every connection breaks when it is switched off."""
        if not on:
            for device in self.devices.values():
                device.lost()
        self.change(ADAPTER, ADAPTER1, Powered=Variant("b", on), Discovering=Variant("b", False))

    def add(self, model: WearableModel) -> BlueZDevice:
        """Switch a wearable on; its time begins now."""
        device = BlueZDevice(self, model)
        self.devices[device.path] = device
        self.spawn(device.life.run())
        return device

    async def close(self) -> None:
        """End, and kill the bus, so that whoever is still connected lets go."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.crash()
        self.bus.die()
        await asyncio.sleep(1)

    # --- objects

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something beside."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    @property
    def discovering(self) -> bool:
        """Whether somebody scans."""
        adapter = self._objects.get(ADAPTER)
        return adapter is not None and bool(adapter[ADAPTER1]["Discovering"].value)

    def knows(self, path: str) -> bool:
        """Whether there is such an object."""
        return path in self._objects

    def value(self, path: str, interface: str, name: str) -> object:
        """A property."""
        return self._objects[path][interface][name].value

    def add_object(self, path: str, interfaces: dict[str, Properties]) -> None:
        """Publish an object."""
        self._objects[path] = interfaces
        self._signal("/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", "oa{sa{sv}}", [path, interfaces])

    def remove(self, path: str) -> None:
        """Take an object back."""
        if (gone := self._objects.pop(path, None)) is not None:
            manager = "org.freedesktop.DBus.ObjectManager"
            self._signal("/", manager, "InterfacesRemoved", "oas", [path, list(gone)])

    def change(self, path: str, interface: str, **properties: Variant) -> None:
        """Change properties of an object, if it is there, and tell."""
        if path in self._objects:
            self._objects[path][interface].update(properties)
            changed = "org.freedesktop.DBus.Properties"
            self._signal(path, changed, "PropertiesChanged", "sa{sv}as", [interface, properties, []])

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        self._say(Message.new_signal(path, interface, member, signature, body))

    def _say(self, message: Message) -> None:
        if self._link is not None and self._link.connected:
            self._link.send(message).add_done_callback(_heed)

    # --- calls

    def _called(self, message: Message) -> bool | Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.member is None or message.path is None:
            return None
        if message.member == "GetManagedObjects":
            return Message.new_method_return(message, "a{oa{sa{sv}}}", [self._objects])
        if not (message.interface or "").startswith("org.bluez."):
            return None
        self.calls.append(message.member)
        self.spawn(self._answer(message))
        return True

    async def _answer(self, message: Message) -> None:
        assert message.member is not None
        try:
            await self._go_wrong(message.member)
            signature, body = await self._do(message, message.member, str(message.path))
        except CallError as refusal:
            self._say(Message.new_error(message, refusal.error, refusal.text))
        else:
            self._say(Message.new_method_return(message, signature, body))

    async def _go_wrong(self, member: str) -> None:
        if not self.wrong[member]:
            return
        wrong = self.wrong[member].pop(0)
        if not wrong.error:
            await asyncio.get_running_loop().create_future()
        await asyncio.sleep(CONNECT_S)
        raise CallError(wrong.error, wrong.text)

    async def _do(self, message: Message, member: str, path: str) -> tuple[str, list[Any]]:
        if path not in self._objects:
            signature = message.signature
            text = f'Method "{member}" with signature "{signature}" on interface "{message.interface}" doesn\'t exist\n'
            raise CallError(UNKNOWN_OBJECT, text)
        if not self.value(ADAPTER, ADAPTER1, "Powered"):
            raise CallError(NOT_READY, "Resource Not Ready")
        if message.interface == ADAPTER1:
            await self._adapter(member, message.body)
            return "", []
        device = next(one for one in self.devices.values() if path.startswith(one.path))
        return await device.asked(member, path, message.body)

    async def _adapter(self, member: str, body: list[str]) -> None:
        if member == "StartDiscovery":
            self.change(ADAPTER, ADAPTER1, Discovering=Variant("b", True))
            if self._scan is not None:
                self._scan.cancel()
            self._scan = self.spawn(self._discover())
        elif member == "StopDiscovery":
            self.change(ADAPTER, ADAPTER1, Discovering=Variant("b", False))
        elif member == "RemoveDevice":
            await self.devices[body[0]].drop()
            self.devices[body[0]].forget_objects()

    async def _discover(self) -> None:
        while self.discovering:
            for device in self.devices.values():
                device.advertise()
            await asyncio.sleep(ADVERTISING_S)


def _heed(sending: asyncio.Future[object]) -> None:
    """A message that could not be sent any more is nobody's trouble: the bus is dead."""
    if not sending.cancelled():
        sending.exception()


def _quiet(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Say nothing of what dbus-fast leaves unheard when its bus dies; everything else is said as ever."""
    if not isinstance(context.get("exception"), EOFError | OSError):
        loop.default_exception_handler(context)


def over_bluez(scenario: Callable[[BlueZ], Awaitable[T]]) -> T:
    """Run a scenario in virtual time over a BlueZ of its own, which unmodified bleak takes for the computer's."""

    async def run(bus: PrivateBus) -> T:
        asyncio.get_running_loop().set_exception_handler(_quiet)
        bluez = BlueZ(bus)
        await bluez.start()
        try:
            return await scenario(bluez)
        finally:
            await bluez.close()

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        bus = PrivateBus(Path(folder))
        patch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        patch.setattr(BlueZFeatures, "checked_bluez_version", True)  # it would run bluetoothctl
        return run_virtual(run(bus), settle=bus.barrier)
