"""What all nights come to: false nudges, operating points, what is found, what it means, and what counts at all."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from tests.evidence_nights import EMPTY, FACTORS, asleep, happening, many_nights, night_of, placement, run_of
from vigil.domain.nudges import EpisodeKind
from vigil.domain.sleep import AasmStage
from vigil.evidence.part import Part
from vigil.evidence.records import AddedClass, NightEvidence, Run
from vigil.evidence.summary import Evidence, summarise

N2, N3, REM, WAKE = AasmStage.N2, AasmStage.N3, AasmStage.REM, AasmStage.WAKE
QUIET = Run((), ())


def summary(*nights: NightEvidence, cross_validated: bool = False) -> Evidence:
    return summarise(nights, seed=1, cross_validated=cross_validated)


def part(*nights: NightEvidence) -> Part:
    return summary(*nights).headline


def nudged(person: str, *counts: int, hours: float = 8.0, **changes: object) -> NightEvidence:
    """A night asleep with so many false nudges in N2 at each factor."""
    night = night_of(person, asleep(hours), runs=tuple(run_of(*[N2] * count) for count in counts))
    return replace(night, **changes)  # type: ignore[arg-type]


def test_false_nudges_go_per_8_h_of_scored_sleep() -> None:
    """Three in 12 h asleep are two a night; wake is not sleep, and what fell on it stands beside."""
    night = night_of("a", asleep(4) + "W" * 240, runs=(run_of(N2, WAKE, None),) * 4)
    other = night_of("b", asleep(8), runs=(run_of(N2, N2),) * 4)
    told = part(night, other).false_alarms
    assert told.sleep_h == pytest.approx(12)
    assert told.points.as_shipped.nudges_per_8h_sleep.value == pytest.approx(2)
    assert told.points.as_shipped.suspicions_per_8h_sleep.value == pytest.approx(2)
    assert told.points.as_shipped.nudges_on_wake_per_8h_sleep.value == pytest.approx(1 / 1.5)
    assert told.points.as_shipped.nudges_off_score_per_8h_sleep.value == pytest.approx(1 / 1.5)
    assert told.points.as_shipped.nights_with_none.value == 0


def test_false_nudges_by_stage_and_kind() -> None:
    """Per 8 h of that stage; suspicions by what they were raised as."""
    runs = (Run((happening(REM),), (happening(REM), happening(N2, EpisodeKind.AROUSAL))),) * 4
    told = part(night_of("a", asleep(6) + "R" * 240, runs=runs)).false_alarms.points.as_shipped
    assert {one.stage: one.nudges_per_8h_stage.value for one in told.by_stage} == {
        "n1": None, "n2": 0, "n3": None, "rem": pytest.approx(4),
    }  # fmt: skip
    kinds = {one.kind: one.suspicions_per_8h_sleep.value for one in told.by_kind if one.suspicions_per_8h_sleep.value}
    assert kinds == {"nightmare_like": pytest.approx(1), "arousal": pytest.approx(1)}


def test_no_event_is_not_certainty() -> None:
    """Nothing seen in two nights: up to 3.7 events in them stay possible, and so do nights with some."""
    told = part(nudged("a", 0, 0, 0, 0), nudged("b", 0, 0, 0, 0)).false_alarms.points.as_shipped
    assert told.nudges_per_8h_sleep.low == 0
    assert told.nudges_per_8h_sleep.high == pytest.approx(-math.log(0.025) / 2)
    assert told.nights_with_none.value == 1
    assert told.nights_with_none.low == pytest.approx(0.025 ** (1 / 2))


def test_the_operating_point_is_the_smallest_threshold_that_keeps_the_rate() -> None:
    """At 4, 1, 0.5 and 0 a night: 1 is kept at the shipped threshold, 0.5 at twice it, less only at four times."""
    told = part(nudged("a", 4, 1, 1, 0), nudged("b", 4, 1, 0, 0)).operating_points
    assert told.at_1.factor == 1
    assert told.at_0_5.factor == 2
    assert told.at_0_5.nudges_per_8h_sleep.value == pytest.approx(0.5)
    assert told.at_0_25.factor == 4
    assert told.at_0_05.factor == 4
    assert told.as_shipped.factor == 1


def test_thresholds_may_come_in_any_order() -> None:
    """Factors are read by what they are, not by where they stand."""
    night = nudged("a", 0, 1, 4, 1, factors=(4.0, 2.0, 0.5, 1.0))
    told = part(night).operating_points
    assert told.at_1.factor == 1
    assert told.at_0_5.factor == 4


def test_a_rate_that_no_threshold_keeps_is_not_made_up() -> None:
    """Nothing is interpolated: the point is empty, all at it is None, and it is said."""
    found = (placement(AddedClass.STRONG, (20.0,) * 4),)
    evidence = summary(nudged("a", 4, 2, 2, 1, placements=found), nudged("b", 4, 2, 2, 1, placements=found))
    told = evidence.headline
    assert told.operating_points.at_0_5.factor is None
    assert told.operating_points.at_0_5.nudges_per_8h_sleep.value is None
    assert told.false_alarms.points.at_0_5.nights_with_none.value is None
    assert told.added.strong.points.at_0_5.within_60_s.value is None
    assert told.added.strong.points.at_0_5.median_latency_s.value is None
    assert told.meaning.at_0_5.noticed.value is None
    assert told.added.strong.points.at_1.within_60_s.value == 1
    assert any("rare enough" in words for words in evidence.words)


def test_without_the_shipped_threshold_nothing_is_told_of_it() -> None:
    """A run that did not try it cannot speak of it."""
    told = part(night_of("a", asleep(), factors=(2.0,), runs=(QUIET,)))
    assert told.operating_points.as_shipped.factor is None
    assert told.false_alarms.points.as_shipped.nudges_per_8h_sleep.value is None
    assert told.operating_points.at_0_1.factor == 2


def test_what_is_found_at_a_rate_knows_that_the_threshold_was_chosen() -> None:
    """People drawn without the noisy one would choose a lower threshold, and find more."""
    found = (placement(AddedClass.STRONG, (10.0, 10.0, None, None)),)
    nights = [nudged(name, 0, 0, 0, 0, placements=found) for name in "abc"]
    told = part(*nights, nudged("d", 9, 9, 0, 0, placements=found))
    assert told.operating_points.at_0_5.factor == 2
    share = told.added.strong.points.at_0_5.within_60_s
    assert (share.value, share.low, share.high) == (0, 0, 1)
    assert told.added.strong.points.as_shipped.within_60_s.low == 1


def test_found_within_each_limit() -> None:
    """10 s, 60 s, 61 s, 300 s and never: two, three and four of five; latencies are of those found."""
    late = [10.0, 60.0, 61.0, 300.0, None]
    rows = tuple(placement(AddedClass.MODERATE, (seconds,) * 4) for seconds in late)
    told = part(nudged("a", 0, 0, 0, 0, placements=rows)).added.moderate.points.as_shipped
    assert told.within_60_s.value == pytest.approx(2 / 5)
    assert told.within_120_s.value == pytest.approx(3 / 5)
    assert told.within_300_s.value == pytest.approx(4 / 5)
    assert told.within_300_s.n == 5
    assert told.median_latency_s.value == pytest.approx(60.5)
    assert told.median_latency_s.n == 4
    assert told.p90_latency_s.value == pytest.approx(61 + 0.7 * 239)


def test_placements_of_which_nothing_can_be_said_do_not_count() -> None:
    """Where the untouched night itself had a nudge, neither found nor missed; nor does a latency before the onset."""
    counts = (True, False, True, True)
    rows = (
        placement(AddedClass.SILENT, (5.0,) * 4, counts=counts),
        placement(AddedClass.SILENT, (-1.0, None, 5.0, 5.0)),
    )
    told = part(nudged("a", 0, 0, 0, 0, placements=rows)).added.silent.points.as_shipped.within_60_s
    assert (told.value, told.n) == (0, 1)


def test_latency_intervals_come_from_the_people() -> None:
    """A quick person and a slow one: the median of a draw may be either's."""
    quick, slow = ((placement(AddedClass.STRONG, (seconds,) * 4),) * 5 for seconds in (20.0, 200.0))
    told = part(nudged("a", 0, 0, 0, 0, placements=quick), nudged("b", 0, 0, 0, 0, placements=slow))
    late = told.added.strong.points.as_shipped.median_latency_s
    assert (late.value, late.low, late.high) == (110, 20, 200)


def test_found_by_size_stage_and_cadence() -> None:
    """Each part is counted alone, and parts without placements are absent."""
    rows = (
        placement(AddedClass.STRONG, (20.0,) * 4, size_bpm=20, stage=REM),
        placement(AddedClass.STRONG, (None,) * 4, size_bpm=30, stage=N2),
        placement(AddedClass.SILENT, (None,) * 4, size_bpm=1, stage=REM),
    )
    told = part(
        nudged("a", 0, 0, 0, 0, placements=rows, cadence_s=5.0),
        nudged("b", 0, 0, 0, 0, placements=rows[:1], cadence_s=None),
        nudged("c", 0, 0, 0, 0, cadence_s=60.0),
    ).added
    assert [(one.of, one.points.as_shipped.within_60_s.value) for one in told.strong.by_stage] == [
        ("n2", 0),
        ("rem", 1),
    ]
    cadences = [(one.of, one.points.as_shipped.within_60_s.value) for one in told.strong.by_cadence]
    assert cadences == [("2 to 10 s", 0.5), ("unknown", 1)]
    sizes = [(one.of, one.points.as_shipped.within_60_s.value) for one in told.by_size]
    assert sizes == [("under 3 bpm", 0), ("18 to 24 bpm", 1), ("24 bpm or more", 0)]


def test_look_alikes_that_are_nudged() -> None:
    """Half of the turns were nudged; nothing is known of what was not added."""
    rows = (placement(AddedClass.TURN, (20.0,) * 4), placement(AddedClass.TURN, (None,) * 4))
    told = part(nudged("a", 0, 0, 0, 0, placements=rows)).look_alikes
    assert told.turn.as_shipped.nudged.value == 0.5
    assert told.bathroom.as_shipped.nudged.value is None


def test_the_curve_has_every_threshold() -> None:
    """Ascending, with what is found and what is false at each."""
    rows = (placement(AddedClass.STRONG, (20.0, 20.0, None, None)),)
    told = part(nudged("a", 4, 1, 1, 0, placements=rows)).curve
    assert [one.factor for one in told] == list(FACTORS)
    assert [one.nudges_per_8h_sleep.value for one in told] == pytest.approx([4, 1, 1, 0])
    assert [one.strong.within_60_s.value for one in told] == [1, 1, 0, 0]


def test_meaning_by_hand() -> None:
    """Strong all found, moderate half, silent none: 0.425 of the mixture, at one false nudge a night."""
    rows = (
        placement(AddedClass.STRONG, (20.0,) * 4),
        placement(AddedClass.MODERATE, (20.0,) * 4),
        placement(AddedClass.MODERATE, (None,) * 4),
        placement(AddedClass.SILENT, (None,) * 4),
    )
    told = part(nudged("a", 1, 1, 1, 1, placements=rows)).meaning.as_shipped
    noticed = 0.2 * 1 + 0.45 * 0.5
    assert told.noticed.value == pytest.approx(noticed)
    assert told.of_ten_nudges_at_3_a_week.value == pytest.approx(10 * 3 * noticed / (3 * noticed + 7))
    assert told.of_ten_nudges_at_1_a_week.value == pytest.approx(10 * noticed / (noticed + 7))


def test_ten_of_ten_is_not_claimed_where_no_false_nudge_was_met() -> None:
    """Few quiet nights prove little: the lower bound is that at the most false nudges that they allow."""
    classes = (AddedClass.STRONG, AddedClass.MODERATE, AddedClass.SILENT)
    rows = tuple(placement(one, (20.0,) * 4) for one in classes)
    told = part(*(nudged(name, 0, 0, 0, 0, placements=rows) for name in ("a", "b", "c"))).meaning.as_shipped
    figure = told.of_ten_nudges_at_1_a_week
    assert figure.value == 10
    assert figure.low is not None
    assert figure.low < 5


def test_meaning_needs_every_class() -> None:
    """Without silent ones nothing is said of the mixture."""
    rows = (placement(AddedClass.STRONG, (20.0,) * 4), placement(AddedClass.MODERATE, (20.0,) * 4))
    told = part(nudged("a", 1, 1, 1, 1, placements=rows)).meaning.as_shipped
    assert told.noticed.value is None
    assert told.of_ten_nudges_at_7_a_week.value is None


def test_nights_without_stages_are_told_apart_by_the_hour_recorded() -> None:
    """They never enter the rate of scored sleep, and use the thresholds chosen on scored nights."""
    holter = replace(
        EMPTY, person="h", source="holter", scored=False, recorded_h=16.0, blind_min=96.0,
        runs=(run_of(None, None), run_of(None), QUIET, QUIET), ahi=3.0,
    )  # fmt: skip
    told = part(holter, nudged("a", 4, 1, 0, 0), nudged("b", 4, 0, 0, 0, ahi=40.0))
    assert told.unscored.nights == 1
    assert told.unscored.points.as_shipped.nudges_per_8h_recorded.value == pytest.approx(0.5)
    assert told.unscored.points.at_0_25.nudges_per_8h_recorded.value == 0
    assert told.unscored.blind_share.value == pytest.approx(0.1)
    assert told.false_alarms.nights == 2
    bands = {one.of: (one.nights, one.points.as_shipped.nudges_per_8h_recorded.value) for one in told.by_ahi}
    assert bands == {"<5": (1, pytest.approx(0.5)), "5-15": (0, None), "15-30": (0, None), ">=30": (1, 0)}


def test_blindness_is_told() -> None:
    """48 of 480 minutes."""
    assert part(nudged("a", 0, 0, 0, 0)).blind_share.value == pytest.approx(0.1)


def test_seen_nights_prove_nothing() -> None:
    """They are left out of the headline and told apart; cross-validated they count."""
    seen, fresh = nudged("a", 1, 1, 1, 1, seen=True), nudged("b", 0, 0, 0, 0)
    told = summary(seen, fresh)
    assert told.headline_nights == 1
    assert told.headline.false_alarms.points.as_shipped.nudges_per_8h_sleep.value == 0
    assert told.seen is not None
    assert told.seen.false_alarms.points.as_shipped.nudges_per_8h_sleep.value == 1
    refitted = summary(seen, fresh, cross_validated=True)
    assert refitted.headline_nights == 2
    assert refitted.seen is None


def test_if_all_nights_were_seen_there_is_no_headline() -> None:
    """Every headline figure is None over 0, and the words say why."""
    told = summary(nudged("a", 1, 1, 1, 1, seen=True))
    assert told.headline.staging.wake_nrem_rem.kappa.value is None
    assert told.headline.staging.wake_nrem_rem.kappa.n == 0
    assert told.seen is not None
    assert any("seen in fitting" in words for words in told.words)


def test_nights_left_out_count_nowhere() -> None:
    """They stay in the list, with the reason, and enter no figure."""
    bad = replace(EMPTY, left_out="shorter than an hour", factors=(), runs=())
    told = summary(bad, nudged("a", 0, 0, 0, 0))
    assert told.headline_nights == 1
    assert told.nights[0].night.left_out == "shorter than an hour"
    assert told.nights[0].false_alarms.nights == 0
    assert told.factors == FACTORS
    assert any("could not be used" in words for words in told.words)
    assert "No night could be measured." in summary(bad).words


def test_nights_of_one_class_do_no_harm() -> None:
    """No kappa of such a night alone; together with others it counts."""
    told = summary(night_of("a", asleep()), night_of("b", "W2R" * 300))
    assert told.nights[0].staging.wake_nrem_rem.kappa.value is None
    assert told.headline.staging.wake_nrem_rem.kappa.value == 1


def test_only_nights_without_stages() -> None:
    """They can still be told, as shipped."""
    told = summary(replace(EMPTY, scored=False, runs=(run_of(None),) * 4))
    assert told.headline.unscored.points.as_shipped.nudges_per_8h_recorded.value == 1
    assert any("nothing is said of staging" in words for words in told.words)


def test_each_data_set_has_figures_and_points_of_its_own() -> None:
    """A threshold chosen on one is carried to the others: asleep where there are stages, else recorded."""
    quiet, noisy = nudged("a", 1, 0, 0, 0, source="quiet"), nudged("b", 8, 4, 2, 0, source="noisy")
    holter = replace(EMPTY, person="h", source="holter", scored=False, runs=(run_of(None), QUIET, QUIET, QUIET))
    told = {one.source: one for one in summary(quiet, noisy, holter).by_source}
    assert list(told) == ["holter", "noisy", "quiet"]
    assert told["quiet"].part.operating_points.at_0_1.factor == 1
    assert told["noisy"].part.operating_points.at_0_1.factor == 4
    carried = {one.source: (one.per, one.points.at_0_1.value) for one in told["quiet"].elsewhere}
    assert carried == {"noisy": ("sleep", 4), "holter": ("recording", 0)}
    assert told["holter"].elsewhere == ()


def test_one_data_set_alone_is_the_headline() -> None:
    """There is nothing to tell apart, and no other to carry thresholds to."""
    told = summary(nudged("a", 1, 0, 0, 0), nudged("b", 0, 0, 0, 0))
    assert told.by_source[0].part is told.headline
    assert told.by_source[0].elsewhere == ()


def test_a_night_is_told_at_the_points_of_all() -> None:
    """Its own rate at the threshold that all nights together chose."""
    told = summary(nudged("a", 4, 2, 1, 0), nudged("b", 0, 0, 0, 0))
    assert told.headline.operating_points.at_0_5.factor == 2
    assert [one.false_alarms.points.at_0_5.nudges_per_8h_sleep.value for one in told.nights] == [1, 0]


def test_the_same_seed_gives_the_same_evidence() -> None:
    """Anyone can make the figures again, in any order of the nights by the same people."""
    nights = many_nights(6, placements=40, length=120)
    assert summary(*nights).headline == summary(*nights).headline
