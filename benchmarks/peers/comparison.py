"""What comes of the runs: ratios within this one run, and the answers that changed afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from benchmarks.peers.environments import Ran, Skipped
from benchmarks.peers.session import Told

HALF_HOUR_S = 1800


@dataclass(frozen=True, slots=True)
class Changed:
    """Answers given on the first half of the night that were others once the rest was known."""

    changed: int
    of: int


@dataclass(frozen=True, slots=True)
class Compared:
    """One tool beside Vigil. cost, live_cost: processor seconds of a night, and of a live night, over Vigil's own."""

    name: str
    told: Told
    cost: float
    live_cost: float
    last_half_hour: Changed
    first_half: Changed


@dataclass(frozen=True, slots=True)
class Comparison:
    """All of one run. load: runnable processes before and after."""

    date: str
    machine: str
    python: str
    seed: int
    seconds: int
    load: tuple[float | None, float | None]
    tools: tuple[Compared, ...]
    skipped: tuple[tuple[str, str], ...]

    def as_plain(self) -> dict[str, object]:
        """As JSON takes it; the answers themselves are left out."""
        plain = asdict(self)
        for tool in plain["tools"]:
            tool["told"].pop("whole")
            tool["told"].pop("part")
        return plain


def changed(told: Told, from_s: int, to_s: int) -> Changed:
    """Answers about [from_s, to_s) that differ; a stretch for which only one of the two has an answer differs."""
    last = min(to_s // told.label_s, len(told.part), len(told.whole))
    indices = range(max(0, from_s // told.label_s), last)
    return Changed(sum(told.part[index] != told.whole[index] for index in indices), len(indices))


def compared(vigil: Told, runs: Sequence[Ran], seconds: int) -> tuple[Compared, ...]:
    """Every tool that ran beside Vigil's own run, on a night of so many seconds."""
    half_s = seconds // 2
    return tuple(
        Compared(
            name=ran.tool.name,
            told=ran.told,
            cost=ran.told.works[0].cpu_s / vigil.works[0].cpu_s,
            live_cost=ran.told.live.cpu_s / vigil.live.cpu_s,
            last_half_hour=changed(ran.told, half_s - HALF_HOUR_S, half_s),
            first_half=changed(ran.told, 0, half_s),
        )
        for ran in runs
    )


def split(outcomes: Sequence[Ran | Skipped]) -> tuple[list[Ran], tuple[tuple[str, str], ...]]:
    """Those that ran, and the names of the others with why."""
    ran = [outcome for outcome in outcomes if isinstance(outcome, Ran)]
    return ran, tuple((outcome.tool.name, outcome.why) for outcome in outcomes if isinstance(outcome, Skipped))
