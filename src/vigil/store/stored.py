"""What a decision is once it is in the store.

A permit can be made by the guard alone and must never be copied (`domain/permits.py`), so what is kept is what it
allowed, not the leave to do it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from vigil.domain.nudges import Action, Decision, Reasons, WatchState
from vigil.domain.plain import register
from vigil.domain.records import (
    EpochScored,
    Input,
    NightClosed,
    NightOutput,
    QualityNote,
    SuspicionCleared,
    SuspicionRaised,
)
from vigil.domain.requests import NudgeRequest


@register
@dataclass(frozen=True, slots=True)
class StoredPermit:
    """What a permit allowed: its serial number in the night, the request, and when it was issued. It opens nothing."""

    serial: int
    request: NudgeRequest
    issued_ns: int


@register
@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A `Decision`, field for field, with a `StoredPermit` in place of the permit."""

    at_ns: int
    state: WatchState
    action: Action
    reasons: Reasons
    episode: int | None = None
    permit: StoredPermit | None = None

    @classmethod
    def of(cls, decision: Decision) -> StoredDecision:
        """What is kept of a decision."""
        permit = decision.permit
        kept = None if permit is None else StoredPermit(permit.serial, permit.request, permit.issued_ns)
        return cls(decision.at_ns, decision.state, decision.action, decision.reasons, decision.episode, kept)


StoredOutput: TypeAlias = EpochScored | SuspicionRaised | SuspicionCleared | StoredDecision | QualityNote | NightClosed
"""A `NightOutput` as it comes back."""

Stored: TypeAlias = Input | StoredOutput
"""Whatever a minute can hold."""

Given: TypeAlias = Input | NightOutput
"""Whatever can be given to the store."""

OUTPUTS = (EpochScored, SuspicionRaised, SuspicionCleared, StoredDecision, QualityNote, NightClosed)
