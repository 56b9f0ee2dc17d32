"""What the documents promise is what the code has."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.nights import parameters
from vigil.app.cli import COMMANDS, app
from vigil.app.commands import pair
from vigil.app.config import settings_of
from vigil.app.home import Home
from vigil.app.pairing import Near
from vigil.app.wearable_bed import FIRST_WAIT_S
from vigil.app.wearables_file import Role, read_wearables, wearables_path
from vigil.devices.ble_link import Seen
from vigil.devices.packets.beat_times import WAIT_NS
from vigil.devices.packets.contract import Heard
from vigil.devices.radio_calls import CALL_S
from vigil.domain.explain import KIND_WORDS
from vigil.domain.nudges import EpisodeKind, WatchState
from vigil.domain.samples import HeartSample
from vigil.domain.settings import CapSettings, Settings
from vigil.domain.units import NS_PER_S
from vigil.night.as_json import night_json, nights_json
from vigil.night.report import NightFigures, NightsReport
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.recording import recording as simulated
from vigil.run.drift import TOLD_MS
from vigil.run.link_table import FIRST_PAUSE_S, LONGEST_PAUSE_S, SILENT_S, Happening
from vigil.run.radio import ROW_WAIT_NS
from vigil.run.replay import Outfit, replay
from vigil.signal.hygiene import flat_limit_ns, stale_limit_ns

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
            shown = f'"{value.value}"' if isinstance(value, Enum) else shown
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


class _Radio:
    """A strap is near, and its heart beats."""

    def scan(self, _seconds: float) -> list[Seen]:
        device: Any = None
        return [Seen("A0:9E:1A:00:00:01", "Polar H10 1", -50, frozenset(), device)]

    def listen(self, _near: Near, _seconds: float, hear: Callable[[Heard], bool]) -> None:
        assert any(hear(HeartSample(second, 600)) for second in range(9))


def test_the_example_of_wearables_is_accepted_and_its_json_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file as data.md shows it is a strap that senses and a watch that vibrates; both commands say what it says."""
    found = re.search(r"```\n(\[\[wearable\]\].*?)```", DATA, re.DOTALL)
    assert found is not None
    home = Home.here()
    wearables_path(home).write_text(found[1])
    paired = read_wearables(home)
    assert [one.roles for one in paired.all] == [{Role.SENSOR}, {Role.VIBRATION}]
    monkeypatch.setattr(pair, "own_radio", _Radio)
    words = (["devices", "--json", "-"], ["pair", "--json", "-", "--address", "A0:9E:1A:00:00:01"])
    for asked in words:
        result = CliRunner().invoke(app, asked)
        assert result.exit_code == 0, result.output
        told = json.loads(result.stdout)
        assert f'"format": "{told["format"]}", "version": {told["version"]}' in DATA
        missing = {key for key in keys_of(told) if f'"{key}"' not in DATA and f"`{key}`" not in DATA}
        assert not missing


def test_what_the_night_says_of_the_radio_are_its_numbers() -> None:
    """Waits, pauses and limits of docs/night.md are the code's."""
    night = (ROOT / "docs" / "night.md").read_text()
    longest = LONGEST_PAUSE_S
    assert FIRST_WAIT_S == 60
    assert "for up to a minute before lights-out" in night
    assert f"given to the night {WAIT_NS / NS_PER_S:g} s later" in night
    assert f"Movement of a second is given {ROW_WAIT_NS / NS_PER_S:g} s later" in night
    assert f"after {SILENT_S:g} s ends the connection itself" in night
    assert FIRST_PAUSE_S == longest[Happening.LOST] == longest[Happening.UNHEARD] == 1
    assert f"tries again after 1, 2, 4 … up to {longest[Happening.REFUSED]:g} s" in night
    assert f"looks again every {longest[Happening.NO_RADIO]:g} s at the latest" in night
    assert f"gives it up after {CALL_S:g} s" in night
    assert f"move apart by {TOLD_MS / 1000:g} s" in night
    assert flat_limit_ns(0) == 300 * NS_PER_S
    assert stale_limit_ns(0) == 10 * NS_PER_S


@pytest.mark.parametrize("path", [ROOT / "README.md", ROOT / "docs" / "night.md"], ids=lambda path: path.name)
def test_every_command_that_is_named_exists(path: Path) -> None:
    """Nobody is sent to a command that is not there."""
    named = set(re.findall(r"(?:^|`)vigil ([a-z][a-z-]+)", path.read_text(), re.MULTILINE))
    assert named
    assert named <= set(COMMANDS)


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    """A link to a file of the project finds it, and a link to a heading finds that."""
    for target in re.findall(r"\]\(([^)#\s]*)(?:#[^)]*)?\)", path.read_text()):
        if target and "://" not in target:
            assert (path.parent / target).exists(), f"{path.name}: {target}"
