"""The wearables file: whole or not at all, one sensor, at most one that vibrates, and words for anything else."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.app import wearables_file
from vigil.app.home import Home
from vigil.app.wearables_file import (
    LONGEST_NAME,
    MAX_BYTES,
    Paired,
    Role,
    Wearables,
    read_wearables,
    shown_name,
    wearables_path,
    with_pair,
    without,
    write_wearables,
)
from vigil.domain.errors import InputError

STRAP = Paired("polar-h10", "A0:9E:1A:00:00:01", "Polar H10 1234ABCD", frozenset({Role.SENSOR}))
WATCH = Paired("banglejs", "D3:12:00:00:00:02", "Bangle.js 5678", frozenset({Role.VIBRATION}))
BOTH = Paired("banglejs", "D3:12:00:00:00:02", "Bangle.js 5678", frozenset(Role))


def home(tmp_path: Path, text: str | bytes | None = None) -> Home:
    made = Home(tmp_path / "data", tmp_path / "config")
    if text is not None:
        made.config.mkdir()
        wearables_path(made).write_bytes(text if isinstance(text, bytes) else text.encode())
    return made


def table(**changed: Any) -> str:
    row = {"key": '"polar-h10"', "address": '"A0:9E"', "name": '"H10"', "roles": '["sensor"]'} | changed
    return "[[wearable]]\n" + "".join(f"{name} = {value}\n" for name, value in row.items() if value)


def test_without_a_file_nobody_is_paired(tmp_path: Path) -> None:
    """Nobody has to write one."""
    assert read_wearables(home(tmp_path)) == Wearables()


@pytest.mark.parametrize("wearables", [Wearables(STRAP), Wearables(STRAP, WATCH), Wearables(BOTH, BOTH)])
def test_what_is_written_is_read(wearables: Wearables, tmp_path: Path) -> None:
    """For its owner only."""
    here = home(tmp_path)
    write_wearables(here, wearables)
    assert read_wearables(here) == wearables
    assert stat.S_IMODE(wearables_path(here).stat().st_mode) == 0o600
    write_wearables(here, Wearables())
    assert not wearables_path(here).exists()


def test_the_example_of_the_module_is_accepted(tmp_path: Path) -> None:
    """A person can write the file by hand."""
    _, _, example = (wearables_file.__doc__ or "").partition("\n\n")
    text = example[: example.index("Exactly one")]
    assert read_wearables(home(tmp_path, "\ufeff" + text)) == Wearables(STRAP, WATCH)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "must hold tables"),
        ("wearable = 3\n", "must hold tables"),
        ("wearable = []\n", "must hold tables"),
        ("wearable = [3]\n", "wearable 1 must have key, address, name, roles"),
        (table() + "[other]\n", "nothing else"),
        ("[[wearable", "is damaged"),
        (b"\xff\xfe", "is damaged"),
        ("x = " + "[" * 5_000, "is damaged"),
        ("#" * (MAX_BYTES + 1), "bytes are too many"),
        (table(roles=""), "wearable 1 must have"),
        (table(extra="1"), "wearable 1 must have"),
        (table(key='"Polar H10"'), "wearable 1: key must be"),
        (table(key="3"), "wearable 1: key must be"),
        (table(address='""'), "wearable 1: address must be"),
        (table(address='"a b"'), "wearable 1: address must be"),
        (table(address=f'"{"a" * 65}"'), "wearable 1: address must be"),
        (table(name='""'), "wearable 1: name must be"),
        (table(name='"a\\u001b[2J"'), "wearable 1: name must be"),
        (table(name='"two\\nlines"'), "wearable 1: name must be"),
        (table(name=f'"{"n" * (LONGEST_NAME + 1)}"'), "wearable 1: name must be"),
        (table(roles="[]"), "wearable 1: roles must be"),
        (table(roles='"sensor"'), "wearable 1: roles must be"),
        (table(roles='["lamp"]'), "wearable 1: roles must be"),
        (table(roles="[[]]"), "wearable 1: roles must be"),
        (table(roles='["sensor", "sensor"]'), "wearable 1: roles must be"),
        (table(roles='["vibration"]'), "has 0 wearables with the role sensor; exactly one"),
        (table() + table(address='"B0"'), "has 2 wearables with the role sensor; exactly one"),
        (table() + table(address='"a0:9e"', roles='["vibration"]'), "names one address twice"),
        (
            table() + table(address='"B0"', roles='["vibration"]') + table(address='"C0"', roles='["vibration"]'),
            "has 2 wearables with the role vibration; at most one",
        ),
    ],
)
def test_what_cannot_be_used_is_said(text: str | bytes, why: str, tmp_path: Path) -> None:
    """Which file, what is wrong, and what to do; nothing is guessed."""
    here = home(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_wearables(here)
    words = str(caught.value)
    assert words.startswith(f"{wearables_path(here)}: ")
    assert why in words
    assert "vigil pair --forget" in words


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    """And what the disk refuses."""
    here = home(tmp_path)
    wearables_path(here).mkdir(parents=True)
    with pytest.raises(InputError, match="cannot be read"):
        read_wearables(here)


@pytest.mark.parametrize(
    "wearables",
    [
        Wearables(vibration=WATCH),
        Wearables(WATCH),
        Wearables(STRAP, BOTH),
        Wearables(Paired("polar-h10", "A0", "\x1b", frozenset({Role.SENSOR}))),
        Wearables(Paired("polar-h10", "A0", "H10", frozenset())),
    ],
)
def test_what_could_not_be_read_again_is_not_written(wearables: Wearables, tmp_path: Path) -> None:
    """What was there before stays."""
    here = home(tmp_path)
    write_wearables(here, Wearables(STRAP))
    with pytest.raises(InputError):
        write_wearables(here, wearables)
    assert read_wearables(here) == Wearables(STRAP)


def test_a_disk_that_refuses_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole or not at all."""
    here = home(tmp_path)
    write_wearables(here, Wearables(STRAP))

    def refuses(_path: Path, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(wearables_file, "write_private", refuses)
    with pytest.raises(OSError, match="No space"):
        write_wearables(here, Wearables(STRAP, WATCH))
    assert read_wearables(here) == Wearables(STRAP)


def test_a_new_one_takes_its_roles_from_the_one_before() -> None:
    """What is left to that one it keeps."""
    assert with_pair(Wearables(), STRAP) == Wearables(STRAP)
    assert with_pair(Wearables(STRAP), WATCH) == Wearables(STRAP, WATCH)
    assert with_pair(Wearables(BOTH, BOTH), STRAP) == Wearables(STRAP, WATCH)
    assert with_pair(Wearables(STRAP, WATCH), BOTH) == Wearables(BOTH, BOTH)
    other = Paired("polar-oh1", "B0", "OH1", frozenset({Role.SENSOR}))
    assert with_pair(Wearables(STRAP, WATCH), other) == Wearables(other, WATCH)


def test_one_can_be_forgotten() -> None:
    """By its address, however that is written."""
    assert without(Wearables(STRAP, WATCH), WATCH.address.lower()) == Wearables(STRAP)
    assert without(Wearables(BOTH, BOTH), BOTH.address) == Wearables()
    assert without(Wearables(STRAP), "elsewhere") == Wearables(STRAP)


@given(st.none() | st.text())
def test_a_name_of_a_stranger_can_be_shown_and_kept(name: str | None) -> None:
    """On one line of a terminal, within bounds, and the same when it is shown again."""
    shown = shown_name(name)
    assert shown.isprintable()
    assert 0 < len(shown) <= LONGEST_NAME
    assert shown_name(shown) == shown


def test_a_device_without_a_name_is_called_so() -> None:
    """Instead of an empty line."""
    assert shown_name(None) == shown_name(" \n ") == "without a name"
    assert shown_name("Polar\x1b[2J H10") == "Polar?[2J H10"
