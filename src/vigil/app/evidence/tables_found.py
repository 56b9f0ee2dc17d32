"""Tables of what is found: added nightmares by class, size, stage and cadence; look-alikes that were nudged."""

from __future__ import annotations

from collections.abc import Iterable

from vigil.app.evidence.shown import LOOK_ALIKE_WORDS, NIGHTMARE_WORDS, POINT_WORDS, Json, at, number, percent, seconds
from vigil.app.evidence.tables import Table

_PARTS = ("at_0_1", "at_0_5", "as_shipped")

_PARTS_HEAD = ("found within 300 s, at 0.1 a night", "at 0.5 a night", "as shipped")


def found(part: Json) -> Table:
    """Each class of nightmares at each operating point."""
    rows = []
    for name, words in NIGHTMARE_WORDS.items():
        for point, point_words in POINT_WORDS.items():
            one = at(part, f"added.{name}.{point}")
            within = (percent(one[f"within_{limit}_s"]) for limit in (60, 120, 300))
            late = (seconds(one[key]) for key in ("median_latency_s", "p90_latency_s"))
            rows.append((words, point_words, *within, *late))
    head = ("class", "false nudges", "within 60 s", "within 120 s", "within 300 s", "median latency", "90th percentile")
    strong, moderate, silent = (placements(part, name) for name in NIGHTMARE_WORDS)
    note = (
        f"Placements that count, as shipped: {strong} strong, {moderate} moderate, {silent} silent. "
        "Latency: of those found within 300 s."
    )
    return Table("Added nightmares found", head, tuple(rows), note)


def placements(part: Json, name: str) -> int:
    """How many added nightmares of a class count at the shipped threshold."""
    count: int = at(part, f"added.{name}.as_shipped.within_300_s")["n"]
    return count


def parts(part: Json) -> Table:
    """By size, and each class by stage and by cadence of the sensor."""
    rows = list(_rows("any class", at(part, "added")["by_size"]))
    for name, words in NIGHTMARE_WORDS.items():
        one = at(part, f"added.{name}")
        stages = [row | {"of": f"in {row['of'].upper()}"} for row in one["by_stage"]]
        cadences = [row | {"of": f"heart rate {row['of']}"} for row in one["by_cadence"]]
        rows += [*_rows(words, stages), *_rows(words, cadences)]
    return Table("Found by size, stage and cadence", ("class", "", *_PARTS_HEAD), tuple(rows))


def _rows(words: str, ones: Iterable[Json]) -> Iterable[tuple[str, ...]]:
    for one in ones:
        yield words, one["of"], *(percent(one[point]["within_300_s"]) for point in _PARTS)


def look_alikes(part: Json) -> Table:
    """What is no nightmare and was nudged all the same."""
    rows = [
        (words, *(percent(at(part, f"look_alikes.{name}.{point}")["nudged"]) for point in POINT_WORDS))
        for name, words in LOOK_ALIKE_WORDS.items()
    ]
    auc = at(part, "added.zero.auc")
    note = (
        f"Lower is better. An episode of size nought told from the untouched night: AUC {number(auc)} (0.50 is blind)."
    )
    return Table("Look-alikes nudged", ("added", *POINT_WORDS.values()), tuple(rows), note)
