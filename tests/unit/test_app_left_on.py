"""What an earlier Vigil left on is put out, whatever became of the settings since."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from vigil.app.home import Home, Shelf
from vigil.app.left_on import left_on, put_out
from vigil.app.outputs import OutputChoices, choices_of, light_of, note_of
from vigil.app.real_outputs import left_before, outputs_lock
from vigil.app.wiring import OUTPUTS_NAME
from vigil.devices.nudgers.home_assistant import HomeAssistantLight
from vigil.devices.nudgers.lit_marker import LitMarker
from vigil.devices.nudgers.sound import SoundNudger

SECRET = "canary-7d1e-secret"
LAMP = {"kind": "home_assistant", "url": "http://127.0.0.1:9", "token": SECRET, "entity": "light.bed"}
OTHER = {**LAMP, "entity": "light.desk"}


def chosen(table: dict[str, Any] | None) -> OutputChoices:
    return choices_of({} if table is None else {"light": table})


def lit(table: dict[str, Any], folder: Path) -> Path:
    """Have it noted that this lamp is lit, as its output does; where."""
    lamp = chosen(table).lamp
    assert lamp is not None
    made = light_of(lamp, folder)
    assert isinstance(made, HomeAssistantLight)
    asyncio.run(made._marker.set())
    return note_of(lamp, folder)


class Put:
    """Puts lamps out without a network, and remembers which."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.out: list[str] = []

        async def surely(lamp: HomeAssistantLight) -> None:
            self.out.append(f"{lamp.name}, {lamp._host._headers['Authorization']}")
            await lamp._marker.clear()

        monkeypatch.setattr(HomeAssistantLight, "_surely_out", surely)


@pytest.mark.parametrize("now", [None, OTHER], ids=["a file that cannot be read", "another lamp"])
def test_a_lamp_that_was_lit_is_put_out_though_the_settings_name_it_no_more(
    now: dict[str, Any] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the token of when it was lit; then nothing is left of note or token."""
    put = Put(monkeypatch)
    note = lit(LAMP, tmp_path)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert SECRET not in note.read_text()
    assert put_out(chosen(now), tmp_path) == ()
    assert put.out == [f"the lamp light.bed, Bearer {SECRET}"]
    assert list(tmp_path.iterdir()) == []


def test_the_same_lamp_is_put_out_with_the_token_of_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old one may have been taken back; and it is put out once."""
    put = Put(monkeypatch)
    lit(LAMP, tmp_path)
    assert put_out(chosen({**LAMP, "token": "another-token"}), tmp_path) == ()
    assert put.out == ["the lamp light.bed, Bearer another-token"]
    assert list(tmp_path.iterdir()) == []


def test_two_lamps_have_two_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second that is lit does not make the first forgotten."""
    put = Put(monkeypatch)
    lit(LAMP, tmp_path), lit(OTHER, tmp_path)
    assert put_out(OutputChoices(), tmp_path) == ()
    assert len(put.out) == 2


def test_a_lamp_that_cannot_be_put_out_is_said_and_stays_noted(tmp_path: Path) -> None:
    """Nobody listens at that address: the next start tries again."""
    note = lit(LAMP, tmp_path)
    (words,) = put_out(OutputChoices(), tmp_path)
    assert "the lamp light.bed is not known to be out, please look at it" in words
    assert SECRET not in words
    assert note.exists()


@pytest.mark.parametrize(
    "how",
    [
        None,
        b"",
        b"{",
        b"[]",
        b"null",
        json.dumps({"kind": "gas"}).encode(),
        json.dumps(OTHER).encode(),
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_note_of_which_nobody_knows_the_lamp_is_said(how: bytes | None, tmp_path: Path) -> None:
    """What is damaged is never believed, and never passed over."""
    note = lit(LAMP, tmp_path)
    beside = note.with_name(note.name + ".how")
    beside.unlink() if how is None else beside.write_bytes(how)
    nudgers, words = left_on(OutputChoices(), tmp_path)
    assert nudgers == []
    assert words == (f"Vigil lit a lamp and cannot tell any more which; please look at your lamps, then remove {note}",)


def test_what_lies_beside_a_note_that_is_gone_is_no_lamp(tmp_path: Path) -> None:
    """Power was cut between the removal of the two: the lamp was out by then."""
    lit(LAMP, tmp_path).unlink()
    assert left_on(OutputChoices(), tmp_path) == ([], ())


def test_a_sound_is_ended_without_a_loudspeaker_being_chosen(tmp_path: Path) -> None:
    """What is played lies in the folder; where nothing lies, no player is looked for."""
    assert left_on(OutputChoices(), tmp_path) == ([], ())
    (tmp_path / "nudge-3.wav").write_bytes(b"")
    ((nudger,), _) = left_on(OutputChoices(), tmp_path)
    assert isinstance(nudger, SoundNudger)
    assert put_out(OutputChoices(), tmp_path) == ()
    assert list(tmp_path.iterdir()) == []


def test_no_secret_is_in_a_repr(tmp_path: Path) -> None:
    """A marker is shown in no log, and still it must not."""
    assert SECRET not in repr(LitMarker(tmp_path / "lit", "x", SECRET.encode()))


def test_a_night_without_outputs_of_its_own_puts_out_what_was_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless somebody is trying that very lamp now; where nothing was left nothing is touched."""
    put, home = Put(monkeypatch), Home(tmp_path, tmp_path)
    assert left_before(home) == ()
    assert list(tmp_path.iterdir()) == []
    folder = home.shelf(Shelf.OWN) / OUTPUTS_NAME
    folder.mkdir(parents=True)
    lit(LAMP, folder)
    with outputs_lock(home):
        assert left_before(home) == ()
        assert put.out == []
    assert left_before(home) == ()
    assert put.out == [f"the lamp light.bed, Bearer {SECRET}"]
