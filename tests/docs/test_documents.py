"""What the documents promise is what the code has."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from tests.nights import parameters
from vigil.app.config import settings_of
from vigil.domain.explain import KIND_WORDS
from vigil.domain.nudges import EpisodeKind, WatchState
from vigil.domain.settings import CapSettings, Settings
from vigil.night.as_json import night_json, nights_json
from vigil.night.report import NightFigures, NightsReport
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.recording import recording as simulated
from vigil.run.replay import Outfit, replay

ROOT = Path(__file__).resolve().parents[2]
DATA = (ROOT / "docs" / "data.md").read_text()
MARKDOWN = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def keys_of(value: Any) -> set[str]:
    """Every key anywhere in a JSON value whose keys are fixed."""
    if isinstance(value, list):
        return {key for item in value for key in keys_of(item)}
    if isinstance(value, dict):
        return {key for name, item in value.items() for key in {name} | (keys_of(item) if name != "samples" else set())}
    return set()


def test_every_field_of_the_json_is_documented() -> None:
    """A field that data.md does not name is a field nobody can rely on."""
    report = replay(simulated(1, plan=named_plan("strong", 1, hours=2.0), hours=2.0), Outfit(parameters()))
    whole = nights_json([night_json(report, left_out=[])], NightsReport.of([NightFigures.of(report)]))
    assert report.interventions, "the example night must have everything in it"
    missing = {key for key in keys_of(whole) if f'"{key}"' not in DATA and f"`{key}`" not in DATA}
    assert not missing


def test_every_setting_is_documented_with_its_default() -> None:
    """The table of settings is the settings."""
    for record, prefix in ((Settings(), ""), (CapSettings(), "caps.")):
        for one in fields(record):
            if one.name == "caps":
                continue
            value = getattr(record, one.name)
            shown = "true" if value is True else '["vibration"]' if isinstance(value, tuple) else str(value)
            assert re.search(rf"\| `{prefix}{one.name}` \| `{re.escape(shown)}` \|", DATA), one.name


def test_the_documented_settings_are_accepted() -> None:
    """A file with every documented key at its default is the default."""
    rows = re.findall(r"^\| `([a-z0-9_.]+)` \| `([^`]+)` \| [^|]*\| [^|]*\|$", DATA, re.MULTILINE)
    plain = [f"{key} = {value}" for key, value in rows if not key.startswith("caps.")]
    caps = [f"{key.removeprefix('caps.')} = {value}" for key, value in rows if key.startswith("caps.")]
    assert settings_of(tomllib.loads("\n".join([*plain, "[caps]", *caps]))) == Settings()


def test_states_and_kinds_are_documented() -> None:
    """Every word that can stand in the JSON has its place."""
    for word in (*(state.value for state in WatchState), *(kind.value for kind in EpisodeKind)):
        assert f"`{word}`" in DATA
    night = (ROOT / "docs" / "night.md").read_text()
    for kind, words in KIND_WORDS.items():
        assert f"| {words}" in night, kind


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    """A link to a file of the project finds it, and a link to a heading finds that."""
    for target in re.findall(r"\]\(([^)#\s]*)(?:#[^)]*)?\)", path.read_text()):
        if target and "://" not in target:
            assert (path.parent / target).exists(), f"{path.name}: {target}"
