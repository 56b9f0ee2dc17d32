"""Nights as the runner would hand them over, made up: for the tests of summing up and of showing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from vigil.domain.nudges import EpisodeKind
from vigil.domain.sleep import AasmStage
from vigil.evidence.records import AddedClass, Epoch, Happening, NightEvidence, Placement, Row4, Run

FACTORS = (0.5, 1.0, 2.0, 4.0)
NREM_ROW: Row4 = (0.1, 0.5, 0.2, 0.2)

LETTERS = {
    "W": AasmStage.WAKE,
    "1": AasmStage.N1,
    "2": AasmStage.N2,
    "3": AasmStage.N3,
    "R": AasmStage.REM,
    "?": AasmStage.UNSCORED,
}
SAID: dict[str, Row4 | None] = {
    "W": (0.7, 0.1, 0.1, 0.1),
    "2": (0.1, 0.7, 0.1, 0.1),
    "3": (0.1, 0.1, 0.7, 0.1),
    "R": (0.1, 0.1, 0.1, 0.7),
    " ": None,
}


def epochs_of(scored: str, said: str) -> tuple[Epoch, ...]:
    """One letter an epoch: W 1 2 3 R, ? unscored; a blank in `said` is no data."""
    return tuple(Epoch(LETTERS[a], SAID[b]) for a, b in zip(scored, said, strict=True))


def happening(stage: AasmStage | None, kind: EpisodeKind = EpisodeKind.NIGHTMARE_LIKE) -> Happening:
    return Happening(3600.0, stage, kind)


def run_of(*stages: AasmStage | None) -> Run:
    """A run whose interventions fell in these stages, each with its suspicion."""
    happenings = tuple(happening(stage) for stage in stages)
    return Run(happenings, happenings)


def placement(
    added: AddedClass,
    latency_s: Sequence[float | None],
    *,
    counts: Sequence[bool] | None = None,
    size_bpm: float = 10.0,
    stage: AasmStage = AasmStage.REM,
    peaks: tuple[float, float] = (1.0, 1.0),
) -> Placement:
    whole = (True,) * len(latency_s) if counts is None else tuple(counts)
    return Placement(added, 7200.0, size_bpm, stage, tuple(latency_s), whole, *peaks)


EMPTY = NightEvidence(
    name="night",
    path="folder/night",
    source="set",
    person="person",
    digest="0" * 64,
    seen=False,
    left_out=None,
    remarks=(),
    scored=True,
    cadence_s=5.0,
    sensor="heart and movement",
    ahi=None,
    epochs=(),
    clock=(),
    recorded_h=8.0,
    blind_min=48.0,
    factors=FACTORS,
    runs=(Run((), ()),) * len(FACTORS),
    placements=(),
)


def night_of(person: str, scored: str = "", said: str | None = None, **changes: object) -> NightEvidence:
    """A night of one person; what was said is what was scored unless given."""
    told = scored.replace("1", "2").replace("?", "2") if said is None else said
    epochs = epochs_of(scored, told)
    base = replace(EMPTY, name=f"night of {person}", person=person, epochs=epochs, clock=(NREM_ROW,) * len(epochs))
    return replace(base, **changes)  # type: ignore[arg-type]


def asleep(hours: float = 8.0) -> str:
    """So many hours of N2."""
    return "2" * round(hours * 120)


def _hypnogram(rng: np.random.Generator, length: int) -> str:
    """Bouts of some minutes, wake first."""
    bouts = ["W" * 20]
    while sum(len(bout) for bout in bouts) < length:
        bouts.append(str(rng.choice(list("W1223R2R"))) * int(rng.integers(4, 40)))
    return "".join(bouts)[:length]


def _said(rng: np.random.Generator, stage: AasmStage) -> Row4:
    hot = (AasmStage.WAKE, AasmStage.N2, AasmStage.N3, AasmStage.REM)
    raw = rng.gamma(1.0, 1.0, size=4) + 0.02
    for at, one in enumerate(hot):
        raw[at] += 2.0 * (stage is one or (stage is AasmStage.N1 and one is AasmStage.N2))
    wake, light, deep, rem = (raw / raw.sum()).tolist()
    return (wake, light, deep, rem)


def _placements(rng: np.random.Generator, count: int, factors: Sequence[float]) -> tuple[Placement, ...]:
    ease = {AddedClass.STRONG: 3.0, AddedClass.MODERATE: 1.2, AddedClass.SILENT: 0.3}
    size = {AddedClass.STRONG: (12.0, 30.0), AddedClass.MODERATE: (5.0, 12.0), AddedClass.SILENT: (0.0, 3.0)}
    rows = []
    for index in range(count):
        added = list(AddedClass)[index % len(AddedClass)]
        score = ease.get(added, 0.5) * rng.lognormal(0.0, 0.8)
        late = [float(rng.uniform(5, 320)) if score > factor else None for factor in factors]
        latency = tuple(one if one is not None and one <= 300 else None for one in late)
        low, high = size.get(added, (0.0, 20.0))
        stage = AasmStage.REM if index % 2 else AasmStage.N2
        peaks = rng.exponential(1.0, size=2)
        counts = tuple((rng.random(len(factors)) > 0.02).tolist())
        row = Placement(added, float(index), float(rng.uniform(low, high)), stage, latency, counts, *peaks.tolist())
        rows.append(row)
    return tuple(rows)


def many_nights(
    people: int = 6,
    *,
    placements: int = 120,
    factors: Sequence[float] = FACTORS,
    seed: int = 1,
    length: int = 960,
) -> list[NightEvidence]:
    """Made-up nights that look like real ones: two data sets with stages, one without, one night left out."""
    rng = np.random.default_rng(seed)
    return [_one_of_many(rng, index, placements, factors, length) for index in range(people)]


def _one_of_many(
    rng: np.random.Generator, index: int, placements: int, factors: Sequence[float], length: int
) -> NightEvidence:
    scored = index % 4 != 3
    letters = _hypnogram(rng, length)
    epochs = tuple(
        Epoch(LETTERS[letter] if scored else AasmStage.UNSCORED, None if at < 3 else _said(rng, LETTERS[letter]))
        for at, letter in enumerate(letters)
    )
    runs = []
    for factor in factors:
        where = [LETTERS[letters[at]] for at in rng.integers(0, length, size=rng.poisson(0.6 / factor))]
        fell = tuple(happening(stage if scored else None) for stage in where)
        other = tuple(happening(one.stage, EpisodeKind.AROUSAL) for one in fell)
        runs.append(Run(fell, fell + other))
    return replace(
        EMPTY,
        name=f"night {index}",
        path=f"folder/night {index}",
        source=("walch", "slpdb", "walch", "nsr2db")[index % 4],
        person=f"person {index}",
        scored=scored,
        cadence_s=(5.0, None, 5.0, 1.0)[index % 4],
        ahi=(None, 22.0, None, 3.0)[index % 4],
        epochs=epochs,
        clock=(NREM_ROW,) * length,
        blind_min=float(rng.uniform(0, 60)),
        factors=tuple(factors),
        runs=tuple(runs),
        placements=_placements(rng, placements, factors) if scored else (),
    )
