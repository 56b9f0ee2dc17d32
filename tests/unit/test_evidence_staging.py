"""Staging summed up: pooled and by person, baselines, calibration, minutes with their limits of agreement."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.evidence_nights import epochs_of, night_of
from tests.unit.test_evidence_figures import cohort_of
from vigil.evidence.epoch_counts import LEAST_P
from vigil.evidence.records import NightEvidence, Row4
from vigil.evidence.staging import Staging, staging


def staging_of(*nights: NightEvidence) -> Staging:
    return staging(cohort_of(list(nights)))


def test_epochs_are_pooled_and_the_median_person_stands_beside() -> None:
    """One person all right and two all wrong: a third of the epochs agree, the median person never does."""
    told = staging_of(night_of("a", "WR22"), night_of("b", "WWWW", "RRRR"), night_of("c", "RRRR", "WWWW")).wake_nrem_rem
    assert told.accuracy.value == pytest.approx(4 / 12)
    assert told.accuracy.n == 12
    assert told.median_person.accuracy.value == 0
    assert told.median_person.accuracy.n == 3
    assert told.accuracy.low == 0
    assert told.accuracy.high == 1


def test_light_and_deep_add_up_to_nrem() -> None:
    """Deep said for light is wrong in four classes and right in three."""
    told = staging_of(night_of("a", "123W", "333W"))
    assert told.wake_nrem_rem.accuracy.value == 1
    assert told.four_class.accuracy.value == pytest.approx(2 / 4)
    assert told.four_class.confusion == ((1, 0, 0, 0), (0, 0, 2, 0), (0, 0, 1, 0), (0, 0, 0, 0))
    names = [one.name for one in told.wake_nrem_rem.by_class]
    assert names == ["wake", "nrem", "rem"]
    assert told.wake_nrem_rem.by_class[2].sensitivity.value is None


def test_three_classes_go_by_the_probabilities_added_up() -> None:
    """Wake is likeliest of four, yet NREM is likelier than wake."""
    row: Row4 = (0.4, 0.3, 0.25, 0.05)
    night = night_of("a", "2")
    night = night_of("a", "2", epochs=tuple(type(one)(one.scored, row) for one in night.epochs))
    told = staging_of(night)
    assert told.wake_nrem_rem.accuracy.value == 1
    assert told.four_class.accuracy.value == 0


def test_unscored_and_unsaid_epochs_are_left_out_and_counted() -> None:
    """Two of four scored epochs have no data: half is unsaid, and the rest is all right."""
    told = staging_of(night_of("a", "W2R2??", "W2  22"))
    assert told.unsaid.value == 0.5
    assert told.unsaid.n == 4
    assert told.wake_nrem_rem.accuracy.value == 1
    assert told.wake_nrem_rem.accuracy.n == 2


@pytest.mark.parametrize("broken", [(math.nan, 0.5, 0.3, 0.2), (1.5, -0.5, 0.0, 0.0), (math.inf, 0.0, 0.0, 0.0)])
def test_broken_probabilities_are_no_answer(broken: Row4) -> None:
    """What is no probability counts as nothing said."""
    scored = epochs_of("W", "W")[0].scored
    epochs = (*epochs_of("2R", "2R"), type(epochs_of("W", "W")[0])(scored, broken))
    told = staging_of(night_of("a", "2RW", epochs=epochs))
    assert told.unsaid.value == pytest.approx(1 / 3)
    assert told.wake_nrem_rem.accuracy.value == 1


def test_baselines_look_at_nothing() -> None:
    """Always NREM agrees as often as there is NREM, and its kappa is 0; the clock is taken at its likeliest class."""
    wake: Row4 = (0.9, 0.05, 0.0, 0.05)
    light: Row4 = (0.2, 0.6, 0.1, 0.1)
    told = staging_of(night_of("a", "WW2222RR", clock=(wake, wake, *[light] * 6)))
    assert told.always_nrem.accuracy.value == 0.5
    assert told.always_nrem.kappa.value == 0
    assert told.clock_only.accuracy.value == 6 / 8
    assert told.clock_only_four.accuracy.value == 6 / 8


def test_a_night_without_a_clock_has_no_such_baseline() -> None:
    """Nothing was told, so nothing is known of it."""
    assert staging_of(night_of("a", "W2R", clock=())).clock_only.kappa.value is None


def test_calibration_by_hand() -> None:
    """Said 0.7 each time and right every second time: off by 0.2 in that class."""
    told = staging_of(night_of("a", "WR", "WW")).four_class.calibration
    wake = [one for one in told.bins if one.of_class == "wake" and one.epochs]
    assert [(one.low, one.happened, one.epochs) for one in wake] == [(0.7, 0.5, 2)]
    assert wake[0].said == pytest.approx(0.7)
    assert told.ece.value == pytest.approx((0.2 * 2 + 0.1 * 2 + 0.1 * 2 + 0.4 * 2) / (4 * 2))
    assert told.log_loss.value == pytest.approx(-(math.log(0.7) + math.log(0.1)) / 2)
    right, wrong = 0.3**2 + 3 * 0.1**2, 0.7**2 + 0.9**2 + 2 * 0.1**2
    assert told.brier.value == pytest.approx((right + wrong) / 2)
    assert [one.said for one in told.bins if one.of_class == "wake" and not one.epochs] == [None] * 9


def test_a_certain_error_is_not_infinitely_bad() -> None:
    """The log-loss of an impossible truth is bounded."""
    epochs = epochs_of("W", "W")
    certain = (type(epochs[0])(epochs[0].scored, (0.0, 1.0, 0.0, 0.0)),)
    told = staging_of(night_of("a", "W", epochs=certain)).four_class.calibration
    assert told.log_loss.value == pytest.approx(-math.log(LEAST_P))


def minutes_night(person: str, scored_rem: int, said_rem: int) -> NightEvidence:
    """240 epochs, REM at the end: so many scored, so many said."""
    scored, said = ("2" * (240 - rem) + "R" * rem for rem in (scored_rem, said_rem))
    return night_of(person, scored, said)


def test_minutes_with_a_constant_bias() -> None:
    """Always ten minutes more, give or take two: bias 10, limits 1.96 standard deviations, no line."""
    pairs = [(40, 64), (60, 76), (80, 104), (100, 116), (120, 144), (140, 156), (160, 184), (180, 196)]
    told = staging_of(*(minutes_night(str(at), *pair) for at, pair in enumerate(pairs))).minutes.rem
    differences = np.array([(said - scored) / 2 for scored, said in pairs])
    assert told.bias.value == pytest.approx(10)
    assert told.upper.value == pytest.approx(10 + 1.96 * differences.std(ddof=1))
    assert told.lower.value == pytest.approx(10 - 1.96 * differences.std(ddof=1))
    assert told.scored_mean.value == pytest.approx(55)
    assert told.said_mean.value == pytest.approx(65)
    assert not told.proportional
    assert not told.heteroscedastic
    assert told.bias.low is not None
    assert told.bias.low < 10 < (told.bias.high or 0)


def test_minutes_with_a_proportional_bias() -> None:
    """Half of what was scored is missed: the bias is a line, and about it there is nothing left."""
    pairs = [(rem, rem // 2) for rem in (20, 40, 60, 80, 100, 120, 140, 160)]
    told = staging_of(*(minutes_night(str(at), *pair) for at, pair in enumerate(pairs))).minutes.rem
    assert told.proportional
    assert told.slope.value == pytest.approx(-0.5)
    assert told.intercept.value == pytest.approx(0, abs=1e-9)
    assert told.residual_sd.value == pytest.approx(0, abs=1e-9)


def test_minutes_whose_spread_grows() -> None:
    """The more REM there is the further off, up and down: the limits open with it, the bias does not."""
    pairs = [(rem, rem + sign * (rem - 30) // 4) for rem in range(40, 140, 10) for sign in (-1, 1)]
    told = staging_of(*(minutes_night(str(at), *pair) for at, pair in enumerate(pairs))).minutes.rem
    assert told.heteroscedastic
    assert told.spread_slope.value is not None
    assert told.spread_slope.value > 0


def test_too_few_nights_have_no_line() -> None:
    """Two nights have a bias; a night without sleep has no latency; none at all has nothing."""
    told = staging_of(minutes_night("a", 40, 50), minutes_night("b", 60, 60)).minutes
    assert told.rem.bias.value == pytest.approx(2.5)
    assert told.rem.slope.value is None
    assert not told.rem.proportional
    awake = staging_of(night_of("a", "WWWW")).minutes
    assert awake.tst.bias.value == 0
    assert awake.sol.bias.value is None
    nothing = staging_of().minutes
    assert (nothing.tst.bias.value, nothing.tst.bias.n) == (None, 0)
