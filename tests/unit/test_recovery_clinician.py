"""The report for a clinician: sober, two pages, its known error on it, and nobody's words unless they want it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from vigil.domain.answers import Answer, MorningWord
from vigil.domain.records import Mode
from vigil.recovery.clinician import (
    KNOWN_ERROR,
    MOST_MONTHS,
    MOST_WEEKS,
    MOST_WORDS,
    ReportModel,
    Section,
    date_words,
    report_model,
)
from vigil.recovery.diary import DiaryNight, Nudged, SleepFigures

EVIDENCE = (Path(__file__).resolve().parents[2] / "docs" / "evidence.md").read_text()
FIRST = (date(2026, 10, 28) - date(1970, 1, 1)).days
BAD, QUIET, LEFT = MorningWord.BAD_DREAM, MorningWord.QUIET, MorningWord.LEFT


def night(day: int, word: MorningWord = QUIET, **more: object) -> DiaryNight:
    return DiaryNight(f"n{day}", FIRST + day, **{"answer": Answer(word), **more})  # type: ignore[arg-type]  # by name


def facts(model: ReportModel) -> dict[str, str]:
    return {fact.label: fact.value for page in model.pages for section in page for fact in section.facts}


def section(model: ReportModel, begins: str) -> Section:
    return next(one for page in model.pages for one in page if one.title.startswith(begins))


def report(nights: list[DiaryNight], days: int = 30, words: tuple[tuple[str, str], ...] = ()) -> ReportModel:
    return report_model(nights, range(FIRST, FIRST + days), words)


def test_the_known_error_is_that_of_the_evidence() -> None:
    """A figure on paper in somebody's file must be the one that was measured."""
    told = EVIDENCE.split("## Figures, cross-validated")[1]
    nights, people = re.search(r"(\d+) nights of (\d+) people", told).groups()  # type: ignore[union-attr]
    sleep = re.search(r"\| total sleep time \|.*?\|.*?\| (.*?) \|", told)[1]  # type: ignore[index]
    wake = re.search(r"\| wake after sleep onset \|.*?\|.*?\| (.*?) \|", told)[1]  # type: ignore[index]
    found = re.search(r"\| wake \| (.*?) \|", told)[1]  # type: ignore[index]
    kappa = re.search(r"wake/NREM/REM: κ \*\*(.*?)\*\*", told)[1]  # type: ignore[index]
    noticed = re.search(r"Nightmares noticed.*?\*\*(.*?)\*\*", told)[1]  # type: ignore[index]
    assert {
        "nights": nights,
        "people": people,
        "kappa": kappa,
        "wake_found": found,
        "sleep_bias": sleep,
        "wake_bias": wake,
        "noticed": noticed,
    } == KNOWN_ERROR


def test_what_was_said_stands_as_it_was_said() -> None:
    """With how many nights it rests on, and nights without a word as such."""
    answer = Answer(BAD, dreams=2, distress=7, woken=True, disturbed=True)
    nights = [night(0, answer=answer, dread=4), night(1), night(2, LEFT), night(99, BAD)]
    told = facts(report(nights))
    assert told["Nights"] == "3 nights: 1 bad, 1 quiet, 1 not said"
    assert told["Bad, of the nights that were told"] == "1 of 2, 50 % (95 % interval 9 % to 91 %)"
    assert told["Bad dreams counted"] == "2, in 1 night of which a number was given"
    assert told["Distress, 0 to 10"] == "median 7, 7 to 7; 1 night"
    assert told["Dread of going to bed, 0 to 10"] == "median 4, 4 to 4; 1 evening"
    assert (told["Woken by a bad dream"], told["Disturbed by Vigil"]) == ("1 night", "1 night")
    assert report(nights).period == "28 October 2026 to 26 November 2026"


def test_where_nothing_is_known_there_is_a_dash() -> None:
    told = facts(report([night(0, LEFT)]))
    for label in ("Distress, 0 to 10", "Asleep", "Bad, of the nights that were told", "What followed, by episode"):
        assert told[label] == "-"
    assert (told["Watched"], told["Nudges given"], told["Device"]) == ("nothing", "none", "not known")


def test_what_vigil_did_and_what_came_of_it() -> None:
    slept = SleepFigures(430, 20, 3)
    nights = [
        night(0, sleep=slept, watched_min=450, blind_min=50, nudged=Nudged(3, 2, 1, 0, 1), noticed=2, device="A"),
        night(1, mode=Mode.WATCH_ONLY, watched_min=30, device="B"),
        *(night(2 + i, device=f"{i}" * 99) for i in range(3)),
    ]
    told = facts(report(nights))
    assert (told["Watched"], told["Blind, without a usable signal"]) == ("8 h 00 min", "9 % of the time")
    assert told["Only watched, without nudging"] == "1 of 5 nights"
    assert told["Nudges given"] == "3, in 2 episodes of 1 night"
    assert told["What followed, by episode"] == "settled 1, woke 1, went on unchanged 0"
    assert told["Device"] == f"A, B, {'0' * 60} and 2 more"
    assert told["Asleep"] == "median 7 h 10 min, 7 h 10 min to 7 h 10 min; 1 night"
    assert told["Awake in between"].startswith("median 20 min")


def test_a_month_is_told_by_weeks_and_a_year_by_months() -> None:
    """So that it stays on its page; of many years the latest months are told, and that is said."""
    weeks = section(report([night(i) for i in range(30)]), "Week by week").grid
    assert weeks is not None
    assert [row[0] for row in weeks.rows][:2] == ["26 October 2026", "2 November 2026"]
    assert sum(int(row[1]) for row in weeks.rows) == 30
    asleep = SleepFigures(387, 0, 0)
    year = section(report([night(i, BAD, sleep=asleep) for i in range(365)], 365), "Month by month")
    assert year.grid is not None
    assert len(year.grid.rows) == 13
    assert year.grid.rows[1][:3] == ("November 2026", "30", "30")
    assert "6\u00a0h\u00a027" in year.grid.rows[1]
    many = section(report([night(i) for i in range(1000)], 1000), "Month by month")
    assert many.grid is not None
    assert len(many.grid.rows) == MOST_MONTHS
    assert many.grid.rows[-1][0] == "July 2029"
    assert f"The latest {MOST_MONTHS} months" in many.paragraphs[0]
    whole = section(report([night(i) for i in range(7 * MOST_WEEKS - 2)], 200), "Week by week").grid
    assert whole is not None
    assert len(whole.rows) == MOST_WEEKS
    assert all(len(row) == len(whole.columns) for row in whole.rows)


def test_own_words_are_there_only_where_they_are_wanted() -> None:
    """The newest first, never more than fit, and what is left out is counted."""
    without = report([night(0)])
    assert not without.own_words
    assert all("own words" not in one.title for page in without.pages for one in page)
    assert not report([night(0)], words=(("n0", "  \n"),)).own_words
    words = tuple((f"n{i}", f"word{i} " * 80) for i in range(10))
    shown = section(report([night(0)], words=words), "In the person's own words").paragraphs
    assert shown[0].startswith("n9: word9 word9")
    assert shown[-1] == "6 more are not shown here."
    assert shown[-2].endswith(" ...")
    assert sum(map(len, shown)) < MOST_WORDS + 100
    whole = section(report([night(0)], words=(("n0", "a\nb"), ("n1", "x" * MOST_WORDS))), "In the person's").paragraphs
    assert whole[1] == "1 more is not shown here."
    assert section(report([night(0)], words=(("n0", "a\n b"),)), "In the").paragraphs == ("n0: a b",)


@pytest.mark.parametrize(("text", "words"), [("2024-02-29", "29 February 2024"), ("1970-01-01", "1 January 1970")])
def test_dates_in_words(text: str, words: str) -> None:
    assert date_words((date.fromisoformat(text) - date(1970, 1, 1)).days) == words
