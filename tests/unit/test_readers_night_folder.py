"""Night folders, version 1: every stream, its known instants, its labels and what is left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vigil.domain.errors import FormatError, InputError
from vigil.domain.samples import BeatInterval, HeartSample, MotionSummary
from vigil.domain.sleep import AasmStage
from vigil.recordings.readers.formats import ReadOptions, find_recordings
from vigil.recordings.recording import Item, LeftOut, Recording

S = 10**9


def folder(path: Path, about: dict[str, object] | None = None, **files: str) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    streams = {name: {"file": f"{name}.csv"} for name in files}
    body = {"format": "night-folder/1", "night": "n1", "streams": streams} | (about or {})
    (path / "night.json").write_text(json.dumps(body))
    for name, text in files.items():
        (path / f"{name}.csv").write_text(text)
    return path


def only(path: Path, options: ReadOptions | None = None) -> Recording:
    (recording,) = find_recordings(path, options)
    return recording


def items(path: Path, options: ReadOptions | None = None) -> list[Item]:
    return list(only(path, options).items())


HR = "t_s,bpm\n-5,60\n0,61.5\n5,62\n"


def test_samples_come_in_the_order_in_which_they_were_known(tmp_path: Path) -> None:
    """A beat is known at the end of its interval, a movement row at the end of its window, steps likewise."""
    night = folder(
        tmp_path,
        hr="t_s,bpm\n1.5,60\n40,61\n",
        rr="t_s,rr_ms,beat\n0.5,900,N\n1.4,800,Q\n",
        motion="t_s,dur_s,range_g,x_g,y_g,z_g,source\n0,30,0.05,0.1,-0.2,0.97,accelerometer\n",
        steps="t_s,dur_s,steps,intensity\n-30,60,7,1\n",
    )
    assert items(night) == [
        BeatInterval(1_400_000_000, 900, clean=True),
        HeartSample(1_500_000_000, 600),
        BeatInterval(2_200_000_000, 800, clean=False),
        MotionSummary(30 * S, 30_000, 50, mean_mg=(100, -200, 970)),
        MotionSummary(30 * S, 60_000, None, steps=7),
        HeartSample(40 * S, 610),
    ]


def test_items_can_be_read_again(tmp_path: Path) -> None:
    """Each call gives the night from its start, and the notes anew."""
    recording = only(folder(tmp_path, hr=HR + "5,62\n"))
    first = list(recording.items())
    assert list(recording.items()) == first
    assert recording.notes.left_out == [LeftOut("hr.csv", "the same instant as the row before", 1, 5)]


def test_counts_rows_are_left_out_unless_they_are_wanted(tmp_path: Path) -> None:
    """Rows that may leak a row of the future are dropped and counted; rows of nothing recorded are no fault."""
    motion = "t_s,dur_s,range_g,x_g,y_g,z_g,source\n0,30,,,,,none\n30,30,0.1,0,0,1,accelerometer\n60,30,0.2,,,,counts\n"
    night = folder(tmp_path, hr=HR, motion=motion)
    recording = only(night)
    assert [item.at_ns for item in recording.items() if isinstance(item, MotionSummary)] == [60 * S]
    ((file, count, line),) = [(row.file, row.count, row.first_line) for row in recording.notes.left_out]
    assert (file, count, line) == ("motion.csv", 1, 4)
    kept = items(night, ReadOptions(keep_counts_rows=True))
    assert [item.at_ns for item in kept if isinstance(item, MotionSummary)] == [60 * S, 90 * S]


def test_the_hypnogram_and_marks_stand_beside_the_night(tmp_path: Path) -> None:
    """Stages come in epochs from zero, unscored where none was written; marks keep their onset."""
    stage = "t_s,stage\n0,0\n30,1\n60,2\n90,3\n150,5\n180,-1\n"
    recording = only(folder(tmp_path, hr=HR, stage=stage, events="t_s,event\n30,LA\n30,A\n"))
    assert recording.scoring == (
        AasmStage.WAKE,
        AasmStage.N1,
        AasmStage.N2,
        AasmStage.N3,
        AasmStage.UNSCORED,
        AasmStage.REM,
        AasmStage.UNSCORED,
    )
    assert recording.marks == ((30.0, "LA"), (30.0, "A"))


def test_labels_that_fit_no_epoch_are_counted(tmp_path: Path) -> None:
    """A stage off the 30-s grid, twice, unknown or cut short is left out, and said."""
    stage = "t_s,stage\n0,0\n10,2\n0,2\n30,9\n60\n90,x\n30,2\n-30,0\n"
    recording = only(folder(tmp_path, hr=HR, stage=stage, events="t_s,event\n1\nx,A\n2,\x07\n3,B\n"))
    assert recording.scoring == (AasmStage.WAKE, AasmStage.N2)
    list(recording.items())
    counts = {row.file: 0 for row in recording.notes.left_out}
    for row in recording.notes.left_out:
        counts[row.file] += row.count
    assert counts == {"stage.csv": 6, "events.csv": 3}
    assert recording.marks == ((3.0, "B"),)


def test_a_night_is_named_by_its_local_date(tmp_path: Path) -> None:
    """The date of lights-out is the name, and the wall clock and its zone go into the beginning."""
    recording = only(folder(tmp_path, {"start_local": "2020-10-12T00:22:00+02:00"}, hr=HR))
    assert recording.night == recording.began.night == "2020-10-12"
    assert recording.began.wall_ms == 1_602_454_920_000
    assert recording.began.zone_min == 120


def test_a_night_without_a_date_is_named_by_what_it_says(tmp_path: Path) -> None:
    """Its own name if it is a decent one, else the folder's."""
    assert only(folder(tmp_path / "a", hr=HR)).night == "n1"
    assert only(folder(tmp_path / "b", {"night": "../../x"}, hr=HR)).night == "b"


def test_the_cadence_is_the_sources_own(tmp_path: Path) -> None:
    """The median interval of the first rows, one gap or not; none where there are beats."""
    hr = "t_s,bpm\n" + "".join(f"{t},60\n" for t in [0, 300, *range(305, 360, 5)])
    assert only(folder(tmp_path / "a", hr=hr)).began.heart_cadence_ms == 5_000
    assert only(folder(tmp_path / "b", hr=hr, rr="t_s,rr_ms\n0,900\n")).began.heart_cadence_ms is None


def test_the_night_ends_where_it_says(tmp_path: Path) -> None:
    """`hours` are rounded to the end of an epoch, and a longer hypnogram wins; unsaid is unknown."""
    assert only(folder(tmp_path / "a", {"hours": 0.01}, hr=HR)).ends_ns == 60 * S
    assert only(folder(tmp_path / "b", {"hours": 0.01}, hr=HR, stage="t_s,stage\n0,0\n60,0\n")).ends_ns == 90 * S
    assert only(folder(tmp_path / "c", hr=HR)).ends_ns is None


def test_a_night_without_heart_rate_is_read_and_said_to_be_blind(tmp_path: Path) -> None:
    """Movement alone is a night to watch blind, not an error."""
    motion = "t_s,dur_s,range_g,x_g,y_g,z_g,source\n0,30,0.1,0,0,1,accelerometer\n"
    recording = only(folder(tmp_path, motion=motion))
    assert len(list(recording.items())) == 1
    assert any("watched blind" in remark for remark in recording.notes.remarks)


def test_a_hypnogram_alone_is_refused(tmp_path: Path) -> None:
    """A folder with only stage.csv is no night to replay."""
    with pytest.raises(InputError, match="a hypnogram, not a night to replay"):
        only(folder(tmp_path, stage="t_s,stage\n0,0\n"))


def test_a_device_s_guess_is_never_used(tmp_path: Path) -> None:
    """device_stage.csv does not become the scoring."""
    recording = only(folder(tmp_path, hr=HR, device_stage="t_s,stage\n0,0\n60,1\n"))
    assert recording.scoring is None
    assert any("device" in remark for remark in recording.notes.remarks)


def test_unknown_columns_and_streams_are_said(tmp_path: Path) -> None:
    """What is not used is not dropped silently."""
    recording = only(folder(tmp_path, hr="t_s,bpm,spo2\n0,60,98\n", snoring="t_s,db\n"))
    assert any("spo2" in remark for remark in recording.notes.remarks)
    assert any("snoring" in remark for remark in recording.notes.remarks)


def test_a_folder_of_streams_needs_no_manifest(tmp_path: Path) -> None:
    """hr.csv with its own header is a night even without night.json, named by the folder."""
    night = tmp_path / "my night"
    night.mkdir()
    (night / "hr.csv").write_text(HR)
    assert only(night).night == "my night"


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"format": "night-folder/2"}, "night-folder/1"),
        ({"streams": []}, "streams"),
        ({"streams": {"hr": {"file": "../hr.csv"}}}, "no plain file"),
        ({"streams": {"hr": {"file": "/etc/hostname"}}}, "no plain file"),
        ({"streams": {"hr": {"file": 3}}}, "no plain file"),
        ({"streams": {"hr": "hr.csv"}}, "no plain file"),
        ({"streams": {"hr": {"file": "hr.csv", "unit": "Hz"}}}, "Vigil reads bpm"),
        ({"origin_ns": 1.5}, "origin_ns"),
    ],
)
def test_a_manifest_that_cannot_be_trusted_is_refused(tmp_path: Path, about: dict[str, object], words: str) -> None:
    """Another version, a path out of the folder or a wrong unit is said, and nothing is read."""
    with pytest.raises(InputError, match=words):
        only(folder(tmp_path, about, hr=HR))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": NaN}', '{"a":1,"a":2}', "[" * 100_000, "\x00", "{}"])
def test_a_manifest_that_is_no_plain_json_object_is_refused(tmp_path: Path, text: str) -> None:
    """NaN, double keys and endless nesting are no JSON here."""
    folder(tmp_path, hr=HR)
    (tmp_path / "night.json").write_text(text)
    with pytest.raises(InputError):
        only(tmp_path)


def test_a_version_vigil_does_not_read_is_a_format_error(tmp_path: Path) -> None:
    """The class of the error tells the wrong kind from the damaged."""
    with pytest.raises(FormatError):
        only(folder(tmp_path, {"format": "other/9"}, hr=HR))


def test_a_stream_beside_a_good_heart_is_only_missed(tmp_path: Path) -> None:
    """A movement file that cannot be used is a remark; the night is read without it."""
    recording = only(folder(tmp_path, hr=HR, motion="t_s,dur_s\n0,30\n"))
    assert {type(item) for item in recording.items()} == {HeartSample}
    assert any("range_g" in remark for remark in recording.notes.remarks)


def test_labels_that_cannot_be_read_are_only_missed(tmp_path: Path) -> None:
    """A broken stage.csv does not cost the night."""
    recording = only(folder(tmp_path, hr=HR, stage="time,what\n0,0\n"))
    assert recording.scoring is None
    assert any("labels were not read" in remark for remark in recording.notes.remarks)


def test_extremes_and_steps_of_a_row_are_kept(tmp_path: Path) -> None:
    """Vigil's own columns of extremes come back per axis."""
    motion = (
        "t_s,dur_s,range_g,x_g,y_g,z_g,source,low_x_mg,low_y_mg,low_z_mg,high_x_mg,high_y_mg,high_z_mg,steps\n"
        "0,1,0.013,0.001,0.002,0.999,accelerometer,-1,-2,990,2,3,1002,4\n"
    )
    found = [item for item in items(folder(tmp_path, hr=HR, motion=motion)) if isinstance(item, MotionSummary)]
    assert found == [MotionSummary(S, 1_000, 13, (-1, -2, 990), (2, 3, 1002), (1, 2, 999), 4)]
