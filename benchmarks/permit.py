"""One command: how long it takes from a sample to a permit, beyond what the design makes everybody wait.

    python -m benchmarks.permit [--json FILE] [--minutes M] [--speed X] [--acceleration] [--seed N]

A simulated sleeper's strap sends a packet a second, which a real `BleLink` in a thread of the radio is handed at the
instant at which it would come, and a second wearable tells a row of movement. With --acceleration it is ten packets of
raw acceleration at 200 Hz in place of that row: more than ten times the data. The live loop, the inbox, engine, guard,
ledger on disk and the outputs' desk are the night's own, in real threads on real clocks. The night goes by X times as
fast as life, so that a thousand steps do not take an evening; every figure is in real milliseconds all the same, and a
night that has less rest between its turns is late rather more often than a real one.

Three figures, each with its p50, p99 and most:

- *packet to inbox*: from when the radio has a packet until what it says waits for the night.
- *sample to decision*: from when the last sample that can count in a step is due until the step is decided. A sample
  is due when its hold is over (1.25 s for beats), and the last that counts is the one that is due when the step ends:
  so the end of the step on the clock is the beginning, and what is measured is only waking, taking and looking.
- *sample to permit*: the same until the output is handed the permit, its ledger row durable on disk.

What the design makes everybody wait comes before: up to 5 s until the step of a sample ends, and the hold of its kind.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import numpy as np

from benchmarks.radio import PLAN, WIDEST, spread
from vigil.app.keepers import LiveKeeper
from vigil.app.night_figures import bar_nights
from vigil.app.radio_night import sleeper_with_strap
from vigil.app.simulated_night import INVENTED_WALL_MS, Script, lights_out
from vigil.app.virtual_body import VirtualBody
from vigil.app.wiring import population_outfit
from vigil.devices.ble_link import BleLink
from vigil.devices.packets.heart_rate import HEART_RATE_MEASUREMENT, HeartRateCodec
from vigil.devices.virtual.strap import measurement
from vigil.devices.virtual.vitals import Vitals
from vigil.domain.permits import Permit
from vigil.domain.records import Input, NightBegan, Tick
from vigil.domain.requests import Output
from vigil.domain.samples import AccelerationBlock, MotionSummary
from vigil.domain.units import NS_PER_MS, NS_PER_S, STEP_NS
from vigil.night.night_watch import NightWatch
from vigil.run.desk import Desk
from vigil.run.live import Around, watch_live
from vigil.run.ports import WallClock
from vigil.run.radio import Inbox, RadioSource
from vigil.run.replay import Outfit
from vigil.run.runner import NightRunner
from vigil.run.wearable import Joined
from vigil.store.database import Database

Packet = tuple[int, bytes | MotionSummary | AccelerationBlock]
"""Nanoseconds from lights-out, and what comes then: bytes of the strap, or movement, its instants from lights-out."""

BLOCKS, SAMPLES = 10, 20
"""Blocks of a second, and samples of each: a Polar H10 at its fastest, 200 Hz (its row in `devices/families.py`)."""


@dataclass(slots=True)
class Measured:
    """Real nanoseconds. clock: the night's, `speed` times as fast as life."""

    clock: WallClock
    speed: float
    zero_ns: int = 0
    next_ns: int = 0
    began: threading.Event = field(default_factory=threading.Event)
    to_inbox: list[int] = field(default_factory=list)
    to_decision: list[int] = field(default_factory=list)
    to_permit: list[int] = field(default_factory=list)

    def since(self, at_ns: int) -> int:
        """Real nanoseconds since an instant of the night."""
        return round((self.clock.boot_ns() - at_ns) / self.speed)

    @contextmanager
    def steps(self) -> Iterator[None]:
        """Look at each step's end while this lasts."""
        deliver = NightRunner.deliver

        def delivered(runner: NightRunner, record: Input) -> None:
            deliver(runner, record)
            if isinstance(record, NightBegan):
                self.zero_ns = record.at_ns
                self.next_ns = record.at_ns + STEP_NS
                self.began.set()
            while isinstance(record, Tick) and self.next_ns <= record.at_ns:  # a late turn closes several
                self.to_decision.append(self.since(self.next_ns))
                self.next_ns += STEP_NS

        with patch.object(NightRunner, "deliver", delivered):
            yield


@dataclass(frozen=True, slots=True)
class Witness:
    """An output that notes when it was handed a permit; see `Nudger`."""

    measured: Measured
    output: Output = Output.VIBRATION
    name: str = "the witness"

    async def probe(self) -> str:
        """See `Nudger`."""
        return ""

    async def start(self, permit: Permit, at_ns: int) -> None:  # noqa: ARG002 — the contract of `Nudger`
        """See `Nudger`."""
        self.measured.to_permit.append(self.measured.since(permit.issued_ns))

    async def off(self) -> None:
        """See `Nudger`."""

    async def close(self) -> None:
        """See `Nudger`."""


def packets_of(script: Script, *, acceleration: bool) -> tuple[Packet, ...]:
    """What the sleeper's strap and a second wearable send, at the instants of the night."""
    body, found = VirtualBody(sleeper_with_strap(script), began_ns=0), list[Packet]()
    for at_ns in range(NS_PER_S, body.sleeper.ends_ns, NS_PER_S):
        vitals = body.strap(at_ns)
        moved = body.watch(at_ns)
        if acceleration:
            found += _blocks(at_ns - NS_PER_S, moved)
        else:
            wide = max(b - a for a, b in zip(moved.low_mg, moved.high_mg, strict=True))
            found.append((at_ns, MotionSummary(at_ns, 1000, wide, moved.low_mg, moved.high_mg, moved.mean_mg)))
        found.append((at_ns, measurement(vitals)))
    return tuple(found)


def _blocks(from_ns: int, moved: Vitals) -> list[Packet]:
    """A second of acceleration with these extremes; each block is known when its last sample was taken."""
    length_ns = NS_PER_S // BLOCKS
    rows = [moved.low_mg, moved.high_mg, *[moved.mean_mg] * (SAMPLES - 2)]
    starts = range(from_ns, from_ns + NS_PER_S, length_ns)
    return [
        (at_ns + length_ns, AccelerationBlock(at_ns, length_ns // SAMPLES, np.array(rows, np.int16)))
        for at_ns in starts
    ]


def send(packets: tuple[Packet, ...], inbox: Inbox, measured: Measured) -> None:
    """The radio's thread: each packet when it would come."""
    clock = measured.clock
    link = BleLink(HeartRateCodec(), inbox.put, lambda _why: None, clock.boot_ns)
    measured.began.wait()
    inbox.put(Joined(clock.boot_ns()))
    for at_ns, sent in packets:
        left_ns = measured.zero_ns + at_ns - clock.boot_ns()
        if left_ns > 0:
            time.sleep(left_ns / NS_PER_S / measured.speed)
        started = time.perf_counter_ns()
        if isinstance(sent, bytes):
            link._take(HEART_RATE_MEASUREMENT, sent)
        else:
            inbox.put(replace(sent, at_ns=measured.zero_ns + sent.at_ns))
        measured.to_inbox.append(time.perf_counter_ns() - started)


def measure(script: Script, outfit: Outfit, began: NightBegan, packets: tuple[Packet, ...], speed: float) -> Measured:
    """Live the night at this speed."""
    clock = WallClock(speed)
    measured, inbox = Measured(clock, speed), Inbox()
    with tempfile.TemporaryDirectory() as folder, Database.open(Path(folder) / "vigil.db") as database:
        keeper = LiveKeeper(database, kind="demo", source="radio", beside={"bar_nights": bar_nights(outfit)})
        desk = Desk({Output.VIBRATION: Witness(measured)}, clock.boot_ns, lambda: False)
        watch = NightWatch(outfit.parameters, outfit.settings, outfit.profile)
        runner = NightRunner(watch, keeper, desk, wall_ms=lambda: INVENTED_WALL_MS)
        ends_ns = round(script.hours * 3600) * NS_PER_S
        source = RadioSource(began, inbox, ends_ns=ends_ns, boot_ns=clock.boot_ns)
        radio = threading.Thread(target=send, args=(packets, inbox, measured), daemon=True)
        desk.open()
        radio.start()
        try:
            with measured.steps():
                asyncio.run(watch_live(runner, source, clock, Around(steady=False)))
        finally:
            desk.close()
    return measured


def run(seed: int, minutes: float, speed: float, say: Callable[[str], None], *, acceleration: bool) -> dict[str, float]:
    """The figures."""
    script = Script(seed, PLAN, minutes / 60, by_radio=True)
    outfit = replace(population_outfit(), settings=WIDEST)
    began = lights_out(script, outfit, wall_ms=INVENTED_WALL_MS, zone_min=0, name=script.name)
    began = replace(began, heart_cadence_ms=None)
    packets = packets_of(script, acceleration=acceleration)
    say(f"{len(packets)} packets, {minutes:g} minutes of the night in {minutes / speed:g}")
    measured = measure(script, outfit, began, packets, speed)
    rows = {
        "packet_to_inbox_ms": measured.to_inbox,
        "sample_to_decision_ms": measured.to_decision,
        "sample_to_permit_ms": measured.to_permit,
    }
    figures = [spread(name, [ns / NS_PER_MS for ns in values]) for name, values in rows.items()]
    return {name: value for one in figures for name, value in one.items()}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--minutes", type=float, default=90.0)
    parser.add_argument("--speed", type=float, default=10.0)
    parser.add_argument("--acceleration", action="store_true", help="raw, ten packets a second")
    parser.add_argument("--seed", type=int, default=2)
    given = parser.parse_args()
    load = os.getloadavg()[0]
    figures = run(given.seed, given.minutes, given.speed, print, acceleration=given.acceleration)
    print(*(f"{name} {value:g}" for name, value in figures.items()), sep="\n")
    if given.json is not None:
        about = {
            "date": datetime.now(UTC).date().isoformat(),
            "machine": platform.machine(),
            "load_before_and_after": (load, os.getloadavg()[0]),
            "minutes": given.minutes,
            "speed": given.speed,
            "acceleration": given.acceleration,
        }
        given.json.write_text(json.dumps({**about, **figures}, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
