"""The engine as a whole: what goes where, what it perceives at any threshold, and what it knows of waking."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.looks import AWAKE, REM
from tests.nights import parameters, simulated_night
from vigil.domain.plain import dumps, loads
from vigil.domain.records import EpochScored, LinkLost, LinkRegained, NightBegan, NightEnded, QualityNote
from vigil.domain.samples import Battery, BeatInterval, Contact, HeartSample, MotionSummary, Quality
from vigil.domain.sleep import ASLEEP, Stage
from vigil.domain.units import EPOCH_NS, NS_PER_MS, NS_PER_S, STEP_NS
from vigil.engine.engine import WARM_UP_NS, SleepEngine
from vigil.engine.parameters import Parameters
from vigil.engine.scene import Perceived
from vigil.engine.stager import Stager


def started(at_ns: int = 0) -> SleepEngine:
    engine = SleepEngine.start(parameters())
    engine.begin(NightBegan(at_ns))
    return engine


def perceived(plan: str, by: Parameters, cut: int | None = None) -> list[Perceived]:
    """Every step of a simulated night; from step `cut` on, the engine is one that was written down and read again."""
    engine, told, next_ns = SleepEngine.start(by), list[Perceived](), STEP_NS
    for record in simulated_night(plan).inputs:
        while record.at_ns > next_ns:
            if len(told) == cut:
                engine = loads(dumps(engine))
            one = engine.perceive(next_ns, by)
            told.append(one._replace(scene=replace(one.scene, excursions=loads(dumps(engine.excursions)))))
            next_ns += STEP_NS
        engine.take(record)
        if isinstance(record, NightBegan):
            engine.begin(record)
    return told


def test_beats_alone_are_a_heart_rate() -> None:
    """A source of beats needs no heart samples."""
    engine = started()
    for second in range(1, 6):
        engine.take(BeatInterval(second * NS_PER_S, 1000))
    heart = engine.perceive(STEP_NS, parameters()).scene.heart
    assert (heart.quality, heart.bpm) == (Quality.GOOD, 60.0)


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
        assert engine.perceive(at_ns, parameters()).scene.heart.quality is quality, record


def test_faults_of_heart_and_movement_are_counted_together() -> None:
    """The night's account names each fault once, whichever sensor it came from."""
    engine = started()
    engine.take(HeartSample(1, 9_999))
    engine.take(MotionSummary(1, 1000, -5))
    engine.take(MotionSummary(2 * NS_PER_S, 1000, 20))
    engine.take(MotionSummary(1 * NS_PER_S, 1000, 20))
    assert engine.left_out() == {"out_of_range": 2, "late": 1}


@pytest.mark.parametrize("began_ns", [0, 777 * NS_PER_S])
def test_waking_before_an_onset_is_counted_in_whole_unbroken_epochs(began_ns: int) -> None:
    """Epochs awake up to the one that held the onset count, and a gap among them ends the count."""
    engine = started(began_ns)
    engine.awake_epochs.extend(began_ns + EPOCH_NS * epoch for epoch in (2, 4, 5, 6))
    assert engine.awake_before_ms(began_ns + 6 * EPOCH_NS + 1) == 3 * EPOCH_NS // NS_PER_MS
    assert engine.awake_before_ms(began_ns + 3 * EPOCH_NS) == 0


def test_epochs_that_were_awake_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two minutes awake before an onset are two minutes, and one epoch of sleep among them starts the count anew."""
    engine, p = started(), AWAKE
    monkeypatch.setattr(Stager, "score", lambda *_: p)
    for n in range(1, 25):
        engine.perceive(n * STEP_NS, parameters())
    assert engine.awake_before_ms(4 * EPOCH_NS + 1) == 120_000
    p = REM
    for n in range(25, 31):
        engine.perceive(n * STEP_NS, parameters())
    assert engine.awake_before_ms(5 * EPOCH_NS + 1) == 0


def test_before_anything_was_heard_nothing_is_known() -> None:
    """The first step: blind, no stage, no evidence, and nothing said."""
    one = started().perceive(STEP_NS, parameters())
    assert (one.watchable, one.p_wake, one.outputs) == (False, None, ())
    assert one.scene.score == 0.0
    assert one.scene.excursions.deviation is None
    assert len(set(one.scene.p.as_tuple())) == 1


def test_an_epoch_without_data_is_unscored_and_is_no_sleep() -> None:
    """Silence is not sleep: nothing falls asleep in it."""
    engine = started()
    outputs = [o for n in range(1, 61) for o in engine.perceive(n * STEP_NS, parameters()).outputs]
    assert len(outputs) == 10
    for index, output in enumerate(outputs):
        assert isinstance(output, EpochScored)
        assert (output.index, output.stage, output.p) == (index, Stage.UNSCORED, None)
        assert (output.heart_bpm, output.movement_g, output.watched_s) == (None, None, 0)
    assert engine.sleep_onset_ns is None


def test_five_minutes_of_good_data_come_before_any_watching() -> None:
    """Until then a nudge would be out of the question, whatever the heart does."""
    engine, watchable = started(), []
    for second in range(1, 601):
        engine.take(HeartSample(second * NS_PER_S, 580 + second * 7 % 13))
        if second % 5 == 0:
            watchable.append(engine.perceive(second * NS_PER_S, parameters()).watchable)
    first = watchable.index(True) * STEP_NS
    assert WARM_UP_NS <= first <= WARM_UP_NS + STEP_NS
    assert all(watchable[watchable.index(True) :])


def test_changes_of_quality_are_told_before_the_epoch_of_the_same_step() -> None:
    """What was found out first is said first."""
    engine, told = started(), []
    for n in range(1, 7):
        if n == 6:
            engine.take(HeartSample(n * STEP_NS - 1, 600))
        told.append(engine.perceive(n * STEP_NS, parameters()).outputs)
    note, epoch = told[-1]
    assert isinstance(note, QualityNote)
    assert (note.quality, note.before) == (Quality.GOOD, Quality.NEVER)
    assert isinstance(epoch, EpochScored)
    assert epoch.heart_bpm == 60.0


def test_sleep_begins_with_the_first_epoch_of_it() -> None:
    """The onset of sleep is the start of the first epoch scored as sleep, and stays."""
    told = perceived("strong", parameters())
    epochs = [o for one in told for o in one.outputs if isinstance(o, EpochScored)]
    first = next(epoch for epoch in epochs if epoch.stage in ASLEEP)
    onsets = {one.scene.sleep_onset_ns for one in told}
    assert onsets == {None, first.at_ns - EPOCH_NS}


def test_no_threshold_enters_what_is_perceived() -> None:
    """The same night under parameters that would suspect all or nothing: the same scenes, the same scores."""
    plain = parameters()
    eager = replace(plain, episodes={**plain.episodes, "threshold": 0.001, "moving_s": 1.0, "recovery": 50.0})

    def without_bounds(told: list[Perceived]) -> list[Perceived]:
        for one in told:
            one.scene.excursions.bounds = told[0].scene.excursions.bounds
        return told

    one, other = perceived("strong", plain), perceived("strong", eager)
    assert [each.scene.score for each in one] == [each.scene.score for each in other]
    for each in other:
        each.scene.excursions.bounds = one[0].scene.excursions.bounds
    assert without_bounds(one) == other


def test_a_strong_episode_is_rarer_than_a_night() -> None:
    """A simulated night with strong episodes has moments that ordinary nights, and a quiet one, have not."""
    strong, quiet = (max(one.scene.score for one in perceived(plan, parameters())) for plan in ("strong", "quiet"))
    assert strong > 1.0
    assert strong > 3 * quiet


def test_without_experts_there_is_no_evidence() -> None:
    """A parameters file that fits none watches, and never suspects."""
    told = perceived("strong", replace(parameters(), experts=()))
    assert {one.scene.score for one in told} == {0.0}


def test_an_engine_goes_on_from_its_snapshot() -> None:
    """Stopped in the middle of a surge, it perceives what it would have perceived."""
    whole = perceived("strong", parameters())
    surge = max(range(len(whole)), key=lambda step: whole[step].scene.score)
    assert perceived("strong", parameters(), cut=surge) == whole
