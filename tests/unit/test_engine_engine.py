"""The engine as a whole: what goes where, and what it knows of waking before a suspicion."""

from __future__ import annotations

from tests.nights import parameters
from vigil.domain.records import LinkLost, LinkRegained, NightBegan, NightEnded
from vigil.domain.samples import Battery, BeatInterval, Contact, HeartSample, MotionSummary, Quality
from vigil.domain.settings import Profile
from vigil.domain.units import EPOCH_NS, NS_PER_MS, NS_PER_S, STEP_NS
from vigil.engine.engine import SleepEngine


def started() -> SleepEngine:
    engine = SleepEngine.start(parameters(), Profile(), 1.0)
    engine.begin(NightBegan(0))
    return engine


def test_beats_alone_are_a_heart_rate() -> None:
    """A source of beats needs no heart samples."""
    engine = started()
    for second in range(1, 6):
        engine.take(BeatInterval(second * NS_PER_S, 1000))
    look = engine.look(STEP_NS, parameters())
    assert (look.heart.quality, look.heart.bpm) == (Quality.GOOD, 60.0)


def test_link_and_contact_reach_the_heart_and_other_inputs_do_not_matter() -> None:
    """Out of reach or off the wrist nothing is believed; a battery or an end says nothing about the body."""
    engine, at_ns = started(), 0
    for record, quality in (
        (HeartSample(1, 600), Quality.GOOD),
        (LinkLost(2), Quality.LINK_LOST),
        (LinkRegained(3), Quality.STALE),
        (Contact(4, on=False), Quality.OFF_WRIST),
        (Battery(5, 50), Quality.OFF_WRIST),
        (NightEnded(6), Quality.OFF_WRIST),
    ):
        at_ns += STEP_NS
        engine.take(record)
        assert engine.look(at_ns, parameters()).heart.quality is quality, record


def test_faults_of_heart_and_movement_are_counted_together() -> None:
    """The night's account names each fault once, whichever sensor it came from."""
    engine = started()
    engine.take(HeartSample(1, 9_999))
    engine.take(MotionSummary(1, 1000, -5))
    engine.take(MotionSummary(2 * NS_PER_S, 1000, 20))
    engine.take(MotionSummary(1 * NS_PER_S, 1000, 20))
    assert engine.left_out() == {"out_of_range": 2, "late": 1}


def test_waking_before_an_onset_is_counted_in_whole_unbroken_epochs() -> None:
    """Epochs awake up to the one that held the onset count, and a gap among them ends the count."""
    engine = started()
    engine.awake_epochs.extend(EPOCH_NS * epoch for epoch in (2, 4, 5, 6))
    assert engine._awake_before(6 * EPOCH_NS + 1) == 3 * EPOCH_NS // NS_PER_MS
    assert engine._awake_before(3 * EPOCH_NS) == 0
