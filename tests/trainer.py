"""The trainer's modules, or a skip that says why they cannot be had here."""

from __future__ import annotations

import importlib
from types import ModuleType

import pytest


def trainer(name: str) -> ModuleType:
    """A module of `training`; skipped where LightGBM, or the OpenMP library that it needs, is not installed."""
    try:
        return importlib.import_module(f"training.{name}")
    except (ImportError, OSError) as error:
        pytest.skip(f"the trainer cannot be used here: {error}", allow_module_level=True)
