"""Sound, light and whom to tell, from tables of the settings file: every mistake is named, and no secret ever is."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import pytest

from vigil.app.config import settings_of
from vigil.app.outputs import LAMPS, TABLES, OutputChoices, choices_of, nudgers_of, read_choices
from vigil.domain.errors import SettingsError
from vigil.domain.requests import Output
from vigil.domain.settings import Settings

CANARY = "canary-7d1e-secret"

SOUND = {"device": "pactl:alsa_output.usb/analog-output-speaker"}
LIGHTS: dict[str, dict[str, Any]] = {
    "home_assistant": {"url": "http://127.0.0.1:8123", "token": CANARY, "entity": "light.bed"},
    "hue": {
        "url": "https://127.0.0.1",
        "key": CANARY,
        "light": "12345678-1234-1234-1234-123456789abc",
        "any_certificate": True,
    },
    "mqtt": {"host": "127.0.0.1", "lamp": "bed", "username": "me", "password": CANARY},
}
PERSON = {"address": f"ntfy://example.org/{CANARY}"}


def light(kind: str, **changes: Any) -> dict[str, Any]:
    return {"kind": kind, **LIGHTS[kind], **changes}


def refused(given: dict[str, Any]) -> str:
    """The words of the refusal, with everything that a log would show of it."""
    with pytest.raises(SettingsError) as caught:
        choices_of(given)
    shown = "".join(traceback.format_exception(caught.value, limit=0))
    assert CANARY not in shown
    return str(caught.value)


def test_nothing_is_chosen_where_nothing_stands() -> None:
    """Vibration only is what everybody begins with."""
    assert choices_of({}) == OutputChoices()
    assert nudgers_of(OutputChoices(), Path("/nowhere")) == {}


@pytest.mark.parametrize("kind", LAMPS)
def test_every_kind_of_lamp_can_be_chosen(kind: str, tmp_path: Path) -> None:
    """And becomes an output that remembers in a private folder whether it is lit; its secret is in no repr."""
    choices = choices_of({"light": light(kind)})
    assert choices.lamp is not None
    assert choices.lamp.kind == kind
    assert CANARY not in repr(choices)
    found = nudgers_of(choices, tmp_path / "outputs")
    assert {output: nudger.output for output, nudger in found.items()} == {Output.LIGHT: Output.LIGHT}
    assert CANARY not in repr(found)
    assert (tmp_path / "outputs").stat().st_mode & 0o077 == 0


def test_a_loudspeaker_can_be_chosen(tmp_path: Path) -> None:
    """Beside a lamp."""
    choices = choices_of({"sound": {**SOUND, "ceiling_percent": 40}, "light": light("hue")})
    assert choices.sound is not None
    assert choices.sound.ceiling_percent == 40
    assert set(nudgers_of(choices, tmp_path)) == {Output.SOUND, Output.LIGHT}


def test_a_person_can_be_chosen() -> None:
    """The address is as good as a key, and is shown nowhere."""
    choices = choices_of({"person": PERSON})
    assert choices.person is not None
    assert CANARY not in repr(choices)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("given", [5, "x", [], [{}], True, CANARY])
def test_a_table_must_be_a_table(table: str, given: Any) -> None:
    """Whatever else stands there is named, not shown."""
    assert table in refused({table: given})


@pytest.mark.parametrize("kind", [None, "", "gas", 5, ["hue"], {"hue": 1}, True])
def test_a_lamp_must_be_of_a_known_kind(kind: Any) -> None:
    """The kinds there are, are named."""
    assert refused({"light": {"kind": kind}}) == (
        "light.kind must be one of home_assistant, hue, mqtt; nothing was started"
    )


@pytest.mark.parametrize("kind", LAMPS)
def test_every_mistake_in_a_lamp_is_named_without_its_value(kind: str) -> None:
    """A key too many, one too few, one of another type."""
    assert "light.colour: no such setting" in refused({"light": light(kind, colour=CANARY)})
    for key in LIGHTS[kind]:
        assert f"light.{key}" in refused({"light": light(kind, **{key: [CANARY]})})
    needed = {"home_assistant": "entity", "hue": "light", "mqtt": "lamp"}[kind]
    less = {key: value for key, value in light(kind).items() if key != needed}
    assert refused({"light": less}) == f"light.{needed} is missing; nothing was started"


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("light", light("home_assistant", token=f"{CANARY}\n")),
        ("light", light("home_assistant", url="ftp://127.0.0.1")),
        ("light", light("home_assistant", entity="switch.bed")),
        ("light", light("hue", url="http://127.0.0.1")),
        ("light", light("mqtt", port=0)),
        ("sound", {"device": "pactl:"}),
        ("sound", {**SOUND, "ceiling_percent": 101}),
        ("sound", {**SOUND, "voice": "voice.wav"}),
    ],
)
def test_what_an_output_refuses_says_which_table(table: str, values: dict[str, Any]) -> None:
    """In the output's own words."""
    words = refused({table: values})
    assert words.startswith(f"[{table}]: ")
    assert words.endswith("; nothing was started")


def test_the_settings_of_the_night_do_not_trip_over_these_tables() -> None:
    """And a mistake in them is a mistake in the settings."""
    assert settings_of({"sound": SOUND, "light": light("hue"), "top_level": 2}) == Settings(top_level=2)
    with pytest.raises(SettingsError, match=r"light\.kind"):
        settings_of({"light": {}})


@pytest.mark.parametrize(
    "text", [None, "", "[light]\nkind = 'gas'", "not toml at all [", "[light]\nkind = ['hue']", "\udcff"]
)
def test_a_file_that_cannot_be_relied_on_chooses_nothing(text: str | None, tmp_path: Path) -> None:
    """Others say what is wrong with it; a stop must work all the same."""
    path = tmp_path / "settings.toml"
    if text is not None:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert read_choices(path) == OutputChoices()


def test_a_file_is_read(tmp_path: Path) -> None:
    """With the mark that some editors put at its beginning."""
    path = tmp_path / "settings.toml"
    path.write_text(f'\ufeff[sound]\ndevice = "{SOUND["device"]}"\n', "utf-8")
    assert read_choices(path).sound is not None
