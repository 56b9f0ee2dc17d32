"""The EDF+ file: readable by others, honest about what is not known, anonymous."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import edfio
import numpy as np
import pytest

from vigil.domain import permits
from vigil.domain.errors import InputError
from vigil.domain.nudges import Action, Decision, EpisodeKind, Reason, ReasonCode, Suspicion, WatchState
from vigil.domain.records import (
    EpochScored,
    NightBegan,
    NightOutput,
    OutputAcknowledged,
    QualityNote,
    SuspicionCleared,
    SuspicionRaised,
)
from vigil.domain.requests import NudgeRequest, Output, Purpose
from vigil.domain.samples import AccelerationBlock, BeatInterval, Contact, HeartSample, MotionSummary, Quality
from vigil.domain.sleep import AasmStage, Stage
from vigil.domain.units import NS_PER_S
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.recording import recording
from vigil.recordings.writers.edf import write_edf

ORIGIN = 100 * NS_PER_S
BEGAN = NightBegan(at_ns=ORIGIN, night="2026-03-01", wall_ms=1_772_400_000_000, zone_min=60, heart_cadence_ms=5000)
QUIET = (Reason(ReasonCode.QUIET),)


def at(seconds: float) -> int:
    """An instant this many seconds after lights-out."""
    return ORIGIN + round(seconds * NS_PER_S)


def permit(serial: int, level: int, at_ns: int) -> permits.Permit:
    """A permit as the guard would make it."""
    request = NudgeRequest(Purpose.NUDGE, 1, Output.VIBRATION, level, 1500, 25)
    return permits.Permit(key=permits._KEY, serial=serial, request=request, issued_ns=at_ns)


def written(path: Path, items: list[Any], outputs: tuple[NightOutput, ...] = (), **options: Any) -> edfio.Edf:
    """Write a night and open it with edfio."""
    write_edf(path / "night.edf", began=BEGAN, items=items, outputs=outputs, **options)
    return edfio.read_edf(path / "night.edf")


def notes(edf: edfio.Edf) -> list[tuple[float, float | None, str]]:
    """Its annotations."""
    return [(each.onset, each.duration, each.text) for each in edf.annotations]


def test_a_heart_rate_stands_until_it_is_too_old_and_is_never_seen_early(tmp_path: Path) -> None:
    """Value k is what was known k seconds in; ten seconds after the last heart rate it is 0, not known."""
    edf = written(
        tmp_path,
        [HeartSample(at(-1), 700), HeartSample(at(2.5), 587), HeartSample(at(5), 590), Contact(at(30), on=True)],
    )
    heart = edf.get_signal("HR")
    assert (heart.sampling_frequency, heart.physical_dimension) == (1, "bpm")
    expected = [0, 0, 0, 58.7, 58.7, *[59.0] * 10, *[0] * 16]
    assert heart.data.tolist() == pytest.approx(expected, abs=0.01)


def test_beats_become_a_heart_rate_and_annotations_if_wanted(tmp_path: Path) -> None:
    """A clean interval gives the rate known at its second beat; doubtful ones are left out."""
    beats = [BeatInterval(at(1.0), 1000), BeatInterval(at(1.8), 800), BeatInterval(at(3.5), 1700, clean=False)]
    edf = written(tmp_path, beats, beats=True)
    assert edf.get_signal("HR").data[:4].tolist() == pytest.approx([0, 60.0, 75.0, 75.0], abs=0.01)
    assert notes(edf) == [(1.0, None, "rr 1000"), (1.8, None, "rr 800")]


def test_movement_is_the_range_that_was_known_and_negative_where_none_was(tmp_path: Path) -> None:
    """One-second windows stand for one second, a half-minute window for half a minute after it was known."""
    rows = [MotionSummary(at(1), 1000, 14), MotionSummary(at(2), 1000, 1500), MotionSummary(at(40), 30_000, 250)]
    movement = written(tmp_path, rows).get_signal("Movement").data
    assert movement[:4].tolist() == pytest.approx([-0.001, 0.014, 1.5, -0.001], abs=1e-5)
    assert movement[39:].tolist() == pytest.approx([-0.001, 0.25], abs=1e-5)


def test_raw_acceleration_is_kept_to_the_milli_g(tmp_path: Path) -> None:
    """ACC X, Y, Z at the rate they had, in g, exact; Movement is their range."""
    rng = np.random.default_rng(1)
    blocks = [
        AccelerationBlock(at(s), NS_PER_S // 50, rng.integers(-2000, 2000, (50, 3)).astype(np.int16)) for s in (0, 1, 3)
    ]
    edf = written(tmp_path, blocks)
    for axis, name in enumerate("XYZ"):
        signal = edf.get_signal(f"ACC {name}")
        assert (signal.sampling_frequency, signal.physical_dimension) == (50, "g")
        assert (
            np.rint(signal.data[:100] * 1000).tolist() == np.concatenate([b.mg[:, axis] for b in blocks[:2]]).tolist()
        )
        assert not (np.abs(signal.data[100:150]) > 1e-5).any()
        assert np.rint(signal.data[150:200] * 1000).tolist() == blocks[2].mg[:, axis].tolist()
    movement = edf.get_signal("Movement").data
    assert movement[1] == pytest.approx(
        np.sqrt((np.ptp(blocks[0].mg.astype(float), axis=0) ** 2).sum()) / 1000, abs=0.001
    )
    assert movement[3] < 0 < movement[4]


def test_what_was_recorded_before_lights_out_is_left_out(tmp_path: Path) -> None:
    """A block that straddles lights-out keeps only what came after it."""
    mg = np.arange(150, dtype=np.int16).reshape(50, 3)
    far = AccelerationBlock(at(-9), NS_PER_S // 50, mg)
    edf = written(tmp_path, [far, AccelerationBlock(at(-0.5), NS_PER_S // 50, mg), HeartSample(at(1), 600)])
    assert np.rint(edf.get_signal("ACC X").data[:25] * 1000).tolist() == mg[25:, 0].tolist()


def test_what_vigil_said_is_in_the_annotations(tmp_path: Path) -> None:
    """Suspicions with their length, nudges with level and shadow, quality, in order, as `group/label key=value`."""
    suspicion = Suspicion(1, EpisodeKind.NIGHTMARE_LIKE, at(50), at(60), 1.3, QUIET)
    outputs: tuple[NightOutput, ...] = (
        QualityNote(at(-5), Quality.GOOD, Quality.NEVER),
        QualityNote(at(3), Quality.STALE, Quality.GOOD),
        SuspicionRaised(at(60), suspicion),
        Decision(at(60), WatchState.SUSPECTING, Action.NOTHING, QUIET, 1),
        Decision(at(61), WatchState.NUDGING, Action.NUDGE, QUIET, 1, permit(1, 1, at(61))),
        Decision(at(95), WatchState.NUDGING, Action.NUDGE, QUIET, 1, permit(2, 2, at(95))),
        SuspicionCleared(at(120), 1, EpisodeKind.NIGHTMARE_LIKE, at(50), 1.5, QUIET),
    )
    items = [OutputAcknowledged(at(61), 1, shadow=True), HeartSample(at(130), 600)]
    assert notes(written(tmp_path, items, outputs)) == [
        (3.0, None, "quality/stale before=good"),
        (60.0, 60.0, "suspicion/nightmare_like score=1.30 episode=1"),
        (61.0, None, "nudge/vibration level=1 duration_ms=1500 episode=1 shadow=1"),
        (95.0, None, "nudge/vibration level=2 duration_ms=1500 episode=1"),
    ]


def test_the_hypnogram_is_the_scorers_if_there_is_one_else_vigils(tmp_path: Path) -> None:
    """Standard texts that every EDF+ viewer knows; Vigil's light sleep is written as N2."""
    stages = (Stage.WAKE, Stage.LIGHT, Stage.DEEP, Stage.REM, Stage.UNSCORED)
    own = tuple(EpochScored(at(30 * k + 30), k, stage, None, None, None, 0) for k, stage in enumerate(stages))
    edf = written(tmp_path, [], own)
    assert notes(edf) == [(30.0 * k, 30.0, f"Sleep stage {name}") for k, name in enumerate(("W", "N2", "N3", "R", "?"))]
    assert edf.duration == 150
    (tmp_path / "scored").mkdir()
    scored = written(tmp_path / "scored", [], own, scoring=(AasmStage.WAKE, AasmStage.N1))
    assert [text for _, _, text in notes(scored)] == ["Sleep stage W", "Sleep stage N1"]


def test_nobody_is_named_and_no_date_is_kept_unless_wanted(tmp_path: Path) -> None:
    """Patient and recording are anonymous; the time of day stays, the date only if asked for."""
    edf = written(tmp_path, [HeartSample(at(1), 600)])
    assert (edf.patient.code, edf.patient.name, edf.patient.sex) == ("X", "X", "X")
    assert edf.starttime.isoformat() == "22:20:00"
    with pytest.raises(edfio.AnonymizedDateError):
        edf.recording.startdate  # noqa: B018  # reading it is the question
    (tmp_path / "dated").mkdir()
    assert (
        written(tmp_path / "dated", [HeartSample(at(1), 600)], keep_date=True).recording.startdate.isoformat()
        == "2026-03-01"
    )


def test_a_night_without_a_clock_starts_at_midnight(tmp_path: Path) -> None:
    """Without wall time the file starts at 00:00:00, and an empty night is one second long."""
    write_edf(tmp_path / "night.edf", began=NightBegan(0), items=[])
    edf = edfio.read_edf(tmp_path / "night.edf")
    assert (edf.starttime.isoformat(), edf.duration) == ("00:00:00", 1)


def test_what_edf_cannot_hold_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    """A rate that changes within the night, and an instant that no night has, are refused in words."""
    mg = np.zeros((50, 3), dtype=np.int16)
    changing = [AccelerationBlock(at(0), NS_PER_S // 50, mg), AccelerationBlock(at(1), NS_PER_S // 25, mg)]
    with pytest.raises(InputError, match="rate"):
        written(tmp_path, changing)
    with pytest.raises(InputError, match="cannot belong"):
        written(tmp_path, [HeartSample(at(9 * 86_400), 600)])
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_never_touched(tmp_path: Path) -> None:
    """An existing file is refused and stays as it was."""
    (tmp_path / "night.edf").write_text("mine")
    with pytest.raises(InputError, match="already there"):
        written(tmp_path, [])
    assert (tmp_path / "night.edf").read_text() == "mine"


def test_a_place_that_does_not_exist_is_said(tmp_path: Path) -> None:
    """A missing parent folder is an error in words."""
    with pytest.raises(InputError, match="cannot be written"):
        written(tmp_path / "absent", [])


def test_a_simulated_night_can_be_opened_by_others(tmp_path: Path) -> None:
    """A whole night with raw acceleration, scoring and beats is a valid EDF+ of its length."""
    night = recording(3, plan=named_plan("strong", 3, hours=0.5), raw_hz=25)
    write_edf(tmp_path / "n.edf", began=night.began, items=night.items(), scoring=night.scoring, beats=True)
    edf = edfio.read_edf(tmp_path / "n.edf")
    assert edf.duration == 1801
    assert [signal.label for signal in edf.signals] == ["HR", "Movement", "ACC X", "ACC Y", "ACC Z"]
    known = edf.get_signal("HR").data
    assert 0.9 < (known > 0).mean() < 1
    assert sum(text.startswith("Sleep stage") for _, _, text in notes(edf)) == 60
