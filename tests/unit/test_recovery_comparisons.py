"""What goes with bad nights: intervals of the literature, and nothing said before there is something to say."""

from __future__ import annotations

import pytest

from vigil.domain.answers import Answer, MorningWord
from vigil.domain.records import Mode
from vigil.recovery.comparisons import (
    FEWEST,
    Comparison,
    Share,
    Verdict,
    comparisons,
    newcombe,
    wilson,
)
from vigil.recovery.diary import DiaryNight, SleepFigures

FRIDAY = 1


def night(day: int, *, bad: bool, **more: object) -> DiaryNight:
    answer = Answer(MorningWord.BAD_DREAM if bad else MorningWord.QUIET)
    return DiaryNight("n", day, answer=answer, **more)  # type: ignore[arg-type]  # by name


def row(nights: list[DiaryNight], thing: str) -> Comparison:
    return next(one for one in comparisons(nights).rows if one.thing == thing)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0000),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_the_interval_is_that_of_newcombes_table(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    """Newcombe 1998, table II, method 10."""
    found = newcombe(Share(*first), Share(*second))
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)


def test_a_share_of_nothing_has_no_interval() -> None:
    assert newcombe(Share(0, 0), Share(1, 2)) is None
    assert newcombe(Share(1, 2), Share(0, 0)) is None
    assert Share(0, 0).value is None
    assert Share(1, 4).value == 0.25
    assert wilson(Share(0, 10)) == pytest.approx((0.0, 0.2775), abs=1e-4)


def test_a_drink_that_goes_with_bad_nights_is_said() -> None:
    """Ten evenings with, nine of them bad; twenty without, one of them bad."""
    drink = frozenset({"drink"})
    nights = [night(i, bad=i < 9, marks=drink) for i in range(10)] + [night(i + 10, bad=i == 0) for i in range(20)]
    found = row(nights, "mark:drink")
    assert (found.present, found.absent) == (Share(9, 10), Share(1, 20))
    assert found.verdict is Verdict.MORE_BAD
    other = [night(i, bad=i == 0, marks=drink) for i in range(10)] + [night(i + 10, bad=i < 18) for i in range(20)]
    assert row(other, "mark:drink").verdict is Verdict.FEWER_BAD


def test_before_there_are_enough_nights_it_is_too_early() -> None:
    """However striking four nights are."""
    few = FEWEST - 1
    nights = [night(i, bad=True, dread=9) for i in range(few)] + [night(i, bad=False, dread=0) for i in range(40)]
    assert row(nights, "dread").verdict is Verdict.TOO_EARLY
    assert row([*nights, night(9, bad=True, dread=9)], "dread").verdict is Verdict.MORE_BAD
    assert row(nights, "watch_only").verdict is Verdict.TOO_EARLY


def test_where_the_interval_holds_zero_nothing_can_be_seen_yet() -> None:
    nights = [night(i, bad=i % 3 == 0, dread=9 if i % 2 else 1) for i in range(24)]
    assert row(nights, "dread").verdict is Verdict.NOTHING_SEEN


def test_only_mornings_that_tell_are_counted() -> None:
    """One that remembers nothing, or says nothing, says nothing of a bad night."""
    silent = [DiaryNight("n", 1, answer=Answer(word)) for word in (MorningWord.LEFT, MorningWord.NOT_REMEMBERED)]
    kept = DiaryNight("n", 1, answer=Answer(MorningWord.KEPT_DREAM))
    assert comparisons([*silent, kept, night(1, bad=True), DiaryNight("n", 1)]).told == Share(1, 2)


def test_each_thing_looks_at_what_it_says() -> None:
    """Friday and Saturday evenings; under six hours, where the night was seen; nights without nudging."""
    long, short = SleepFigures(420, 10, 1), SleepFigures(300, 10, 1)
    nights = [
        night(FRIDAY, bad=True, sleep=short, watched_min=400, mode=Mode.WATCH_ONLY),
        night(FRIDAY + 1, bad=False, sleep=long, watched_min=400),
        night(FRIDAY + 2, bad=False, sleep=short, watched_min=100, blind_min=300),
        DiaryNight("n", None, answer=Answer(MorningWord.BAD_DREAM)),
    ]
    found = {one.thing: (one.present, one.absent) for one in comparisons(nights).rows}
    assert found == {
        "dread": (Share(0, 0), Share(0, 0)),
        "weekend": (Share(1, 2), Share(0, 1)),
        "watch_only": (Share(1, 1), Share(1, 3)),
        "short_sleep": (Share(1, 1), Share(0, 1)),
    }


def test_how_many_would_differ_by_chance_is_told() -> None:
    """Twenty comparisons show one where there is nothing."""
    nights = [night(i, bad=i % 5 == 0, dread=i % 10, mode=Mode.ON if i % 2 else Mode.SHAM) for i in range(60)]
    found = comparisons(nights)
    assert found.tried == 3
    assert found.by_chance == pytest.approx(0.15)
