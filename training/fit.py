"""Fit the population parameters: `python -m training.fit NIGHTS... --out FILE [--cross-validate] [--jobs N]`.

NIGHTS are night folders, or folders of them. Two runs on the same nights write the same bytes.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from training import experts
from training.boost import CLASSES, ROUNDS, SETTINGS
from training.experts import fit_experts
from training.gathered import Gathered, gather_all, night_folders
from training.measure import Said, figures
from training.rows import NightRows, Numbers
from training.stack import fit_stack, weights
from training.variants import VARIANTS
from vigil.domain.sleep import SCORED_STAGES
from vigil.domain.units import EPOCH_S
from vigil.engine.course import COURSE
from vigil.engine.feature_list import FEATURES
from vigil.engine.parameters import CLOCK_MIN, FORMAT, Parameters
from vigil.engine.stager import Stager

WORTH_POWER = 0.4
"""Calling a stage rightly is worth its share to minus this: 0 names too little wake and REM, 1 far too much. Chosen on
the cross-validated nights, from 0 to 0.7: flat from 0.3 to 0.6."""

CLOCK_BINS = 36
"""Of a quarter of an hour: nine hours, the last bin for all beyond."""

CLOCK_PRIOR = 30.0
"""Epochs of the whole night's shares that each bin begins with, so that few nights give no certainties."""

FIRST = [0.85, 0.13, 0.01, 0.01]
"""Lights-out: nearly always awake."""


def parameters_plain(nights: Sequence[Gathered]) -> dict[str, Any]:
    """Everything that is learned, as plain data: stages, experts, and how rare what they say is."""
    rows = [rows for night in nights for rows in night.rows]
    moments = [moments for night in nights for moments in night.moments]
    return {**fit_plain(rows), "moments": fit_experts(moments), "provenance": _provenance(nights)}


def fit_plain(rows: Sequence[NightRows]) -> dict[str, Any]:
    """The parameters as plain data, without provenance. The same rows in the same order give the same parameters."""
    recorded = [night for night in rows if night.variant == VARIANTS[0].name]
    follow = _follow(recorded)
    by_bin = _clock_counts(recorded, weights(recorded, rows))
    shares = _shares(by_bin.sum(axis=0).tolist())
    return {
        "format": FORMAT,
        "features": [spec.name for spec in FEATURES],
        "course": [spec.name for spec in COURSE],
        **fit_stack(rows, follow, FIRST),
        "filter": {"first": FIRST, "follow": follow, "worth": _shares([share**-WORTH_POWER for share in shares])},
        "clock": [_shares((counts + CLOCK_PRIOR * np.array(shares)).tolist()) for counts in by_bin],
        "episodes": {},
        "provenance": {},
    }


def _follow(recorded: Sequence[NightRows]) -> list[list[float]]:
    """How often each stage follows each an epoch later."""
    counts = [[1.0 if i == j else 0.5 for j in range(CLASSES)] for i in range(CLASSES)]
    for night in recorded:
        for before, after in itertools.pairwise(night.labels.tolist()):
            if before >= 0 and after >= 0:
                counts[before][after] += 1
    return [_shares(row) for row in counts]


def _clock_counts(recorded: Sequence[NightRows], weight: Sequence[float]) -> Numbers:
    """Weighted epochs of each stage in each bin since lights-out; shape (bins, classes), none of them nought."""
    counts = np.full((CLOCK_BINS, CLASSES), 0.1)
    for night, each in zip(recorded, weight, strict=True):
        for index, label in enumerate(night.labels.tolist()):
            if label >= 0:
                counts[min(index * EPOCH_S // (60 * CLOCK_MIN), CLOCK_BINS - 1), label] += each
    return counts


def said(night: NightRows, parameters: Parameters) -> list[Said]:
    """What was scored, named and believed of every scored epoch, as the engine would have it at the epoch's end."""
    stager = Stager()
    found = []
    for features, known, label in zip(night.features, night.any_data, night.labels.tolist(), strict=True):
        p = stager.score(features.tolist(), bool(known), parameters)
        if label >= 0:
            found.append(Said(label, SCORED_STAGES.index(parameters.label(p)), p.as_tuple()))
    return found


def leave_out(person: str, rows: Sequence[NightRows]) -> dict[str, list[Said]]:
    """What would have been said of a person, by variant, by parameters fitted on all others."""
    parameters = Parameters.from_plain(fit_plain([night for night in rows if night.person != person]))
    found: dict[str, list[Said]] = {}
    for night in rows:
        if night.person == person:
            found.setdefault(night.variant, []).extend(said(night, parameters))
    return found


def cross_validate(rows: Sequence[NightRows], jobs: int = 1) -> dict[str, dict[str, float]]:
    """Leave one person out at a time; figures by set of people and variant."""
    people = sorted({night.person for night in rows})
    many = {night.person for night in rows if night.variant != VARIANTS[0].name}
    with ProcessPoolExecutor(jobs) as pool:
        by_person = dict(zip(people, pool.map(leave_out, people, repeat(rows)), strict=True))
    sets: dict[str, dict[str, list[Said]]] = {}
    for person, found in by_person.items():
        for variant, pairs in found.items():
            sets.setdefault(variant if person in many else "beats only, as recorded", {})[person] = pairs
    return {name: figures(pairs) for name, pairs in sets.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, measure if asked, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("nights", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--cross-validate", action="store_true", help="print how well stages are told, by people left out"
    )
    parser.add_argument("--jobs", type=int, default=1)
    wanted = parser.parse_args(arguments)
    nights = gather_all(night_folders(wanted.nights), wanted.jobs)
    nights = [night for night in nights if night.rows or night.moments]
    if not any(night.rows for night in nights):
        print("No scored night with heart rate or beats was found; nothing was written.", file=sys.stderr)
        return 1
    plain = parameters_plain(nights)
    plain["provenance"]["figures"] = _kept_figures(wanted.out, plain)
    if wanted.cross_validate:
        measured = cross_validate([rows for night in nights for rows in night.rows], wanted.jobs)
        plain["provenance"]["figures"] = measured
        for variant, named in measured.items():
            print(f"{variant}: " + ", ".join(f"{name} {value:g}" for name, value in named.items()))
    Parameters.from_plain(plain)
    if plain["moments"] is None:
        print("The nights are too few to tell how rare a moment is: with these parameters nothing is ever suspected.")
    wanted.out.write_text(json.dumps(plain, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")
    print(f"{len(nights)} nights, {wanted.out.stat().st_size} bytes written to {wanted.out}")
    return 0


def _kept_figures(out: Path, plain: dict[str, Any]) -> Any:
    """The figures of the stages that the file already holds, if it is the very same fit of them; else none."""
    if not out.exists():
        return {}
    kept = json.loads(out.read_text(encoding="utf-8"))
    same = all(kept.get(part) == plain[part] for part in ("trees", "second", "filter"))
    return kept["provenance"]["figures"] if same else {}


def _provenance(nights: Sequence[Gathered]) -> dict[str, Any]:
    return {
        "nights": sorted(night.digest for night in nights),
        "people": len({night.person for night in nights}),
        "sources": sorted({night.source for night in nights}),
        "settings": {
            "stages": {"boosting": SETTINGS, "rounds": ROUNDS, "variants": {v.name: v.weight for v in VARIANTS}},
            "moments": {"boosting": experts.SETTINGS, "rounds": experts.ROUNDS},
        },
        "figures": {},
        "versions": {"lightgbm": lightgbm.__version__, "numpy": np.__version__},
    }


def _shares(weights: Sequence[float]) -> list[float]:
    total = sum(weights)
    shares = [round(weight / total, 6) for weight in weights]
    shares[shares.index(max(shares))] += 1.0 - sum(shares)
    return shares


if __name__ == "__main__":
    raise SystemExit(main())
