"""One command: how long a sample takes from the radio to a permit, and what hearing a night by radio costs.

    python -m benchmarks.radio [--json FILE] [--hours H] [--seed N]

A simulated sleeper's night over the virtual radio, in virtual time, at the strap's usual packet a second and at ten a
second. *Waiting* is virtual time: from when `BleLink` hands a heart rate on until the turn that takes it (the night
looks once a second), and until the step of 5 s that it belongs to is decided. *Working* is real time: from the moment
a turn asks its source until it has looked at a step, and, where a nudge is allowed, until the output is handed the
permit, its ledger row written. The same night without radio shows what hearing alone costs; a virtual radio also pays
for the wearables' own side, so the difference is the most that it can be.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from vigil.app.keepers import LiveKeeper
from vigil.app.live_view import NoView
from vigil.app.night_figures import bar_nights
from vigil.app.radio_night import OnBody, live_by_radio, sleeper_with_strap
from vigil.app.simulated_night import INVENTED_WALL_MS, NamedSleeper, Script, lights_out
from vigil.app.wiring import population_outfit
from vigil.devices.ble_link import BleLink
from vigil.devices.nudgers.vibration import VibrationNudger
from vigil.domain.permits import Permit
from vigil.domain.records import Event, NightBegan, Sample
from vigil.domain.samples import HeartSample
from vigil.domain.settings import CapSettings, Settings
from vigil.domain.units import NS_PER_MS, NS_PER_S, STEP_NS
from vigil.night.night_watch import NightWatch
from vigil.run.hands import Hands
from vigil.run.live import Around, watch_live
from vigil.run.ports import VirtualClock
from vigil.run.radio import RadioSource
from vigil.run.replay import Outfit
from vigil.run.runner import NightRunner
from vigil.run.sources import SleeperSource
from vigil.run.wearable import Said
from vigil.store.database import Database

NIGHT_S = 8 * 3600
PLAN = "many"
WIDEST = Settings(top_level=4, threshold_factor=0.5, caps=CapSettings(4, 6, 12, 60))
"""Every cap at its ceiling, and the least evidence: permits are rare."""

FAST_NS = 100 * NS_PER_MS
"""A strap of ten packets a second: ten times the data."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what was measured, and its figures by name."""

    what: str
    figures: dict[str, float]


@dataclass(slots=True)
class Probe(NoView):
    """Looks on at a night by radio. heard, turns: virtual nanoseconds; working, permits: real ones.

    working: of each turn, from asking the source to having looked at everything. permits: from asking the source to the
    output's being handed the permit.
    """

    heard: list[int] = field(default_factory=list)
    turns: list[int] = field(default_factory=list)
    working: list[int] = field(default_factory=list)
    permits: list[int] = field(default_factory=list)
    packets: int = 0
    began_ns: int = 0
    _turn_ns: int = 0

    def wear(self, worn: OnBody, period_ns: int) -> None:
        """Listen between the strap's link and the inbox."""
        worn.strap.period_ns = period_ns
        worn.strap_kept.hear = self._listening(worn.strap_kept.hear)

    def _listening(self, hear: Callable[[Said], None]) -> Callable[[Said], None]:
        def heard(said: Said) -> None:
            if isinstance(said, HeartSample):
                self.heard.append(_loop_ns())
            hear(said)

        return heard

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Look on at turns, commits, permits and packets while this lasts."""
        due, commit, start, take = RadioSource.due, NightRunner.commit, VibrationNudger.start, BleLink._take

        def asked(source: RadioSource, elapsed_ns: int) -> Sequence[Sample | Event]:
            self.began_ns = source.began().at_ns
            self.turns.append(self.began_ns + elapsed_ns)
            self._turn_ns = time.perf_counter_ns()
            return due(source, elapsed_ns)

        def looked(runner: NightRunner) -> None:
            if self._turn_ns:
                self.working.append(time.perf_counter_ns() - self._turn_ns)
            commit(runner)

        async def handed(nudger: VibrationNudger, permit: Permit, at_ns: int) -> None:
            self.permits.append(time.perf_counter_ns() - self._turn_ns)
            await start(nudger, permit, at_ns)

        def taken(link: BleLink, uuid: str, data: bytes) -> None:
            self.packets += 1
            take(link, uuid, data)

        with (
            patch.object(RadioSource, "due", asked),
            patch.object(NightRunner, "commit", looked),
            patch.object(VibrationNudger, "start", handed),
            patch.object(BleLink, "_take", taken),
        ):
            yield

    def waiting_s(self, grid_ns: int) -> list[float]:
        """Of each heart rate: until the first turn of a grid that takes it."""
        turns = [at_ns for at_ns in self.turns if (at_ns - self.began_ns) % grid_ns == 0]
        found = ((at_ns, bisect_left(turns, at_ns)) for at_ns in self.heard if at_ns > self.began_ns)
        return [(turns[index] - at_ns) / NS_PER_S for at_ns, index in found if index < len(turns)]

    def working_ms(self) -> list[float]:
        """Of each turn at which a step is decided."""
        pairs = zip(self.turns, self.working, strict=False)
        return [ns / NS_PER_MS for at_ns, ns in pairs if (at_ns - self.began_ns) % STEP_NS == 0]


def _loop_ns() -> int:
    return round(asyncio.get_running_loop().time() * NS_PER_S)


def spread(name: str, values: Sequence[float]) -> dict[str, float]:
    """Median, 99th percentile and most, with how many there were."""
    ordered = sorted(values)
    if not ordered:
        return {f"{name}_n": 0.0}
    at = {"p50": len(ordered) // 2, "p99": min(len(ordered) - 1, int(len(ordered) * 0.99)), "max": len(ordered) - 1}
    return {f"{name}_n": float(len(ordered)), **{f"{name}_{key}": round(ordered[i], 3) for key, i in at.items()}}


def _script(seed: int, hours: float) -> tuple[Script, Outfit, NightBegan]:
    script, outfit = Script(seed, PLAN, hours, by_radio=True), replace(population_outfit(), settings=WIDEST)
    return script, outfit, lights_out(script, outfit, wall_ms=INVENTED_WALL_MS, zone_min=0, name=script.name)


def by_radio(seed: int, hours: float, period_ns: int, what: str) -> Row:
    """One night over the air."""
    script, outfit, began = _script(seed, hours)
    probe = Probe()
    with tempfile.TemporaryDirectory() as folder, Database.open(Path(folder) / "vigil.db") as database:
        cpu_s = time.process_time()
        with probe.beside():
            live_by_radio(script, began, outfit, database, probe, looking_on=lambda worn: probe.wear(worn, period_ns))
        cpu_s = time.process_time() - cpu_s
    figures = {
        **spread("wait_for_turn_s", probe.waiting_s(NS_PER_S)),
        **spread("wait_for_step_s", probe.waiting_s(STEP_NS)),
        **spread("turn_of_step_ms", probe.working_ms()),
        **spread("turn_to_output_ms", [ns / NS_PER_MS for ns in probe.permits]),
        **_costs(cpu_s, hours),
        "packets": float(probe.packets),
        "packets_a_cpu_s": round(probe.packets / cpu_s),
    }
    return Row(what, figures)


def without_radio(seed: int, hours: float) -> Row:
    """The same body's beats, handed to the same loop without air, packets and codecs."""
    script, outfit, began = _script(seed, hours)
    sleeper = sleeper_with_strap(script)
    with tempfile.TemporaryDirectory() as folder, Database.open(Path(folder) / "vigil.db") as database:
        cpu_s = time.process_time()
        keeper = LiveKeeper(database, kind="demo", source="simulated", beside={"bar_nights": bar_nights(outfit)})
        watch = NightWatch(outfit.parameters, outfit.settings, outfit.profile)
        runner = NightRunner(watch, keeper, Hands.shadows())
        source = SleeperSource(NamedSleeper(sleeper, replace(began, heart_cadence_ms=None)))
        clock = VirtualClock(1000 * NS_PER_S, INVENTED_WALL_MS)
        keeper.finish(asyncio.run(watch_live(runner, source, clock, Around(steady=False))), {})
        cpu_s = time.process_time() - cpu_s
    return Row("the same sleeper without radio", _costs(cpu_s, hours))


def _costs(cpu_s: float, hours: float) -> dict[str, float]:
    """Processor seconds of a night of eight hours, and what that is of one core."""
    night_s = cpu_s * NIGHT_S / (hours * 3600)
    return {"cpu_s_a_night": round(night_s, 1), "percent_of_a_core": round(100 * night_s / NIGHT_S, 3)}


def run(seed: int, hours: float, say: Callable[[Row], None]) -> list[Row]:
    """Every row, told as it comes."""
    rows: list[Row] = []

    def add(row: Row) -> None:
        rows.append(row)
        say(row)

    add(without_radio(seed, hours))
    add(by_radio(seed, hours, NS_PER_S, "by radio, a packet a second"))
    add(by_radio(seed, hours, FAST_NS, "by radio, ten packets a second from the strap"))
    alone, plain, fast = (row.figures["cpu_s_a_night"] for row in rows)
    more = {"cpu_s_a_night": round(plain - alone, 1), "percent_of_a_core": round(100 * (plain - alone) / NIGHT_S, 3)}
    add(Row("the radio alone, both sides of it", {**more, "ten_times_cpu_s_a_night": round(fast - alone, 1)}))
    return rows


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--seed", type=int, default=2)
    given = parser.parse_args()

    def say(row: Row) -> None:
        print(row.what, *(f"{name} {value:g}" for name, value in row.figures.items()), sep="\n    ", flush=True)

    rows = run(given.seed, given.hours, say)
    if given.json is not None:
        about = {
            "date": datetime.now(UTC).date().isoformat(),
            "machine": platform.machine(),
            "load": os.getloadavg()[0],
            "hours": given.hours,
        }
        given.json.write_text(json.dumps({**about, "rows": [asdict(row) for row in rows]}, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
