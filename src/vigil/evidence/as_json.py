"""Evidence as JSON: the documented schema of docs/evidence_schema.md. No NaN; what cannot be said is null."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from vigil.evidence.epoch_counts import MEASURES
from vigil.evidence.part import Part
from vigil.evidence.points import Points
from vigil.evidence.records import NightEvidence
from vigil.evidence.staging import Scheme
from vigil.evidence.summary import Evidence, NightFigures, SourceEvidence

SCHEMA = "vigil.evidence/1"

_OF_A_NIGHT = ("staging", "false_alarms", "added", "look_alikes", "unscored")

_OF_SEVERAL = frozenset({"calibration", "minutes", "by_stage", "by_kind", "by_cadence", "by_size", "median_person"})
"""What says nothing of one night."""


def evidence_json(evidence: Evidence, nights: Sequence[NightEvidence], *, about: Mapping[str, Any]) -> dict[str, Any]:
    """The whole of it. nights: those that were summed up. about: how it came to be (date, command, parameters...)."""
    people = {night.person for night in nights}
    return {
        "schema": SCHEMA,
        "about": dict(about),
        "cross_validated": evidence.cross_validated,
        "words": list(evidence.words),
        "factors": list(evidence.factors),
        "given": {"nights": len(nights), "people": len(people)},
        "headline": {"nights": evidence.headline_nights, "people": evidence.headline_people},
        **part_json(evidence.headline),
        "seen": None if evidence.seen is None else part_json(evidence.seen),
        "by_source": [_source(one) for one in evidence.by_source],
        "nights": [_night(one) for one in evidence.nights],
    }


def part_json(part: Part) -> dict[str, Any]:
    """All figures of one set of nights; its keys are those that stand at the top of the whole."""
    whole: dict[str, Any] = _plain(part)
    return whole


def _source(one: SourceEvidence) -> dict[str, Any]:
    head = {key: _plain(getattr(one, key)) for key in ("source", "sensors", "nights", "people", "elsewhere")}
    return head | part_json(one.part)


def _night(one: NightFigures) -> dict[str, Any]:
    night = one.night
    said = {"scored": one.scored_min, "said": one.said_min}
    return {
        "name": night.name,
        "path": night.path,
        "source": night.source,
        "person": night.person,
        "digest": night.digest,
        "seen": night.seen,
        "left_out": night.left_out,
        "remarks": list(night.remarks),
        "scored": night.scored,
        "cadence_s": _plain(night.cadence_s),
        "sensor": night.sensor,
        "ahi": _plain(night.ahi),
        "recorded_h": _plain(night.recorded_h),
        "blind_min": _plain(night.blind_min),
        "minutes": {key: dict(zip(MEASURES, _plain(row), strict=False)) for key, row in said.items()},
        "blind_share": _plain(one.false_alarms.blind_share),
        **{key: _slim(_plain(getattr(one, key))) for key in _OF_A_NIGHT},
    }


def _plain(value: Any) -> Any:
    """Dataclasses as objects by the names of their fields; `points` and classes of a scheme stand in their owner."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if not is_dataclass(value):
        return value
    whole: dict[str, Any] = {}
    for one in fields(value):
        inner = getattr(value, one.name)
        if isinstance(inner, Points) and one.name == "points":
            whole |= _plain(inner)
        elif isinstance(value, Scheme) and one.name == "by_class":
            whole |= _classes(value)
        else:
            whole[one.name] = _plain(inner)
    return whole


def _classes(scheme: Scheme) -> dict[str, Any]:
    """rem_f1, wake_sensitivity and so on."""
    named: dict[str, Any] = {"classes": [one.name for one in scheme.by_class]}
    for one in scheme.by_class:
        for key in ("sensitivity", "precision", "f1"):
            named[f"{one.name}_{key}"] = _plain(getattr(one, key))
    return named


def _slim(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: _slim(inner) for key, inner in value.items() if key not in _OF_SEVERAL}
