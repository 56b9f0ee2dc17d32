"""The JSON of the evidence: whole, documented, without NaN, with the keys that were promised."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.evidence_nights import EMPTY, many_nights, night_of
from vigil.evidence.as_json import SCHEMA, evidence_json
from vigil.evidence.points import POINT_NAMES
from vigil.evidence.records import NightEvidence
from vigil.evidence.summary import summarise

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "evidence_schema.md").read_text()
FIGURE = {"value", "low", "high", "n"}
STAGES = "wake|nrem|light|deep|rem"
MEASURES = ("tst", "waso", "sol", "rem")
NAMES = {
    "<point>": POINT_NAMES,
    "<nightmare>": ("strong", "moderate", "silent"),
    "<look_alike>": ("terror", "turn", "bathroom", "periodic"),
    "<scheme>": ("wake_nrem_rem", "four_class"),
    "<measure>": MEASURES,
}
PART = "staging|operating_points|false_alarms|blind_share|added|look_alikes|curve|meaning|unscored|by_ahi"


def several() -> list[NightEvidence]:
    nights = many_nights(8, placements=80, length=240)
    counted = [replace(night, seen=index < 2, remarks=("short",)) for index, night in enumerate(nights)]
    return [*counted, replace(EMPTY, left_out="no stages")]


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    nights = several()
    return evidence_json(summarise(nights, seed=3, cross_validated=False), nights, about={"date": "2026-11-22"})


def leaves(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict) and set(value) != FIGURE:
        for key, inner in value.items():
            if key != "about":
                yield from leaves(inner, f"{path}.{key}" if path else key)
            else:
                yield key
    elif isinstance(value, list) and (not value or isinstance(value[0], dict)):
        for inner in value:
            yield from leaves(inner, f"{path}[]")
    else:
        yield path


def figures(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if set(value) == FIGURE:
            yield value
        else:
            for inner in value.values():
                yield from figures(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from figures(inner)


def general(path: str) -> str:
    """The path as the document has it."""
    path = re.sub(rf"^(seen|by_source\[\]|nights\[\])\.(?=({PART})\b)", "", path)
    parts = [next((name for name, ones in NAMES.items() if part in ones), part) for part in path.split(".")]
    return re.sub(rf"\.({STAGES})_(sensitivity|precision|f1)$", r".<stage>_\2", ".".join(parts))


def test_every_key_is_documented_and_every_documented_key_is_there(whole: dict[str, Any]) -> None:
    """The document and the JSON name the same keys."""
    documented = set(re.findall(r"^\| `([^`]+)` \|", DOCUMENT, re.MULTILINE))
    there = {general(path) for path in leaves(whole)} | {"seen"}
    assert there - documented == set()
    assert documented - there == set()


def test_the_promised_keys_are_figures(whole: dict[str, Any]) -> None:
    """What others read stands exactly where it was promised."""
    promised = [f"staging.wake_nrem_rem.{key}" for key in ("kappa", "accuracy", "rem_f1", "wake_sensitivity")]
    promised += ["staging.four_class.kappa", "staging.always_nrem.accuracy", "staging.clock_only.kappa"]
    promised += [f"false_alarms.as_shipped.{key}_per_8h_sleep" for key in ("nudges", "suspicions")]
    promised += ["blind_share", "added.zero.auc"]
    keys = ("within_60_s", "within_120_s", "within_300_s", "median_latency_s")
    points = ("at_0_05", "at_0_1", "at_0_25", "at_0_5", "at_1", "as_shipped")
    promised += [f"added.{one}.{at}.{key}" for one in ("strong", "moderate", "silent") for at in points for key in keys]
    for root in (whole, *whole["nights"]):
        for path in promised:
            value: Any = root
            for key in path.split("."):
                value = value[key]
            assert set(value) == FIGURE, path
    assert [night["seen"] for night in whole["nights"]] == [True, True, *[False] * 7]


def test_there_is_no_nan_and_every_interval_holds_its_value(whole: dict[str, Any]) -> None:
    """Any reader of JSON can read it, and no figure lies outside its own interval."""
    assert json.loads(json.dumps(whole, allow_nan=False)) == whole
    assert whole["schema"] == SCHEMA
    for one in figures(whole):
        if one["value"] is None:
            assert one["low"] is None
            assert one["high"] is None
        elif one["low"] is not None:
            assert one["low"] <= one["value"] <= one["high"]
        assert one["n"] >= 0


def test_a_night_alone_has_no_interval(whole: dict[str, Any]) -> None:
    """One person says nothing of how people differ."""
    assert all(one["low"] is None for one in figures(whole["nights"]))


def test_nights_without_anything_are_written_too() -> None:
    """No night, or only one that was left out, gives the same keys with nothing in them."""
    for nights in ([], [replace(EMPTY, left_out="too short")], [night_of("a")]):
        whole = evidence_json(summarise(nights, seed=1, cross_validated=False), nights, about={})
        assert json.dumps(whole, allow_nan=False)
        assert whole["staging"]["wake_nrem_rem"]["kappa"] == {"value": None, "low": None, "high": None, "n": 0}
        assert len(whole["nights"]) == len(nights)
