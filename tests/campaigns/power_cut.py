"""The power is cut at a random call of a night, ten thousand times; then Vigil starts again and everything is compared.

A night is written through a disk that writes down every call. A cut keeps what was synced, and of what was not: none,
a prefix, a random subset of the writes, or random sectors of them, each file by itself. The number beside the database
(`head.py`) is never synced, and is cut in the same way. What a night was promised before the cut must be there.

Not modelled: names in a folder are kept in order; a disk that says "synced" and is not; a drive that loses old data.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from tests.campaigns.faulty_disk import Call, Disk, on
from tests.campaigns.figures import command
from vigil.domain.errors import StoreError
from vigil.domain.nudges import LedgerRow
from vigil.domain.records import NightBegan
from vigil.domain.requests import Output, Purpose
from vigil.domain.samples import HeartSample, MotionSummary
from vigil.store import database as database_module
from vigil.store.database import Database
from vigil.store.head import Head
from vigil.store.ledger import LedgerStore
from vigil.store.night_reader import NightReader
from vigil.store.night_writer import NightWriter
from vigil.store.nights import Nights
from vigil.store.soundness import faults
from vigil.store.stored import Stored

CUTS = 10_000
SECONDS = 400
S = 1_000_000_000
SECTOR = 512
MODES = ("none", "prefix", "subset", "sectors")
FILE = "vigil.db"


@dataclass(frozen=True, slots=True)
class PowerCutFigures:
    """cuts: how many. unreadable: starts that failed, or found damage or a loss. lost_samples, lost_ledger_rows: cuts
    after which something promised was missing. wrong: cuts after which something was there that was never stored."""

    cuts: int
    seed: int
    synchronous: str
    calls: int
    ledger_rows: int
    samples: int
    unreadable: int
    lost_ledger_rows: int
    lost_samples: int
    wrong: int

    @property
    def failures(self) -> int:
        return self.unreadable + self.lost_ledger_rows + self.lost_samples + self.wrong


def row(permit: int) -> LedgerRow:
    return LedgerRow("night", permit, "boot", permit * S, None, Purpose.NUDGE, 1, Output.VIBRATION, 1, 900)


def at_second(second: int) -> list[HeartSample | MotionSummary]:
    noise = random.Random(second)
    low, high = (noise.randrange(99), 5, 7), (noise.randrange(100, 999), 50, 70)
    return [HeartSample(second * S, 400 + second), MotionSummary(second * S, 1000, noise.randrange(999), low, high)]


def recorded_night(folder: Path, synchronous: str, seconds: int = SECONDS) -> list[Call]:
    """Every call of a night with a commit a second, ledger rows, a restart in the middle; and what was promised."""
    pragmas = tuple(
        f"synchronous={synchronous}" if each.startswith("synchronous") else each
        for each in database_module._WRITER_PRAGMAS
    )
    disk = Disk(records=True)
    original = Head.write

    def write(self: Head, commits: int) -> None:
        original(self, commits)
        disk.note("write", f"{FILE}-head", 0, (folder / f"{FILE}-head").read_bytes())

    with on(disk), pytest.MonkeyPatch.context() as patch:
        patch.setattr(database_module, "_WRITER_PRAGMAS", pragmas)
        patch.setattr(Head, "write", write)
        permit = 0
        for part in range(2):
            with Database.open(folder / FILE) as database:
                writer, ledger = NightWriter(database), LedgerStore(database)
                if part == 0:
                    writer.begin(NightBegan(0))
                else:
                    writer.resume(1)
                for second in range(part * seconds // 2, (part + 1) * seconds // 2):
                    for sample in at_second(second):
                        writer.add(sample)
                    writer.commit()
                    disk.note("ack", "samples", 2 * second + 2)
                    if second % 9 == 5:
                        ledger.append(row(permit))
                        permit += 1
                        disk.note("ack", "ledger", permit)
                Nights(database).add_summary(1, "{}")
    return disk.calls


@dataclass
class _Platter:
    """What the disk holds: per file what is synced, and the calls since. promised: the latest of each kind."""

    synced: dict[str, bytearray] = field(default_factory=dict)
    since: dict[str, list[Call]] = field(default_factory=dict)
    promised: dict[str, int] = field(default_factory=lambda: {"samples": 0, "ledger": 0})

    def take(self, call: Call) -> None:
        if call.kind == "ack":
            self.promised[call.file] = call.offset
        elif call.kind == "delete":
            self.synced.pop(call.file, None)
            self.since.pop(call.file, None)
        elif call.kind == "sync":
            _apply(self.synced.setdefault(call.file, bytearray()), self.since.pop(call.file, []))
        else:
            self.synced.setdefault(call.file, bytearray())
            self.since.setdefault(call.file, []).append(call)

    def after_a_cut(self, rng: random.Random) -> Iterator[tuple[str, bytes]]:
        for file, content in self.synced.items():
            kept = bytearray(content)
            _apply(kept, _survivors(self.since.get(file, []), rng))
            yield file, bytes(kept)


def _apply(content: bytearray, calls: list[Call]) -> None:
    for call in calls:
        if call.kind == "truncate":
            del content[call.offset :]
        else:
            content.extend(bytes(max(0, call.offset + len(call.data) - len(content))))
            content[call.offset : call.offset + len(call.data)] = call.data


def _survivors(calls: list[Call], rng: random.Random) -> list[Call]:
    mode = rng.choice(MODES)
    if mode == "none":
        return []
    if mode == "prefix":
        return calls[: rng.randrange(len(calls) + 1)]
    if mode == "sectors":
        calls = [part for call in calls for part in _sectors(call)]
    share = rng.random()
    return [call for call in calls if rng.random() < share]


def _sectors(call: Call) -> list[Call]:
    if call.kind != "write":
        return [call]
    begin, end = call.offset, call.offset + len(call.data)
    edges = [begin, *range(begin - begin % SECTOR + SECTOR, end, SECTOR), end]
    return [Call("write", call.file, a, call.data[a - begin : b - begin]) for a, b in pairwise(edges)]


def cut(calls: list[Call], cuts: int, seed: int, folder: Path, synchronous: str = "FULL") -> PowerCutFigures:
    """Cut the power so many times and start again each time."""
    rng = random.Random(seed)
    truth: list[Stored] = [sample for second in range(SECONDS) for sample in at_second(second)]
    platter, taken, found = _Platter(), 0, {"unreadable": 0, "ledger": 0, "samples": 0, "wrong": 0}
    for at in sorted(rng.randrange(1, len(calls) + 1) for _ in range(cuts)):
        while taken < at:
            platter.take(calls[taken])
            taken += 1
        place = folder / "cut"
        place.mkdir()
        for file, content in platter.after_a_cut(rng):
            (place / file).write_bytes(content)
        for kind in _start_again(place / FILE, platter.promised, truth):
            found[kind] += 1
        shutil.rmtree(place)
    promised = {call.file: call.offset for call in calls if call.kind == "ack"}
    return PowerCutFigures(
        cuts=cuts,
        seed=seed,
        synchronous=synchronous,
        calls=len(calls),
        ledger_rows=promised["ledger"],
        samples=promised["samples"],
        unreadable=found["unreadable"],
        lost_ledger_rows=found["ledger"],
        lost_samples=found["samples"],
        wrong=found["wrong"],
    )


def _start_again(path: Path, promised: dict[str, int], truth: list[Stored]) -> set[str]:
    """What is wrong after the cut, by the standard library's SQLite and Vigil's own way of starting."""
    try:
        if faults(path):
            return {"unreadable"}
        with Database.open(path) as database:
            if database.check():
                return {"unreadable"}
            there = bool(Nights(database).nights())
            samples = list(NightReader(database).inputs(1)) if there else []
            ledger = LedgerStore(database).recent()
    except StoreError:
        return {"unreadable"}
    found = set()
    rows = [each.permit for each in ledger.rows]
    if not ledger.readable or len(rows) < promised["ledger"]:
        found.add("ledger")
    if len(samples) < promised["samples"]:
        found.add("samples")
    if rows != list(range(len(rows))) or samples != truth[: len(samples)]:
        found.add("wrong")
    return found


def fast_folder() -> str | None:
    """A folder in memory if there is one: what is synced there is not what is measured."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def run(cuts: int = CUTS, seed: int = 4, synchronous: str = "FULL") -> PowerCutFigures:
    """Cut the power during a night, so many times."""
    with tempfile.TemporaryDirectory(dir=fast_folder()) as name:
        folder = Path(name)
        calls = recorded_night(folder, synchronous)
        return cut(calls, cuts, seed, folder, synchronous)


if __name__ == "__main__":
    command("power_cut", {"cuts": CUTS, "seed": 4}, run)
