"""The nights one by one, of the JSON: which count, which were worst, and what was noticed of each."""

from __future__ import annotations

from collections.abc import Sequence

from vigil.app.evidence.shown import Json, at, number, percent
from vigil.app.evidence.tables import Table

WORST = 8
"""Rows of each list."""


def counted(evidence: Json, *, seen: bool) -> list[Json]:
    """The nights behind the headline, or those seen in fitting and told apart."""
    apart = not evidence["cross_validated"]
    return [one for one in evidence["nights"] if one["left_out"] is None and (apart and one["seen"]) == seen]


def worst(nights: Sequence[Json]) -> Table:
    """The nights with the most false nudges, then those that were blind longest."""
    nudged = sorted((one for one in nights if _nudges(one)), key=lambda one: (-_nudges(one), one["name"]))
    blind = sorted((one for one in nights if _blind(one)), key=lambda one: (-_blind(one), one["name"]))
    rows = [("most nudges", *_row(one)) for one in nudged[:WORST]]
    rows += [("most blind", *_row(one)) for one in blind[:WORST]]
    head = ("", "data", "night", "nudges per 8 h, as shipped", "blind", "κ, three classes")
    return Table("The worst nights", head, tuple(rows))


def remarks(evidence: Json) -> Table:
    """What was noticed, and which nights were left out and why."""
    rows = []
    for one in evidence["nights"]:
        words = [] if one["left_out"] is None else [f"left out: {one['left_out']}"]
        if words or one["remarks"]:
            rows.append((one["source"], one["name"], "; ".join([*words, *one["remarks"]])))
    return Table("Nights left out, and what was noticed", ("data", "night", "what"), tuple(rows))


def kappa_of(night: Json) -> float | None:
    """Three classes, of one night."""
    value: float | None = at(night, "staging.wake_nrem_rem.kappa")["value"]
    return value


def _rate(night: Json) -> Json:
    if night["scored"]:
        return at(night, "false_alarms.as_shipped.nudges_per_8h_sleep")
    return at(night, "unscored.as_shipped.nudges_per_8h_recorded")


def _nudges(night: Json) -> float:
    return float(_rate(night)["value"] or 0.0)


def _blind_share(night: Json) -> Json:
    share: Json = night["blind_share"] if night["scored"] else night["unscored"]["blind_share"]
    return share


def _blind(night: Json) -> float:
    return float(_blind_share(night)["value"] or 0.0)


def _row(night: Json) -> tuple[str, ...]:
    three = at(night, "staging.wake_nrem_rem")["kappa"]
    return (night["source"], night["name"], number(_rate(night)), percent(_blind_share(night)), number(three))
