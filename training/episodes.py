"""Choose the shipped threshold of the episode detector: `python -m training.episodes NIGHTS... --parameters FILE`.

Every scored night is replayed through the whole engine and guard at rising thresholds. The first whose false nudges
(interventions on scored sleep, per 8 h of it) are within the budget is written into FILE. The nights are seen
nights: the figure says where the threshold stands on them, not how it will do elsewhere.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path

from vigil.domain.sleep import ASLEEP
from vigil.domain.units import EPOCH_S
from vigil.engine.parameters import Parameters
from vigil.night.report import HOURS_PER_NIGHT
from vigil.recordings.readers.formats import ReadOptions, find_recordings
from vigil.run.replay import Outfit, replay

GRID = tuple(range(20, 85, 5))
"""Thresholds tried, in sigma-steps."""

BUDGET = 0.5
"""False nudges per 8 h of scored sleep: under it users of seizure devices were content (performance section 5)."""


@dataclass(frozen=True, slots=True)
class Count:
    """What one night, or several, met: interventions on scored sleep, on scored wake, and hours of scored sleep."""

    asleep: int
    awake: int
    sleep_h: float

    def __add__(self, other: Count) -> Count:
        return Count(self.asleep + other.asleep, self.awake + other.awake, self.sleep_h + other.sleep_h)

    @property
    def per_night(self) -> float:
        """False nudges per 8 h of scored sleep."""
        return self.asleep / self.sleep_h * HOURS_PER_NIGHT if self.sleep_h else 0.0


def count(folder: Path, parameters: Parameters) -> Count:
    """Replay one scored night."""
    recording = next(iter(find_recordings(folder, ReadOptions())))
    stages = [scored.stage for scored in recording.scoring or ()]
    report = replay(recording, Outfit(parameters))
    fell = [stages[index] for row in report.interventions if (index := int(row.t_s // EPOCH_S)) < len(stages)]
    asleep = sum(stage in ASLEEP for stage in fell)
    return Count(asleep, len(fell) - asleep, sum(stage in ASLEEP for stage in stages) * EPOCH_S / 3600)


def at_threshold(folders: Sequence[Path], parameters: Parameters, threshold: float, pool: ProcessPoolExecutor) -> Count:
    """All nights at one threshold."""
    tried = replace(parameters, episodes={**parameters.episodes, "threshold": threshold})
    return sum(pool.map(count, folders, repeat(tried)), Count(0, 0, 0.0))


def main(arguments: Sequence[str] | None = None) -> int:
    """Try, choose, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("nights", nargs="+", type=Path)
    parser.add_argument("--parameters", type=Path, required=True)
    parser.add_argument("--budget", type=float, default=BUDGET)
    parser.add_argument("--jobs", type=int, default=2)
    wanted = parser.parse_args(arguments)
    folders = sorted({file.parent for path in wanted.nights for file in path.rglob("stage.csv")})
    plain = json.loads(wanted.parameters.read_text(encoding="utf-8"))
    parameters = Parameters.from_plain(plain)
    with ProcessPoolExecutor(wanted.jobs) as pool:
        for threshold in GRID:
            found = at_threshold(folders, parameters, float(threshold), pool)
            print(
                f"threshold {threshold}: {found.per_night:.2f} false nudges per 8 h of scored sleep "
                f"({found.asleep} in {found.sleep_h:.0f} h; {found.awake} on scored wake)",
                flush=True,
            )
            if found.per_night <= wanted.budget:
                plain["episodes"]["threshold"] = float(threshold)
                text = json.dumps(plain, separators=(",", ":"), sort_keys=True) + "\n"
                wanted.parameters.write_text(text, encoding="utf-8")
                return 0
    print("No threshold of the grid is within the budget; nothing was written.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
