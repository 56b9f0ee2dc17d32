"""Many nights together: what was said is counted as it was said, and a blank stays a blank."""

from __future__ import annotations

from datetime import date

import pytest

from vigil.domain.answers import Answer, MorningWord
from vigil.domain.records import Mode
from vigil.recovery.diary import Counts, DiaryNight, Nudged, SleepFigures, Spread, count_words, evenings
from vigil.recovery.weeks import Weeks, month_of, weekday_of

BAD, QUIET, LEFT = MorningWord.BAD_DREAM, MorningWord.QUIET, MorningWord.LEFT


def day(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def night(when: int | None, word: MorningWord | None = None, **more: object) -> DiaryNight:
    answer = None if word is None else Answer(word)
    return DiaryNight(f"n{when}", when, **{"answer": answer, **more})  # type: ignore[arg-type]  # by name


def test_thirty_nights_are_told_as_the_issue_tells_them() -> None:
    nights = [night(i, BAD if i < 4 else QUIET if i < 23 else None) for i in range(30)]
    counts = Counts.of(nights)
    assert count_words(counts) == "30 nights: 4 bad, 19 quiet, 7 not said"
    assert sum(times for _, times in counts.said) == 30
    assert count_words(Counts.of([])) == "No nights"
    assert count_words(Counts.of([night(1, MorningWord.KEPT_DREAM)])) == (
        "1 night: 0 bad, 0 quiet, 1 with a dream to keep, 0 not said"
    )


def test_what_was_not_said_is_in_no_median() -> None:
    """Distress of the nights that said it, dread of the evenings that said it, sleep of the nights that had any."""
    one = night(1, answer=Answer(BAD, dreams=2, distress=8, woken=True, disturbed=True), dread=3)
    two = night(2, answer=Answer(BAD, distress=2), sleep=SleepFigures(400, 30, 2), watched_min=300, blind_min=100)
    three = night(3, sleep=SleepFigures(300, 10, 1), mode=Mode.WATCH_ONLY, noticed=2)
    counts = Counts.of([one, two, three])
    assert counts.distress == Spread(2, 5, 2, 8)
    assert counts.dread == Spread(1, 3, 3, 3)
    assert counts.asleep_min == Spread(2, 350, 300, 400)
    assert (counts.waso_min, counts.awakenings) == (Spread(2, 20, 10, 30), Spread(2, 1.5, 1, 2))
    assert (counts.dreams, counts.woken, counts.disturbed, counts.watch_only, counts.noticed) == (2, 1, 1, 1, 2)
    assert counts.blind_share == 0.25
    assert Counts.of([one]).blind_share is None


def test_what_nudges_came_to_adds_up() -> None:
    nights = [night(1, nudged=Nudged(3, 2, 1, 0, 1)), night(2, nudged=Nudged(1, 1, 0, 1, 0)), night(3)]
    counts = Counts.of(nights)
    assert counts.nudged == Nudged(4, 3, 1, 1, 1)
    assert counts.nudged_nights == 2


@pytest.mark.parametrize(
    ("first", "second", "stands"),
    [
        (Answer(BAD), None, BAD),
        (Answer(BAD), Answer(), BAD),
        (Answer(BAD), Answer(disturbed=True), BAD),
        (Answer(BAD), Answer(QUIET), QUIET),
        (None, Answer(QUIET), QUIET),
        (None, None, LEFT),
    ],
)
def test_an_evening_begun_twice_is_one_night(first: Answer | None, second: Answer | None, stands: MorningWord) -> None:
    """After a restart of the computer the store has two; whoever slept had one, and said one thing of it."""
    cut = DiaryNight(
        "a", 5, Mode.ON, first, 4, frozenset({"drink"}), SleepFigures(100, 5, 1), 200, 10, 1, Nudged(1, 1, 1)
    )
    rest = DiaryNight("a-2", 5, Mode.WATCH_ONLY, second, None, frozenset({"ill"}), SleepFigures(50, 5, 0), 90, 0)
    (one,) = evenings([cut, rest])
    assert one.word is stands
    assert (one.watched_min, one.blind_min, one.noticed, one.dread) == (290, 10, 1, 4)
    assert (one.sleep, one.marks, one.mode) == (SleepFigures(150, 10, 1), frozenset({"drink", "ill"}), Mode.ON)
    assert one.nudged == Nudged(1, 1, 1)


def test_an_evening_of_which_one_part_has_no_sleep_has_that_of_the_other() -> None:
    slept = SleepFigures(50, 5, 0)
    assert evenings([night(5, sleep=slept), night(5, dread=2)])[0].sleep == slept
    assert evenings([night(5), night(5, sleep=slept, mode=Mode.SHAM, dread=1)])[0].dread == 1
    (sham,) = evenings([night(5, mode=Mode.SHAM), night(5, mode=Mode.SHAM)])
    assert sham.mode is Mode.SHAM


def test_weeks_run_from_the_first_night_to_the_last_with_empty_ones_between() -> None:
    """Nothing is left out because nothing was said; and nights without a clock are counted, but stand in no week."""
    weeks = Weeks.of([night(day("2026-11-01"), BAD), night(day("2026-11-18"), QUIET), night(None, BAD)])
    assert weeks.counts.nights == 3
    assert [week.first_day for week in weeks.weeks] == [
        day(f"2026-{rest}") for rest in ("10-26", "11-02", "11-09", "11-16")
    ]
    assert [week.counts.nights for week in weeks.weeks] == [1, 0, 0, 1]
    sundays = Weeks.of(weeks.nights, first_weekday=6).weeks
    assert [week.first_day for week in sundays] == [day(f"2026-11-{rest}") for rest in ("01", "08", "15")]
    assert weeks.nights[-1].day is None


def test_the_calendar_shows_what_was_said_and_leaves_blank_what_was_not() -> None:
    """A night without an answer is there; a day without a night is empty."""
    weeks = Weeks.of([night(day("2024-02-29"), BAD), night(day("2024-03-01"), None)])
    february, march = weeks.months
    assert (february.year, february.month, len(february.days), february.first_weekday) == (2024, 2, 29, 3)
    assert (february.days[-1].word, february.days[-1].night) == (BAD, f"n{day('2024-02-29')}")
    assert (march.days[0].word, march.days[1].word, march.days[1].night) == (LEFT, None, "")
    assert len(march.days) == 31


def test_without_a_dated_night_there_is_no_calendar() -> None:
    assert (Weeks.of([]).weeks, Weeks.of([night(None)]).months) == ((), ())


@pytest.mark.parametrize("text", ["1970-01-01", "1999-12-31", "2000-02-29", "2026-11-27", "2100-03-01"])
def test_days_and_months_are_those_of_the_calendar(text: str) -> None:
    truth = date.fromisoformat(text)
    assert weekday_of(day(text)) == truth.weekday()
    assert month_of(day(text)) == (truth.year, truth.month)
