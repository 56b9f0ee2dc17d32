"""One command: what a live night costs, and how soon one that was interrupted is kept again.

    python -m benchmarks.live [--json FILE] [--minutes M] [--restarts N] [--nights N]

Rows: `vigil watch` in real time, its night process and its supervisor, measured for a few minutes after the start and
extrapolated to eight hours (processor seconds, wake-ups as voluntary context switches, resident memory); the same eight
hours on a virtual clock, every second made durable; and the time from the start of a process to the first second that
is durable again, after kill -9, with a small database and with one of a year. Linux only: it reads /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from vigil.app.keepers import LiveKeeper
from vigil.app.night_figures import bar_nights
from vigil.app.simulated_night import Script, lights_out
from vigil.app.wiring import population_outfit
from vigil.domain.records import NightBegan
from vigil.domain.units import NS_PER_S
from vigil.night.night_watch import NightWatch
from vigil.run.hands import Hands
from vigil.run.live import Around, watch_live
from vigil.run.ports import VirtualClock
from vigil.run.runner import NightRunner
from vigil.run.sources import SleeperSource
from vigil.store.checksums import GENESIS, place_of, sealed
from vigil.store.database import Database
from vigil.store.lock import holder_of
from vigil.store.minutes import read, write
from vigil.store.nights import Nights

HOURS = 8
WARM_S = 10.0
DAY_MS = 24 * 3600 * 1000
EVENING_MS = 1_740_000_000_000
TICKS = os.sysconf("SC_CLK_TCK")
WATCH = ("watch", "--source", "synthetic", "--quiet", "--hours", str(HOURS))


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what was measured, and its figures by name."""

    what: str
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class Used:
    """What a process has used so far."""

    cpu_s: float
    switches: int
    rss_mib: float

    @classmethod
    def by(cls, pid: int) -> Used:
        """As the kernel counts it, over all its threads."""
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        switches = sum(
            int(found[1])
            for status in Path(f"/proc/{pid}/task").glob("*/status")
            if (found := re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status.read_text(), re.MULTILINE))
        )
        rss = re.search(r"^VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        return cls((int(fields[11]) + int(fields[12])) / TICKS, switches, int(rss[1]) / 1024 if rss else 0.0)


def environment(home: Path) -> dict[str, str]:
    """Of a Vigil that keeps everything in `home`."""
    return {**os.environ, "VIGIL_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "dumb"}


def vigil(*words: str) -> list[str]:
    """The command."""
    return [sys.executable, "-m", "vigil.app.cli", *words]


def night_pid(home: Path) -> int:
    """The night process, 0 before it is there."""
    found = re.search(r"pid (\d+)", holder_of(home / "demo" / "vigil.lock"))
    return int(found[1]) if found else 0


def real_time(minutes: float) -> list[Row]:
    """The night process and its supervisor for so long, after they have settled."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        with subprocess.Popen(
            vigil(*WATCH), env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as supervisor:
            while not night_pid(home):
                time.sleep(0.05)
            time.sleep(WARM_S)
            pids = {"the night process": night_pid(home), "its supervisor": supervisor.pid}
            start, before = time.monotonic(), {what: Used.by(pid) for what, pid in pids.items()}
            time.sleep(minutes * 60)
            seconds = time.monotonic() - start
            after = {what: Used.by(pid) for what, pid in pids.items()}
            supervisor.send_signal(signal.SIGTERM)
            supervisor.wait(60)
    return [Row(f"{what}, real time", _extrapolated(before[what], after[what], seconds)) for what in pids]


def _extrapolated(before: Used, after: Used, seconds: float) -> dict[str, float]:
    night_s = HOURS * 3600
    cpu_s, switches = after.cpu_s - before.cpu_s, after.switches - before.switches
    return {
        "measured_s": round(seconds, 1),
        "start_cpu_s": round(before.cpu_s, 2),
        "cpu_percent": round(100 * cpu_s / seconds, 3),
        "cpu_s_a_night": round(cpu_s * night_s / seconds, 1),
        "wakeups_per_s": round(switches / seconds, 2),
        "rss_mib": round(after.rss_mib, 1),
    }


def virtual_night(path: Path) -> Row:
    """Eight hours on a virtual clock into a database, every second durable."""
    seconds = iter(range(10**9))
    script, outfit = Script(2, hours=HOURS), population_outfit()
    began = lights_out(script, outfit, wall_ms=EVENING_MS, zone_min=0, name=script.name)
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    with Database.open(path) as database:
        beside = {"bar_nights": bar_nights(outfit)}
        keeper = LiveKeeper(
            database, kind="demo", source="simulated", beside=beside, now_s=lambda: float(next(seconds))
        )
        watch = NightWatch(outfit.parameters, outfit.settings, outfit.profile)
        runner = NightRunner(watch, keeper, Hands.shadows())
        source = SleeperSource(_Named(script, began))
        _run(runner, source)
        keeper.finish(runner.report(), {})
    after, wall_s = resource.getrusage(resource.RUSAGE_SELF), time.monotonic() - start
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    figures = {
        "cpu_s_a_night": round(cpu_s, 2),
        "wall_s": round(wall_s, 1),
        "rss_mib": round(after.ru_maxrss / 1024, 1),
    }
    return Row("eight hours on a virtual clock", figures)


class _Named:
    """The simulated sleeper under the night's own lights-out."""

    def __init__(self, script: Script, began: NightBegan) -> None:
        self._sleeper, self._began = script.sleeper(), began
        self.ends_ns, self.until, self.feel = self._sleeper.ends_ns, self._sleeper.until, self._sleeper.feel

    def began(self) -> NightBegan:
        """See `Sleeper`."""
        return self._began


def _run(runner: NightRunner, source: SleeperSource) -> None:
    import asyncio  # noqa: PLC0415 — only here

    asyncio.run(watch_live(runner, source, VirtualClock(1000 * NS_PER_S, EVENING_MS), Around(steady=False)))


def many_nights(path: Path, nights: int) -> None:
    """The one night of a database so many times over, each sealed as its own, a day apart."""
    with Database.open(path) as database:
        catalogue = Nights(database)
        (row,) = catalogue.nights()
        minutes = [read(database, row.key, number) for number in range(row.minutes)]
        summary = catalogue.summary(row.key) or "{}"
        for copy in range(1, nights):
            began = NightBegan(row.began_ns, night=row.name, wall_ms=EVENING_MS + copy * DAY_MS, zone_min=0)
            with database.atomic():
                key = catalogue.begin(began, path="", format=row.format, kind=row.kind, note="")
                before = GENESIS
                for minute in minutes:
                    if minute is not None:
                        span_s, packed = (minute.from_s, minute.to_s), (minute.samples, minute.records)
                        made = sealed(place_of(key, minute.number), span_s, minute.count, packed, before)
                        write(database, key, made)
                        before = made.seal
                database.execute("UPDATE night SET minutes = ? WHERE key = ?", (len(minutes), key))
                catalogue.set_digests(key, row.inputs_digest, row.outputs_digest)
                catalogue.add_summary(key, summary)


def restarts(home: Path, times: int, what: str) -> Row:
    """Seconds from the start of the night process to its first durable second, after kill -9 each time."""
    taken = [_one_start(home) for _ in range(times + 1)][1:]  # the first begins a night, the others go on with it
    ordered = sorted(taken)
    figures = {
        "n": float(times),
        "p50_s": round(statistics.median(ordered), 2),
        "p99_s": round(ordered[min(times - 1, int(times * 0.99))], 2),
        "max_s": round(ordered[-1], 2),
    }
    return Row(what, figures)


def _one_start(home: Path) -> float:
    hear, beat = os.pipe()
    start = time.monotonic()
    with subprocess.Popen(
        vigil(*WATCH, "--beat-to", str(beat)),
        env=environment(home),
        pass_fds=(beat,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(beat)
        ready, _, _ = select.select([hear], [], [], 120)
        seconds = time.monotonic() - start
        if not ready or not os.read(hear, 1):
            message = "the night process did not begin"
            raise RuntimeError(message)
        process.kill()
    os.close(hear)
    return seconds


def run(minutes: float, times: int, nights: int, say: Callable[[Row], None]) -> list[Row]:
    """Every row, told as it comes."""
    rows: list[Row] = []

    def add(row: Row) -> None:
        rows.append(row)
        say(row)

    for row in real_time(minutes):
        add(row)
    with tempfile.TemporaryDirectory() as name:
        small, large = Path(name) / "small", Path(name) / "large"
        for home in (small, large):
            (home / "demo").mkdir(parents=True)
        add(virtual_night(large / "demo" / "vigil.db"))
        add(restarts(small, times, "start to first durable second, small database"))
        many_nights(large / "demo" / "vigil.db", nights)
        size = (large / "demo" / "vigil.db").stat().st_size / 2**20
        row = restarts(large, times, f"start to first durable second, {nights} nights")
        add(replace(row, figures={**row.figures, "database_mib": round(size, 1)}))
    return rows


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--restarts", type=int, default=30)
    parser.add_argument("--nights", type=int, default=365)
    given = parser.parse_args()

    def say(row: Row) -> None:
        print(row.what, *(f"{name} {value:g}" for name, value in row.figures.items()), sep="\n    ")

    rows = run(given.minutes, given.restarts, given.nights, say)
    if given.json is not None:
        about = {
            "date": datetime.now(UTC).date().isoformat(),
            "machine": platform.machine(),
            "load": os.getloadavg()[0],
        }
        given.json.write_text(json.dumps({**about, "rows": [asdict(row) for row in rows]}, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
