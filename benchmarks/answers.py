"""Simulated nights that are really nudged: what each nudge met, and what became of the dreams.

    python -m benchmarks.answers [--json FILE] [--nights N] [--first SEED] [--plan NAME ...] [--observe SECONDS]

Each night is lived second by second by a simulated sleeper that feels what is allowed, and its truth is asked what was
going on at the instant of each nudge. All of it follows from the seeds. Simulated sleepers prove nothing about people:
how a body answers is assumed in `recordings/synthetic/answer.py`, so this compares one way of deciding with another,
and says nothing of how many real dreams would end.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from vigil.app.wiring import packaged_parameters
from vigil.domain.nudges import Decision
from vigil.domain.permits import Permit
from vigil.domain.records import Input, NightEnded, OutputAcknowledged, Tick
from vigil.domain.settings import Settings
from vigil.domain.units import NS_PER_S
from vigil.engine.parameters import Parameters
from vigil.night.night_watch import NightWatch
from vigil.recordings.synthetic.episodes import EndedBy
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.sensor import SENSORS, Sensor
from vigil.recordings.synthetic.sleeper import SimulatedSleeper
from vigil.recordings.synthetic.truth import NudgeOutcome

HOURS = {"strong": 2.0, "mixed": 6.0}
"""How long a night of a plan is: enough for what it holds. Any other plan: `OTHER_HOURS`."""
OTHER_HOURS = 4.0
JUST_OVER_S = 300
"""A nudge so soon after a dream that ended by itself met the heart still racing from it."""


class Met(Enum):
    """What was going on at the instant of a nudge."""

    DREAM = "met the dream"
    SETTLED = "after an earlier nudge had settled it"
    WOKEN = "after an earlier nudge had woken the sleeper"
    OVER = "after the dream had ended by itself"
    NOTHING = "met no dream"


@dataclass(frozen=True, slots=True)
class Given:
    """One nudge as the truth has it. episode: the suspicion it was for."""

    episode: int
    level: int
    met: Met
    outcome: NudgeOutcome


@dataclass(frozen=True, slots=True)
class Lived:
    """One night. dreams: how many were lived.

    nudged: of those, how many were nudged while they went on. settled, woken: how many ended because a nudge settled
    them, or woke the sleeper.
    """

    plan: str
    seed: int
    given: tuple[Given, ...]
    dreams: int
    nudged: int
    settled: int
    woken: int


@dataclass(slots=True)
class Night:
    """A night under way."""

    sleeper: SimulatedSleeper
    watch: NightWatch
    given: list[Given] = field(default_factory=list)
    nudged: set[int] = field(default_factory=set)

    def push(self, record: Input) -> list[Permit]:
        """Push an input; the permits that came of it."""
        said = self.watch.push(record)
        return [one.permit for one in said if isinstance(one, Decision) and one.permit is not None]

    def nudge(self, at_ns: int, permit: Permit) -> None:
        """Give it to the sleeper, having asked what is going on."""
        request, at_s = permit.request, at_ns // NS_PER_S
        met, dream = self._met(at_s), self.sleeper.plan.episode_at(at_s)
        if dream is not None:
            self.nudged.add(dream.onset_s)
        self.sleeper.feel(request.output, request.level, request.duration_ms, at_ns)
        outcome = self.sleeper.truth.nudges[-1].outcome
        self.given.append(Given(request.episode, request.level, met, outcome))
        self.push(OutputAcknowledged(at_ns + 1, permit.serial))

    def _met(self, at_s: int) -> Met:
        plan = self.sleeper.plan
        if any(from_s <= at_s < to_s for from_s, to_s in plan.awakenings):
            return Met.WOKEN
        if plan.episode_at(at_s) is not None:
            return Met.DREAM
        over = [one for one in plan.episodes if one.end_s <= at_s < one.end_s + max(JUST_OVER_S, one.awake_s)]
        if not over:
            return Met.NOTHING
        return Met.SETTLED if over[-1].ended_by is EndedBy.NUDGE else Met.OVER


def live(plan: str, seed: int, parameters: Parameters, settings: Settings, sensor: Sensor) -> Lived:
    """Live a night of this plan and seed, nudging armed."""
    hours = HOURS.get(plan, OTHER_HOURS)
    sleeper = SimulatedSleeper(seed, plan=named_plan(plan, seed, hours=hours), sensor=sensor)
    night = Night(sleeper, NightWatch(parameters, settings))
    night.push(sleeper.began())
    for at_ns in range(NS_PER_S, sleeper.ends_ns + 1, NS_PER_S):
        for record in (*sleeper.until(at_ns), Tick(at_ns)):
            for permit in night.push(record):
                night.nudge(at_ns, permit)
    night.push(NightEnded(sleeper.ends_ns + 1))
    return _lived(plan, seed, night)


def _lived(plan: str, seed: int, night: Night) -> Lived:
    episodes, awakenings = night.sleeper.plan.episodes, {from_s for from_s, _ in night.sleeper.plan.awakenings}
    ended = [one for one in episodes if one.ended_by is EndedBy.NUDGE]
    woken = sum(1 for one in ended if one.end_s in awakenings)
    return Lived(plan, seed, tuple(night.given), len(episodes), len(night.nudged), len(ended) - woken, woken)


@dataclass(frozen=True, slots=True)
class Row:
    """The nights of one plan, summed up. woke: nudges that woke the sleeper, whatever was going on."""

    plan: str
    nights: int
    nudges: int
    met: dict[str, int]
    woke: int
    dreams: int
    dreams_nudged: int
    dreams_settled: int
    dreams_woken: int
    nudges_an_episode: float


def row_of(plan: str, nights: Iterable[Lived]) -> Row:
    """Sum up nights."""
    lived = list(nights)
    given = [one for night in lived for one in night.given]
    episodes = sum(len({one.episode for one in night.given}) for night in lived)
    met = Counter(one.met for one in given)
    return Row(
        plan=plan,
        nights=len(lived),
        nudges=len(given),
        met={kind.value: met[kind] for kind in Met},
        woke=sum(1 for one in given if one.outcome is NudgeOutcome.WOKE),
        dreams=sum(night.dreams for night in lived),
        dreams_nudged=sum(night.nudged for night in lived),
        dreams_settled=sum(night.settled for night in lived),
        dreams_woken=sum(night.woken for night in lived),
        nudges_an_episode=round(len(given) / episodes, 2) if episodes else 0.0,
    )


def as_lines(row: Row) -> list[str]:
    """A row in words."""
    met = [f"  {count:4d} {kind}" for kind, count in row.met.items()]
    return [
        f"{row.plan}: {row.nights} nights, {row.nudges} nudges, {row.nudges_an_episode} an episode; of them",
        *met,
        f"  {row.woke:4d} nudges woke the sleeper",
        f"  of {row.dreams} dreams {row.dreams_nudged} were nudged; {row.dreams_settled} settled, "
        f"{row.dreams_woken} ended by waking",
    ]


def main() -> None:
    """Simulate, and print what was met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also as JSON")
    parser.add_argument("--nights", type=int, default=40, help="of each plan")
    parser.add_argument("--first", type=int, default=1, metavar="SEED", help="seed of the first night")
    parser.add_argument("--plan", action="append", metavar="NAME", help="strong and mixed unless given")
    parser.add_argument("--sensor", choices=SENSORS, default="wrist 1 s")
    parser.add_argument("--observe", type=int, default=Settings().observe_s, metavar="SECONDS", help="observe_s")
    wish = parser.parse_args()
    settings, parameters = Settings(observe_s=wish.observe), packaged_parameters()
    seeds = range(wish.first, wish.first + wish.nights)
    rows = [
        row_of(plan, (live(plan, seed, parameters, settings, SENSORS[wish.sensor]) for seed in seeds))
        for plan in wish.plan or ["strong", "mixed"]
    ]
    print(f"simulated sleepers, seeds {seeds[0]} to {seeds[-1]}, {wish.sensor}; they prove nothing about people")
    for row in rows:
        print("\n".join(as_lines(row)))
    if wish.json is not None:
        told = {
            "measured": datetime.now(UTC).date().isoformat(),
            "command": f"python -m benchmarks.answers --nights {wish.nights} --first {wish.first} "
            f"--sensor '{wish.sensor}' --observe {wish.observe}",
            "seeds": [seeds[0], seeds[-1]],
            "sensor": wish.sensor,
            "settings": {"observe_s": settings.observe_s, "top_level": settings.top_level},
            "parameters": parameters.digest,
            "rows": [asdict(row) for row in rows],
        }
        wish.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
