"""How stages follow each other in a simulated night."""

from __future__ import annotations

import statistics
from itertools import pairwise

from vigil.domain.sleep import AasmStage, Hypnogram
from vigil.recordings.synthetic.architecture import architecture

NIGHTS = [architecture(seed) for seed in range(60)]


def share(night: tuple[AasmStage, ...], *stages: AasmStage) -> float:
    """Share of the epochs of sleep spent in these stages."""
    asleep = [stage for stage in night if stage is not AasmStage.WAKE]
    return sum(stage in stages for stage in asleep) / len(asleep)


def test_a_night_has_the_shares_of_stages_of_good_sleepers() -> None:
    """Mission 5.1: REM 20-25 % of sleep; N3 near the 16 % of sleep-accel; efficiency about 93 %."""
    assert 0.18 < statistics.mean(share(night, AasmStage.REM) for night in NIGHTS) < 0.26
    assert 0.10 < statistics.mean(share(night, AasmStage.N3) for night in NIGHTS) < 0.22
    efficiencies = [Hypnogram.of([stage.stage for stage in night]).summary().efficiency or 0.0 for night in NIGHTS]
    assert 0.88 < statistics.mean(efficiencies) < 0.97


def test_deep_sleep_comes_early_and_rem_late() -> None:
    """The first third holds most of N3, the last third more REM than the first."""
    third = len(NIGHTS[0]) // 3
    early = sum(night[:third].count(AasmStage.N3) for night in NIGHTS)
    late = sum(night[-third:].count(AasmStage.N3) for night in NIGHTS)
    assert early > 5 * late
    assert sum(n[-third:].count(AasmStage.REM) for n in NIGHTS) > 2 * sum(
        n[:third].count(AasmStage.REM) for n in NIGHTS
    )


def test_the_first_rem_comes_after_about_seventy_to_a_hundred_minutes() -> None:
    """Mission 5.1: first REM after 70-90 min of sleep; single nights may be a little later."""
    latencies = []
    for night in NIGHTS:
        onset = next(i for i, stage in enumerate(night) if stage is not AasmStage.WAKE)
        latencies.append((night.index(AasmStage.REM) - onset) / 2)
    assert 70 <= statistics.median(latencies) <= 100
    assert min(latencies) > 55


def test_awakenings_are_about_ten_a_night() -> None:
    """Mission 5.1: awakenings 10 +/- 6, WASO near 13.5 min."""
    counts, waso = [], []
    for night in NIGHTS:
        pairs = pairwise(night)
        counts.append(sum(a is not AasmStage.WAKE and b is AasmStage.WAKE for a, b in pairs) - 1)
        waso.append(Hypnogram.of([stage.stage for stage in night]).summary().waso_min)
    assert 7 < statistics.mean(counts) < 13
    assert 7 < statistics.mean(waso) < 22


def test_a_seed_is_one_night_and_short_nights_work() -> None:
    """The same seed gives the same stages, and a night of any length has whole epochs, at least one."""
    assert architecture(5) == architecture(5) != architecture(6)
    assert [len(architecture(5, hours)) for hours in (0.0, 0.01, 0.5, 8.0)] == [1, 1, 60, 960]
