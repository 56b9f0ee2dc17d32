"""Changing settings in a person's own file, and leaving everything else in it alone."""

from __future__ import annotations

import threading
import tomllib
from pathlib import Path

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st
from tomlkit.exceptions import TOMLKitError

from vigil.app.config import MAX_BYTES, read_settings
from vigil.app.settings_writer import write_settings
from vigil.domain.errors import SettingsError
from vigil.domain.requests import Output
from vigil.domain.settings import CapSettings, Room, Settings

OWN = """# my settings
nudging = true   # since spring
colour = "blue"  # nobody knows this one

[caps]
per_hour = 2  # less
"""


def test_without_a_file_one_is_made_for_its_owner_only(tmp_path: Path) -> None:
    """The folder too, and the settings can be read back."""
    path = tmp_path / "new" / "settings.toml"
    assert write_settings(path, {"nudging": False, "outputs": ("sound", "vibration"), "room": "alone"})
    assert read_settings(path) == Settings(
        nudging=False, outputs=(Output.SOUND, Output.VIBRATION), room=Room.ALONE, caps=CapSettings()
    )
    assert path.stat().st_mode & 0o777 == 0o600


def test_comments_and_unknown_content_stay(tmp_path: Path) -> None:
    """What changes is the value; a new key goes before the tables."""
    path = tmp_path / "settings.toml"
    path.write_text(OWN)
    assert write_settings(path, {"nudging": False, "room": "agreed"})
    text = path.read_text()
    assert "nudging = false   # since spring" in text
    assert 'colour = "blue"  # nobody knows this one' in text
    assert "per_hour = 2  # less" in text
    assert tomllib.loads(text) == {"nudging": False, "colour": "blue", "room": "agreed", "caps": {"per_hour": 2}}


def test_what_is_so_already_is_not_written(tmp_path: Path) -> None:
    """The file is not touched, not even its time."""
    path = tmp_path / "settings.toml"
    path.write_text(OWN)
    before = path.stat().st_ino
    assert not write_settings(path, {"nudging": True})
    assert not write_settings(path, {})
    assert path.stat().st_ino == before
    assert path.read_text() == OWN


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"nudging = ", "cannot be changed as settings"),
        (b"\xff\xfe", "cannot be changed as settings"),
        (b"#" * (MAX_BYTES + 1), "too many"),
        (b"[nudging]\nby = 'day'\n", "is a table there"),
    ],
)
def test_a_file_that_cannot_be_read_is_never_written_over(tmp_path: Path, content: bytes, said: str) -> None:
    """Refused, with what to do; the bytes stay."""
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=said) as caught:
        write_settings(path, {"nudging": False})
    assert "left as it is" in str(caught.value)
    assert path.read_bytes() == content


def test_a_change_that_would_lose_something_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is to be written is read back first, and must be the old content with the change."""
    path = tmp_path / "settings.toml"
    path.write_text(OWN)
    monkeypatch.setattr(tomlkit, "dumps", lambda document: "nudging = false\n")
    with pytest.raises(SettingsError, match="would not keep the rest"):
        write_settings(path, {"nudging": False})
    assert path.read_text() == OWN


def test_what_only_one_of_two_readers_understands_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file one parser takes and the other does not is left alone."""
    path = tmp_path / "settings.toml"
    path.write_text(OWN)

    def fails(text: str) -> None:
        raise TOMLKitError

    monkeypatch.setattr(tomlkit, "parse", fails)
    with pytest.raises(SettingsError, match="left as it is"):
        write_settings(path, {"nudging": False})
    assert path.read_text() == OWN


def test_a_link_stays_a_link_and_a_mark_stays_a_mark(tmp_path: Path) -> None:
    """Settings kept elsewhere are changed there; a byte order mark of another system is kept."""
    real, link = tmp_path / "real.toml", tmp_path / "settings.toml"
    real.write_bytes(b"\xef\xbb\xbfnudging = true\r\n")
    link.symlink_to(real)
    assert write_settings(link, {"nudging": False})
    assert link.is_symlink()
    assert real.read_bytes() == b"\xef\xbb\xbfnudging = false\r\n"
    assert not read_settings(link).nudging


KEYS = st.text("abcdefgh", min_size=1, max_size=4)
VALUES = (
    st.booleans() | st.integers(-9, 9) | st.sampled_from(["a", "é#", '"', ""]) | st.lists(st.integers(0, 9), max_size=3)
)


@given(
    st.dictionaries(KEYS, VALUES), st.dictionaries(KEYS, VALUES), st.booleans(), st.sampled_from(["alone", "agreed"])
)
def test_any_other_content_survives(
    tmp_path_factory: pytest.TempPathFactory, top: dict[str, object], table: dict[str, object], nudging: bool, room: str
) -> None:
    """Whatever else is in the file reads the same afterwards."""
    path = tmp_path_factory.mktemp("settings") / "settings.toml"
    content: dict[str, object] = top | {"tables": table}
    path.write_text(tomlkit.dumps(content))
    write_settings(path, {"nudging": nudging, "room": room})
    assert tomllib.loads(path.read_text()) == content | {"nudging": nudging, "room": room}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "top_level = 2 # mine",
        "[caps]\nper_episode = 2 # few\n",
        "caps = {per_episode = 2}\nroom = 'alone'\n",
        "caps.per_episode = 2\nroom = 'alone'\n",
        "[caps]\r\nper_hour = 4\r\n\r\n[light]\r\nkind = 'hue'\r\n",
        "\ufeff[light]\nkind = 'hue'\n\n[caps]\n",
    ],
)
def test_a_setting_in_a_table_is_put_there_and_the_rest_stays(text: str, tmp_path: Path) -> None:
    """However the table is written; a whole number stays one."""
    path = tmp_path / "settings.toml"
    path.write_bytes(text.encode())
    before = tomllib.loads(text.removeprefix("\ufeff"))
    assert write_settings(path, {"caps.per_hour": 1, "threshold_factor": 1.5})
    after = tomllib.loads(path.read_bytes().decode().removeprefix("\ufeff"))
    caps = before.get("caps", {}) | {"per_hour": 1}
    assert after == before | {"caps": caps, "threshold_factor": 1.5}
    assert all(line in path.read_bytes().decode() for line in text.split("#")[1:])
    assert not write_settings(path, {"caps.per_hour": 1})


@pytest.mark.parametrize("text", ["caps = 3\n", "[[caps]]\nper_hour = 1\n", "[caps.per_hour]\nx = 1\n"])
def test_what_is_no_table_there_is_left(text: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(SettingsError):
        write_settings(path, {"caps.per_hour": 1})
    assert path.read_text() == text


LAMP = """# mine
nudging = true  # since spring

# by the bed
[light]  # the small one
kind = "hue"
# the bridge in the hall
url = "https://192.168.1.9"  # not the new one
key = "a-key"

# few
[caps]
per_hour = 2  # less
"""


def test_a_table_is_put_in_place_of_another(tmp_path: Path) -> None:
    """It holds just what was given; what is the same is not touched, and what is new stands below its last line."""
    path = tmp_path / "settings.toml"
    path.write_text(LAMP)
    assert write_settings(path, {"light": {"kind": "mqtt", "url": "https://192.168.1.9", "lamp": "desk"}})
    assert path.read_text() == LAMP.replace('"hue"', '"mqtt"').replace('key = "a-key"', 'lamp = "desk"')


def test_a_table_that_is_taken_out_leaves_what_stands_around_it(tmp_path: Path) -> None:
    """What is below its last line is about what follows; twice is no change."""
    path = tmp_path / "settings.toml"
    path.write_text(LAMP)
    assert write_settings(path, {"light": None})
    before, _, after = LAMP.partition("[light]")
    assert path.read_text() == before + after[after.index("\n# few") :]
    assert not write_settings(path, {"light": None, "sound": None})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "light = {kind = 'hue', key = 'a'}  # bed\ntop_level = 2\n",
        "light.kind = 'hue'\nlight.key = 'a'\ntop_level = 2\n",
        "[light]\nkind = 'hue'\n[caps]\nper_hour = 1\n[light.more]\nkey = 1\n",
        "[light]\n# nothing\n",
        "top_level = 2\n[light]\nkind = 'hue'",
        "\ufeff[caps]\r\nper_hour = 1\r\n[light]\r\nkind = 'hue'\r\n# last\r\n",
        "[sound]\ndevice = 'a'\n# a\n[light]\nkind = 'hue'\n# b\n",
    ],
)
def test_however_a_table_is_written_it_can_be_put_and_taken_out(text: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(text.encode())
    rest = tomllib.loads(text.removeprefix("\ufeff"))
    rest.pop("light", None)
    write_settings(path, {"light": {"kind": "mqtt", "port": 1883}})
    assert tomllib.loads(path.read_text("utf-8-sig")) == rest | {"light": {"kind": "mqtt", "port": 1883}}
    write_settings(path, {"light": None})
    assert tomllib.loads(path.read_text("utf-8-sig")) == rest
    for comment in ("# a\n", "# b\n", "# last"):
        assert (comment in text) == (comment in path.read_text())


def test_a_table_cannot_be_put_where_a_value_is(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("light = 3\n")
    with pytest.raises(SettingsError, match="light is no table there"):
        write_settings(path, {"light": {"kind": "mqtt"}})
    assert path.read_text() == "light = 3\n"
    assert write_settings(path, {"light": None})


def test_two_changes_at_once_are_both_kept(tmp_path: Path) -> None:
    """Several pages write the same file."""
    path = tmp_path / "settings.toml"
    names = [f"caps.of_{number}" for number in range(12)]
    threads = [threading.Thread(target=write_settings, args=(path, {name: 1})) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tomllib.loads(path.read_text())["caps"] == {f"of_{number}": 1 for number in range(12)}
