"""Every real night opens, in order and with plausible counts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from vigil.domain.errors import InputError
from vigil.domain.records import SAMPLES
from vigil.domain.samples import BeatInterval, HeartSample, MotionSummary
from vigil.recordings.readers.formats import find_recordings

pytestmark = pytest.mark.real

NIGHTS = {
    "walch": (21, HeartSample),
    "slpdb": (13, BeatInterval),
    "nsr2db": (36, BeatInterval),
    "rr_healthy": (5, BeatInterval),
    "apnea_ecg": (45, BeatInterval),
    "fitbit2016": (12, HeartSample),
    "withings": (7, HeartSample),
}


@pytest.mark.parametrize("group", NIGHTS)
def test_every_night_of_a_set_is_read(real_nights: Path, group: str) -> None:
    """Every folder opens; instants never fall; heart samples are plausible in number; few rows are left out."""
    expected, heart = NIGHTS[group]
    found = list(find_recordings(real_nights / group))
    assert len(found) == expected
    for recording in found:
        items = list(recording.items())
        at = [item.at_ns for item in items]
        assert at == sorted(at), recording.night
        kinds = Counter(type(item) for item in items)
        assert set(kinds) <= set(SAMPLES)
        hours = (at[-1] - max(at[0], 0)) / 3.6e12
        per_hour = kinds[heart] / hours
        assert 1 <= hours <= 12, recording.night
        assert (60 if group == "withings" else 80) * 0.8 <= per_hour <= 9_000, recording.night
        faults = sum(row.count for row in recording.notes.left_out if "source=counts" not in row.reason)
        assert faults <= 0.01 * len(items), recording.notes.left_out
        assert (recording.began.heart_cadence_ms is None) == (heart is BeatInterval)


def test_walch_nights_are_scored_and_their_counts_rows_left_out(real_nights: Path) -> None:
    """Polysomnography covers each night, and no movement row that may leak the future is used."""
    for recording in find_recordings(real_nights / "walch"):
        items = list(recording.items())
        assert recording.scoring is not None
        rows = (recording.path / "motion.csv").read_text().splitlines()[1:]
        used = sum(1 for row in rows if row.endswith(",accelerometer"))
        counts = sum(1 for row in rows if row.endswith(",counts"))
        assert sum(isinstance(item, MotionSummary) for item in items) == used
        assert sum(row.count for row in recording.notes.left_out if "source=counts" in row.reason) == counts


def test_hypnograms_alone_are_refused_in_words(real_nights: Path) -> None:
    """A set without signals is no set of nights to replay."""
    with pytest.raises(InputError, match=r"120 of 120 nights.*a hypnogram, not a night to replay"):
        list(find_recordings(real_nights / "hmc_hypnograms"))
