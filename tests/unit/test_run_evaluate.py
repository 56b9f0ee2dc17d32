"""A night measured: replay's own engine at every threshold, and episodes added to it from snapshots."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from tests.nights import parameters
from vigil.domain.errors import InputError
from vigil.domain.records import OutputAcknowledged
from vigil.domain.samples import HeartSample
from vigil.domain.sleep import AasmStage, Stage
from vigil.domain.units import EPOCH_NS, NS_PER_S
from vigil.engine.parameters import Parameters
from vigil.evidence.records import AddedClass, NightEvidence, Placement
from vigil.recordings.added.episode import Kind
from vigil.recordings.readers.formats import find_recordings
from vigil.recordings.recording import LeftOut, ReadingNotes, Recording
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.recording import recording as simulated
from vigil.run.evaluate import FACTORS, EvaluateWish, clock_rows, evaluate_night
from vigil.run.evaluate_about import AboutNight, about_night, digest_of_night
from vigil.run.evaluate_labels import activity_of, label_shift_s, oddities
from vigil.run.evaluate_pass import Pass, run_whole
from vigil.run.evaluate_placements import NOT_BEFORE_NS, WINDOW_NS, chosen_onsets, draw_onsets
from vigil.run.replay import Outfit, inputs_of, replay

ABOUT = AboutNight("one", "nights/one", "Simulated 1", "Simulated 1: one", "d" * 64)
HOURS = 2.5


def touchy() -> Parameters:
    """The shipped parameters with a threshold that a simulated night passes often."""
    return replace(
        parameters(), episodes={**parameters().episodes, "threshold": parameters().episodes.get("threshold", 10) / 4}
    )


def scored_night(plan: str = "many", seed: int = 1) -> Recording:
    """A simulated night with a hypnogram that has every stage in it, by the half hour."""
    recording = simulated(seed, plan=named_plan(plan, seed, hours=HOURS), hours=HOURS)
    order = (AasmStage.N2, AasmStage.N3, AasmStage.REM, AasmStage.WAKE, AasmStage.N2)
    return replace(recording, scoring=tuple(stage for stage in order for _ in range(60)))


@cache
def measured(placements: int = 4, seed: int = 1) -> NightEvidence:
    return evaluate_night(scored_night(), ABOUT, touchy(), FACTORS, EvaluateWish(placements, seed))


@pytest.mark.parametrize("plan", ["many", "mixed", "off wrist", "dropouts"])
def test_the_branch_as_shipped_is_the_replay(plan: str) -> None:
    """At factor 1 interventions, suspicions, epochs and blind minutes are exactly those that replay reports."""
    recording = scored_night(plan, 3)
    report = replay(recording, Outfit(touchy()))
    evidence = evaluate_night(recording, ABOUT, touchy(), FACTORS, EvaluateWish(0, 1))
    run = evidence.runs[FACTORS.index(1.0)]
    assert [one.t_s for one in run.interventions] == [row.t_s for row in report.interventions]
    assert [one.t_s for one in run.suspicions] == [row.raised_s for row in report.suspicions]
    assert evidence.blind_min == report.blind_min
    assert len(evidence.epochs) == len(report.hypnogram.stages)
    if plan == "many":
        assert run.interventions


@pytest.mark.real
@pytest.mark.parametrize("night", ["walch/8000685", "slpdb/slp01a", "walch/1066528", "fitbit2016/2347167796-0418"])
def test_the_branch_as_shipped_is_the_replay_on_real_nights(night: str, real_nights: Path) -> None:
    """Gaps, doubtful beats and slow watches make no difference to that, at a low threshold as well."""
    recording = next(iter(find_recordings(real_nights / night)))
    report = replay(recording, Outfit(touchy()))
    evidence = evaluate_night(recording, about_night(real_nights / night), touchy(), FACTORS, EvaluateWish(0, 1))
    run = evidence.runs[FACTORS.index(1.0)]
    assert [one.t_s for one in run.interventions] == [row.t_s for row in report.interventions]
    assert [one.t_s for one in run.suspicions] == [row.raised_s for row in report.suspicions]
    assert evidence.blind_min == report.blind_min


def test_every_factor_is_run_apart() -> None:
    """A branch alone gives what it gives beside sixteen others, so none disturbs another."""
    recording = scored_night()
    for index in (0, 4, 8, 16):
        alone = evaluate_night(recording, ABOUT, touchy(), (FACTORS[index],), EvaluateWish(0, 1))
        assert alone.runs[0] == measured().runs[index]


def test_higher_thresholds_raise_no_more_suspicions() -> None:
    """Sixteen times as rare is seldom, a sixteenth is often."""
    counts = [len(run.suspicions) for run in measured().runs]
    assert counts[0] >= counts[8] >= counts[16]
    assert counts[0] > counts[16]


def test_the_same_seed_gives_the_same_night() -> None:
    """Onsets, sizes and everything that comes of them are drawn by the seed; another seed draws others."""
    again = evaluate_night(scored_night(), ABOUT, touchy(), FACTORS, EvaluateWish(4, 1))
    assert again == measured()
    other = evaluate_night(scored_night(), ABOUT, touchy(), FACTORS, EvaluateWish(4, 2))
    assert [one.onset_s for one in other.placements] != [one.onset_s for one in measured().placements]
    assert other.runs == measured().runs


def test_placements_are_spread_over_classes_and_stages() -> None:
    """As many of each class as were wanted: in REM and N2 by halves, terror in N3, none in the first 40 minutes."""
    placements = measured().placements
    for added in AddedClass:
        of_class = [one for one in placements if one.added is added]
        assert len(of_class) == 4
        stages = sorted(one.stage.value for one in of_class)
        assert stages == (["N3"] * 4 if added is AddedClass.TERROR else ["N2", "N2", "R", "R"])
    assert all(one.onset_s >= 40 * 60 and one.onset_s + 300 <= HOURS * 3600 for one in placements)


def test_an_episode_of_size_nought_leaves_no_trace() -> None:
    """Its peak is the untouched one to the last bit, and nothing is found that was not there."""
    zeros = [one for one in measured(12, 3).placements if one.added is AddedClass.ZERO]
    assert zeros
    for one in zeros:
        assert one.peak == one.peak_untouched
        assert not any(
            counts and latency is not None for counts, latency in zip(one.counts, one.latency_s, strict=True)
        )


@pytest.mark.real
@pytest.mark.parametrize("night", ["walch/8000685", "slpdb/slp01a"])
def test_size_nought_leaves_no_trace_on_real_nights(night: str, real_nights: Path) -> None:
    """With and without it the peaks are equal one by one, so no classifier can do better than 0.50."""
    recording = next(iter(find_recordings(real_nights / night)))
    evidence = evaluate_night(recording, about_night(real_nights / night), touchy(), (1.0,), EvaluateWish(8, 1))
    zeros = [one for one in evidence.placements if one.added is AddedClass.ZERO]
    assert zeros
    assert all(one.peak == one.peak_untouched for one in zeros)


def test_strong_episodes_reach_the_engine() -> None:
    """In a quiet night the evidence of strong ones stands above that of the same minutes untouched, far more often."""
    evidence = evaluate_night(scored_night("quiet"), ABOUT, touchy(), FACTORS, EvaluateWish(12, 5))
    strong = [one for one in evidence.placements if one.added is AddedClass.STRONG]
    above = sum(one.peak > one.peak_untouched for one in strong)
    assert above > 3 * sum(one.peak < one.peak_untouched for one in strong)
    assert above >= len(strong) / 2


def test_latencies_lie_within_the_longest_limit() -> None:
    """An intervention later than five minutes after the onset is none."""
    latencies = [one for placement in measured().placements for one in placement.latency_s if one is not None]
    assert latencies
    assert all(0 < latency <= 300 for latency in latencies)


def test_a_window_with_an_intervention_of_its_own_does_not_count() -> None:
    """Where the untouched night itself was nudged nothing can be said of the episode."""
    evidence = measured(12, 3)

    def own(placement: Placement, index: int) -> bool:
        times = [one.t_s for one in evidence.runs[index].interventions]
        return any(placement.onset_s < t_s <= placement.onset_s + 300 for t_s in times)

    for placement in evidence.placements:
        assert placement.counts == tuple(not own(placement, index) for index in range(len(FACTORS)))


def test_going_on_from_a_snapshot_is_the_night_itself() -> None:
    """Resumed with the untouched inputs, a snapshot gives the scores that the whole night gave."""
    recording = scored_night()
    inputs, at_ns = list(inputs_of(recording)), 80 * 60 * NS_PER_S
    whole = run_whole(inputs, touchy(), FACTORS, {at_ns})
    one = Pass.resumed(whole.snapshots[at_ns], touchy(), 0)
    scores = []
    for step in range(60):
        until_ns = at_ns + (step + 1) * 5 * NS_PER_S
        for record in inputs:
            if until_ns - 5 * NS_PER_S < record.at_ns <= until_ns:
                one.take(record)
        scores.append(one.look(until_ns)[0].scene.score)
    first = at_ns // (5 * NS_PER_S)
    assert scores == whole.scores[first : first + 60]


def test_kinds_are_the_classes_of_the_evidence() -> None:
    """The generator's own names and those of the evidence are the same words."""
    assert [kind.value for kind in Kind] == [added.value for added in AddedClass]


def test_answers_of_a_lived_night_are_not_taken_for_those_of_a_threshold() -> None:
    """A night that Vigil wrote holds acknowledgements; each threshold has its own instead."""
    recording = scored_night()
    items = list(recording.items())
    middle = len(items) // 2
    answered = [*items[:middle], OutputAcknowledged(items[middle].at_ns, 1), *items[middle:]]
    lived = replace(recording, items=lambda: iter(answered), as_recorded=True)
    assert evaluate_night(lived, ABOUT, touchy(), FACTORS, EvaluateWish(0, 1)).runs == measured().runs


# -- bad input ---------------------------------------------------------------------------------------------


def test_a_night_without_labels_is_used_without_placements() -> None:
    """It still says how often Vigil would have nudged."""
    evidence = evaluate_night(replace(scored_night(), scoring=None), ABOUT, touchy(), FACTORS, EvaluateWish(4, 1))
    assert (evidence.scored, evidence.left_out, evidence.placements) == (False, None, ())
    assert evidence.runs[0].suspicions
    assert {one.stage for one in evidence.runs[0].suspicions} == {None}


def test_labels_that_score_nothing_are_none() -> None:
    """A hypnogram of nothing but unscored epochs is no scoring."""
    blank = replace(scored_night(), scoring=(AasmStage.UNSCORED,) * 300)
    assert not evaluate_night(blank, ABOUT, touchy(), FACTORS, EvaluateWish(4, 1)).scored


def test_a_short_recording_is_left_out_by_name() -> None:
    """Less than an hour is no night; why is said."""
    short = simulated(1, plan=named_plan("quiet", 1, hours=0.75), hours=0.75)
    evidence = evaluate_night(
        replace(short, scoring=(AasmStage.N2,) * 90), ABOUT, parameters(), FACTORS, EvaluateWish(4, 1)
    )
    assert evidence.left_out == "shorter than an hour (45 min)"
    assert evidence.placements == ()


def test_one_class_alone_is_said() -> None:
    """Such a night is used, and what it says of staging is said to be little."""
    one = replace(scored_night(), scoring=(AasmStage.N2,) * 300)
    evidence = evaluate_night(one, ABOUT, touchy(), FACTORS, EvaluateWish(2, 1))
    assert any("only light was scored" in remark for remark in evidence.remarks)
    assert {placement.stage for placement in evidence.placements} == {AasmStage.N2}
    assert not any(placement.added is AddedClass.TERROR for placement in evidence.placements)


def test_codes_of_another_scheme_are_counted() -> None:
    """The reader leaves such rows out; whoever measures says so."""
    rows = [LeftOut("stage.csv", "the stage code is not known", 41), LeftOut("hr.csv", "not a number", 2)]
    assert oddities(None, rows, []) == ("41 epochs carry a stage code of another scheme; they count as unscored",)


def shifted(epochs: int, noise: float = 0.5) -> tuple[list[Stage], list[float | None]]:
    """Labels, and activity that follows them `epochs` later."""
    chance = random.Random(4)
    stages: list[Stage] = []
    while len(stages) < 960:
        stages += [Stage.LIGHT] * chance.randint(20, 80) + [Stage.WAKE] * chance.randint(2, 12)
    wake = [float(stage is Stage.WAKE) for stage in stages]
    activity: list[float | None] = [
        (wake[index - epochs] if 0 <= index - epochs < len(wake) else 0.0) + chance.gauss(0, noise)
        for index in range(len(wake))
    ]
    activity[50] = None
    return stages, activity


@pytest.mark.parametrize("epochs", [-40, -6, 6, 20, 55])
def test_a_shifted_clock_is_estimated_and_said(epochs: int) -> None:
    """Labels that fit the signals clearly better at another time are named with the shift, and nothing is moved."""
    stages, activity = shifted(epochs)
    assert label_shift_s(stages, activity) == pytest.approx(30 * epochs, abs=30)
    labels = tuple(AasmStage.WAKE if stage is Stage.WAKE else AasmStage.N2 for stage in stages)
    (remark,) = oddities(labels, [], activity)
    assert f"{abs(epochs) / 2:g} min {'later' if epochs > 0 else 'earlier'}" in remark
    assert "nothing was moved" in remark


@pytest.mark.parametrize("epochs", [0, 3, -4])
def test_two_minutes_and_less_are_not_called_a_shift(epochs: int) -> None:
    """Scorers and clocks differ by as much anyway."""
    assert label_shift_s(*shifted(epochs)) is None


def test_noise_is_not_called_a_shift() -> None:
    """Without a clear fit anywhere nothing is claimed."""
    stages, _ = shifted(0)
    chance = random.Random(5)
    assert label_shift_s(stages, [chance.gauss(0, 1) for _ in stages]) is None
    assert label_shift_s(stages, [None] * len(stages)) is None
    assert label_shift_s([Stage.UNSCORED] * 500, [1.0] * 500) is None


def test_activity_is_what_is_known_of_movement_and_heart_rate() -> None:
    """Either alone will do; what never changes says nothing."""
    assert activity_of([None, None], [None, 60.0]) == [None, None]
    assert activity_of([None, None], [50.0, 70.0]) == [-1.0, 1.0]
    both = activity_of([0.02, 2.0, None], [50.0, 70.0, 60.0])
    assert both[0] == pytest.approx(-1.11, abs=0.01)
    assert both[2] == 0.0


@pytest.mark.real
@pytest.mark.parametrize("count", [3, pytest.param(8, marks=pytest.mark.nightly)])
def test_real_labels_are_not_called_shifted(real_nights: Path, count: int) -> None:
    """On real nights, whose clocks are right, hardly one is doubted."""
    doubted = 0
    for folder in sorted((real_nights / "walch").iterdir())[:count]:
        recording = next(iter(find_recordings(folder)))
        evidence = evaluate_night(recording, ABOUT, parameters(), (1.0,), EvaluateWish(0, 1))
        doubted += any("nothing was moved" in remark for remark in evidence.remarks)
    assert doubted <= 1


# -- what is known of a night ------------------------------------------------------------------------------


def night_folder(folder: Path, **about: object) -> Path:
    folder.mkdir()
    (folder / "hr.csv").write_text("t_s,bpm\n0,60\n5,61\n")
    if about:
        (folder / "night.json").write_text(json.dumps({"format": "night-folder/1", **about}))
    return folder


def test_people_are_told_apart_and_together(tmp_path: Path) -> None:
    """Both parts of one night, nights said to be of one person, and ids are one; everybody else is somebody else."""
    source = {"source": "Some set 1.0, somebody"}
    a, b = (about_night(night_folder(tmp_path / name, **source)) for name in ("slp01a", "slp01b"))
    c = about_night(night_folder(tmp_path / "slp03", **source))
    assert a.person == b.person != c.person
    d = about_night(night_folder(tmp_path / "a03", same_person_as=["x19"], person={"AHI": 39.1}, **source))
    e = about_night(night_folder(tmp_path / "x19", same_person_as=["a03"], **source))
    assert d.person == e.person
    assert d.ahi == 39.1
    f, g = (about_night(night_folder(tmp_path / name, person={"id": "7"}, **source)) for name in ("f", "g"))
    assert f.person == g.person
    h = about_night(night_folder(tmp_path / "h", person="Ann", AHI=5, **source))
    assert h.person.endswith("Ann")
    assert h.ahi == 5.0
    assert h.data_set == "Some set 1.0"


def test_a_broken_manifest_says_nothing(tmp_path: Path) -> None:
    """What cannot be read counts as not said; the reader itself complains of it."""
    folder = night_folder(tmp_path / "one")
    (folder / "night.json").write_text("[1, 2")
    about = about_night(folder)
    assert (about.source, about.ahi) == ("", None)
    assert about.person == f"{tmp_path.name}: one"
    assert about.data_set == tmp_path.name


def test_the_digest_is_of_the_content(tmp_path: Path) -> None:
    """A copy under another name is the same night; one changed value is another; a single file has one too."""
    one, two = night_folder(tmp_path / "one"), night_folder(tmp_path / "two", source="x")
    assert digest_of_night(one) == digest_of_night(two)
    (two / "hr.csv").write_text("t_s,bpm\n0,60\n5,62\n")
    assert digest_of_night(one) != digest_of_night(two)
    assert len(digest_of_night(one / "hr.csv")) == 64


def test_seen_nights_are_marked() -> None:
    """A night whose content the parameters were fitted on is seen, whatever it is called."""
    provenance = replace(parameters().provenance, nights=(ABOUT.digest,))
    fitted = replace(touchy(), provenance=provenance)
    assert evaluate_night(scored_night(), ABOUT, fitted, (1.0,), EvaluateWish(0, 1)).seen
    assert not measured().seen


def test_what_was_sensed_is_said() -> None:
    """The words for sensor and cadence come from the samples themselves."""
    recording = scored_night()
    hearts = tuple(item for item in recording.items() if isinstance(item, HeartSample))
    bare = replace(
        recording,
        items=lambda: iter(hearts),
        began=replace(recording.began, heart_cadence_ms=5000),
        notes=ReadingNotes(),
    )
    evidence = evaluate_night(bare, ABOUT, parameters(), (1.0,), EvaluateWish(0, 1))
    assert (evidence.sensor, evidence.cadence_s) == ("heart rate", 5.0)
    assert "movement" in measured().sensor


def test_the_clocks_own_table_is_held_at_its_end() -> None:
    """A row for every quarter of an hour, thirty epochs; the last one stays."""

    class Timed:
        clock = ((0.7, 0.1, 0.1, 0.1), (0.1, 0.5, 0.3, 0.1))

    rows = clock_rows(Timed(), 70)  # type: ignore[arg-type]  # has what is asked
    assert (rows[0], rows[29], rows[30], rows[69]) == (Timed.clock[0], Timed.clock[0], Timed.clock[1], Timed.clock[1])
    assert clock_rows(parameters(), 0) == ()


# -- onsets ------------------------------------------------------------------------------------------------


def test_onsets_leave_room_before_and_after() -> None:
    """Never in the first 40 minutes, and the whole window fits into the night."""
    scoring = (AasmStage.REM,) * 200
    ends_ns = 200 * EPOCH_NS
    drawn = draw_onsets(scoring, 0, ends_ns, 500, random.Random(1))
    assert drawn
    assert min(one.at_ns for one in drawn) >= NOT_BEFORE_NS
    assert max(one.at_ns for one in drawn) + WINDOW_NS <= ends_ns
    assert len({one.at_ns for one in drawn}) == len(drawn)
    assert draw_onsets((AasmStage.WAKE,) * 200, 0, ends_ns, 5, random.Random(1)) == []


def test_a_stage_that_is_short_leaves_its_place_to_the_other() -> None:
    """Where REM runs out N2 fills up, so that the number wanted is reached if it can be."""
    scoring = (AasmStage.N2,) * 300 + (AasmStage.REM,) * 1 + (AasmStage.N2,) * 30
    drawn = draw_onsets(scoring, 0, len(scoring) * EPOCH_NS, 30, random.Random(1))
    chosen = chosen_onsets(drawn, 30)
    assert len(chosen) == 30
    assert sum(one.stage is AasmStage.REM for one in chosen) == 6


def test_reader_errors_pass_through() -> None:
    """What the reader cannot use is the caller's to name."""

    def broken() -> object:
        message = "is cut short"
        raise InputError(message)

    with pytest.raises(InputError, match="cut short"):
        evaluate_night(replace(scored_night(), items=broken), ABOUT, parameters(), (1.0,), EvaluateWish(0, 1))  # type: ignore[arg-type]  # raises
