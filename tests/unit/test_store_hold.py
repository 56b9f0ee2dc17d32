"""Stop holds: torn, damaged, on a full disk, after a power cut. Only a whole "not held" lets go."""

from __future__ import annotations

import errno
import os
import random
import stat
from pathlib import Path

import pytest

from vigil.domain.errors import StoreError
from vigil.store import hold as hold_module
from vigil.store.hold import (
    HOLD_BYTES,
    MOST_WALL_MS,
    NOT_HELD,
    Hold,
    HoldState,
    clear_hold,
    prepare_hold,
    read_hold,
    write_hold,
)

SINCE = 1_700_000_000_000
NIGHT = Hold(None, SINCE)
HOUR = Hold(SINCE + 3_600_000, SINCE + 5)
HOLDS = (NIGHT, HOUR, Hold(0, 0), Hold(MOST_WALL_MS, MOST_WALL_MS))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store" / "hold"


def written(path: Path, hold: Hold | None) -> bytes:
    """The bytes of the file in that state."""
    if hold is None:
        clear_hold(path)
    else:
        write_hold(path, hold)
    return path.read_bytes()


@pytest.mark.parametrize("hold", HOLDS)
def test_a_stop_comes_back_as_it_was_pressed(path: Path, hold: Hold) -> None:
    """Also where no file was made beforehand; it is private, and as long as ever."""
    write_hold(path, hold)
    assert read_hold(path) == HoldState(held=True, hold=hold)
    assert (path.stat().st_size, stat.S_IMODE(path.stat().st_mode)) == (HOLD_BYTES, 0o600)
    clear_hold(path)
    assert read_hold(path) == NOT_HELD
    assert path.stat().st_size == HOLD_BYTES
    assert [each.name for each in path.parent.iterdir()] == ["hold"]


def test_without_a_file_nothing_is_held(path: Path) -> None:
    """A first evening: not held; the file is made once, and made beforehand it never undoes a stop."""
    assert read_hold(path) == NOT_HELD
    prepare_hold(path)
    assert read_hold(path) == NOT_HELD
    write_hold(path, NIGHT)
    prepare_hold(path)
    assert read_hold(path).hold == NIGHT


def test_a_write_is_in_place(path: Path) -> None:
    """The file stays the same file, so that a full disk has no say in it."""
    prepare_hold(path)
    before = path.stat().st_ino
    write_hold(path, NIGHT)
    clear_hold(path)
    assert path.stat().st_ino == before


def test_no_torn_write_lets_go(path: Path) -> None:
    """Cut at every byte, from either end, in any mixture: not held only if every byte says so."""
    rng = random.Random(1)
    states = [written(path, hold) for hold in (None, *HOLDS)]
    clear = states[0]
    held = torn = 0
    for old in states:
        for new in states:
            for cut in range(HOLD_BYTES + 1):
                keep = rng.randbytes(HOLD_BYTES)
                mixed = bytes(a if k & 1 else b for a, b, k in zip(old, new, keep, strict=True))
                for data in (new[:cut] + old[cut:], old[:cut] + new[cut:], mixed):
                    state = hold_module._state_of(data)
                    assert state.held == (data != clear)
                    held += state.held
                    if state.hold is not None:
                        assert data in (old, new)
                    elif state.held:
                        assert "until you end the stop" in state.why
                        torn += 1
    assert held > torn > 10_000


def test_no_flipped_bit_and_no_cut_lets_go(path: Path) -> None:
    """Every bit of every state, and every length: anything but the whole "not held" holds."""
    for data in [written(path, hold) for hold in (None, *HOLDS)]:
        for bit in range(8 * HOLD_BYTES):
            changed = bytearray(data)
            changed[bit // 8] ^= 1 << bit % 8
            assert hold_module._state_of(bytes(changed)).held
        for length in (*range(HOLD_BYTES), HOLD_BYTES + 1):
            path.write_bytes(data.ljust(length)[:length])
            assert read_hold(path).held


@pytest.mark.parametrize(
    "body",
    [b"[null,5]", b'[1.5,0,""]', b'[true,0,""]', b'[null,-1,""]', b'[NaN,0,""]', b"{}", b"not  held", b"[" * 400],
)
def test_what_no_vigil_writes_holds(path: Path, body: bytes) -> None:
    """Well signed but senseless, as a later version or a hand would write it."""
    path.parent.mkdir()
    path.write_bytes(hold_module._signed(body))
    assert read_hold(path).held
    assert read_hold(path).hold is None


def test_a_file_of_the_wrong_size_is_put_right(path: Path) -> None:
    """A longer one holds; writing the next state makes it whole again."""
    prepare_hold(path)
    path.write_bytes(path.read_bytes() * 3)
    assert read_hold(path).held
    clear_hold(path)
    assert read_hold(path) == NOT_HELD


def test_what_cannot_be_read_holds(path: Path) -> None:
    """A folder in its place, or a folder above it that is none: nobody can tell, so nothing is done."""
    path.mkdir(parents=True)
    assert read_hold(path).held
    (path.parent / "file").touch()
    assert read_hold(path.parent / "file" / "hold").held


def test_odd_numbers_never_keep_a_stop_from_being_written(path: Path) -> None:
    """A broken clock when stop is pressed: it is held until a person ends it."""
    for until, since in ((2**70, 5), (-1, 5), (5, -(2**70)), (float("nan"), float("inf")), ("x", None)):
        write_hold(path, Hold(until, since))  # type: ignore[arg-type]
        state = read_hold(path)
        assert state.hold is not None
        assert state.lasts(SINCE) == (until != 5)


@pytest.mark.parametrize("night", ["2026-04-08", "\U0001f634" * 32])
def test_a_stop_of_an_earlier_version_stands_and_the_next_one_names_no_night(path: Path, night: str) -> None:
    """A night that is erased leaves its name nowhere; and reading, not erasing, has to cope with what was written."""
    path.parent.mkdir()
    path.write_bytes(hold_module._packed(HOUR, night))
    assert read_hold(path).hold == HOUR
    assert read_hold(path).lasts(SINCE + 3_599_999)
    write_hold(path, HOUR)
    assert night.encode() not in path.read_bytes()
    assert b',""]' in path.read_bytes()


@pytest.mark.parametrize(
    ("state", "wall_ms", "lasts"),
    [
        (NOT_HELD, None, False),
        (HoldState(held=True), SINCE, True),
        (HoldState(held=True, hold=NIGHT), SINCE * 2, True),
        (HoldState(held=True, hold=HOUR), SINCE + 3_599_999, True),
        (HoldState(held=True, hold=HOUR), SINCE + 3_600_000, False),
        (HoldState(held=True, hold=HOUR), None, True),
        (HoldState(held=True, hold=HOUR), MOST_WALL_MS + 1, True),
        (HoldState(held=True, hold=HOUR), 1000, True),
        (HoldState(held=True, hold=Hold(SINCE - 9, SINCE)), SINCE - 5, True),
    ],
)
def test_a_stop_ends_by_itself_only_at_its_end(state: HoldState, wall_ms: int | None, lasts: bool) -> None:
    """A clock that is unknown, absurd, or back in 1970 ends nothing."""
    assert state.lasts(wall_ms) == lasts


# A disk that fails.


def fails(monkeypatch: pytest.MonkeyPatch, name: str, after: int, code: int) -> None:
    """Let a call of the system fail from the `after`-th on."""
    calls = [0]
    original = getattr(os, name)

    def failing(*args: object, **kwargs: object) -> object:
        calls[0] += 1
        if calls[0] > after:
            raise OSError(code, os.strerror(code))
        return original(*args, **kwargs)

    monkeypatch.setattr(os, name, failing)


@pytest.mark.parametrize("name", ["pwrite", "fsync", "open"])
@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EROFS])
def test_a_failing_disk_is_said_and_lets_nothing_go(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: int
) -> None:
    """Whatever call fails, for good: a sentence, a stop that stood stands, and the file says what was said."""
    write_hold(path, NIGHT)
    with monkeypatch.context() as patch:
        fails(patch, name, 0, code)
        with pytest.raises(StoreError, match="Vigil stays stopped while it runs"):
            write_hold(path, HOUR)
        if name == "fsync":  # written, and surely read by whoever asks; a power cut may at worst bring the stop back
            clear_hold(path)
        else:
            with pytest.raises(StoreError, match="could not be ended"):
                clear_hold(path)
    assert read_hold(path).held == (name != "fsync")
    fresh = path.with_name("fresh")
    with monkeypatch.context() as patch:
        fails(patch, name, 0, code)
        with pytest.raises(StoreError, match="not armed"):
            prepare_hold(fresh)


def test_where_it_cannot_be_written_in_place_a_new_file_takes_its_place(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first write fails halfway, the second goes through: held, whole, and nothing left lying about."""
    prepare_hold(path)
    calls = [0]
    original = os.pwrite

    def short_once(descriptor: int, data: bytes, offset: int) -> int:
        calls[0] += 1
        return original(descriptor, data[: 50 if calls[0] == 1 else None], offset)

    monkeypatch.setattr(os, "pwrite", short_once)
    write_hold(path, HOUR)
    assert calls == [2]
    assert read_hold(path).hold == HOUR
    assert [each.name for each in path.parent.iterdir()] == ["hold"]
