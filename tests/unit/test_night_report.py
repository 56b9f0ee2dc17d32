"""Reports: rows from outputs, figures that merge, words that a tired person can read."""

from __future__ import annotations

import json

import pytest

from tests.permits import permit
from vigil.domain.nudges import Action, Decision, EpisodeKind, Reason, ReasonCode, Suspicion, Unit, WatchState
from vigil.domain.records import (
    EpochScored,
    NightClosed,
    NightOutput,
    OutputAcknowledged,
    QualityNote,
    SuspicionCleared,
    SuspicionRaised,
)
from vigil.domain.samples import Quality, SampleFault
from vigil.domain.sleep import Stage, StageProbabilities
from vigil.domain.units import NS_PER_S
from vigil.night.as_json import FORMAT, VERSION, night_json, nights_json
from vigil.night.in_words import clock, counted, duration, night_in_words, nights_in_words
from vigil.night.poisson import poisson_interval
from vigil.night.report import NightFigures, NightReport, NightsReport, ReportBuilder

S = NS_PER_S
SURGE = (Reason(ReasonCode.HEART_SURGE, 14.0, 2.0, Unit.BPM),)
QUIET = (Reason(ReasonCode.QUIET),)


def epoch(index: int, stage: Stage, p: StageProbabilities | None = None) -> EpochScored:
    return EpochScored((index + 1) * 30 * S, index, stage, p, 55.0 if p else None, 0.02 if p else None, 30)


def outputs() -> list[NightOutput]:
    """Two hours: falling asleep, one episode with two nudges, one getting up that lasts until the end."""
    p = StageProbabilities(0.1, 0.6, 0.2, 0.1)
    nightmare = Suspicion(1, EpisodeKind.NIGHTMARE_LIKE, 3600 * S, 3660 * S, 1.0, SURGE)
    walk = Suspicion(2, EpisodeKind.OUT_OF_BED, 7000 * S, 7060 * S, 1.1, SURGE)
    return [
        QualityNote(5 * S, Quality.GOOD, Quality.NEVER),
        *(epoch(i, Stage.WAKE, p) for i in range(40)),
        *(epoch(i, Stage.LIGHT, p) for i in range(40, 239)),
        epoch(239, Stage.UNSCORED),
        SuspicionRaised(3660 * S, nightmare),
        Decision(3660 * S, WatchState.NUDGING, Action.NUDGE, SURGE, 1, permit(3660 * S, serial=1, level=1)),
        Decision(3700 * S, WatchState.NUDGING, Action.NUDGE, SURGE, 1, permit(3700 * S, serial=2, level=2)),
        SuspicionCleared(3800 * S, 1, EpisodeKind.NIGHTMARE_LIKE, 3600 * S, 1.8, QUIET),
        SuspicionRaised(7060 * S, walk),
        QualityNote(7000 * S, Quality.STALE, Quality.GOOD),
        NightClosed(7200 * S, 0, 6900, 300, 2, (("late", 3),)),
    ]


def report(*, shadow: bool = True, given: list[NightOutput] | None = None) -> NightReport:
    builder = ReportBuilder("2026-11-22")
    for serial in (1, 2):
        builder.acknowledge(OutputAcknowledged(serial, serial, shadow=shadow))
    for output in outputs() if given is None else given:
        builder.add(output)
    return builder.build([("inputs", "aa")])


def test_a_report_counts_an_episode_once() -> None:
    """Two nudges in one episode are one intervention, the first."""
    built = report()
    assert [row.t_s for row in built.nudges] == [3660.0, 3700.0]
    assert [row.t_s for row in built.interventions] == [3660.0]
    assert built.interventions[0].shadow
    assert built.interventions[0].output == "vibration"


def test_an_episode_lasts_from_onset_to_recovery_or_to_the_end() -> None:
    """A suspicion that still stands at the end ends with the night."""
    first, second = report().suspicions
    assert (first.from_s, first.raised_s, first.to_s, first.score) == (3600.0, 3660.0, 3800.0, 1.8)
    assert (second.kind, second.to_s) == (EpisodeKind.OUT_OF_BED, 7200.0)


def test_sleep_is_summed_from_the_epochs() -> None:
    """The summary is that of the hypnogram."""
    built = report()
    assert built.summary == built.hypnogram.summary()
    assert built.summary.sol_min == 20.0


def test_an_open_night_has_no_report() -> None:
    """Before the end there is nothing to report."""
    with pytest.raises(ValueError, match="not closed"):
        ReportBuilder("x").build()


def test_the_json_is_json_and_says_its_version() -> None:
    """One object that any program can read, with nothing lost on the way."""
    built = report()
    whole = nights_json([night_json(built, path="p", source_format="f")], NightsReport.of([NightFigures.of(built)]))
    again = json.loads(json.dumps(whole, allow_nan=False))
    assert (again["format"], again["version"]) == (FORMAT, VERSION)
    night = again["nights"][0]
    assert night["summary"]["watched_min"] == 115.0
    assert night["epochs"][0] == {
        "t_s": 0,
        "stage": "wake",
        "p": {"wake": 0.1, "light": 0.6, "deep": 0.2, "rem": 0.1},
        "heart_bpm": 55.0,
        "movement_g": 0.02,
        "watched_s": 30,
    }
    assert night["epochs"][-1]["p"] is None
    assert [row["level"] for row in night["decisions"]] == [1, 2]
    assert night["suspicions"][0]["kind"] == "nightmare_like"
    assert night["left_out"]["samples"] == {"late": 3}
    assert again["together"]["nights"] == 1


def test_a_decision_without_a_permit_has_no_level() -> None:
    """Doing nothing is a decision too."""
    nothing = Decision(30 * S, WatchState.WATCHING, Action.NOTHING, QUIET)
    row = night_json(report(given=[nothing, outputs()[-1]]))["decisions"][0]
    assert (row["action"], row["level"], row["output"]) == ("nothing", None, None)
    assert row["in_words"] == "Nothing out of the ordinary."


def test_the_words_say_what_happened_and_why_it_was_blind() -> None:
    """Sleep, watch, episodes, nudges, what was left out: plain and exact."""
    text = "\n".join(night_in_words(report()))
    for part in (
        "In bed 2 h 00 min",
        "fell asleep after 20 min",
        "5 min without good signal (no fresh heart rate)",
        "1 x signs of a nightmare",
        "1 x getting up",
        "would have been given: 2, in 1 episode.",
        "+1:01  vibration, step 1. Your heart was 14 beats a minute faster",
        "Values that were not used: 3 that came too late.",
    ):
        assert part in text


def test_what_was_not_used_is_said_in_words() -> None:
    """ "15 jump" meant nothing to anybody."""
    counts = tuple((fault.value, 2) for fault in SampleFault)
    (line,) = [
        line
        for line in night_in_words(report(given=[NightClosed(5 * S, 0, 5, 0, 0, counts)]))
        if line.startswith("Values that were not used: ")
    ]
    assert line.count("2 that ") == len(SampleFault)


def test_a_live_night_says_that_nudges_were_given() -> None:
    """Only a shadow night says "would have"."""
    assert "Nudges given: 2" in "\n".join(night_in_words(report(shadow=False)))


def test_a_night_of_nothing_is_said_as_such() -> None:
    """No sleep, no episodes, no nudges, no blindness."""
    closed = NightClosed(60 * S, 0, 60, 0, 0, ())
    text = " ".join(night_in_words(report(given=[epoch(0, Stage.WAKE), epoch(1, Stage.WAKE), closed])))
    assert "No sleep was scored." in text
    assert "the whole night" in text
    assert "Nothing looked like a nightmare." in text
    assert "No nudge was given." in text


def test_a_night_of_a_moment_is_not_called_watched() -> None:
    """One row of a file is no night."""
    assert "Too short to watch anything." in " ".join(
        night_in_words(report(given=[NightClosed(5 * S, 0, 5, 0, 0, ())]))
    )


def test_several_of_a_kind_are_plural_and_blindness_needs_no_cause() -> None:
    """Two of a kind are plural; blindness without a lost signal is warming up."""
    rows: list[NightOutput] = [
        SuspicionRaised(100 * S, Suspicion(n, EpisodeKind.AROUSAL, 90 * S, 100 * S, 1.0, SURGE)) for n in (1, 2)
    ]
    good = QualityNote(0, Quality.GOOD, Quality.NEVER)
    text = " ".join(night_in_words(report(given=[good, *rows, NightClosed(600 * S, 0, 300, 300, 0, ())])))
    assert "2 x ordinary half-wakings" in text
    assert "5 min without good signal (waiting until it could be trusted)." in text


def test_many_nights_are_summed_up() -> None:
    """Median sleep, interventions per 8 h of sleep, blind share."""
    figures = [NightFigures.of(report(), str(n)) for n in range(3)]
    together = NightsReport.of(figures)
    assert together.median_tst_min == figures[0].tst_min
    rate = together.interventions_per_8h_sleep
    assert rate is not None
    assert rate.value == pytest.approx(480 / figures[0].tst_min)
    assert rate.n == 3
    assert together.blind_share == pytest.approx(5 / 120)
    text = " ".join(nights_in_words(together))
    assert "3 nights." in text
    assert "4.2%" in text


@pytest.mark.parametrize(
    ("count", "low", "high"), [(0, 0.0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.39), (56, 42.30, 72.72)]
)
def test_an_interval_is_that_of_the_tables(count: int, low: float, high: float) -> None:
    """Garwood's exact limits, as any table of them has them."""
    found = poisson_interval(count, 2.0)
    assert found[0] == pytest.approx(low / 2, rel=1e-3)
    assert found[1] == pytest.approx(high / 2, rel=1e-3)


def test_reports_of_parts_are_the_report_of_all() -> None:
    """Merged in any order."""
    one, two = (NightFigures.of(report(), path) for path in "ab")
    assert NightsReport.of([two]).merged(NightsReport.of([one])) == NightsReport.of([one, two])


def test_no_nights_have_no_figures() -> None:
    """Nothing is not zero."""
    empty = NightsReport()
    assert (empty.median_tst_min, empty.interventions_per_8h_sleep, empty.blind_share) == (None, None, None)
    assert "No sleep was scored." in " ".join(nights_in_words(empty))


def test_times_and_counts_read_well() -> None:
    """+3:12, 7 h 05 min, 12 min, 1 night."""
    assert clock(3 * 3600 + 12 * 60 + 59) == "+3:12"
    assert duration(425) == "7 h 05 min"
    assert duration(12) == "12 min"
    assert (counted(1, "night"), counted(2, "night")) == ("1 night", "2 nights")
