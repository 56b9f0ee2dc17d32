"""Experts: boosted trees that each know one way in which a nightmare shows, and how rare such a moment is otherwise."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vigil.engine.moments import MOMENTS
from vigil.engine.trees import Forest, forest_from_plain

LONGEST_NIGHTS = 10_000.0
"""No moment is said to be rarer than this: nobody has measured so many nights."""

_PLACE = {spec.name: place for place, spec in enumerate(MOMENTS)}


@dataclass(frozen=True, slots=True)
class Expert:
    """One expert. It is asked where every feature of `asked_from` reaches its bound: (place in a row, bound).

    rarity, rarity_unmoved: (a, b) of nights = exp(a + b x log-odds), fitted on ordinary nights of people that the trees
    were not fitted on; the second where movement is not known, since less can be told then and less is said.
    """

    name: str
    forest: Forest
    asked_from: tuple[tuple[int, float], ...]
    rarity: tuple[float, float]
    rarity_unmoved: tuple[float, float]

    def log_odds(self, row: Sequence[float]) -> float | None:
        """How much the row of a moment looks like a nightmare, or None where the expert has nothing to say."""
        for place, bound in self.asked_from:
            if not row[place] >= bound:
                return None
        return self.forest.scores(row)[0]

    def nights(self, log_odds: float, *, moved: bool = True) -> float:
        """Ordinary nights between two moments that look as much like one. moved: whether movement is known."""
        a, b = self.rarity if moved else self.rarity_unmoved
        return math.exp(min(math.log(LONGEST_NIGHTS), a + b * log_odds))


def experts_from_plain(plain: Any) -> tuple[Expert, ...]:
    """From `{"features": [...], "experts": [{"name", "asked_from", "rarity", "rarity_unmoved", "trees"}, ...]}`.

    Raises ValueError saying what is wrong.
    """
    if not isinstance(plain, Mapping) or plain.get("features") != [spec.name for spec in MOMENTS]:
        message = "its features are not those that this version of Vigil makes; fit it again"
        raise ValueError(message)
    listed = plain.get("experts")
    if not isinstance(listed, list) or not listed:
        message = "there is none"
        raise ValueError(message)
    return tuple(_expert(one) for one in listed)


def _expert(plain: Any) -> Expert:
    if not (isinstance(plain, Mapping) and isinstance(plain.get("name"), str)):
        message = "each must be an object with a name"
        raise ValueError(message)  # noqa: TRY004 — what is wrong is the file, whatever its type
    name, asked_from = plain["name"], plain.get("asked_from")
    rarity, unmoved = (_line(name, key, plain.get(key)) for key in ("rarity", "rarity_unmoved"))
    if not (isinstance(asked_from, Mapping) and set(asked_from) <= set(_PLACE) and _are_numbers(asked_from)):
        message = f"{name}: asked_from must name features and their bounds"
        raise ValueError(message)
    forest = forest_from_plain(plain.get("trees"), features=len(MOMENTS), classes=1)
    gates = tuple((_PLACE[feature], float(bound)) for feature, bound in sorted(asked_from.items()))
    return Expert(name, forest, gates, rarity, unmoved)


def _line(name: str, key: str, plain: Any) -> tuple[float, float]:
    if not (isinstance(plain, list) and len(plain) == 2 and all(_is_number(value) for value in plain)):
        message = f"{name}: {key} must be two numbers"
        raise ValueError(message)
    if not plain[1] > 0:
        message = f"{name}: {key}: more log-odds must mean rarer"
        raise ValueError(message)
    return (float(plain[0]), float(plain[1]))


def _are_numbers(table: Mapping[str, object]) -> bool:
    return all(_is_number(value) for value in table.values())


def _is_number(value: object) -> bool:
    """A number that a float holds with room; NaN fails both comparisons, and so does an integer without end."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e300 <= value <= 1e300
