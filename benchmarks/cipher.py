"""One command: what encryption costs, plain and encrypted in turn, in one run.

    python -m benchmarks.cipher [--json FILE] [--rounds N]

Rows: one durable commit of a second of a night; reading a whole night of eight hours back; making the key when a
program starts. Milliseconds; machines and disks differ, so only the ratios mean anything, and only within a run.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from vigil.domain.records import Mode, NightBegan
from vigil.domain.samples import HeartSample
from vigil.domain.units import NS_PER_S
from vigil.store import cipher, sealing
from vigil.store.database import Database
from vigil.store.night_reader import NightReader
from vigil.store.night_writer import NightWriter

PASSPHRASE = "only for measuring"
COMMITS = 200
NIGHT_S = 8 * 3600
WAYS = ("plain", "encrypted")


def databases(folder: Path) -> Iterator[tuple[str, Path]]:
    """One of each kind, with the same night of eight hours."""
    for way in WAYS:
        path = folder / way / "vigil.db"
        with Database.open(path) as database:
            fill(database, NIGHT_S)
        if way == "encrypted":
            sealing.change(path, cipher.new_key(PASSPHRASE))
            cipher.know(PASSPHRASE)
        yield way, path


def begin(database: Database, name: str) -> NightWriter:
    """A night to write."""
    writer = NightWriter(database)
    writer.begin(NightBegan(0, Mode.ON, name), format="benchmark", kind="demo")
    return writer


def fill(database: Database, seconds: int) -> None:
    """Write a whole night, ten minutes to a commit."""
    writer = begin(database, "night")
    for second in range(1, seconds + 1):
        writer.add(HeartSample(second * NS_PER_S, 600 + second % 37))
        if second % 600 == 0:
            writer.commit()


def commit(writer: NightWriter, second: int) -> None:
    """One second of a night, durably."""
    writer.add(HeartSample(second * NS_PER_S, 600 + second % 37))
    writer.commit()


def read(database: Database) -> None:
    """The whole night."""
    assert sum(1 for _ in NightReader(database).records(1)) >= NIGHT_S


def took(what: Callable[[], None]) -> tuple[float, float]:
    """How long, in ms: by the clock, and of the processor."""
    wall, busy = time.perf_counter(), time.process_time()
    what()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - busy) * 1000


def _make_key(passphrase: str) -> None:
    cipher.new_key(passphrase)


def measure(rounds: int) -> dict[str, dict[str, float]]:
    """The median of every row; both ways in turn, one by one, so that a busy machine is as busy for both."""
    found: dict[str, list[tuple[float, float]]] = {f"{row} {way}": [] for row in ("commit", "read") for way in WAYS}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as held:
        ways = {way: held.enter_context(Database.open(path)) for way, path in databases(Path(folder))}
        for number in range(rounds):
            writers = {way: begin(database, f"round-{number}") for way, database in ways.items()}
            for second in range(1, COMMITS + 1):
                for way in WAYS:
                    found[f"commit {way}"].append(took(partial(commit, writers[way], second)))
            for way in WAYS:
                found[f"read {way}"].append(took(partial(read, ways[way])))
    cipher.unknow()
    key_ms, _ = took(partial(_make_key, PASSPHRASE))
    told = {"key": {"encrypted": key_ms}}
    for row in ("commit", "read"):
        for at, by in enumerate(("clock", "processor")):
            plain, sealed = (statistics.median(each[at] for each in found[f"{row} {way}"]) for way in WAYS)
            told[f"{row}, {by}"] = {"plain": plain, "encrypted": sealed, "ratio": sealed / plain}
    return told


def main() -> None:
    """Measure, and say it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    before = os.getloadavg()[0]
    figures = measure(chosen.rounds)
    for name, row in figures.items():
        sys.stdout.write(f"{name:18} " + "  ".join(f"{way} {value:.2f}" for way, value in row.items()) + "\n")
    sys.stdout.write(f"load before and after {before:.1f} and {os.getloadavg()[0]:.1f}\n")
    if chosen.json:
        Path(chosen.json).write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
