"""Units, stages, settings and sentences."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from vigil.domain.errors import InputError, SettingsError
from vigil.domain.explain import (
    ACTION_WORDS,
    KIND_WORDS,
    OUTPUT_WORDS,
    SENTENCES,
    STATE_WORDS,
    sentence,
    sentences,
)
from vigil.domain.nudges import Action, EpisodeKind, Reason, ReasonCode, Unit, WatchState
from vigil.domain.requests import Output
from vigil.domain.settings import CapSettings, Profile, Settings
from vigil.domain.sleep import AasmStage, Hypnogram, Stage, StageProbabilities
from vigil.domain.units import bpm_x10_from_rr, ns_from_s, s_from_ns


def test_seconds_and_nanoseconds_agree() -> None:
    """An instant written in seconds with nine decimals is exact."""
    assert ns_from_s(1.000000001) == 1_000_000_001
    assert s_from_ns(1_500_000_000) == 1.5


@pytest.mark.parametrize("seconds", [math.nan, math.inf, -math.inf, 1e30])
def test_an_impossible_instant_is_refused(seconds: float) -> None:
    """A broken clock never becomes a number."""
    with pytest.raises(ValueError, match="not an instant"):
        ns_from_s(seconds)


def test_a_beat_a_second_is_sixty() -> None:
    """Heart rate from one interval, to the nearest tenth."""
    assert bpm_x10_from_rr(1000) == 600
    assert bpm_x10_from_rr(999) == 601
    with pytest.raises(ValueError, match="impossible"):
        bpm_x10_from_rr(0)


def test_the_likeliest_stage_is_named() -> None:
    """On a tie the first in the order wake, light, deep, REM."""
    assert StageProbabilities(0.1, 0.2, 0.3, 0.4).best is Stage.REM
    assert StageProbabilities(0.25, 0.25, 0.25, 0.25).best is Stage.WAKE


def test_scored_stages_fold_into_what_vigil_can_see() -> None:
    """N1 and N2 are light, N3 is deep; nothing is lost."""
    assert {stage: stage.stage for stage in AasmStage} == {
        AasmStage.WAKE: Stage.WAKE,
        AasmStage.N1: Stage.LIGHT,
        AasmStage.N2: Stage.LIGHT,
        AasmStage.N3: Stage.DEEP,
        AasmStage.REM: Stage.REM,
        AasmStage.UNSCORED: Stage.UNSCORED,
    }


def test_sleep_statistics_follow_their_definitions() -> None:
    """TIB, SPT, TST, SOL, WASO and efficiency of a night small enough to count by hand."""
    wake, light, deep, rem, none = Stage.WAKE, Stage.LIGHT, Stage.DEEP, Stage.REM, Stage.UNSCORED
    summary = Hypnogram.of([wake, wake, light, deep, wake, rem, none, rem, wake, wake]).summary()
    assert summary.tib_min == 5.0
    assert summary.sol_min == 1.0
    assert summary.spt_min == 3.0
    assert summary.tst_min == 2.0
    assert summary.waso_min == 0.5
    assert summary.efficiency == 0.4
    assert (summary.wake_min, summary.light_min, summary.deep_min, summary.rem_min) == (2.5, 0.5, 0.5, 1.0)
    assert summary.unscored_min == 0.5


def test_a_night_without_sleep_has_no_latency() -> None:
    """Unknown is said as unknown, not as zero."""
    assert Hypnogram.of([Stage.WAKE]).summary().sol_min is None
    assert Hypnogram.of([]).summary().efficiency is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("top_level", 5),
        ("top_level", 0),
        ("settle_min", 29),
        ("observe_s", 19),
        ("observe_s", 61),
        ("threshold_factor", math.nan),
        ("threshold_factor", True),
        ("top_level", "2"),
        ("nudging", 1),
        ("outputs", (Output.SOUND, Output.SOUND)),
        ("outputs", ("sound",)),
    ],
)
def test_an_unsafe_setting_is_refused_by_name(field: str, value: object) -> None:
    """The message names the setting; nothing starts with it."""
    with pytest.raises(SettingsError, match=field):
        replace(Settings(), **{field: value})  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    ("field", "ceiling"), [("per_episode", 4), ("per_hour", 6), ("per_18_hours", 12), ("energised_s", 60)]
)
def test_a_cap_can_only_be_lowered(field: str, ceiling: int) -> None:
    """The ceiling itself is allowed, one above it is not."""
    assert getattr(replace(CapSettings(), **{field: ceiling}), field) == ceiling
    with pytest.raises(SettingsError, match=field):
        replace(CapSettings(), **{field: ceiling + 1})


@pytest.mark.parametrize("field", ["resting_bpm", "spread_bpm", "threshold_factor"])
def test_a_profile_stays_within_its_bounds(field: str) -> None:
    """What was learned can never leave what is safe."""
    with pytest.raises(SettingsError, match=field):
        replace(Profile(), **{field: 1e9})


def test_digests_tell_settings_apart() -> None:
    """The same settings have the same digest, others another."""
    assert Settings().digest == Settings().digest
    assert Settings().digest != Settings(top_level=2).digest
    assert Profile().digest != Profile(resting_bpm=60).digest


def test_every_code_has_its_sentence() -> None:
    """No reason is without words, and no words without a reason."""
    assert set(SENTENCES) == set(ReasonCode)
    assert set(STATE_WORDS) == set(WatchState)
    assert set(KIND_WORDS) == set(EpisodeKind)
    assert set(OUTPUT_WORDS) == set(Output)
    assert set(ACTION_WORDS) == set(Action)


@pytest.mark.parametrize("code", ReasonCode)
def test_sentences_are_calm(code: ReasonCode) -> None:
    """No alarm, no exclamation, no code, no medical verdict."""
    text = sentence(Reason(code, 1.0, 2.0, Unit.SECONDS))
    assert text[0].isupper()
    assert not text.endswith(".")
    for word in ("!", "_", "error", "fail", "danger", "patient", "diagnos", "attack"):
        assert word not in text.lower()


def test_a_sentence_carries_its_numbers_with_their_unit() -> None:
    """Value and bound are both readable, by somebody who knows no word of the field."""
    surge = Reason(ReasonCode.HEART_SURGE, 14.2, 2.0, Unit.BPM)
    assert (
        sentence(surge) == "Your heart was 14 beats a minute faster than in the minutes before (its usual swing is 2)"
    )
    low = Reason(ReasonCode.HEART_SURGE, -1.0, 2.0, Unit.BPM)
    assert sentence(low) == "Your heart was 1 beat a minute slower than in the minutes before (its usual swing is 2)"
    assert "was 0 beats a minute faster" in sentence(Reason(ReasonCode.HEART_SURGE, -0.2, 2.0, Unit.BPM))
    assert sentences((surge, Reason(ReasonCode.SETTLED))).endswith(". Your body settled.")
    assert "unknown" in sentence(Reason(ReasonCode.MOVEMENT))
    assert sentence(Reason(ReasonCode.MOVEMENT, 0.014, None, Unit.G)) == "You hardly moved (0.01 g)"
    assert sentence(Reason(ReasonCode.MOVEMENT, 0.21, None, Unit.G)) == "You moved (0.21 g)"
    assert sentence(Reason(ReasonCode.STAGE_REM, 0.58, None, Unit.PROBABILITY)) == "Dreaming sleep was 58 % likely"


def test_several_decisions_are_said_together_with_the_range_of_their_numbers() -> None:
    """Each reason once, lowest and highest; what was faster and what was slower stay apart, and no number is lost."""

    def seen(evidence: float, excess: float) -> tuple[Reason, ...]:
        heart = Reason(ReasonCode.HEART_SURGE, excess, 3.0, Unit.BPM)
        return Reason(ReasonCode.QUIET), Reason(ReasonCode.EVIDENCE, evidence, 1.0, Unit.SCORE), heart

    assert sentences(seen(0.07, 18.0), seen(0.55, 16.0), seen(0.17, -2.0)) == (
        "Nothing out of the ordinary. The signs came to 0.07 to 0.55 times what makes Vigil look closer. "
        "Your heart was 16 to 18 beats a minute faster than in the minutes before (its usual swing is 3). "
        "Your heart was 2 beats a minute slower than in the minutes before (its usual swing is 3)."
    )
    assert sentences() == ""


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_reason_never_carries_a_broken_number(number: float) -> None:
    """A broken number is a reason of its own."""
    with pytest.raises(ValueError, match="not a number"):
        Reason(ReasonCode.MOVEMENT, number)


def test_an_input_error_says_where() -> None:
    """File and line stand before the reason; each may be absent."""
    assert str(InputError("heart rate 900 is impossible", path="hr.csv", line=3)) == (
        "hr.csv, line 3: heart rate 900 is impossible"
    )
    assert str(InputError("empty", path="hr.csv")) == "hr.csv: empty"
    assert str(InputError("empty")) == "empty"
