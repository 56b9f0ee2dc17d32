"""Fit the population parameters: `python -m training.fit NIGHTS... --out FILE [--cross-validate]`.

NIGHTS are night folders, or folders of them. Two runs on the same nights write the same bytes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from training.boost import CLASSES, ROUNDS, SETTINGS, fit_trees
from training.measure import figures
from training.nights import Night, read_night
from training.rows import NightRows, rows_of
from training.variants import VARIANTS
from vigil.domain.sleep import SCORED_STAGES
from vigil.engine.features import FEATURES
from vigil.engine.parameters import FORMAT, Parameters
from vigil.engine.stager import Stager

TEMPER = 0.6
AGAINST_POWER = 0.8
"""Both chosen on the cross-validated nights, from 0.15 to 0.8 and from 0 to 1: flat near these."""

FIRST = [0.85, 0.13, 0.01, 0.01]
"""Lights-out: nearly always awake."""

STAGE_NAMES = [stage.value for stage in SCORED_STAGES]


def find_nights(paths: Iterable[Path]) -> list[Night]:
    """Every scored night in the folders given, by name."""
    folders = sorted({file.parent for path in paths for file in path.rglob("night.json")})
    return [night for night in map(read_night, folders) if night.labels and (night.heart or night.beats)]


def all_rows(nights: Sequence[Night]) -> list[NightRows]:
    """Every night in every variant."""
    return [rows_of(variant.make(night), variant.name) for night in nights for variant in VARIANTS]


def fit_plain(rows: Sequence[NightRows]) -> dict[str, Any]:
    """The parameters as plain data, without provenance."""
    recorded = [night for night in rows if night.variant == VARIANTS[0].name]
    counts = [[1.0 if i == j else 0.5 for j in range(CLASSES)] for i in range(CLASSES)]
    totals = [0.0] * CLASSES
    for night in recorded:
        for before, after in zip(night.labels, night.labels[1:], strict=False):
            if before >= 0 and after >= 0:
                counts[before][after] += 1
        for label in night.labels:
            if label >= 0:
                totals[label] += 1
    return {
        "format": FORMAT,
        "features": [spec.name for spec in FEATURES],
        "trees": fit_trees(rows),
        "filter": {
            "against": _shares([total**AGAINST_POWER for total in totals]),
            "first": FIRST,
            "follow": [_shares(row) for row in counts],
            "temper": TEMPER,
        },
        "episodes": {},
        "provenance": {},
    }


def said(night: NightRows, parameters: Parameters) -> list[tuple[int, int]]:
    """(scored, said) of every scored epoch, as the engine would have said it at the epoch's end."""
    stager = Stager()
    pairs = []
    for features, known, label in zip(night.features, night.any_data, night.labels, strict=True):
        best = stager.score(features, known, parameters).best
        if label >= 0:
            pairs.append((label, SCORED_STAGES.index(best)))
    return pairs


def cross_validate(rows: Sequence[NightRows]) -> dict[str, dict[str, float]]:
    """Leave one person out at a time; figures by variant."""
    people = sorted({night.person for night in rows})
    pairs: dict[str, dict[str, list[tuple[int, int]]]] = {variant.name: {} for variant in VARIANTS}
    for person in people:
        parameters = Parameters.from_plain(fit_plain([night for night in rows if night.person != person]))
        for night in rows:
            if night.person == person:
                pairs[night.variant].setdefault(person, []).extend(said(night, parameters))
    return {variant: figures(by_person) for variant, by_person in pairs.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, measure if asked, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("nights", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cross-validate", action="store_true")
    wanted = parser.parse_args(arguments)
    nights = find_nights(wanted.nights)
    if not nights:
        print("No scored night with heart rate or beats was found; nothing was written.", file=sys.stderr)
        return 1
    rows = all_rows(nights)
    plain = fit_plain(rows)
    kept = _kept(wanted.out)
    plain["episodes"] = kept.get("episodes", {})
    measured = cross_validate(rows) if wanted.cross_validate else {}
    for variant, named in measured.items():
        print(f"{variant}: " + ", ".join(f"{name} {value:g}" for name, value in named.items()))
    plain["provenance"] = _provenance(nights, measured)
    Parameters.from_plain(plain)
    wanted.out.write_text(json.dumps(plain, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")
    print(f"{len(nights)} nights, {wanted.out.stat().st_size} bytes written to {wanted.out}")
    return 0


def _provenance(nights: Sequence[Night], measured: dict[str, dict[str, float]]) -> dict[str, Any]:
    return {
        "nights": sorted(night.digest for night in nights),
        "people": len({night.person for night in nights}),
        "sources": sorted({night.source for night in nights}),
        "settings": {"boosting": SETTINGS, "rounds": ROUNDS, "variants": {v.name: v.weight for v in VARIANTS}},
        "figures": measured,
        "versions": {"lightgbm": lightgbm.__version__, "numpy": np.__version__},
    }


def _kept(path: Path) -> dict[str, Any]:
    """What the file already held, so that the episode detector's own numbers survive a new fit."""
    if not path.exists():
        return {}
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def _shares(weights: Sequence[float]) -> list[float]:
    total = sum(weights)
    shares = [round(weight / total, 6) for weight in weights]
    shares[shares.index(max(shares))] += 1.0 - sum(shares)
    return shares


if __name__ == "__main__":
    raise SystemExit(main())
