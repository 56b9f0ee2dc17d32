"""The one place that knows of the trainer, which is a tool of developers and need not be there."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, cast

from vigil.domain.errors import SettingsError
from vigil.engine.parameters import Parameters

MODULE = "training.fold"


class Refit(Protocol):
    """Fits parameters, thresholds included, on everybody but one person."""

    def __call__(self, nights_by_person: Mapping[str, Sequence[Path]], person: str) -> Parameters:
        """The parameters of everybody in `nights_by_person` but `person`; the same for the same nights."""
        ...


def trainer() -> Refit | None:
    """The trainer's way to leave one person out; None where it, or what it needs, is not installed."""
    try:
        module = importlib.import_module(MODULE)
    except (ImportError, OSError):  # OSError: a library of the system that LightGBM needs is missing
        return None
    return cast("Refit", module.parameters_for)


def needed(refit: Refit | None) -> Refit:
    """The trainer; raises SettingsError in a worker that cannot find what its parent found."""
    if refit is None:
        message = "the trainer was not found by a worker; try again with --jobs 1"
        raise SettingsError(message)
    return refit
