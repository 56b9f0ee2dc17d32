"""What is learned of a person: inside bounds, with uncertainty, explained, never from what a quiet night cannot say."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from vigil.domain.answers import Answer, MorningWord
from vigil.domain.records import Mode
from vigil.domain.settings import Settings
from vigil.engine.first_nights import KNOWN_NIGHTS, STRONG_FACTOR, Stage, plan_for
from vigil.engine.nights_known import NightKnown, within
from vigil.engine.personal import BOUNDS, MISSED_PRIOR, MOST_RISES, RECENT, STEP, Learned, learn
from vigil.engine.worsening import ENOUGH, PauseCause, paused, rank_sum_z

QUIET, BAD = MorningWord.QUIET, MorningWord.BAD_DREAM


def night(number: int, answer: Answer | None = None, **more: object) -> NightKnown:
    """A good ordinary night."""
    base = NightKnown(number, f"n{number}", number, 7.5, 0.5, 58.0, 3.0, 1, 1.0, answer=answer or Answer())
    return replace(base, **more)  # type: ignore[arg-type]  # fields by name


def nights(count: int, answer: Answer | None = None, **more: object) -> list[NightKnown]:
    return [night(number, answer, **more) for number in range(count)]


# -- ordinary rises ------------------------------------------------------------------------------------------------


def test_before_any_night_the_population_is_believed() -> None:
    """Nothing is known, so nothing is changed, and the interval is wide."""
    learned = learn([])
    assert (learned.threshold_factor, learned.ordinary.value, learned.reasons) == (1.0, 1.0, ())
    assert learned.ordinary.low < 0.2
    assert learned.ordinary.high > 2.5
    assert (learned.resting_bpm.value, learned.spread_bpm.value) == (58.0, 3.0)


@pytest.mark.parametrize("rate", [0.5, 1.0, 2.0, 3.0])
def test_the_factor_follows_the_ordinary_rate(rate: float) -> None:
    """So many times as many ordinary rises need so many times the threshold for the same false nudges."""
    learned = learn([night(i, rises=round(rate * (i + 1)) - round(rate * i)) for i in range(120)])
    assert learned.threshold_factor == pytest.approx(rate, rel=0.15)
    assert learned.ordinary.low < rate < learned.ordinary.high


def test_the_interval_narrows_with_nights() -> None:
    """More nights, more certainty."""
    widths = [learn(nights(n)).ordinary.high - learn(nights(n)).ordinary.low for n in (0, 3, 14, 60)]
    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) == 4


@pytest.mark.parametrize("word", [QUIET, MorningWord.NOT_REMEMBERED, MorningWord.LEFT])
def test_a_quiet_or_forgotten_night_is_no_evidence(word: MorningWord) -> None:
    """After nudges or without, these mornings leave everything exactly where the ordinary rate puts it."""
    silent = [night(i, interventions=i % 2, suspicions=i % 3, rises=i % 4) for i in range(40)]
    answered = [replace(one, answer=Answer(word, distress=3, sleepiness=4)) for one in silent]
    assert learn(answered) == learn(silent)


def test_a_bad_dream_teaches_nothing_about_ordinary_nights() -> None:
    """What the heart did in a bad dream is not ordinary: neither its rises nor its hours count."""
    before = learn(nights(10))
    after = learn([*nights(10), night(10, Answer(BAD), rises=9, suspicions=1)])
    assert after.ordinary.n == before.ordinary.n
    assert after.ordinary.value == pytest.approx(before.ordinary.value, abs=0.02)


def test_one_wild_night_is_no_habit() -> None:
    """A fever or a loose strap counts as a night with many rises, and no more than that."""
    wild = learn([*nights(20), night(20, rises=5000)])
    assert wild == learn([*nights(20), night(20, rises=MOST_RISES)])
    assert wild.threshold_factor <= STEP * learn(nights(20)).threshold_factor


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf, -1.0])
def test_broken_numbers_teach_nothing(broken: float) -> None:
    """A number that is none is left out; nothing learned is ever NaN."""
    ruined = night(10, watched_h=broken, resting_bpm=broken, spread_bpm=broken, rises_expected=broken)
    learned = learn([*nights(10), ruined])
    assert learned.good_nights == 10
    assert learned.ordinary.n == 10
    assert learned.resting_bpm == learn(nights(10)).resting_bpm
    assert learned.profile.threshold_factor == learned.threshold_factor
    assert not night(0, blind_h=broken).is_good


def test_a_figure_within_bounds() -> None:
    """Written positively: finite and within, or not."""
    assert within(1.0, 0, 1)
    assert not within(1.0, 0, 1, open_end=True)
    assert not within(None, 0, 1)


# -- mornings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer", [Answer(QUIET, disturbed=True), Answer(BAD, was_awake=True), Answer(MorningWord.KEPT_DREAM)], ids=str
)
def test_an_unwelcome_nudge_raises_the_factor_by_one_step(answer: Answer) -> None:
    """What a person says against a nudge is heard at once, in one small step, and is said."""
    before = nights(30)
    learned = learn([*before, night(30, answer, interventions=1, suspicions=1)])
    ratio = learned.threshold_factor / learn(before).threshold_factor
    assert 1.05 < ratio <= STEP + 1e-4
    assert any("unwelcome (last in night n30)" in reason for reason in learned.reasons)


def test_without_a_nudge_there_is_nothing_to_complain_of() -> None:
    """Disturbed in a night in which Vigil did nothing: something else did it."""
    complaint = Answer(MorningWord.KEPT_DREAM, disturbed=True, was_awake=True)
    assert learn(nights(30, complaint)) == learn(nights(30))


def test_a_complaint_fades() -> None:
    """One bad night is forgotten in a season."""
    learned = learn([night(0, Answer(disturbed=True), interventions=1), *(night(i) for i in range(1, 200))])
    assert learned.threshold_factor == pytest.approx(learn(nights(200)).threshold_factor, rel=0.01)


def test_missed_bad_dreams_lower_the_factor_slowly_and_only_if_many() -> None:
    """One a week changes nothing; nearly every night lets it go down, in weeks, and never below its bound."""
    weekly = [night(i, Answer(BAD) if i % 7 == 0 else None) for i in range(120)]
    assert learn(weekly).missed == 1.0
    nightly = [learn(nights(n, Answer(BAD))).missed for n in (3, 7, 14, 60, 400)]
    assert nightly == sorted(nightly, reverse=True)
    assert nightly[0] > 0.95
    assert nightly[1] > 0.75
    assert nightly[-1] >= BOUNDS[0]
    assert learn(nights(400, Answer(BAD))).threshold_factor >= BOUNDS[0]
    assert any("missed" in reason for reason in learn(nights(30, Answer(BAD))).reasons)
    assert MISSED_PRIOR >= 14


def test_what_was_noticed_or_not_watched_is_not_missed() -> None:
    """A suspicion was there, or nothing could be seen: a lower threshold would have changed nothing."""
    assert night(0, Answer(BAD)).is_missed
    assert not night(0, Answer(BAD), suspicions=1).is_missed
    assert night(0, Answer(BAD, dreams=2), suspicions=1).is_missed
    assert not night(0, Answer(BAD), watched_h=3.0).is_missed
    assert not night(0, Answer(QUIET)).is_missed


def test_changing_an_answer_undoes_it() -> None:
    """Nothing learned is stored: after a change it is as if the first answer had never been."""
    first = [*nights(20), night(20, Answer(disturbed=True), interventions=1)]
    changed = [*nights(20), night(20, Answer(QUIET), interventions=1)]
    assert learn(first).threshold_factor > learn(changed).threshold_factor
    assert learn(changed) == learn([*nights(20), night(20, interventions=1)])


def test_every_deviation_is_explained() -> None:
    """Whenever the factor is not the shipped one, a sentence says why."""
    often, seldom = learn(nights(20, rises=5)), learn(nights(20, rises=0))
    assert any("more often than" in reason for reason in often.reasons)
    assert any("less often than" in reason for reason in seldom.reasons)
    assert any("as often as" in reason for reason in learn(nights(20)).reasons)
    assert "Over 1 night " in learn(nights(1)).reasons[0]
    assert any("on its way to" in reason for reason in learn(nights(3, rises=9)).reasons)


# -- levels --------------------------------------------------------------------------------------------------------


def test_levels_are_drawn_to_the_person_as_nights_come() -> None:
    """A single night moves the resting heart rate part of the way, weeks move it there, and a fever does not."""
    one, many = learn(nights(1, resting_bpm=70.0)), learn(nights(30, resting_bpm=70.0))
    assert 58 < one.resting_bpm.value < 70
    assert many.resting_bpm.value == pytest.approx(70, abs=0.5)
    assert many.resting_bpm.low < 70 <= many.resting_bpm.high
    fever = learn([*nights(30, resting_bpm=60.0), night(30, resting_bpm=100.0)])
    assert fever.resting_bpm.value == learn(nights(31, resting_bpm=60.0)).resting_bpm.value
    assert (many.profile.resting_bpm, many.profile.spread_bpm) == (many.resting_bpm.value, many.spread_bpm.value)


def test_levels_follow_the_latest_nights_only() -> None:
    """What was a year ago is no level of today."""
    old = [night(i, resting_bpm=50.0) for i in range(RECENT)]
    new = [night(RECENT + i, resting_bpm=70.0) for i in range(RECENT)]
    assert learn([*old, *new]).resting_bpm.value == learn(new).resting_bpm.value


def test_nights_without_signal_give_no_level() -> None:
    """Out-of-range or missing figures, and nights that were mostly blind, are left out."""
    assert learn(nights(5, resting_bpm=None)).resting_bpm.n == 0
    assert learn(nights(5, resting_bpm=200.0)).resting_bpm.n == 0
    assert learn(nights(5, blind_h=8.0)).resting_bpm.n == 0


# -- tonight -------------------------------------------------------------------------------------------------------


def test_first_nights_are_watch_only_then_strong_signs_then_known() -> None:
    """Two good nights at least before anything is done; then twice the evidence and the lowest step; then as chosen."""
    plans = [plan_for(nights(n))[0] for n in range(KNOWN_NIGHTS + 1)]
    assert [plan.stage for plan in plans] == [Stage.WATCHING] * 2 + [Stage.STRONG_SIGNS] * 12 + [Stage.KNOWN]
    assert [plan.mode for plan in plans[:3]] == [Mode.WATCH_ONLY, Mode.WATCH_ONLY, Mode.ON]
    assert "Night 2 of at least 2 without nudges: Vigil is only watching." in plans[1].words
    assert all(plan.profile.threshold_factor >= STRONG_FACTOR for plan in plans[2:KNOWN_NIGHTS])
    assert plans[KNOWN_NIGHTS].profile.threshold_factor == learn(nights(KNOWN_NIGHTS)).threshold_factor


def test_nights_without_signal_do_not_count() -> None:
    """A hundred blind nights teach nothing, and the words say what a night needs to count."""
    plan, learned = plan_for(nights(100, watched_h=2.0, blind_h=6.0))
    assert (plan.stage, learned.good_nights) == (Stage.WATCHING, 0)
    assert "more of it was seen than not" in plan.words


def test_settings_skip_nothing() -> None:
    """A bold setting does not shorten the first nights; a cautious one stays as it is."""
    bold, shy = Settings(threshold_factor=0.5, top_level=4), Settings(threshold_factor=3.0, nudging=False, top_level=1)
    strong, known = plan_for(nights(5))[0], plan_for(nights(20))[0]
    assert (strong.settings(bold).threshold_factor, strong.settings(bold).top_level) == (1.0, 1)
    assert (known.settings(bold).threshold_factor, known.settings(bold).top_level) == (0.5, 2)
    for plan in (strong, known):
        assert plan.settings(shy) == shy


def test_the_words_of_a_known_person_say_how_clear_signs_must_be() -> None:
    """The usual ones, or clearer ones; figures are for the reasons."""
    assert "a nudge takes the usual signs" in plan_for(nights(20))[0].words
    plan, learned = plan_for(nights(40, rises=3))
    assert "clearer signs than usual" in plan.words
    assert f"{learned.threshold_factor:.2f}" not in plan.words


# -- pausing -------------------------------------------------------------------------------------------------------


def test_three_nights_of_awakenings_pause_nudging() -> None:
    """More than once a night, three nights running; twice with a better night between is no pause."""
    woken = [*nights(17), *(night(17 + i, awakenings=2, interventions=2) for i in range(3))]
    pause = paused(woken)
    assert pause is not None
    assert (pause.cause, pause.since) == (PauseCause.WOKEN, "n19")
    assert paused(woken[:-1]) is None
    assert paused([*woken[:-1], night(19, awakenings=1), night(20, awakenings=2)]) is None
    plan, _ = plan_for(woken)
    assert (plan.stage, plan.mode, plan.pause) == (Stage.PAUSED, Mode.WATCH_ONLY, pause)
    assert "vigil morning --resume" in plan.words


def test_nudging_is_taken_up_again_and_may_pause_again() -> None:
    """Resuming begins the rule anew: three more such nights are needed, and a pause lasts until it is resumed."""
    woken = [night(i, awakenings=2) for i in range(3)]
    assert paused([*woken, *(night(i) for i in range(3, 30))]) is not None
    resumed = [*woken[:2], replace(woken[2], answer=Answer(resumed=True))]
    assert paused(resumed) is None
    more = [night(3 + i, awakenings=2) for i in range(3)]
    assert paused([*resumed, *more[:2]]) is None
    again = paused([*resumed, *more])
    assert again is not None
    assert again.since == "n5"


@pytest.mark.parametrize("field", ["distress", "sleepiness"])
def test_two_worse_weeks_pause_nudging(field: str) -> None:
    """Every answer of the last two weeks above every one of the two before."""
    worse = [night(i, Answer(BAD, **{field: 2 if i < 14 else 8})) for i in range(28)]  # type: ignore[arg-type]
    pause = paused(worse)
    assert pause is not None
    assert pause.cause.value == field
    same = [night(i, Answer(BAD, **{field: 2 + i % 5})) for i in range(60)]  # type: ignore[arg-type]
    assert paused(same) is None
    better = [night(i, Answer(BAD, **{field: 8 if i < 14 else 2})) for i in range(28)]  # type: ignore[arg-type]
    assert paused(better) is None


def test_few_answers_pause_nothing() -> None:
    """Without enough mornings on both sides nothing is said, and a long gap is not two weeks."""
    few = [night(i, Answer(BAD, distress=2 if i < 14 else 8) if i % 14 < ENOUGH - 1 else None) for i in range(28)]
    assert paused(few) is None
    gap = [night(i, Answer(BAD, distress=2 if i < 14 else 8), day=i if i < 14 else i + 40) for i in range(28)]
    assert paused(gap) is None


def test_a_quiet_morning_is_a_morning_without_distress() -> None:
    """Quiet mornings that turn into bad ones are a worsening, though nobody gave a number for the quiet ones."""
    turned = [night(i, Answer(QUIET) if i < 14 else Answer(BAD, distress=7)) for i in range(28)]
    pause = paused(turned)
    assert pause is not None
    assert pause.cause is PauseCause.DISTRESS


def test_after_resuming_two_whole_weeks_must_pass() -> None:
    """The weeks that paused it cannot pause it again."""
    worse = [night(i, Answer(BAD, distress=2 if i < 14 else 8)) for i in range(28)]
    resumed = [*worse[:-1], replace(worse[-1], answer=replace(worse[-1].answer, resumed=True))]
    soon = [*resumed, *(night(28 + i, Answer(BAD, distress=8)) for i in range(13))]
    assert paused(soon) is None
    later = [*resumed, *(night(28 + i, Answer(BAD, distress=10)) for i in range(14))]
    pause = paused(later)
    assert pause is not None


def test_nights_without_dates_count_as_days() -> None:
    """No clock, or one that went back: nights in a row stand for days."""
    for day in (None, 5):
        worse = [night(i, Answer(BAD, distress=2 if i < 14 else 8), day=None) for i in range(28)]
        assert paused([replace(worse[0], day=day), *worse[1:]]) is not None
    back = [night(i, Answer(BAD, distress=2 if i < 14 else 8), day=-i) for i in range(28)]
    assert paused(back) is not None


def test_the_rank_sum() -> None:
    """Against the formula by hand: no ties, all ties, and what ranks below."""
    assert rank_sum_z([4, 5, 6], [1, 2, 3]) == pytest.approx((9 - 4.5 - 0.5) / math.sqrt(3 * 3 * 7 / 12))
    assert rank_sum_z([1, 1], [1, 1]) == 0.0
    assert rank_sum_z([1, 2, 3], [4, 5, 6]) == 0.0
    assert rank_sum_z([1, 2], [1, 1]) < rank_sum_z([2, 3], [1, 1])


def test_learned_is_what_the_plan_rests_on() -> None:
    """The plan comes with what was learned, of the same nights."""
    _, learned = plan_for(nights(7))
    assert isinstance(learned, Learned)
    assert learned == learn(nights(7))
