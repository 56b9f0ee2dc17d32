"""What really happened in a simulated night, beside what was done about it."""

from __future__ import annotations

from vigil.app.truth import GRACE_S, compare
from vigil.domain.sleep import AasmStage, Hypnogram
from vigil.night.report import NightReport, NudgeRow
from vigil.recordings.synthetic.distractors import DistractorKind
from vigil.recordings.synthetic.episodes import EndedBy, EpisodeSize
from vigil.recordings.synthetic.truth import DistractorTruth, EpisodeTruth, Truth


def dream(onset_s: int, end_s: int | None) -> EpisodeTruth:
    ended = None if end_s is None else EndedBy.ITSELF
    return EpisodeTruth(EpisodeSize.STRONG, AasmStage.REM, onset_s, end_s, ended, 20.0, 90.0)


def night(*nudges_s: float) -> NightReport:
    rows = tuple(NudgeRow(t_s, 1, 1, "vibration", False, True, ()) for t_s in nudges_s)
    return NightReport("n", Hypnogram(()).summary(), (), (), rows, (), (), 0, 0, (), 0)


def truth(episodes: tuple[EpisodeTruth, ...] = (), distractors: tuple[DistractorTruth, ...] = ()) -> Truth:
    return Truth(9000, (), episodes, distractors, (), ())


def test_a_nightmare_is_met_from_its_onset_to_a_minute_after_its_end() -> None:
    """Just before it and just after the grace it is missed, and the nudge is a stray one."""
    held = truth((dream(1000, 1200),))
    for t_s, met in ((999, False), (1000, True), (1200 + GRACE_S, True), (1201 + GRACE_S, False)):
        found = compare(held, night(t_s))
        assert found.count(nightmare=True, nudged=met) == 1
        assert found.stray == (not met)


def test_a_nightmare_that_goes_on_is_met_until_the_end_of_the_night() -> None:
    """A night stopped in the middle of a dream still counts it."""
    found = compare(truth((dream(8000, None),)), night(8900))
    assert (found.happened[0].to_s, found.happened[0].nudged_s, found.happened[0].ended_by) == (9000, 8900, "")


def test_a_nudge_that_meets_a_nightmare_never_counts_against_a_look_alike() -> None:
    """A nightmare within a night of alcohol: met, and the alcohol left alone."""
    held = truth((dream(1000, 1200),), (DistractorTruth(DistractorKind.ALCOHOL, 0, 8000),))
    found = compare(held, night(1100))
    assert (found.count(nightmare=True, nudged=True), found.count(nightmare=False, nudged=False)) == (1, 1)
    assert compare(held, night(1100, 5000)).count(nightmare=False, nudged=True) == 1


def test_ordinary_turns_are_not_listed_and_nudges_at_them_are_stray() -> None:
    """Every night has many; listing them would hide what matters."""
    found = compare(truth((), (DistractorTruth(DistractorKind.POSTURE, 500, 520),)), night(510))
    assert (found.happened, found.stray) == ((), 1)
    assert found.as_json()["stray_nudges"] == 1
