"""From a path to nights: which format it is, folders of nights, readers from outside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from vigil.domain.errors import FormatError, InputError
from vigil.domain.records import NightBegan
from vigil.recordings.readers import formats
from vigil.recordings.readers.formats import FORMATS, Format, ReadOptions, find_recordings, night_paths
from vigil.recordings.recording import Item, ReadingNotes, Recording


def night(path: Path, start: str | None = None, hr: str = "t_s,bpm\n0,60\n5,61\n") -> Path:
    path.mkdir(parents=True)
    (path / "night.json").write_text(json.dumps({"format": "night-folder/1", "start_local": start}))
    (path / "hr.csv").write_text(hr)
    return path


def test_a_folder_of_nights_gives_each_in_order(tmp_path: Path) -> None:
    """Folders and files that are nights are opened by name; the rest is passed over."""
    night(tmp_path / "b")
    night(tmp_path / "a")
    (tmp_path / "c.csv").write_text("t,hr\n0,60\n")
    (tmp_path / "README.md").write_text("not a night")
    (tmp_path / "notes.txt").write_text("not a night either, but text")
    (tmp_path / ".hidden").mkdir()
    assert [recording.night for recording in find_recordings(tmp_path)] == ["a", "b", "c"]
    assert night_paths(tmp_path) == (tmp_path / "a", tmp_path / "b", tmp_path / "c.csv")


def test_nights_of_one_date_are_told_apart(tmp_path: Path) -> None:
    """The second night of a date has a suffix, in its name and in its beginning alike."""
    for name in ("x", "y", "z"):
        night(tmp_path / name, "2016-04-13T22:13:00")
    found = list(find_recordings(tmp_path))
    assert [recording.night for recording in found] == ["2016-04-13", "2016-04-13-2", "2016-04-13-3"]
    assert [recording.began.night for recording in found] == [recording.night for recording in found]


def test_good_nights_come_before_the_error_of_bad_ones(tmp_path: Path) -> None:
    """One night that cannot be read does not cost the others, and is not passed over in silence."""
    night(tmp_path / "a", hr="t_s,bpm\n0,x\n")
    night(tmp_path / "b")
    found = find_recordings(tmp_path)
    assert next(found).night == "b"
    with pytest.raises(InputError, match=r"1 of 2 nights could not be read.*'x' is not a number"):
        next(found)


@pytest.mark.parametrize("name", ["nothing", "empty", "picture.png"])
def test_what_fits_no_format_is_refused_with_what_does(tmp_path: Path, name: str) -> None:
    """The message names the path, and says what Vigil reads where that helps."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(InputError) as caught:
        list(find_recordings(tmp_path / name))
    assert name in caught.value.path
    assert "no such file" in str(caught.value) or (
        isinstance(caught.value, FormatError) and "Vigil reads a night folder" in str(caught.value)
    )


def _outside(path: Path, options: ReadOptions) -> Iterator[Recording]:
    def items() -> Iterator[Item]:
        return iter(())

    yield Recording("outside", path, "made up", NightBegan(0), items, ReadingNotes())


MADE_UP = Format("made up", lambda path: path.suffix == ".made", _outside)


def _install(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    entry = EntryPoint("made-up", value, formats.ENTRY_POINTS)
    monkeypatch.setattr(formats, "entry_points", lambda group: [entry] if group == "vigil.readers" else [])


def test_a_reader_from_outside_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Format under the entry-point group is asked like Vigil's own."""
    _install(monkeypatch, f"{__name__}:MADE_UP")
    (tmp_path / "x.made").write_text("?")
    assert [recording.night for recording in find_recordings(tmp_path / "x.made")] == ["outside"]


@pytest.mark.parametrize("value", ["no_such_module_of_vigil:x", f"{__name__}:night"])
def test_a_broken_reader_from_outside_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """One that cannot be loaded, or is no Format, is named with what to do; Vigil's own formats do not need it."""
    _install(monkeypatch, value)
    (tmp_path / "x.made").write_text("?")
    with pytest.raises(InputError, match="made-up"):
        list(find_recordings(tmp_path / "x.made"))
    assert [recording.night for recording in find_recordings(night(tmp_path / "good"))] == ["good"]


def test_recognising_never_raises(tmp_path: Path) -> None:
    """Any path may be asked about: absent, a folder, a file, one with a name no system takes."""
    (tmp_path / "f").write_bytes(b"\x00" * 20)
    paths = [tmp_path / "absent", tmp_path, tmp_path / "f", tmp_path / ("n" * 5_000)]
    assert not any(known.recognise(path) for known in (*FORMATS, formats.TABLES) for path in paths)
