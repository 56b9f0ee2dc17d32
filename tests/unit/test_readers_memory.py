"""Memory stays flat whatever the size of a file."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import edfio
import numpy as np

from tests.unit.test_readers_bad_edf import patched
from vigil.recordings.readers.formats import find_recordings


def peak_of(path: Path) -> tuple[int, int]:
    """(items, peak bytes) of reading a path to its end."""
    tracemalloc.start()
    count = sum(1 for recording in find_recordings(path) for _ in recording.items())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return count, peak


def test_memory_is_flat_over_100_mb_of_text(tmp_path: Path) -> None:
    """A table of 100 MB is read in a few megabytes."""
    path, note = tmp_path / "x.csv", "n" * 4_000
    with path.open("w") as file:
        file.write("t,hr,note\n")
        file.writelines(f"{5 * i},60,{note}\n" for i in range(25_000))
    assert path.stat().st_size > 100_000_000
    count, peak = peak_of(path)
    assert count == 25_000
    assert peak < 6_000_000


def test_memory_is_flat_over_raw_acceleration(tmp_path: Path) -> None:
    """Four times the acceleration takes no more memory."""
    peaks = []
    for rows in (60_000, 240_000):
        path = tmp_path / f"{rows}.csv"
        with path.open("w") as file:
            file.write("t_s,x,y,z\n")
            file.writelines(f"{i / 50:.2f},0.0123,-0.4567,0.9876\n" for i in range(rows))
        count, peak = peak_of(path)
        assert count == rows // 500
        peaks.append(peak)
    assert peaks[1] < 1.2 * peaks[0] < 40_000_000


def test_memory_is_flat_over_a_large_edf(tmp_path: Path) -> None:
    """An EDF of 60 MB, most of it other channels, is read in a few megabytes."""
    rng = np.random.default_rng(1)
    seconds = 60
    heart = edfio.EdfSignal(np.full(seconds, 61.0), 1, label="HR", physical_dimension="bpm", physical_range=(0, 300))
    brain = edfio.EdfSignal(rng.normal(0, 1, seconds * 1_000), 1_000, label="EEG", physical_dimension="uV")
    out = io.BytesIO()
    edfio.Edf([heart, brain], data_record_duration=1).write(out)
    raw = out.getvalue()
    header, data = raw[: 256 * 3], raw[256 * 3 :]
    path = tmp_path / "x.edf"
    with path.open("wb") as file:
        file.write(patched(header, 236, str(seconds * 500), 8))
        for _ in range(500):
            file.write(data)
    assert path.stat().st_size > 60_000_000
    count, peak = peak_of(path)
    assert count == seconds * 500
    assert peak < 12_000_000
