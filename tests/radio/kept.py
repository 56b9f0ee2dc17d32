"""One wearable on the virtual air, kept by the real supervisor through bleak's public classes, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from vigil.devices.ble_link import Backends, Seen
from vigil.devices.packets.heart_rate import HeartRateCodec
from vigil.devices.virtual.air import Air
from vigil.devices.virtual.faults import Fault
from vigil.devices.virtual.model import Identity
from vigil.devices.virtual.strap import StrapModel
from vigil.devices.virtual.vitals import Vitals
from vigil.domain.samples import HeartSample
from vigil.domain.units import NS_PER_S
from vigil.run.virtual_loop import VirtualTimeLoop, run_virtual
from vigil.run.wearable import Joined, Parted, Said, Wearable

ADDRESS, OTHER = "F0:00:00:00:00:01", "F0:00:00:00:00:02"


def beating(elapsed_ns: int) -> Vitals:
    """A heart that is never quite the same from second to second."""
    bpm = 58 + elapsed_ns // NS_PER_S % 5
    return Vitals(bpm=bpm, rr_ms=(60_000 // bpm,))


@dataclass(slots=True)
class Kept:
    """What was heard of it, with the virtual second at which it was."""

    said: list[tuple[float, Said]] = field(default_factory=list)

    def hearts(self, from_s: float = 0.0) -> list[float]:
        """When heart rates came, from a second on."""
        return [at_s for at_s, one in self.said if isinstance(one, HeartSample) and at_s >= from_s]

    def of(self, *kinds: type[object]) -> list[float]:
        """When anything of these kinds came."""
        return [at_s for at_s, one in self.said if isinstance(one, kinds)]

    @property
    def links(self) -> list[str]:
        """Connections and losses, in order."""
        return [type(one).__name__ for _, one in self.said if isinstance(one, Joined | Parted)]


def keep(faults: Sequence[Fault] = (), seconds: float = 300.0, *, there: bool = True, strangers: int = 0) -> Kept:
    """Keep a strap with these faults for so long."""
    return run_virtual(_keep(faults, seconds, there=there, strangers=strangers))


async def _keep(faults: Sequence[Fault], seconds: float, *, there: bool, strangers: int) -> Kept:
    loop, kept, air = asyncio.get_running_loop(), Kept(), Air()
    assert isinstance(loop, VirtualTimeLoop)
    if there:
        await air.add(StrapModel(Identity(ADDRESS, b"Strap"), beating, faults, seed=7))
    for number in range(strangers):
        await air.add(StrapModel(Identity(f"F0:00:00:00:00:{number + 2:02X}", b"Strap"), beating))

    def hear(said: Said) -> None:
        kept.said.append((loop.time(), said))

    def kin(seen: Seen) -> bool:
        return seen.name == "Strap"

    backends = Backends(air.scanner, air.client)
    wearable = Wearable(ADDRESS, HeartRateCodec, hear, lambda: loop.now_ns, asyncio.Lock(), Random(1), backends, kin)
    keeping = asyncio.create_task(wearable.keep())
    await asyncio.sleep(seconds)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    await air.close()
    return kept
