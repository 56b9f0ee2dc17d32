"""What is asked of the night process: in order, once, and only while it is meant."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vigil.domain.errors import StoreError
from vigil.store.asked import MOST_BYTES, MOST_WAITING, STALE_MS, Wish, ask, taken

NOW = 1_775_600_000_000


def test_wishes_are_taken_once_in_the_order_they_were_asked(tmp_path: Path) -> None:
    """Whatever their names; the folder and its files are the person's alone, and nothing is left."""
    folder = tmp_path / "own" / "asked"
    for after_ms, wish in enumerate((Wish.BAD_DREAM, Wish.AWAKE, Wish.END)):
        ask(folder, wish, NOW + after_ms)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert all(path.stat().st_size < MOST_BYTES for path in folder.iterdir())
    assert taken(folder, NOW) == [Wish.BAD_DREAM, Wish.AWAKE, Wish.END]
    assert taken(folder, NOW) == []
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("late_ms", "wishes"),
    [(STALE_MS, [Wish.AWAKE]), (STALE_MS + 1, []), (-STALE_MS, [Wish.AWAKE]), (-STALE_MS - 1, [])],
)
def test_a_mark_of_the_night_does_not_arrive_at_noon(tmp_path: Path, late_ms: int, wishes: list[Wish]) -> None:
    """It is dropped, and not kept for later either."""
    ask(tmp_path, Wish.AWAKE, NOW)
    assert taken(tmp_path, NOW + late_ms) == wishes
    assert taken(tmp_path, NOW) == []


def test_no_more_wait_than_a_person_asks(tmp_path: Path) -> None:
    """The next one is refused in words, and there is room again once they are taken."""
    for _ in range(MOST_WAITING):
        ask(tmp_path, Wish.AWAKE, NOW)
    with pytest.raises(StoreError, match="not left"):
        ask(tmp_path, Wish.END, NOW)
    assert taken(tmp_path, NOW) == [Wish.AWAKE] * MOST_WAITING
    ask(tmp_path, Wish.END, NOW)
    assert taken(tmp_path, NOW) == [Wish.END]


def test_where_nothing_can_be_left_the_other_ways_are_said(tmp_path: Path) -> None:
    """The folder is a file, or may not be written to."""
    (tmp_path / "asked").write_text("")
    with pytest.raises(StoreError):
        ask(tmp_path / "asked", Wish.AWAKE, NOW)
    assert taken(tmp_path / "asked", NOW) == []


def test_a_disk_that_is_full_leaves_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left is nothing, and the button on the wearable is named."""

    def refuse(_from: Path, _to: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(StoreError, match=r"No space left.*wearable"):
        ask(tmp_path, Wish.AWAKE, NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_wish_that_cannot_be_removed_is_not_taken_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor at all: a mark every second would be worse than none."""
    ask(tmp_path, Wish.AWAKE, NOW)

    def refuse(_path: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "unlink", refuse)
    assert taken(tmp_path, NOW) == []


def test_a_wish_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    """Until it is so old that nobody writes it any more."""
    part = tmp_path / "1.part"
    part.write_text("{")
    now_ms = part.stat().st_mtime_ns // 1_000_000
    assert taken(tmp_path, now_ms) == []
    assert part.exists()
    assert taken(tmp_path, now_ms + STALE_MS + 1) == []
    assert not part.exists()


def test_what_is_no_wish_is_dropped_and_does_not_hold_up_the_others(tmp_path: Path) -> None:
    """A folder, a pipe, a link to somebody's file, a file that is too long."""
    (tmp_path / "0.wish").mkdir()
    (tmp_path / "1.wish").mkdir()
    (tmp_path / "1.wish" / "full").write_text("")
    os.mkfifo(tmp_path / "2.wish")
    outside = tmp_path.parent / "outside"
    outside.write_text(json.dumps({"format": 1, "wish": "end", "wall_ms": NOW}))
    (tmp_path / "3.wish").symlink_to(outside)
    (tmp_path / "4.wish").write_text(" " * MOST_BYTES + outside.read_text())
    ask(tmp_path, Wish.AWAKE, NOW)
    assert taken(tmp_path, NOW) == [Wish.AWAKE]
    assert [path.name for path in tmp_path.iterdir()] == ["1.wish"]
    assert outside.exists()


VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.lists(st.integers(), max_size=2)
)
NEARLY = st.fixed_dictionaries(
    {"format": st.just(1) | VALUES, "wish": st.just("awake") | VALUES, "wall_ms": st.just(NOW) | VALUES}
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    st.dictionaries(
        st.from_regex(r"[a-z0-9.]{1,8}(\.wish|\.part)?", fullmatch=True).filter(lambda name: name.strip(".")),
        st.binary(max_size=200) | st.just(b"[" * 1000) | NEARLY.map(json.dumps).map(str.encode),
        max_size=5,
    )
)
def test_garbage_never_raises_and_is_gone(tmp_path: Path, files: dict[str, bytes]) -> None:
    """Whatever lies there; what comes of it is wishes, and only a file that may still be written stays."""
    folder = tmp_path / "asked"
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    assert all(isinstance(wish, Wish) for wish in taken(folder, NOW))
    assert all(path.name.endswith(".part") for path in folder.iterdir())
    assert all(isinstance(wish, Wish) for wish in taken(folder, NOW + 10**12))
