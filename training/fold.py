"""Parameters of everybody but one person: what `vigil evaluate --cross-validate` measures that person with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from training.fit import parameters_plain
from training.gathered import Gathered, gather
from vigil.engine.parameters import Parameters


def parameters_for(nights_by_person: Mapping[str, Sequence[Path]], person: str) -> Parameters:
    """Fitted on the nights of all but `person`, thresholds included; the same for the same nights."""
    folders = sorted({path for other, paths in nights_by_person.items() if other != person for path in paths})
    return Parameters.from_plain(parameters_plain([_gathered(folder) for folder in folders]))


@cache
def _gathered(folder: Path) -> Gathered:
    return gather(folder)
