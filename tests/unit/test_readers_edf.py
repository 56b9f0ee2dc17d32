"""EDF and EDF+ nights, made with edfio and by Vigil's own writer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import edfio
import numpy as np
import pytest
from numpy.typing import NDArray

from vigil.domain.errors import InputError
from vigil.domain.records import NightBegan
from vigil.domain.samples import AccelerationBlock, BeatInterval, HeartSample
from vigil.domain.sleep import AasmStage
from vigil.recordings.readers.formats import find_recordings
from vigil.recordings.recording import Item, Recording
from vigil.recordings.writers.edf import write_edf

S = 10**9
Float = NDArray[np.float64]


def signal(label: str, unit: str, values: Sequence[float] | Float, rate: float = 1) -> edfio.EdfSignal:
    data = np.asarray(values, dtype=np.float64)
    span = (-3276.8, 3276.7) if np.abs(data).max() > 32 else (-32.768, 32.767)
    return edfio.EdfSignal(data, rate, label=label, physical_dimension=unit, physical_range=span)


def edf(
    path: Path,
    signals: Sequence[edfio.EdfSignal],
    annotations: Sequence[tuple[float, float | None, str]] | None = None,
    start: dt.datetime | None = None,
    record_s: float = 1.0,
) -> Path:
    file = path / "night.edf"
    notes = None if annotations is None else [edfio.EdfAnnotation(*note) for note in annotations]
    edfio.Edf(
        list(signals),
        annotations=notes,
        recording=edfio.Recording(startdate=start.date() if start else None),
        starttime=start.time() if start else None,
        data_record_duration=record_s if signals else None,
    ).write(file)
    return file


def only(path: Path) -> Recording:
    (recording,) = find_recordings(path)
    return recording


def of_type(items: Sequence[Item], kind: type) -> list[Item]:
    return [item for item in items if isinstance(item, kind)]


def test_a_heart_rate_channel_gives_samples_and_zero_gives_none(tmp_path: Path) -> None:
    """1 Hz bpm: a sample each second but where the value is 0, which says that none is known."""
    values = [0, 0, 60, 61.5, 0, 900, *([62.0] * 54)]
    recording = only(edf(tmp_path, [signal("HR", "bpm", values)]))
    items = list(recording.items())
    assert items[:3] == [HeartSample(2 * S, 600), HeartSample(3 * S, 615), HeartSample(6 * S, 620)]
    assert [(row.count, row.reason) for row in recording.notes.left_out] == [
        (1, "heart rate is impossible (not 20 to 300 bpm)")
    ]
    assert recording.began.heart_cadence_ms == 1_000
    assert recording.ends_ns == 60 * S


def test_a_fast_heart_rate_channel_is_read_once_a_second(tmp_path: Path) -> None:
    """The same value 32 times a second is one value a second, however the records fall."""
    values = np.repeat(np.arange(60.0, 180.0), 32)
    items = list(only(edf(tmp_path, [signal("Pulse", "1/min", values, 32)], record_s=5)).items())
    assert items == [HeartSample(i * S, 600 + 10 * i) for i in range(120)]


def test_acceleration_channels_become_blocks(tmp_path: Path) -> None:
    """Three axes in g at 25 Hz: blocks of ten seconds in milli-g."""
    rng = np.random.default_rng(1)
    axes = [rng.normal(mean, 0.05, 25 * 45) for mean in (0.1, -0.3, 0.9)]
    signals = [signal(f"ACC {name}", "g", axis, 25) for name, axis in zip("XYZ", axes, strict=True)]
    recording = only(edf(tmp_path, signals))
    blocks = [item for item in recording.items() if isinstance(item, AccelerationBlock)]
    assert [(b.at_ns // S, b.period_ns, len(b.mg)) for b in blocks] == [
        *((t, 40_000_000, 250) for t in (0, 10, 20, 30)),
        (40, 40_000_000, 125),
    ]
    assert np.abs(np.concatenate([b.mg for b in blocks]) - np.stack(axes, axis=1) * 1_000).max() <= 1
    assert any("watched blind" in remark for remark in recording.notes.remarks)


def test_zeros_on_all_three_axes_are_a_gap(tmp_path: Path) -> None:
    """A grid without holes writes nothing as 0, 0, 0; a jump to and from it is no movement."""
    z = np.where((np.arange(500) >= 100) & (np.arange(500) < 200), 0.0, 1.0)
    axes = [np.zeros(500), np.zeros(500), z]
    signals = [signal(f"ACC {name}", "g", axis, 50) for name, axis in zip("XYZ", axes, strict=True)]
    blocks = [item for item in only(edf(tmp_path, signals)).items() if isinstance(item, AccelerationBlock)]
    assert [(b.at_ns / S, len(b.mg)) for b in blocks] == [(0, 100), (4, 300)]
    assert all((b.mg == [0, 0, 1_000]).all() for b in blocks)


@pytest.mark.parametrize(("unit", "scale"), [("ms", 1.0), ("s", 1_000.0)])
def test_an_rr_channel_with_rests_marks_beats(tmp_path: Path, unit: str, scale: float) -> None:
    """A value where there is a beat, 0 elsewhere: an interval known at that sample."""
    values = np.zeros(4 * 60)
    values[10], values[14] = 900 / scale, 800 / scale
    recording = only(edf(tmp_path, [signal("RR", unit, values, 4)]))
    assert list(recording.items()) == [BeatInterval(2_500_000_000, 900), BeatInterval(3_500_000_000, 800)]
    assert recording.began.heart_cadence_ms is None


def test_a_held_rr_channel_is_a_heart_rate(tmp_path: Path) -> None:
    """A tachogram without rests does not say where beats are; it is read once a second, and said."""
    recording = only(edf(tmp_path, [signal("IBI", "ms", np.full(8 * 30, 1_000.0), 8)]))
    assert list(recording.items()) == [HeartSample(i * S, 600) for i in range(30)]
    assert any("held" in remark for remark in recording.notes.remarks)


def test_annotations_give_stages_beats_and_marks(tmp_path: Path) -> None:
    """EDF+ texts of stages fill whole epochs; "rr <ms>" stands at the second beat; the rest are marks."""
    notes = [
        (0.0, 60.0, "Sleep stage W"),
        (60.0, 30.0, "Sleep stage N1"),
        (90.0, None, "Sleep stage 2"),
        (120.0, 30.0, "Sleep stage 4"),
        (180.0, 30.0, "Sleep stage R"),
        (215.0, 30.0, "Sleep stage R"),
        (210.0, 30.0, "Sleep stage ?"),
        (10.5, None, "rr 950"),
        (11.5, None, "RR 1000 ms"),
        (12.0, None, "rr 5"),
        (33.0, 2.0, "Leg movement"),
    ]
    recording = only(edf(tmp_path, [signal("HR", "bpm", [60.0] * 240)], notes))
    w, n1, n2, n3, rem, none = (
        AasmStage.WAKE,
        AasmStage.N1,
        AasmStage.N2,
        AasmStage.N3,
        AasmStage.REM,
        AasmStage.UNSCORED,
    )
    assert recording.scoring == (w, w, n1, n2, n3, none, rem, none)
    assert recording.marks == ((33.0, "Leg movement"),)
    beats = of_type(list(recording.items()), BeatInterval)
    assert beats == [BeatInterval(10_500_000_000, 950), BeatInterval(11_500_000_000, 1_000)]
    assert sum(row.count for row in recording.notes.left_out) == 2
    assert recording.began.heart_cadence_ms is None


def test_the_start_gives_the_wall_time_and_the_name(tmp_path: Path) -> None:
    """The header's local start is kept without a zone; a file that hides it is named by itself."""
    shown = only(edf(tmp_path, [signal("HR", "bpm", [60.0] * 9)], [], dt.datetime(2016, 4, 13, 22, 13, tzinfo=dt.UTC)))
    assert (shown.night, shown.began.wall_ms, shown.began.zone_min) == ("2016-04-13", 1_460_585_580_000, None)
    hidden = only(edf(tmp_path, [signal("HR", "bpm", [60.0] * 9)], []))
    assert (hidden.night, hidden.began.wall_ms) == ("night", None)


def test_annotations_alone_may_be_beats_or_a_hypnogram(tmp_path: Path) -> None:
    """Beats are a night; stages alone are a hypnogram, not a night to replay."""
    recording = only(edf(tmp_path, [], [(1.0, None, "rr 900"), (2.0, None, "rr 1000")]))
    assert list(recording.items()) == [BeatInterval(S, 900), BeatInterval(2 * S, 1_000)]
    with pytest.raises(InputError, match="a hypnogram, not a night to replay"):
        only(edf(tmp_path, [], [(0.0, 30.0, "Sleep stage W")]))


@pytest.mark.parametrize(
    ("label", "unit", "values", "words"),
    [
        ("HR", "bpm", [1.05] * 60, "looks like Hz"),
        ("RR", "ms", [0.9] * 60, "looks like seconds"),
    ],
)
def test_a_wrong_unit_is_refused(tmp_path: Path, label: str, unit: str, values: list[float], words: str) -> None:
    """What is not in the unit it says is suspected, said and not used."""
    with pytest.raises(InputError, match=words):
        only(edf(tmp_path, [signal(label, unit, values)]))


def test_channels_vigil_does_not_read_are_named(tmp_path: Path) -> None:
    """Missing channels: the message lists those that are there."""
    with pytest.raises(InputError, match=r"no heart rate.*EEG Fpz-Cz"):
        only(edf(tmp_path, [signal("EEG Fpz-Cz", "uV", np.sin(np.arange(600.0)), 10)]))


def test_odd_channels_are_remarks(tmp_path: Path) -> None:
    """An unknown unit, a second heart rate, a lone axis: said, and the rest is read."""
    signals = [
        signal("HR", "bpm", [60.0] * 60),
        signal("Pulse", "bpm", [61.0] * 60),
        signal("IBI", "furlong", [1.0] * 60),
        signal("ACC X", "g", np.ones(60 * 20), 20),
    ]
    recording = only(edf(tmp_path, signals))
    assert len(list(recording.items())) == 60
    text = " ".join(recording.notes.remarks)
    assert all(word in text for word in ("Pulse", "IBI", "three axes"))


def test_what_vigil_writes_reads_back(tmp_path: Path) -> None:
    """Heart rate, beats, raw acceleration and stages of an export come back on EDF's grids."""
    rng = np.random.default_rng(3)
    raw = [AccelerationBlock(i * S, 20_000_000, rng.integers(-900, 900, (50, 3)).astype(np.int16)) for i in range(60)]
    items: list[Item] = []
    for i, block in enumerate(raw):
        items += [block, BeatInterval(i * S + S // 2, 1_000 + i)]
    path = tmp_path / "own.edf"
    scoring = (AasmStage.WAKE, AasmStage.REM)
    write_edf(path, began=NightBegan(0, wall_ms=1_460_585_580_000), items=items, scoring=scoring, beats=True)
    recording = only(path)
    found = list(recording.items())
    assert recording.scoring == scoring
    assert of_type(found, BeatInterval) == of_type(items, BeatInterval)
    assert of_type(found, HeartSample)
    blocks = [item for item in found if isinstance(item, AccelerationBlock)]
    together = np.concatenate([block.mg for block in blocks])
    assert (together == np.concatenate([block.mg for block in raw])).all()
