"""Mornings, what is learned and tonight's plan as plain values (`docs/data.md` holds the schema)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from vigil.app.home import Shelf
from vigil.app.morning_words import Told
from vigil.app.tonight import KeptNights, Tonight
from vigil.engine.episode_bounds import EpisodeBounds
from vigil.engine.nights_known import NightKnown
from vigil.engine.personal import Estimate
from vigil.night.as_json import account_json

FORMAT = "vigil-morning"
VERSION = 1


def morning_json(
    shelf: Shelf, kept: KeptNights, chosen: NightKnown | None, tonight: Tonight, said: str, told: Told | None = None
) -> Any:
    """The whole object. chosen: the night that was asked about; said: what its answer changes tonight, or "".

    told: the account of that night, None where it cannot be read.
    """
    return {
        "format": FORMAT,
        "version": VERSION,
        "store": shelf.value,
        "night": None if chosen is None else known_json(chosen),
        "account": None if told is None else account_json(told.account, told.clock.words),
        "changes": said,
        "tonight": plan_json(tonight),
        "learned": learned_json(tonight),
        "nights": [known_json(night) for night in kept.nights],
        "remarks": list(kept.remarks),
    }


def plan_json(tonight: Tonight) -> dict[str, Any]:
    """What tonight may do. threshold_factor: learned and chosen together."""
    plan, outfit = tonight.plan, tonight.outfit
    return {
        "stage": plan.stage.value,
        "mode": plan.mode.value,
        "nudging": outfit.settings.nudging,
        "top_level": outfit.settings.top_level,
        "threshold_factor": round(outfit.settings.threshold_factor * outfit.profile.threshold_factor, 4),
        "paused": None if plan.pause is None else {"cause": plan.pause.cause.value, "since": plan.pause.since},
        "in_words": tonight.words,
    }


def learned_json(tonight: Tonight) -> dict[str, Any]:
    """What is known of the person, each figure with its 95 % interval.

    suspicions_per_night: ordinary ones to be expected at the threshold as shipped.
    """
    learned = tonight.learned
    per_night = 1 / EpisodeBounds.of(tonight.outfit.parameters.episodes).threshold
    return {
        "nights": learned.nights,
        "good_nights": learned.good_nights,
        "resting_bpm": _estimate(learned.resting_bpm),
        "spread_bpm": _estimate(learned.spread_bpm),
        "ordinary": _estimate(learned.ordinary),
        "suspicions_per_night": _estimate(learned.ordinary, per_night),
        "unwelcome": learned.unwelcome,
        "missed": learned.missed,
        "threshold_factor": learned.threshold_factor,
        "reasons": list(learned.reasons),
    }


def known_json(night: NightKnown) -> dict[str, Any]:
    """One night as learning sees it, with its morning."""
    figures = asdict(night)
    for name in ("number", "name", "answer"):
        figures.pop(name)
    return {"night": night.name} | figures | {"good": night.is_good, "answer": night.answer.as_plain()}


def _estimate(estimate: Estimate, times: float = 1.0) -> dict[str, float | int]:
    figures = {name: round(getattr(estimate, name) * times, 4) for name in ("value", "low", "high")}
    return {**figures, "n": estimate.n}
