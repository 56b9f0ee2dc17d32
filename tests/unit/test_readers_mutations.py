"""Seeded damage to good files: Vigil's own errors or sound samples, and never anything else."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.unit.test_readers_bad_edf import edf_bytes
from vigil.domain.errors import VigilError
from vigil.domain.records import LinkLost, NightBegan
from vigil.domain.samples import AccelerationBlock, BeatInterval, HeartSample, MotionSummary
from vigil.recordings.readers.formats import find_recordings
from vigil.recordings.recording import Item
from vigil.recordings.writers.folder import write_folder

S = 10**9
ROWS = "".join(f"{5 * i},{60 + i % 7}\n" for i in range(20))


def night(path: Path, hr: str | bytes | None = None, **files: str) -> Path:
    """A night folder with the given files."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "night.json").write_text('{"format":"night-folder/1"}')
    if hr is not None:
        (path / "hr.csv").write_bytes(hr if isinstance(hr, bytes) else hr.encode())
    for name, text in files.items():
        (path / f"{name}.csv").write_text(text)
    return path


TOKENS = (
    b"\x00",
    b"\xff",
    b"\n",
    b"\r",
    b",",
    b";",
    b'"',
    b"-",
    b"e9",
    b"nan",
    b"1e309",
    b"9" * 30,
    b"\xef\xbb\xbf",
    b"{",
    b"[",
)


def mutated(raw: bytes, rng: random.Random) -> bytes:
    """A few seeded damages: flips, insertions, deletions, doublings, a cut."""
    body = bytearray(raw)
    for _ in range(rng.randint(1, 6)):
        at, span = rng.randrange(len(body) + 1), rng.randint(1, 40)
        kind = rng.randrange(6)
        if kind == 0 and at < len(body):
            body[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            body[at:at] = rng.choice(TOKENS)
        elif kind == 2:
            del body[at : at + span]
        elif kind == 3:
            body[at:at] = body[at : at + span]
        elif kind == 4 and at < len(body):
            body[at] = rng.randrange(256)
        elif rng.random() < 0.2:
            del body[at:]
    return bytes(body)


def folder_sample(path: Path) -> Path:
    rr = "t_s,rr_ms,beat\n" + "".join(f"{i}.5,9{i % 10}0,N\n" for i in range(20))
    motion = "t_s,dur_s,range_g,x_g,y_g,z_g,source\n0,30,0.1,0,0,1,accelerometer\n30,30,,,,,none\n60,30,0.2,,,,counts\n"
    night(path, "t_s,bpm\n" + ROWS, rr=rr, motion=motion, stage="t_s,stage\n0,0\n30,2\n", events="t_s,event\n0,A\n")
    about = {"format": "night-folder/1", "night": "n", "hours": 0.1, "start_local": "2016-04-13T22:13:00"}
    (path / "night.json").write_text(json.dumps(about | {"streams": {"hr": {"file": "hr.csv"}}}))
    return path


def own_sample(path: Path) -> Path:
    items: list[Item] = [NightBegan(7)]
    items += [HeartSample(i * S, 600) for i in range(5)]
    items += [
        LinkLost(6 * S),
        BeatInterval(7 * S, 900),
        MotionSummary(8 * S, 1_000, 12, (1, 2, 3), (4, 5, 6), (2, 3, 4)),
    ]
    write_folder(path, night="n", began=NightBegan(7), items=items)
    return path


def csv_sample(path: Path) -> Path:
    path.mkdir()
    rows = "".join(f"2019-06-11T23:00:{i % 60:02d},{60 + i % 9},{900 + i},0.1,0.2,0.9\n" for i in range(60))
    (path / "x.csv").write_text("time,hr,rr,x,y,z\n" + rows)
    (path / "y.csv").write_text("t_s x y z\n" + "".join(f"{i / 20:.2f} 0.1 -0.2 0.95\n" for i in range(300)))
    return path


def edf_sample(path: Path) -> Path:
    path.mkdir()
    (path / "x.edf").write_bytes(edf_bytes())
    return path


def accel_sample(path: Path) -> Path:
    for folder, name, text in (
        ("heart_rate", "7_heartrate.txt", ROWS),
        ("motion", "7_acceleration.txt", "".join(f"{i / 50:.3f} 0.1 -2e-3 0.95\n" for i in range(300))),
        ("labels", "7_labeled_sleep.txt", "0 0\n30 2\n60 5\n"),
    ):
        (path / folder).mkdir(parents=True)
        (path / folder / name).write_text(text)
    return path


SAMPLES: dict[str, Callable[[Path], Path]] = {
    "folder": folder_sample,
    "own": own_sample,
    "csv": csv_sample,
    "edf": edf_sample,
    "accel": accel_sample,
}


def survive(path: Path) -> None:
    """Read everything at a path: only Vigil's own errors, and what is given is sound."""
    try:
        for recording in find_recordings(path):
            items = list(recording.items())
            if not recording.as_recorded:
                assert all(a.at_ns <= b.at_ns for a, b in pairwise(items))
            for item in items:
                assert type(item.at_ns) is int
                if isinstance(item, AccelerationBlock):
                    assert item.mg.dtype == np.int16
                    assert item.period_ns > 0
    except VigilError:
        return


def campaign(tmp_path: Path, kind: str, count: int) -> None:
    good = SAMPLES[kind](tmp_path / "good")
    files = sorted(file.relative_to(good) for file in good.rglob("*") if file.is_file())
    rng = random.Random(f"{kind}{count}")
    bad = tmp_path / "bad"
    shutil.copytree(good, bad)
    for _ in range(count):
        for name in rng.sample(files, k=min(len(files), rng.randint(1, 2))):
            (bad / name).write_bytes(mutated((good / name).read_bytes(), rng))
        survive(bad)
        for name in files:
            (bad / name).write_bytes((good / name).read_bytes())


@pytest.mark.parametrize("kind", SAMPLES)
def test_mutated_files_never_crash(tmp_path: Path, kind: str) -> None:
    """Seeded damage to good files gives Vigil's own errors or sound samples, and never anything else."""
    campaign(tmp_path, kind, 100)


@pytest.mark.nightly
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("kind", SAMPLES)
def test_mutated_files_never_crash_at_length(tmp_path: Path, kind: str) -> None:
    """The same, ten thousand times."""
    campaign(tmp_path, kind, 10_000)


def test_good_samples_of_the_mutations_are_good(tmp_path: Path) -> None:
    """The files that are damaged above are read in full when they are whole."""
    for kind, build in SAMPLES.items():
        found = [list(recording.items()) for recording in find_recordings(build(tmp_path / kind))]
        assert found, kind
        assert all(len(items) >= 2 for items in found), kind
