"""A year of nights with faults, through the real loop, watch, runner and store, on a virtual clock.

    python -m tests.campaigns.year --nights 365 --seed 1 --workers 2 --json FILE

The generator is the ground truth. Asked of every night: no exception that nobody handles; the limits, by what outputs
really did in true time; a durable row before each act; nothing acknowledged lost; watched and blind seconds; every
fault told, and nothing told without one; the stop kept; the twin without faults alike; the store whole, its backup
good; nothing that grows.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import multiprocessing
import os
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.campaigns.figures import write
from tests.campaigns.year_faults import Fault
from tests.campaigns.year_person import PersonYear

NOT_DRAWN = {
    "F6": "another band: these nights hear no radio; its faults are drawn in the week over a virtual radio",
    "F17": "the follower's page greys by its own clock: tests/web/test_follow_story.py",
    "F19": "imports run in a child of their own; no part of a night",
    "F22": "told wherever limits were reached, which the nights bring about by themselves",
    "F24": "the page attacked: the campaign page_attacks, tests/web/test_attacks.py",
    "F25": "what a follower is told: tests/web/test_follow.py, tests/web/test_roles.py",
    "F26": "measured, not injected",
}
"""Rows of the fault table that no night draws, and why."""

PAGE = os.sysconf("SC_PAGE_SIZE")
MB = 1_000_000
FAST = Path("/dev/shm")
WARM_NIGHTS = 10
"""Nights before memory counts: caches fill in the first ones, and the campaign itself keeps what eight nights did."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds after a night. rss_mb: resident memory. objects: that the collector knows."""

    rss_mb: float
    descriptors: int
    threads: int
    objects: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a campaign came to. Slopes are of the worst worker; worst_off_s: watched seconds against the truth."""

    seed: int
    nights: int
    stored_nights: int
    faults: int
    faults_by_kind: dict[str, int]
    acts: int
    violations: int
    examples: tuple[str, ...]
    worst_off_s: int
    twin_decisions: int
    twin_decisions_that_differ: int
    rss_mb: float
    rss_mb_per_100_nights: float
    objects_per_night: float
    descriptors: tuple[int, int]
    threads: tuple[int, int]
    database_mb: float
    seconds: float
    cpu_seconds: float
    not_drawn: dict[str, str] = field(default_factory=lambda: dict(NOT_DRAWN))


@dataclass(slots=True)
class Share:
    """What one worker's nights came to."""

    faults: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    stored: int = 0
    acts: int = 0
    worst_off_s: int = 0
    twinned: int = 0
    parted: int = 0
    database_mb: float = 0.0
    cpu_s: float = 0.0


def held_now() -> Held:
    """What this process holds now, after everything that can be let go was: freed blocks are no leak."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # of glibc only
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    return Held(pages * PAGE / MB, descriptors, threading.active_count(), len(gc.get_objects()))


def slope(values: list[float]) -> float:
    """Least squares, per item; 0 for fewer than two."""
    count = len(values)
    if count < 2:
        return 0.0
    mean_x, mean_y = (count - 1) / 2, sum(values) / count
    spread = sum((x - mean_x) ** 2 for x in range(count))
    return sum((x - mean_x) * (y - mean_y) for x, y in enumerate(values)) / spread


def live_nights(seed: int, first: int, last: int, progress: bool = False) -> Share:
    """One worker's nights, of one person, in order."""
    folder = Path(tempfile.mkdtemp(prefix="vigil-year-", dir=FAST if FAST.is_dir() else None))
    share, person = Share(), PersonYear(folder, seed)
    try:
        for number in range(first, last):
            _note(share, person, number, progress=progress)
        share.database_mb = (folder / "vigil.db").stat().st_size / MB
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    share.cpu_s = time.process_time()
    return share


def _note(share: Share, person: PersonYear, number: int, *, progress: bool) -> None:
    lived = person.live(number)
    share.faults.update(one.kind.name for one in lived.happened)
    share.wrong += [f"seed {person.seed}, night {number}: {line}" for line in lived.wrong]
    share.stored += len(lived.logs)
    share.acts += lived.acts
    share.twinned += lived.twinned
    share.parted += lived.parted
    share.worst_off_s = max(share.worst_off_s, lived.off_s)
    share.held.append(held_now())
    if progress:
        said = (number, f"{len(lived.happened)} faults, {lived.off_s} s off", *lived.wrong)
        sys.stdout.write("\n  ".join(map(str, said)) + "\n")
        sys.stdout.flush()


def run(nights: int = 365, seed: int = 1, workers: int = 2, *, progress: bool = False) -> Figures:
    """Live so many nights, dealt out to workers in one piece each."""
    started, size = time.monotonic(), -(-nights // workers)
    pieces = [(seed, first, min(nights, first + size), progress) for first in range(0, nights, size)]
    if len(pieces) == 1:
        shares = [live_nights(*pieces[0])]
    else:
        with multiprocessing.get_context("spawn").Pool(len(pieces)) as pool:
            shares = pool.starmap(live_nights, pieces)
    return _figures(seed, nights, shares, time.monotonic() - started)


def _figures(seed: int, nights: int, shares: list[Share], seconds: float) -> Figures:
    faults: Counter[str] = sum((share.faults for share in shares), Counter())
    wrong = [line for share in shares for line in share.wrong]
    warm = [share.held[min(WARM_NIGHTS, len(share.held) - 1) :] for share in shares]
    every = [one for held in warm for one in held]
    return Figures(
        seed=seed,
        nights=nights,
        stored_nights=sum(share.stored for share in shares),
        faults=faults.total(),
        faults_by_kind={kind.name: faults[kind.name] for kind in Fault},
        acts=sum(share.acts for share in shares),
        violations=len(wrong),
        examples=tuple(wrong[:50]),
        worst_off_s=max(share.worst_off_s for share in shares),
        twin_decisions=sum(share.twinned for share in shares),
        twin_decisions_that_differ=sum(share.parted for share in shares),
        rss_mb=round(max(one.rss_mb for one in every), 1),
        rss_mb_per_100_nights=round(max(100 * slope([one.rss_mb for one in held]) for held in warm), 2),
        objects_per_night=round(max(slope([float(one.objects) for one in held]) for held in warm), 1),
        descriptors=(min(one.descriptors for one in every), max(one.descriptors for one in every)),
        threads=(min(one.threads for one in every), max(one.threads for one in every)),
        database_mb=round(sum(share.database_mb for share in shares), 1),
        seconds=round(seconds, 1),
        cpu_seconds=round(sum(share.cpu_s for share in shares), 1),
    )


def dose_of(number: int, count: int) -> tuple[Fault, ...]:
    """Every `count`-th kind of fault, from a place on: `count` nights have each kind once."""
    return tuple(Fault)[number::count]


def main() -> None:
    """`--nights N --seed N --workers N --json FILE`."""
    parser = argparse.ArgumentParser(description=run.__doc__)
    parser.add_argument("--json", type=Path, required=True, metavar="FILE")
    parser.add_argument("--progress", action="store_true", help="a line a night")
    for name, size in (("nights", 365), ("seed", 1), ("workers", 2)):
        parser.add_argument(f"--{name}", type=int, default=size)
    given: dict[str, Any] = vars(parser.parse_args())
    write(given.pop("json"), "year", run(**given))


if __name__ == "__main__":
    main()
