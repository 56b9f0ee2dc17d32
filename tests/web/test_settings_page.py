"""The settings page: bounds said, all or nothing, comments kept, and what was typed is still there."""

from __future__ import annotations

import re
from dataclasses import fields as fields_of
from typing import Any

import pytest

from tests.web.visitor import Visitor, text_of
from vigil.app.config import read_settings, settings_of
from vigil.domain.errors import SettingsError
from vigil.domain.requests import Output
from vigil.domain.settings import CapSettings, Room, Settings
from vigil.web.rooms import Rooms
from vigil.web.views.settings import NUMBERS, PLACES, typed_of, values_of

COMMENTED = """# mine
nudging = true   # as agreed with Dr B.
top_level = 2

[light]
kind = "home_assistant"
url = "http://127.0.0.1:8123"
token = "secret-token"
entity = "light.bed"
"""


def whole(rooms: Rooms, **other: str) -> dict[str, str]:
    """The form as a browser sends it: what stands there, what it showed, and what was changed."""
    typed = typed_of(read_settings(rooms.home.settings_file))
    return typed | {f"was_{name}": text for name, text in typed.items()} | other


def options(page: str, field: str) -> list[tuple[str, bool]]:
    """What a list offers, and whether each is chosen; nothing for a field that is typed."""
    found = re.search(rf'(?s)<select id="{field}".*?</select>', page)
    every = re.findall(r'<option value="(.*?)"( selected)?>', found[0] if found else "")
    return [(value, bool(is_chosen)) for value, is_chosen in every]


def chosen(page: str, field: str) -> str:
    return "".join(value for value, is_chosen in options(page, field) if is_chosen)


def test_every_setting_has_its_field() -> None:
    """A new one cannot be forgotten."""
    keys = {field.name for field in fields_of(Settings)} - {"caps"}
    keys |= {f"caps.{field.name}" for field in fields_of(CapSettings)}
    assert set(values_of(Settings())) == keys


@pytest.mark.parametrize("number", NUMBERS, ids=lambda one: one.key)
def test_the_bounds_are_those_of_the_domain(number: Any) -> None:
    def with_it(value: float) -> Settings:
        table, _, name = number.key.rpartition(".")
        return settings_of({table: {name: value}} if table else {name: value})

    step = float(number.step)
    with_it(number.low)
    with_it(number.high)
    for beyond in (number.low - step, number.high + step):
        with pytest.raises(SettingsError):
            with_it(int(beyond) if number.whole else beyond)


def test_what_stands_is_shown_with_its_bounds_and_shipped_value(rooms: Rooms, sleeper: Visitor) -> None:
    rooms.home.settings_file.write_text(COMMENTED)
    page = sleeper.get("/settings")
    assert chosen(page.text, "top_level") == "2"
    assert [value for value, _ in options(page.text, "per_18_hours")] == [str(n) for n in range(13)]
    told = text_of(page)
    assert "4 the strongest. As shipped: 3." in told
    assert "From 30 to 240. As shipped: 30." in told
    assert "cannot be raised here" in told
    assert "secret-token" not in page.text


def test_a_change_keeps_the_rest_of_the_file_as_it_is(rooms: Rooms, sleeper: Visitor) -> None:
    rooms.home.settings_file.write_text(COMMENTED)
    answer = sleeper.post("/settings", whole(rooms, top_level="1", per_hour="2", threshold_factor="1,5", room="alone"))
    assert answer.headers["location"] == "/settings?kept=1"
    text = rooms.home.settings_file.read_text()
    assert "# mine\nnudging = true   # as agreed with Dr B.\ntop_level = 1\n" in text
    assert 'token = "secret-token"' in text
    settings = read_settings(rooms.home.settings_file)
    assert (settings.top_level, settings.caps.per_hour, settings.threshold_factor) == (1, 2, 1.5)
    assert settings.room is Room.ALONE
    assert "settle_min" not in text, "what nobody touched is not written"
    assert "applies from the next night on" in text_of(sleeper.get("/settings?kept=1"))


def test_nothing_changed_writes_nothing(rooms: Rooms, sleeper: Visitor) -> None:
    assert sleeper.post("/settings", whole(rooms)).headers["location"] == "/settings"
    assert not rooms.home.settings_file.exists()


def test_the_order_of_outputs(rooms: Rooms, sleeper: Visitor) -> None:
    first, second, third = PLACES
    sleeper.post("/settings", whole(rooms, **{first: "light", second: "vibration", third: ""}))
    assert read_settings(rooms.home.settings_file).outputs == (Output.LIGHT, Output.VIBRATION)
    sleeper.post("/settings", whole(rooms, **{first: "", second: "", third: ""}))
    assert read_settings(rooms.home.settings_file).outputs == ()
    answer = sleeper.post("/settings", whole(rooms, **{first: "sound", second: "sound"}))
    assert answer.status_code == 409
    assert "one place only" in text_of(answer)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("top_level", "5"),
        ("top_level", "0"),
        ("top_level", "2.5"),
        ("settle_min", "29"),
        ("observe_s", "nan"),
        ("threshold_factor", "inf"),
        ("threshold_factor", "0.49"),
        ("threshold_factor", "<b>1</b>"),
        ("per_hour", ""),
        ("per_18_hours", "1" * 300),
        ("energised_s", "-1"),
        ("energised_s", "\u0663"),
    ],
)
def test_what_is_out_of_bounds_is_said_beside_its_field(field: str, typed: str, rooms: Rooms, sleeper: Visitor) -> None:
    """Nothing of the form is kept, and all of it is still there."""
    answer = sleeper.post("/settings", whole(rooms, **{field: typed}, room="alone"))
    assert answer.status_code == 409
    assert not rooms.home.settings_file.exists()
    shown = typed.replace("<", "&lt;").replace(">", "&gt;")
    listed = options(answer.text, field)  # then nothing but what is offered can be typed
    assert listed or f'name="{field}" value="{shown}"' in answer.text
    assert f'id="{field}-said"' in answer.text
    assert 'name="room" value="alone" checked' in answer.text
    again = sleeper.post("/settings", whole(rooms, room="alone"))
    assert again.status_code == 303


def test_a_word_that_is_no_choice_changes_nothing(rooms: Rooms, sleeper: Visitor) -> None:
    sleeper.post("/settings", whole(rooms, room="everybody", nudging="maybe", on_signal_lost="siren"))
    assert not rooms.home.settings_file.exists()


def test_two_tabs_do_not_undo_each_other(rooms: Rooms, sleeper: Visitor) -> None:
    """The one that was opened first sends what it showed; only what was touched in it counts."""
    early = whole(rooms)
    sleeper.post("/settings", whole(rooms, top_level="1"))
    sleeper.post("/settings", early | {"observe_s": "45"})
    settings = read_settings(rooms.home.settings_file)
    assert (settings.top_level, settings.observe_s) == (1, 45)


def test_back_to_the_shipped_values_leaves_the_lamp(rooms: Rooms, sleeper: Visitor) -> None:
    rooms.home.settings_file.write_text("[caps]\nper_hour = 1 # few\n\n" + COMMENTED.partition("\n\n")[2])
    assert sleeper.post("/settings/shipped").status_code == 303
    assert read_settings(rooms.home.settings_file) == Settings()
    assert 'entity = "light.bed"' in rooms.home.settings_file.read_text()
    assert "# few" in rooms.home.settings_file.read_text()


@pytest.mark.parametrize("text", ["nudging = [", "top_level = 99\n", "caps = 3\n"])
def test_a_file_that_cannot_be_used_is_said_and_left(text: str, rooms: Rooms, sleeper: Visitor) -> None:
    rooms.home.settings_file.write_text(text)
    told = text_of(sleeper.get("/settings"))
    assert "cannot be used as it is" in told
    assert "Keep these settings" not in told
    for path in ("/settings", "/settings/shipped"):
        assert sleeper.post(path, {"top_level": "1", "was_top_level": "3"}).status_code == 409
    assert rooms.home.settings_file.read_text() == text


def test_a_disk_that_refuses_is_said_with_what_was_typed(
    rooms: Rooms, sleeper: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vigil.app.settings_writer.write_private", full)
    answer = sleeper.post("/settings", whole(rooms, top_level="1"))
    assert answer.status_code == 409
    assert "Nothing was changed: No space left on device." in text_of(answer)
    assert chosen(answer.text, "top_level") == "1"


def test_whoever_is_only_watched_is_told_so_here(rooms: Rooms, sleeper: Visitor) -> None:
    """Whatever the settings say, the first evening stands above them."""
    sleeper.post("/evening/watched", {"value": "gasps"})
    sleeper.post("/settings", whole(rooms, nudging="yes"))
    told = text_of(sleeper.get("/settings"))
    assert "Vigil only watches for now" in told
    assert "You snore with gasps or pauses." in told


def test_every_field_has_its_texts(sleeper: Visitor) -> None:
    told = text_of(sleeper.get("/settings"))
    for number in NUMBERS:
        assert f'id="{number.name}"' in sleeper.get("/settings").text
    assert "settings." not in told
