"""One strap kept over bleak's own Linux backend: nothing leaks, it ends in time, and a held one is taken again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from tests.radio.bluez import NEVER, BlueZ, Wrong, over_bluez
from tests.radio.bluez_device import ABORTED, FAILED, BlueZDevice
from vigil.devices.bluez_held import held
from vigil.devices.packets.heart_rate import HeartRateCodec
from vigil.devices.virtual.model import Identity
from vigil.devices.virtual.strap import StrapModel
from vigil.domain.samples import HeartSample
from vigil.domain.units import NS_PER_S
from vigil.run.link_table import SILENT_S, State
from vigil.run.radio import CLOSE_S
from vigil.run.wearable import Parted, Said, Stranger, Wearable

pytestmark = pytest.mark.timeout(120)

ADDRESS = "F0:00:00:00:00:01"
LOSSES = 50
OPEN_FILES = Path("/proc/self/fd")


@dataclass(slots=True)
class Kept:
    """A strap and its keeper, which has not begun yet. hearts_s: when heart rates came, in virtual seconds."""

    bluez: BlueZ
    device: BlueZDevice
    hearts_s: list[float] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    keeping: asyncio.Task[None] | None = None

    @classmethod
    def over(cls, bluez: BlueZ) -> Kept:
        """A strap of this BlueZ."""
        return cls(bluez, bluez.add(StrapModel(Identity(ADDRESS, b"Strap"))))

    def begin(self) -> Wearable:
        """Keep it."""
        loop = asyncio.get_running_loop()

        def now_ns() -> int:
            return round(loop.time() * NS_PER_S)

        wearable = Wearable(ADDRESS, HeartRateCodec, self.hear, now_ns, asyncio.Lock(), Random(1))
        self.keeping = asyncio.create_task(wearable.keep())
        return wearable

    def hear(self, said: Said) -> None:
        """Note what was heard."""
        self.said.append(said)
        if isinstance(said, HeartSample):
            self.hearts_s.append(said.at_ns / NS_PER_S)

    async def heard_after(self, from_s: float) -> float:
        """How long after this instant a heart rate came; fails where none does."""
        async with asyncio.timeout(100):
            while not (self.hearts_s and self.hearts_s[-1] > from_s):
                await asyncio.sleep(0.5)
        return next(at_s for at_s in self.hearts_s if at_s > from_s) - from_s

    async def end(self) -> float:
        """Let it go; how long that took."""
        loop, keeping = asyncio.get_running_loop(), self.keeping
        assert keeping is not None
        before_s = loop.time()
        keeping.cancel()
        await asyncio.wait((keeping,))
        assert keeping.cancelled(), "an exception left it"
        return loop.time() - before_s


async def crashes(kept: Kept) -> None:
    """bluetoothd is gone and back at once, and nothing is told."""
    kept.bluez.crash()
    await kept.bluez.start()


async def goes_away(kept: Kept) -> None:
    """The link breaks, as it does when somebody turns over."""
    kept.device.lost()


async def is_aborted(kept: Kept) -> None:
    """The link breaks, and the next connection does not come about."""
    kept.bluez.wrong["Connect"].append(Wrong(FAILED, ABORTED))
    kept.device.lost()


def test_fifty_losses_leave_nothing_open() -> None:
    """Neither descriptors nor tasks: bleak frees its bus only if it is asked to disconnect after a loss as well."""

    async def scenario(bluez: BlueZ) -> None:
        kept, loop = Kept.over(bluez), asyncio.get_running_loop()
        kept.begin()
        await kept.heard_after(0)
        await asyncio.sleep(5)
        before = sum(1 for _ in OPEN_FILES.iterdir()), len(asyncio.all_tasks())
        for number in range(LOSSES):
            at_s = loop.time()
            await (goes_away, crashes, goes_away, is_aborted, goes_away)[number % 5](kept)
            await kept.heard_after(at_s + 1)
            await asyncio.sleep(SILENT_S + 5)
        after = sum(1 for _ in OPEN_FILES.iterdir()), len(asyncio.all_tasks())
        assert sum(isinstance(one, Parted) for one in kept.said) >= LOSSES
        assert after[0] <= before[0] + 2
        assert after[1] <= before[1] + 2
        await kept.end()

    over_bluez(scenario)


@pytest.mark.parametrize(
    "calls",
    [
        ("StartDiscovery",),
        ("StopDiscovery",),
        ("Connect",),
        ("Connect", "Disconnect"),
        ("StartNotify",),
        ("StartNotify", "Disconnect"),
        ("ReadValue", "Disconnect"),
        ("Disconnect",),
    ],
    ids="+".join,
)
@pytest.mark.parametrize("after_s", [0.3, 4.0, 11.0])
def test_the_night_can_be_ended_whatever_is_not_answered(calls: tuple[str, ...], after_s: float) -> None:
    """In less time than the radio's thread is waited for, and cancelled means ended."""

    async def scenario(bluez: BlueZ) -> float:
        kept = Kept.over(bluez)
        await asyncio.sleep(1)
        for call in calls:
            bluez.wrong[call].append(NEVER)
        kept.begin()
        await asyncio.sleep(after_s)
        return await kept.end()

    assert over_bluez(scenario) < CLOSE_S


def test_a_strap_that_bluetoothd_holds_for_a_program_that_was_killed_is_heard_again() -> None:
    """It advertises no more, so no scan finds it; and it is no stranger's."""

    async def scenario(bluez: BlueZ) -> float:
        kept = Kept.over(bluez)
        kept.begin()
        await kept.heard_after(0)
        await kept.end()
        await asyncio.sleep(3)
        await kept.device.asked("Connect", kept.device.path, [])  # as the program had, before it was killed
        await asyncio.sleep(3)
        found = await held(ADDRESS.lower())
        assert found is not None
        assert found.details["path"] == kept.device.path
        assert await held("F0:00:00:00:00:09") is None
        wearable, from_s = kept.begin(), asyncio.get_running_loop().time()
        waited_s = await kept.heard_after(from_s)
        assert wearable.state is State.LISTENING
        assert not any(isinstance(one, Stranger) for one in kept.said)
        await kept.end()
        await asyncio.sleep(2)
        assert not kept.device.linked, "what was taken again is let go at the end"
        return waited_s

    assert over_bluez(scenario) <= 30


@pytest.mark.parametrize("gone", [lambda bluez: bluez.crash(), lambda bluez: bluez.adapter_goes()])
def test_nothing_is_held_where_nobody_can_be_asked(gone: Callable[[BlueZ], None]) -> None:
    """Without bluetoothd, and without its adapter."""

    async def scenario(bluez: BlueZ) -> None:
        gone(bluez)
        assert await held(ADDRESS) is None

    over_bluez(scenario)
