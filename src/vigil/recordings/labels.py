"""What a scorer wrote, in whatever code: stages of 30-s epochs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vigil.domain.sleep import AasmStage
from vigil.domain.units import EPOCH_S

STAGE_OF_NUMBER = {
    0: AasmStage.WAKE,
    1: AasmStage.N1,
    2: AasmStage.N2,
    3: AasmStage.N3,
    4: AasmStage.N3,
    5: AasmStage.REM,
    -1: AasmStage.UNSCORED,
}
"""Night folder 1 and sleep-accel. 4 is stage 4 of Rechtschaffen and Kales, N3 since the AASM manual of 2007."""

_STAGE_OF_TEXT = {
    "w": AasmStage.WAKE,
    "1": AasmStage.N1,
    "n1": AasmStage.N1,
    "2": AasmStage.N2,
    "n2": AasmStage.N2,
    "3": AasmStage.N3,
    "4": AasmStage.N3,
    "n3": AasmStage.N3,
    "r": AasmStage.REM,
    "?": AasmStage.UNSCORED,
}
_SLEEP_STAGE = re.compile(r"sleep stage ([^ ]{1,2})", re.IGNORECASE)

LONGEST_HYPNOGRAM = 8 * 86_400 // EPOCH_S
"""Epochs of eight days: a later label is a broken clock, not a night."""


def stage_of_text(text: str) -> AasmStage | None:
    """The stage an EDF+ annotation names ("Sleep stage N2", EDF+ standard texts), or None for another annotation."""
    match = _SLEEP_STAGE.fullmatch(text.strip())
    if match is None:
        return None
    return _STAGE_OF_TEXT.get(match.group(1).lower(), AasmStage.UNSCORED)


def hypnogram(epochs: Iterable[tuple[int, AasmStage]]) -> tuple[AasmStage, ...] | None:
    """Stages from (epoch index from 0, stage), gaps unscored, the first label of an epoch winning; None if empty.

    Every index must be in [0, LONGEST_HYPNOGRAM).
    """
    known: dict[int, AasmStage] = {}
    for index, stage in epochs:
        known.setdefault(index, stage)
    if not known:
        return None
    return tuple(known.get(index, AasmStage.UNSCORED) for index in range(max(known) + 1))
