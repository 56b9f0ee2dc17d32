"""How a running night stands, told to whoever looks on: whole or not there, and nothing else is believed."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vigil.domain.nudges import WatchState
from vigil.domain.records import Mark, Mode
from vigil.domain.requests import Output
from vigil.domain.samples import Quality
from vigil.domain.sleep import Stage
from vigil.domain.troubles import TroubleKind
from vigil.store import live_state
from vigil.store.live_state import FRESH_MS, LIVE_NAME, MOST_BYTES, Link, LiveState, alive, read, write

NOW = 1_775_600_000_000

PLAIN = LiveState(
    pid=7, boot_id="b", night="n", began_wall_ms=NOW, now_wall_ms=NOW, told_wall_ms=NOW, number=1, mode=Mode.ON,
    state=WatchState.WATCHING, link=Link.HEARD, link_since_wall_ms=NOW, quality=Quality.GOOD,
    quality_since_wall_ms=NOW,
)  # fmt: skip

FULL = replace(
    PLAIN, heart_bpm_x10=523, heart_ago_ms=900, contact=True, battery_percent=81,
    outputs=tuple((one, one is Output.SOUND) for one in Output), held=True, mark=Mark.AWAKE, mark_wall_ms=NOW,
    nudges=2, nudge_wall_ms=NOW, episode=True, episode_wall_ms=NOW, stage=Stage.WAKE, troubles=tuple(TroubleKind),
    ends_wall_ms=NOW, ended=True,
)  # fmt: skip


@pytest.mark.parametrize("state", [PLAIN, FULL], ids=["plain", "full"])
def test_what_was_told_is_read(tmp_path: Path, state: LiveState) -> None:
    """Field by field, from a file that only its owner may read; nothing lies beside it."""
    path = tmp_path / LIVE_NAME
    write(path, PLAIN)
    write(path, state)
    assert read(path) == state
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_size < MOST_BYTES / 4


def test_every_field_is_checked_when_it_is_read() -> None:
    """A field without its row would be believed whatever it holds."""
    assert set(live_state._READERS) == {field.name for field in fields(LiveState)}


def test_whoever_sleeps_lightly_is_not_awake() -> None:
    """Only an epoch that was scored awake says so."""
    assert FULL.awake
    assert not PLAIN.awake


def test_a_long_name_is_cut_and_can_be_read(tmp_path: Path) -> None:
    """Whatever a night is called, in letters that take the most room."""
    write(tmp_path / LIVE_NAME, replace(PLAIN, night="\U0001f634" * 5000))
    found = read(tmp_path / LIVE_NAME)
    assert found is not None
    assert found.night == "\U0001f634" * live_state.MOST_CHARACTERS


@pytest.mark.parametrize(
    ("age_ms", "holder", "state", "lives"),
    [
        (0, "pid 7", PLAIN, True),
        (FRESH_MS, "pid 7", PLAIN, True),
        (FRESH_MS + 1, "pid 7", PLAIN, False),
        (-FRESH_MS - 1, "pid 7", PLAIN, False),
        (0, "", PLAIN, False),
        (0, "pid 7", FULL, False),
        (0, "pid 7", None, False),
    ],
)
def test_a_night_is_watched_while_its_process_says_so(
    age_ms: int, holder: str, state: LiveState | None, lives: bool
) -> None:
    """Told not long ago, by whoever has the store, and not over."""
    assert alive(state, NOW + age_ms, holder) is lives


def test_one_that_cannot_be_written_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the error is for the caller, who lets it be."""
    path = tmp_path / LIVE_NAME
    write(path, PLAIN)

    def refuse(_from: Path, _to: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="space"):
        write(path, FULL)
    assert read(path) == PLAIN
    assert list(tmp_path.iterdir()) == [path]


def _plain() -> dict[str, Any]:
    packed: dict[str, Any] = json.loads(live_state._packed(FULL))
    return packed


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(name=st.sampled_from(sorted(_plain())), value=JSON)
def test_whatever_stands_in_a_field_reading_never_raises(tmp_path: Path, name: str, value: object) -> None:
    """It is a state that could be written again, or none."""
    path = tmp_path / LIVE_NAME
    path.write_text(json.dumps(_plain() | {name: value}))
    found = read(path)
    assert found is None or live_state._parsed(live_state._packed(found)) == found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400) | st.just(b"[" * 8000) | st.just(b" " * 9000) | JSON.map(json.dumps).map(str.encode))
def test_whatever_stands_in_the_file_reading_never_raises(tmp_path: Path, data: bytes) -> None:
    """Nothing of it is a state."""
    path = tmp_path / LIVE_NAME
    path.write_bytes(data)
    assert read(path) is None


def test_what_is_no_file_is_none(tmp_path: Path) -> None:
    """Absent, a folder, a pipe that nobody writes to, a link: none is waited for or followed."""
    assert read(tmp_path / "absent") is None
    assert read(tmp_path) is None
    os.mkfifo(tmp_path / "pipe")
    assert read(tmp_path / "pipe") is None
    write(tmp_path / "real", PLAIN)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert read(tmp_path / "link") is None


@pytest.mark.parametrize("change", [{"format": 2}, {"more": 1}, {"battery_percent": 101}, {"pid": -1}, {"held": 1}])
def test_a_state_of_another_version_is_none(tmp_path: Path, change: dict[str, object]) -> None:
    """Nor one with a field too many, or out of range."""
    (tmp_path / LIVE_NAME).write_text(json.dumps(_plain() | change))
    assert read(tmp_path / LIVE_NAME) is None
