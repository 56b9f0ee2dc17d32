"""Every order of eight events around the guard: `python -m tests.campaigns.guard_orders --json FILE`."""

from __future__ import annotations

from dataclasses import dataclass

from tests.campaigns.figures import command
from tests.small_model import search

DEPTH = 8


@dataclass(frozen=True, slots=True)
class OrderFigures:
    """orders: of `depth` events over `kinds`, each covered exactly; states: different ones; wrongs: rules broken."""

    kinds: int
    depth: int
    orders: int
    states: int
    steps: int
    most_acts: int
    wrongs: tuple[str, ...]


def every_order(depth: int) -> OrderFigures:
    """Search all orders of `depth` events."""
    found = search(depth)
    return OrderFigures(found.kinds, found.depth, found.orders, found.states, found.steps, found.acts, found.wrongs)


if __name__ == "__main__":
    command("guard orders", {"depth": DEPTH}, every_order)
