"""Ten million hostile events around the guard: `python -m tests.campaigns.guard_hostile --json FILE`."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass
from functools import partial

from tests.campaigns.figures import command
from tests.hostile_driver import HostileDriver

EVENTS = 10_000_000
SHARE = 250_000
"""Events of one seed: a new world now and then, so that no one's luck is looked at for long."""

FIRST_SEED = 10_000


@dataclass(frozen=True, slots=True)
class HostileFigures:
    """events: inputs and requests that reached the guard. permits: acts allowed, of which `tests` by day and acted.

    nights: begun. energised_s: what outputs did. violations: rules broken, each as "seed: rule".
    """

    events: int
    permits: int
    tests: int
    nights: int
    energised_s: int
    seeds: int
    first_seed: int
    violations: tuple[str, ...]


def one_seed(seed: int, events: int = SHARE) -> HostileFigures:
    """One hostile world until it has had so many events, or something is wrong."""
    driver = HostileDriver(seed)
    world = driver.world
    while world.events < events and not world.wrongs:
        driver.event()
    wrongs = tuple(f"{seed}: {wrong}" for wrong in world.wrongs)
    return HostileFigures(
        world.events, world.permits, world.tests, world.nights, world.energised_ms // 1000, 1, seed, wrongs
    )


def hostile_events(events: int = EVENTS, seed: int = FIRST_SEED, processes: int = 2) -> HostileFigures:
    """At least so many hostile events, in seeds of their own from `seed` on, two processes at a time."""
    shares = -(-events // SHARE)
    share = min(events, SHARE)
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        found = pool.map(partial(one_seed, events=share), range(seed, seed + shares), chunksize=1)
    return HostileFigures(
        sum(one.events for one in found),
        sum(one.permits for one in found),
        sum(one.tests for one in found),
        sum(one.nights for one in found),
        sum(one.energised_s for one in found),
        len(found),
        seed,
        tuple(wrong for one in found for wrong in one.violations),
    )


if __name__ == "__main__":
    command("guard hostile", {"events": EVENTS, "seed": FIRST_SEED, "processes": 2}, hostile_events)
