"""One command: what a night costs.

    python -m benchmarks.night [--json FILE] [--real FOLDER...] [--runs N]

Rows: an eight-hour night from arrays (50 Hz acceleration and beats) through reduction, engine, control and transcript;
one live second (p50, p99, worst); each recorded night folder read, and replayed (a wrist night such as
`walch/8000685` and one of beats such as `rr_healthy/003` show both readers). Beside each the ratio to one plain NumPy
pass over the same acceleration, measured in the same run, because machines differ and are shared.
The night is the right size with roughly the right look: it measures cost, never accuracy.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vigil.app.wiring import packaged_parameters
from vigil.domain.records import Input, NightBegan, NightEnded
from vigil.domain.samples import AccelerationBlock, BeatInterval
from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.night.night_watch import NightWatch
from vigil.recordings.readers.formats import ReadOptions, find_recordings
from vigil.recordings.recording import Item, ReadingNotes, Recording
from vigil.run.replay import Outfit, inputs_of, replay, ticked

HOURS = 8
HZ = 50
NIGHT_S = HOURS * 3600


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. seconds: median of the runs; times_real_time: night length over it."""

    what: str
    seconds: float
    times_real_time: float | None
    ratio_to_numpy_pass: float | None
    peak_mib: float | None = None


def acceleration(seed: int = 7) -> NDArray[np.int16]:
    """Eight hours at 50 Hz, shape (n, 3), milli-g: gravity, sensor noise, and a movement now and then."""
    rng = np.random.default_rng(seed)
    mg: NDArray[np.int16] = np.empty((NIGHT_S * HZ, 3), np.int16)
    minute = 60 * HZ
    for first in range(0, len(mg), minute):  # minute by minute: as fractions, the whole night would take 66 MiB
        mg[first : first + minute] = rng.normal(0, 4, (minute, 3)) + np.array([120.0, -340.0, 930.0])
    for start in rng.integers(0, NIGHT_S - 20, 150) * HZ:
        length = int(rng.integers(HZ, 12 * HZ))
        mg[start : start + length] += rng.normal(0, 150, (length, 3)).astype(np.int16)
    return mg


def beats(seed: int = 8) -> list[BeatInterval]:
    """Beats of eight hours: about one a second, breathing and a slow drift in them."""
    rng = np.random.default_rng(seed)
    found, at_ms, noise = [], 0, 0.0
    while at_ms < NIGHT_S * 1000:
        noise = 0.95 * noise + float(rng.normal(0, 12))
        rr = int(1020 + 30 * np.sin(at_ms / 640) + 40 * np.sin(at_ms / 3_600_000) + noise)
        at_ms += rr
        found.append(BeatInterval(at_ms * NS_PER_MS, rr))
    return found


def recording(mg: NDArray[np.int16], intervals: list[BeatInterval]) -> Recording:
    """The arrays as a recording, in blocks of ten seconds."""
    block = 10 * HZ

    def items() -> Iterator[Item]:
        upcoming = iter(intervals)
        beat = next(upcoming, None)
        for first in range(0, len(mg), block):
            until_ns = (first + block) * NS_PER_S // HZ
            while beat is not None and beat.at_ns <= until_ns - 10 * NS_PER_S:
                yield beat
                beat = next(upcoming, None)
            yield AccelerationBlock(first * NS_PER_S // HZ, NS_PER_S // HZ, mg[first : first + block])
        while beat is not None:
            yield beat
            beat = next(upcoming, None)

    return Recording("bench", Path("bench"), "arrays", NightBegan(0, night="bench"), items, ReadingNotes())


def timed(work: Callable[[], object], runs: int) -> float:
    """Median seconds of `runs` runs after one to warm up."""
    work()
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def live_second() -> dict[str, float]:
    """Microseconds of one live second (its samples, then a tick): p50, p99 and the worst of a night."""
    watch = NightWatch(packaged_parameters())
    by_second: list[list[Input]] = [[] for _ in range(NIGHT_S + 60)]
    for record in ticked(inputs_of(recording(acceleration(), beats()))):
        if not isinstance(record, NightEnded):
            by_second[max(0, -(-record.at_ns // NS_PER_S))].append(record)
    taken = []
    for inputs in by_second:
        start = time.perf_counter()
        for record in inputs:
            watch.push(record)
        taken.append(time.perf_counter() - start)
    taken.sort()
    pick = {"p50_us": 0.5, "p99_us": 0.99, "worst_us": 1.0}
    return {name: taken[min(len(taken) - 1, int(len(taken) * share))] * 1e6 for name, share in pick.items()}


def peak_mib() -> float:
    """Peak memory of this process so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def memory_of_a_night() -> tuple[float, float]:
    """Peak MiB of a fresh process that runs the night from arrays, and of one that only holds the arrays."""
    sizes = []
    for what in ("--memory-night", "--memory-arrays"):
        command = [sys.executable, "-m", "benchmarks.night", what]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # our own module
        sizes.append(float(text))
    return sizes[0], sizes[1]


def measure(runs: int, real: Sequence[Path]) -> dict[str, object]:
    """All rows, and where they were measured."""
    mg, intervals = acceleration(), beats()
    outfit = Outfit(packaged_parameters())
    numpy_pass = timed(lambda: mg.sum(dtype=np.int64), runs)
    night = timed(lambda: replay(recording(mg, intervals), outfit), runs)
    peak, arrays = memory_of_a_night()
    rows = [
        Row("one plain NumPy pass over the acceleration", numpy_pass, NIGHT_S / numpy_pass, 1.0),
        Row("8-h night from arrays, whole engine", night, NIGHT_S / night, night / numpy_pass, peak),
    ]
    for folder in real:
        rows += real_rows(folder, outfit, numpy_pass, runs)
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "runs": runs,
        "arrays_alone_mib": arrays,
        "live_second": live_second(),
        "rows": [asdict(row) for row in rows],
    }


def real_rows(folder: Path, outfit: Outfit, numpy_pass: float, runs: int) -> list[Row]:
    """A recorded night folder: read to its end, and replayed."""

    def opened() -> Recording:
        return next(iter(find_recordings(folder, ReadOptions())))

    length_s = sum(1 for epoch in replay(opened(), outfit).epochs) * 30
    read = timed(lambda: sum(1 for _ in opened().items()), runs)
    whole = timed(lambda: replay(opened(), outfit), runs)
    return [
        Row(f"night folder {folder.name}: read", read, length_s / read, read / numpy_pass),
        Row(f"night folder {folder.name}: replay", whole, length_s / whole, whole / numpy_pass),
    ]


def table(figures: dict[str, object]) -> str:
    """The figures as Markdown."""
    lines = [
        f"{figures['date']}, Python {figures['python']}, {figures['machine']}, median of {figures['runs']} runs",
        "",
        "| what | seconds | x real time | ratio to the NumPy pass | peak MiB |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    rows = figures["rows"]
    assert isinstance(rows, list)
    for row in rows:
        peak = "" if row["peak_mib"] is None else f"{row['peak_mib']:.0f}"
        lines.append(
            f"| {row['what']} | {row['seconds']:.4f} | {row['times_real_time']:,.0f} "
            f"| {row['ratio_to_numpy_pass']:.1f} | {peak} |"
        )
    second = figures["live_second"]
    assert isinstance(second, dict)
    lines += [
        "",
        f"One live second: p50 {second['p50_us']:.0f} us, p99 {second['p99_us']:.0f} us, "
        f"worst {second['worst_us']:.0f} us. The arrays alone: {figures['arrays_alone_mib']:.0f} MiB.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description="What a night costs.")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    parser.add_argument("--real", type=Path, nargs="+", default=[], help="recorded night folders to time as well")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--memory-night", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--memory-arrays", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory_night or options.memory_arrays:
        one = recording(acceleration(), beats())
        if options.memory_night:
            replay(one, Outfit(packaged_parameters()))
        print(peak_mib())
        return
    figures = measure(options.runs, options.real)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    print(table(figures))


if __name__ == "__main__":
    main()
