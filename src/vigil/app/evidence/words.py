"""The evidence in a few lines, for the terminal."""

from __future__ import annotations

from vigil.app.evidence.shown import NIGHTMARE_WORDS, POINT_WORDS, Json, at, number, percent, seconds
from vigil.evidence.as_json import part_json
from vigil.evidence.summary import Evidence

_TOLD = ("at_0_1", "at_0_5", "as_shipped")


def evidence_in_words(evidence: Evidence) -> list[str]:
    """A dozen lines: what must be said first, then staging, false nudges, what is found, what it means."""
    lines = list(evidence.words)
    if evidence.headline_nights:
        refit = ", each by a fit without its person" if evidence.cross_validated else ""
        lines.append(f"{evidence.headline_nights} nights of {evidence.headline_people} people{refit}.")
        lines += _lines(part_json(evidence.headline))
    if evidence.seen is not None:
        lines += ["Of the nights seen in fitting, which prove nothing:", *_lines(part_json(evidence.seen))]
    return lines


def _lines(part: Json) -> list[str]:
    lines = []
    if part["false_alarms"]["nights"]:
        lines += _staging(part) + _alarms(part) + [line for point in _TOLD for line in _found(part, point)]
    unscored = part["unscored"]
    if unscored["nights"]:
        rate = number(unscored["as_shipped"]["nudges_per_8h_recorded"])
        lines.append(f"Nights without stages ({unscored['nights']}): {rate} nudges per 8 h recorded, as shipped.")
    return lines


def _staging(part: Json) -> list[str]:
    three, four = at(part, "staging.wake_nrem_rem"), at(part, "staging.four_class")
    clock = at(part, "staging.clock_only")
    return [
        f"Staging, wake/NREM/REM: κ {number(three['kappa'])}, accuracy {percent(three['accuracy'])}, "
        f"REM F1 {number(three['rem_f1'])}, wake sensitivity {percent(three['wake_sensitivity'])}; "
        f"the clock alone: κ {number(clock['kappa'])}.",
        f"Staging, four classes: κ {number(four['kappa'])}.",
    ]


def _alarms(part: Json) -> list[str]:
    shipped = at(part, "false_alarms.as_shipped")
    return [
        f"False nudges per 8 h of scored sleep, as shipped: {number(shipped['nudges_per_8h_sleep'])}; "
        f"suspicions {number(shipped['suspicions_per_8h_sleep'])}; "
        f"nights with none {percent(shipped['nights_with_none'])}; blind {percent(part['blind_share'])}."
    ]


def _found(part: Json, point: str) -> list[str]:
    ones = {name: at(part, f"added.{name}.{point}") for name in NIGHTMARE_WORDS}
    if all(one["within_300_s"]["value"] is None for one in ones.values()):
        return []
    shares = ", ".join(f"{name} {percent(one['within_300_s'])}" for name, one in ones.items())
    late = seconds(ones["strong"]["median_latency_s"])
    noticed = percent(at(part, f"meaning.{point}.noticed"))
    return [
        f"Found within 300 s, {POINT_WORDS[point]}: {shares}; strong ones after {late} (median); "
        f"of the assumed mixture {noticed}."
    ]
