"""A simulated night as a recording."""

from __future__ import annotations

import numpy as np
import pytest

from vigil.domain.samples import AccelerationBlock, MotionSummary
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.recording import recording


def test_the_items_can_be_read_twice_and_are_the_same() -> None:
    """A recording plays again from the start, like a file."""
    night = recording(3, hours=0.5)
    first, second = list(night.items()), list(night.items())
    assert first == second
    assert len(first) > 1800
    assert night.format == "simulated sleeper"
    assert night.began.at_ns == 0
    assert not night.as_recorded
    assert night.ends_ns == 1800 * 10**9


def test_scoring_and_marks_are_the_truth() -> None:
    """One stage an epoch, and a mark at the onset of each nightmare and each special distractor."""
    plan = named_plan("mixed", 3)
    night = recording(3, plan=plan)
    assert night.scoring == plan.scoring()
    marked = {text: at for at, text in night.marks}
    assert {"nightmare strong", "nightmare moderate", "nightmare silent", "bathroom", "legs", "good dream"} == set(
        marked
    )
    assert marked["nightmare strong"] in {e.onset_s for e in plan.episodes}


def test_raw_acceleration_reduces_to_the_summaries_it_stands_for() -> None:
    """Every second of raw samples has exactly the extremes of its summary, and nearly its mean."""
    plan = named_plan("bathroom", 2, hours=2.0)
    rows = [item for item in recording(2, plan=plan).items() if isinstance(item, MotionSummary)]
    blocks = [item for item in recording(2, plan=plan, raw_hz=50).items() if isinstance(item, AccelerationBlock)]
    assert len(rows) == len(blocks) == 7200
    for row, block in zip(rows, blocks, strict=True):
        assert block.mg.shape == (50, 3)
        assert block.at_ns + 50 * block.period_ns == row.at_ns
        assert tuple(block.mg.min(axis=0).tolist()) == row.low_mg
        assert tuple(block.mg.max(axis=0).tolist()) == row.high_mg
        assert row.mean_mg is not None
        reach = np.ptp(block.mg.astype(np.int64), axis=0)
        assert (np.abs(block.mg.mean(axis=0) - row.mean_mg) <= 2 + 0.25 * reach).all()


def test_raw_acceleration_leaves_everything_else_alone() -> None:
    """Heart rates and events are the same with raw acceleration as without."""
    plan = named_plan("off wrist", 2, hours=1.0)
    with_it = [i for i in recording(2, plan=plan, raw_hz=25).items() if not isinstance(i, AccelerationBlock)]
    without = [i for i in recording(2, plan=plan).items() if not isinstance(i, MotionSummary)]
    assert with_it == without
    order = [item.at_ns for item in recording(2, plan=plan, raw_hz=25).items()]
    assert order == sorted(order)


@pytest.mark.parametrize("raw_hz", [0, 1, 7, 1001, -50])
def test_a_rate_that_cannot_be_is_refused_before_anything_is_read(raw_hz: int) -> None:
    """A sample has to last a whole number of nanoseconds."""
    with pytest.raises(ValueError, match="not simulated"):
        recording(1, hours=0.1, raw_hz=raw_hz)
