"""What the output of a killed night left: its acts, and the caps that they break, counted in true time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.campaigns.kills_night import S

HOUR, MINUTE = 3600 * S, 60 * S


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the output."""

    true_ns: int
    night: str
    permit: int
    number: int
    episode: int
    level: int
    duration_ms: int


def acts_of(folder: Path) -> list[Act]:
    try:
        lines = (folder / "acts").read_text().splitlines()
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        true_ns, word, night, *numbers = line.split()
        found.append(Act(int(true_ns), f"{word} {night}", *(int(number) for number in numbers)))
    return found


def broken_caps(acts: list[Act], starts: list[tuple[int, str]]) -> Iterator[str]:
    """Every cap of the design that these acts break, counted in true time."""
    firsts: dict[str, int] = {}
    for true_ns, name in starts:
        firsts.setdefault(name, true_ns)
    for at, act in enumerate(acts):
        before = acts[: at + 1]
        night = [one for one in before if act.true_ns - one.true_ns <= 18 * HOUR]
        hour = [one for one in night if act.true_ns - one.true_ns <= HOUR]
        episode = [one for one in before if (one.night, one.episode) == (act.night, act.episode)]
        begun = max((true_ns for true_ns, _ in starts if true_ns <= act.true_ns), default=act.true_ns)
        checks = {
            "12 in 18 h": len(night) <= 12,
            "6 in an hour": len(hour) <= 6,
            "4 an episode": len(episode) <= 4,
            "60 s": sum(one.duration_ms for one in night) <= 60_000,
            "5 minutes after a start": act.true_ns - begun >= 5 * MINUTE - 2 * S,
            "30 minutes after lights-out": act.true_ns - firsts.get(act.night, act.true_ns) >= 30 * MINUTE - 2 * S,
            "lowest first": len(episode) > 1 or act.level == 1,
            "one step up": len(episode) < 2 or act.level <= episode[-2].level + 1,
            "one permit, one act": len({(one.night, one.permit) for one in before}) == len(before),
        }
        yield from (f"{name} at act {at}" for name, holds in checks.items() if not holds)
