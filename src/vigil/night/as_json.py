"""Reports as one documented, versioned JSON object (`docs/data.md` holds the schema; a test holds it to this)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from vigil.domain.explain import sentences
from vigil.domain.nudges import Decision, Reasons
from vigil.domain.records import EpochScored
from vigil.domain.units import EPOCH_S, NS_PER_S
from vigil.night.account_events import Account
from vigil.night.account_words import Clock, account_sentences, blind_words
from vigil.night.report import NightReport, NightsReport

FORMAT = "vigil-nights"
VERSION = 1

Json = dict[str, Any]


def nights_json(nights: list[Json], together: NightsReport) -> Json:
    """The whole object: `nights[]` as made by `night_json`, and what they come to together."""
    rate = together.interventions_per_8h_sleep
    return {
        "format": FORMAT,
        "version": VERSION,
        "nights": nights,
        "together": {
            "nights": len(together.nights),
            "median_tst_min": together.median_tst_min,
            "interventions_per_8h_sleep": None if rate is None else asdict(rate),
            "blind_share": together.blind_share,
        },
    }


def night_json(
    report: NightReport, *, path: str = "", source_format: str = "", left_out: list[Json] | None = None
) -> Json:
    """One night. Times are seconds from lights-out, durations minutes; `left_out` are rows the reader did not use."""
    watched = {"watched_min": report.watched_min, "blind_min": report.blind_min}
    return {
        "night": report.night,
        "path": path,
        "format": source_format,
        "summary": asdict(report.summary) | watched,
        "epochs": [epoch_json(epoch) for epoch in report.epochs],
        "suspicions": [
            asdict(row) | {"kind": row.kind.value, "reasons": reasons_json(row.reasons)} for row in report.suspicions
        ],
        "interventions": [asdict(row) | {"reasons": reasons_json(row.reasons)} for row in report.interventions],
        "decisions": [decision_json(decision, report.began_ns) for decision in report.decisions],
        "left_out": {"samples": dict(report.left_out), "rows": left_out or []},
        "digests": dict(report.digests),
    }


def account_json(account: Account, clock: Clock) -> Json:
    """What went wrong in a night. `blind_by` adds up to `blind_s`; times of events are seconds from lights-out."""
    return {
        "watched_s": account.watched_s,
        "blind_s": account.blind_s,
        "blind_by": {cause.value: seconds for cause, seconds in account.blind},
        "events": [asdict(event) | {"kind": event.kind.value} for event in account.events],
        "in_words": [blind_words(account), *account_sentences(account, clock)],
    }


def epoch_json(epoch: EpochScored) -> Json:
    """One epoch; `t_s` is where it begins."""
    return {
        "t_s": epoch.index * EPOCH_S,
        "stage": epoch.stage.value,
        "p": None if epoch.p is None else asdict(epoch.p),
        "heart_bpm": epoch.heart_bpm,
        "movement_g": epoch.movement_g,
        "watched_s": epoch.watched_s,
    }


def decision_json(decision: Decision, began_ns: int) -> Json:
    """One decision."""
    request = decision.permit.request if decision.permit else None
    return {
        "t_s": (decision.at_ns - began_ns) / NS_PER_S,
        "state": decision.state.value,
        "action": decision.action.value,
        "episode": decision.episode,
        "level": request.level if request else None,
        "output": request.output.value if request else None,
        "reasons": reasons_json(decision.reasons),
        "in_words": sentences(decision.reasons),
    }


def reasons_json(reasons: Reasons) -> list[Json]:
    """Typed reasons: code, value, bound, unit."""
    return [{"code": one.code.value, "value": one.value, "bound": one.bound, "unit": one.unit.value} for one in reasons]
