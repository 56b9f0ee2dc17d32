"""The files of the first evening and of this one: read with care, written whole, never in the way of a night."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.interviews import calm
from vigil.app.evening_file import evening_of, read_taps, write_taps
from vigil.app.home import Home
from vigil.app.json_file import MAX_BYTES, read_json, set_aside
from vigil.app.setup_file import make_room, read_answers, write_answers
from vigil.app.standing import standing, tonights_strictness
from vigil.domain.errors import InputError
from vigil.interview.consequences import Known
from vigil.interview.evening import Stricter, Tap, for_tonight, strictest

TONIGHT = date(2026, 11, 27)
BROKEN = [b"{", b"\xff\xfe", b"[" * 40_000, b'"%s"' % (b"x" * MAX_BYTES), b"[]", b'{"format": "vigil-setup"}']


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, tmp_path)


# -- the first evening -------------------------------------------------------------------------------------------------


def test_without_answers_vigil_only_watches_and_says_so(home: Home) -> None:
    """No file is no reason not to begin."""
    found = standing(home)
    assert (found.known, found.watch_only) == (Known.NOTHING, True)
    assert "not set up yet" in found.reasons[0]
    assert not home.setup_file.exists()


def test_kept_answers_are_read_back(home: Home) -> None:
    """For their owner only, and whole."""
    write_answers(home.setup_file, calm())
    assert standing(home).known is Known.ALL
    assert not standing(home).watch_only
    assert home.setup_file.stat().st_mode & 0o777 == 0o600
    assert read_answers(home.setup_file).interview == calm()
    assert [path.name for path in home.config.iterdir()] == ["setup.json"]


@pytest.mark.parametrize("content", BROKEN, ids=range(len(BROKEN)))
def test_answers_that_cannot_be_read_mean_only_watching(home: Home, content: bytes) -> None:
    """Cut short, foreign, huge or nested: said, and moved aside before anything is written."""
    home.setup_file.write_bytes(content)
    found = standing(home)
    assert (found.known, found.watch_only) == (Known.UNREADABLE, True)
    assert str(home.setup_file) in found.reasons[-1]
    assert home.setup_file.read_bytes() == content
    said = make_room(home.setup_file, read_answers(home.setup_file))
    assert "setup.aside-1.json" in said
    assert not home.setup_file.exists()
    assert home.setup_file.with_name("setup.aside-1.json").read_bytes() == content


def test_answers_of_a_newer_vigil_are_not_touched(home: Home) -> None:
    """They are neither used, nor moved, nor written over."""
    home.setup_file.write_text('{"format": "vigil-setup", "version": 2, "answers": {}}')
    assert standing(home).watch_only
    with pytest.raises(InputError, match="newer Vigil"):
        make_room(home.setup_file, read_answers(home.setup_file))
    assert home.setup_file.exists()


def test_a_file_that_may_not_be_read_is_said(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk's refusal is a reason in words too."""
    home.setup_file.write_text("{}")

    def refuses(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuses)
    assert "Permission denied" in standing(home).reasons[-1]


def test_one_answer_out_of_order_is_set_aside_with_its_file(home: Home) -> None:
    """The usable ones are kept; what was written by hand is not lost."""
    home.setup_file.write_text(
        json.dumps({"format": "vigil-setup", "version": 1, "answers": {"way": "watch", "shoe_size": 44}})
    )
    kept = read_answers(home.setup_file)
    assert kept.left_out == ("shoe_size",)
    assert kept.interview.answers == {"way": "watch"}
    assert "setup.aside-1.json" in make_room(home.setup_file, kept)


def test_nothing_is_moved_where_nothing_is_wrong(home: Home) -> None:
    """Neither a fresh home nor a whole file needs room."""
    assert make_room(home.setup_file, read_answers(home.setup_file)) == ""
    write_answers(home.setup_file, calm())
    assert make_room(home.setup_file, read_answers(home.setup_file)) == ""


def test_what_was_set_aside_is_never_written_over(tmp_path: Path) -> None:
    """A second broken file gets a name of its own."""
    for number in (1, 2):
        (tmp_path / "setup.json").write_text(str(number))
        assert set_aside(tmp_path / "setup.json").name == f"setup.aside-{number}.json"
    assert read_json(tmp_path / "setup.aside-1.json") == 1


# -- this evening ------------------------------------------------------------------------------------------------------


def test_a_tap_counts_for_that_evening_only(home: Home) -> None:
    """Tomorrow is as usual again, without anybody doing anything."""
    assert tonights_strictness(home, TONIGHT) == Stricter()
    write_taps(home.evening_file, TONIGHT, [Tap.ILL, Tap.DRINK])
    assert tonights_strictness(home, TONIGHT) == for_tonight([Tap.DRINK, Tap.ILL])
    assert read_taps(home.evening_file, TONIGHT) == (Tap.DRINK, Tap.ILL)
    assert tonights_strictness(home, date(2026, 11, 28)) == Stricter()
    assert tonights_strictness(home, date(2026, 11, 26)) == Stricter()
    assert home.evening_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content",
    [
        *BROKEN,
        b'{"format": "vigil-evening", "version": 2, "evening": "2026-11-27", "taps": []}',
        b'{"format": "vigil-evening", "version": 1, "evening": "2026-11-27", "taps": ["flu"]}',
        b'{"format": "vigil-evening", "version": 1, "evening": "2026-11-27", "taps": "ill"}',
        b'{"format": "vigil-evening", "version": 1, "evening": "2026-11-27"}',
    ],
)
def test_an_evening_that_cannot_be_read_is_the_strictest(home: Home, content: bytes) -> None:
    """In doubt for the sleeper, and said at bedtime."""
    home.evening_file.write_bytes(content)
    assert tonights_strictness(home, TONIGHT) == strictest()
    with pytest.raises(InputError, match=r"evening\.json"):
        read_taps(home.evening_file, TONIGHT)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.skipif(os.name != "posix", reason="the zone is set the POSIX way")
@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("utc", "evening"),
    [
        ("2026-11-27T22:30", "2026-11-27"),
        ("2026-11-27T23:30", "2026-11-27"),
        ("2026-11-28T10:59", "2026-11-27"),
        ("2026-11-28T11:00", "2026-11-28"),
        ("2026-10-25T00:30", "2026-10-24"),
        ("2026-03-29T10:30", "2026-03-29"),
        ("1970-01-01T00:30", "1969-12-31"),
    ],
)
def test_an_evening_lasts_until_noon(utc: str, evening: str) -> None:
    """A tap before midnight counts for lights-out after it; the clock changes make no difference."""
    wall_ms = round(datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp() * 1000)
    assert evening_of(wall_ms).isoformat() == evening
