"""A figure of the JSON as somebody reads it: the value, then its interval; a dash where nothing can be said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Json: TypeAlias = Mapping[str, Any]

UNKNOWN = "-"
"""Not known, or not defined."""

POINT_WORDS = {
    "at_0_05": "0.05 a night",
    "at_0_1": "0.1 a night",
    "at_0_25": "0.25 a night",
    "at_0_5": "0.5 a night",
    "at_1": "1 a night",
    "as_shipped": "as shipped",
}
"""Operating points, in the order in which they are shown."""

NIGHTMARE_WORDS = {"strong": "strong", "moderate": "moderate", "silent": "silent"}

LOOK_ALIKE_WORDS = {
    "terror": "surge out of deep sleep",
    "turn": "ordinary arousal",
    "bathroom": "trip to the bathroom",
    "periodic": "breathing or leg events",
}

Format: TypeAlias = Callable[[Json], str]


def number(figure: Json) -> str:
    """Two decimals: kappa, rates, probabilities."""
    return _shown(figure, lambda value: f"{value:.2f}", "")


def percent(figure: Json) -> str:
    """A share as whole percent."""
    return _shown(figure, lambda value: f"{100 * value:.0f}", " %")


def seconds(figure: Json) -> str:
    """Whole seconds."""
    return _shown(figure, lambda value: f"{value:.0f}", " s")


def minutes(figure: Json) -> str:
    """Whole minutes."""
    return _shown(figure, lambda value: f"{value:.0f}", " min")


def one_decimal(figure: Json) -> str:
    """Of ten nudges."""
    return _shown(figure, lambda value: f"{value:.1f}", "")


def at(tree: Json, path: str) -> Json:
    """What stands at a dotted path."""
    for key in path.split("."):
        tree = tree[key]
    return tree


def _shown(figure: Json, words: Callable[[float], str], unit: str) -> str:
    if figure["value"] is None:
        return UNKNOWN
    value = _plain_zero(words(figure["value"]))
    if figure["low"] is None:
        return f"{value}{unit}"
    return f"{value}{unit} [{_plain_zero(words(figure['low']))} to {_plain_zero(words(figure['high']))}]"


def _plain_zero(text: str) -> str:
    """No minus before a nought."""
    return text.removeprefix("-") if not text.strip("-0.") else text
