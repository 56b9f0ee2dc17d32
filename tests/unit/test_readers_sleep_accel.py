"""The sleep-accel layout as PhysioNet publishes it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from vigil.domain.errors import InputError
from vigil.domain.samples import AccelerationBlock, HeartSample
from vigil.domain.sleep import AasmStage
from vigil.recordings.readers.formats import find_recordings

S = 10**9


def person(
    path: Path, name: str, heart: str | None = None, motion: str | None = None, labels: str | None = None
) -> Path:
    for folder, ending, text in (
        ("heart_rate", "_heartrate.txt", heart),
        ("motion", "_acceleration.txt", motion),
        ("labels", "_labeled_sleep.txt", labels),
    ):
        (path / folder).mkdir(parents=True, exist_ok=True)
        if text is not None:
            (path / folder / f"{name}{ending}").write_text(text)
    return path


HEART = "-556410.36,57\n-3601,80\n-3600,70\n-10.5,61\n4.5,60\n9.5,62.5\n"


def motion_text(seconds: int, start_s: float = -5_000.0) -> str:
    rng = random.Random(5)
    rows = []
    for i in range(seconds * 50):
        at = start_s + i * 0.02 + rng.uniform(-0.002, 0.002)
        rows.append(f"{at:.6f} {rng.gauss(0, 1e-5):.9e} {rng.gauss(0, 0.01):.7f} {rng.gauss(-1, 0.01):.7f}")
    return "\n".join(rows) + "\n"


def test_one_recording_for_each_person(tmp_path: Path) -> None:
    """Ids are nights, in order; what one person lacks is said of that one."""
    person(tmp_path, "46343", HEART, motion_text(20, -5), "0 0\n30 2\n60 5\n")
    person(tmp_path, "1066528", HEART)
    first, second = find_recordings(tmp_path)
    assert (first.night, second.night) == ("1066528", "46343")
    assert second.scoring == (AasmStage.WAKE, AasmStage.N2, AasmStage.REM)
    assert second.ends_ns == 90 * S
    assert first.scoring is None


def test_days_before_the_night_are_skipped(tmp_path: Path) -> None:
    """An hour before zero is kept to warm up on; what is older is skipped without counting as a fault."""
    person(tmp_path, "7", HEART, motion_text(2_000))
    (recording,) = find_recordings(tmp_path)
    items = list(recording.items())
    hearts = [item for item in items if isinstance(item, HeartSample)]
    assert [item.at_ns for item in hearts] == [-3_600 * S, -10_500_000_000, 4_500_000_000, 9_500_000_000]
    blocks = [item for item in items if isinstance(item, AccelerationBlock)]
    assert -3_600 * S <= blocks[0].at_ns < -3_599 * S
    assert sum(len(block.mg) for block in blocks) == pytest.approx(600 * 50, abs=2)
    assert recording.notes.left_out == []
    assert any("skipped" in remark for remark in recording.notes.remarks)


def test_a_week_of_heart_rates_before_the_night_does_not_hide_it(tmp_path: Path) -> None:
    """The night is found behind any number of earlier rows; it was blind behind more than 20 000."""
    before = "".join(f"{second},60\n" for second in range(-130_000, -3_600, 5))
    assert before.count("\n") > 25_000
    person(tmp_path, "7", before + "0,61\n5,62\n10,63\n", motion_text(40, -20))
    (recording,) = find_recordings(tmp_path)
    assert sum(isinstance(item, HeartSample) for item in recording.items()) == 3
    assert recording.began.heart_cadence_ms == 5_000


def test_every_person_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Two bad files are two reasons, each with its file."""
    for name in ("1", "2"):
        person(tmp_path, name, "0,1.1\n5,1.2\n")
    person(tmp_path, "3", HEART)
    found = find_recordings(tmp_path)
    assert next(found).night == "3"
    with pytest.raises(InputError, match=r"2 of 3 nights.*1_heartrate.*2_heartrate"):
        next(found)


def test_times_in_ms_are_suspected(tmp_path: Path) -> None:
    """A heart rate every 83 minutes is times in ms."""
    person(tmp_path, "7", "".join(f"{5_000 * i},60\n" for i in range(20)))
    with pytest.raises(InputError, match="its times look like ms, not s"):
        list(find_recordings(tmp_path))


def test_items_of_both_files_are_in_order(tmp_path: Path) -> None:
    """Heart rates and blocks are merged by their own start."""
    person(tmp_path, "7", HEART, motion_text(40, -20))
    (recording,) = find_recordings(tmp_path)
    at = [item.at_ns for item in recording.items()]
    assert at == sorted(at)


def test_movement_alone_is_watched_blind(tmp_path: Path) -> None:
    """A person without a heart rate file is read, and said to be blind."""
    person(tmp_path, "7", None, motion_text(40, -20))
    (recording,) = find_recordings(tmp_path)
    assert any("watched blind" in remark for remark in recording.notes.remarks)


@pytest.mark.parametrize(
    ("heart", "motion", "words"),
    [
        ("0,1.1\n5,1.2\n", None, "looks like Hz"),
        ("0,x\n5,y\n", None, "not a number"),
        ("0 60\n5 61\n", None, "fields"),
        (HEART, "0 0.1 0.2 9.8\n0.02 0.1 0.2 9.8\n", "looks like m/s2"),
    ],
)
def test_one_bad_person_does_not_hide_the_good(tmp_path: Path, heart: str, motion: str | None, words: str) -> None:
    """Those that can be read come first; then the error says how many could not, and why."""
    person(tmp_path, "1", heart, motion)
    person(tmp_path, "2", HEART)
    found = find_recordings(tmp_path)
    assert next(found).night == "2"
    with pytest.raises(InputError, match=rf"1 of 2 nights.*{words}"):
        next(found)
