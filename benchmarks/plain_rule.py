"""One command: the plain rule, measured as Vigil is: false nudges, and which added episodes it finds.

    python -m benchmarks.plain_rule NIGHTS... [--placements N] [--seed N] [--json FILE]

The rule: heart rate 12 bpm over the median of the last 5 min, with movement of 0.3 g or more in the last 30 s; what
comes within 3 min of it is the same event. No guard, no warm-up, nothing told apart. Nights must be scored.
"""

from __future__ import annotations

import argparse
import json
import math
import pickle
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vigil.domain.records import Input, NightBegan, NightEnded
from vigil.domain.samples import BeatInterval, HeartSample, MotionSummary
from vigil.domain.sleep import ASLEEP, AasmStage
from vigil.domain.units import EPOCH_S, NS_PER_MINUTE, NS_PER_S, STEP_NS
from vigil.recordings.added.episode import Kind, draw_episode
from vigil.recordings.added.untouched import Untouched
from vigil.recordings.readers.formats import find_recordings
from vigil.recordings.readers.options import ReadOptions
from vigil.recordings.recording import Recording
from vigil.run.evaluate_about import about_night
from vigil.run.evaluate_placements import DREAMING, WINDOW_NS, chosen_onsets, draw_onsets
from vigil.run.replay import inputs_of
from vigil.signal.estimators import TimedMedian
from vigil.signal.heart import HeartTracker
from vigil.signal.motion import MotionTracker

OVER_BPM, MOVEMENT_MG, MERGED_NS = 12.0, 300, 3 * NS_PER_MINUTE
LIMITS_S = (60, 120, 300)
KINDS = (Kind.STRONG, Kind.MODERATE, Kind.SILENT)


@dataclass(slots=True)
class Rule:
    """The rule, step by step; `step` returns whether an event begins."""

    heart: HeartTracker = field(default_factory=HeartTracker)
    motion: MotionTracker = field(default_factory=MotionTracker)
    median: TimedMedian = field(default_factory=lambda: TimedMedian(5 * NS_PER_MINUTE, 12))
    last_ns: int = -MERGED_NS

    def step(self, at_ns: int, records: Sequence[Input]) -> bool:
        """Take what was known by `at_ns`, in order."""
        for record in records:
            if isinstance(record, HeartSample):
                self.heart.take_heart(record)
            elif isinstance(record, BeatInterval):
                self.heart.take_beat(record)
            elif isinstance(record, MotionSummary):
                self.motion.take(record)
        bpm, range_mg = self.heart.look(at_ns).bpm, self.motion.look(at_ns).range_mg
        level = self.median.value(at_ns)
        if bpm is not None:
            self.median.update(at_ns, bpm)
        if bpm is None or level is None or range_mg is None or bpm < level + OVER_BPM or range_mg < MOVEMENT_MG:
            return False
        begins = at_ns - self.last_ns > MERGED_NS
        self.last_ns = at_ns
        return begins


@dataclass(slots=True)
class Night:
    """What one night gave. found: by kind, seconds to the event of each placement that counts, infinite if none."""

    rem_h: float = 0.0
    nrem_h: float = 0.0
    rem: int = 0
    nrem: int = 0
    found: dict[str, list[float]] = field(default_factory=dict)


def measured(recording: Recording, digest: str, placements: int, seed: int) -> Night:
    """One scored night: the rule on it untouched, and with an episode of each kind at each onset."""
    scoring = recording.scoring or ()
    inputs = list(inputs_of(recording))
    chance = random.Random(f"{seed} {digest}")
    began_ns = recording.began.at_ns
    drawn = draw_onsets(scoring, began_ns, inputs[-1].at_ns, placements, chance)
    onsets = {one.at_ns: one for one in chosen_onsets([one for one in drawn if one.pool == DREAMING], placements)}
    after = [record for record in inputs if not isinstance(record, NightBegan | NightEnded)]
    untouched = Untouched.of(after, began_ns, scoring, chance)
    night = Night(_hours(scoring, rem=True), _hours(scoring, rem=False), found={kind.value: [] for kind in KINDS})
    rule, position, events, kept = Rule(), 0, list[int](), dict[int, bytes]()
    for at_ns in range(began_ns + STEP_NS, began_ns + len(scoring) * EPOCH_S * NS_PER_S + 1, STEP_NS):
        begun = position
        while position < len(after) and after[position].at_ns <= at_ns:
            position += 1
        if rule.step(at_ns, after[begun:position]):
            events.append(at_ns)
        if at_ns in onsets:
            kept[at_ns] = pickle.dumps(rule)
    for at_ns in events:
        stage = scoring[min(len(scoring) - 1, (at_ns - began_ns) // NS_PER_S // EPOCH_S)]
        night.rem += stage is AasmStage.REM
        night.nrem += stage.stage in ASLEEP and stage is not AasmStage.REM
    for onset_ns, state in kept.items():
        if any(onset_ns < at_ns <= onset_ns + WINDOW_NS for at_ns in events):
            continue
        for kind in KINDS:
            episode = draw_episode(kind, chance, untouched.rate_at(onset_ns))
            changed = untouched.with_episode(episode, onset_ns, onset_ns + WINDOW_NS, chance)
            night.found[kind.value].append(_latency_s(pickle.loads(state), changed, onset_ns))
    return night


def _latency_s(rule: Rule, changed: Sequence[Input], onset_ns: int) -> float:
    position = 0
    for at_ns in range(onset_ns + STEP_NS, onset_ns + WINDOW_NS + 1, STEP_NS):
        begun = position
        while position < len(changed) and changed[position].at_ns <= at_ns:
            position += 1
        if rule.step(at_ns, changed[begun:position]):
            return (at_ns - onset_ns) / NS_PER_S
    return math.inf


def _hours(scoring: Sequence[AasmStage], *, rem: bool) -> float:
    wanted = [stage for stage in scoring if stage.stage in ASLEEP and (stage is AasmStage.REM) is rem]
    return len(wanted) * EPOCH_S / 3600


def summed(nights: Sequence[Night]) -> dict[str, Any]:
    """Rates per 8 h of the stage and of all sleep, and the share found within each limit."""
    rem_h, nrem_h = sum(night.rem_h for night in nights), sum(night.nrem_h for night in nights)
    rem, nrem = sum(night.rem for night in nights), sum(night.nrem for night in nights)
    found = {kind.value: [one for night in nights for one in night.found[kind.value]] for kind in KINDS}
    return {
        "nights": len(nights),
        "false_per_8h_sleep": round(8 * (rem + nrem) / (rem_h + nrem_h), 3),
        "a_night_in_rem": round(rem / (rem_h + nrem_h) * 8, 3),
        "a_night_in_nrem": round(nrem / (rem_h + nrem_h) * 8, 3),
        "found": {
            kind: {
                f"within_{limit}_s": round(sum(one <= limit for one in times) / max(1, len(times)), 3)
                for limit in LIMITS_S
            }
            | {"n": len(times)}
            for kind, times in found.items()
        },
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("nights", nargs="+", type=Path)
    parser.add_argument("--placements", type=int, default=50, help="of each kind in each night")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    wanted = parser.parse_args(arguments)
    folders = sorted({file.parent for path in wanted.nights for file in path.rglob("stage.csv")})
    done = []
    for folder in folders:
        recording = next(iter(find_recordings(folder, ReadOptions())))
        done.append(measured(recording, about_night(folder).digest, wanted.placements, wanted.seed))
    told = json.dumps(summed(done), indent=1)
    print(told)
    if wanted.json is not None:
        wanted.json.write_text(told + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
