"""What a person writes is kept as typed, or refused in words before anything is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.errors import InputError
from vigil.domain.journal import (
    MOST_BODY,
    MOST_MARKS,
    MOST_NAME,
    MOST_TAG,
    MOST_TAGS,
    MOST_TITLE,
    REPLACEMENT,
    Draft,
    MorningNote,
    Written,
    fold,
    kept_line,
    kept_text,
    place_of,
)


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")) | st.sampled_from("\n\t\u202e👩\u200d👩\u200d👧שלום")))
def test_words_of_any_script_are_kept_as_they_are(text: str) -> None:
    """Right-to-left marks, emoji of several letters and odd spaces are somebody's words."""
    assert kept_text(text) == text
    assert Written(title="x", body=text).body == text


@given(st.text(st.characters()))
def test_what_is_kept_can_be_stored_and_stays_as_it_is(text: str) -> None:
    """NUL and halves of letters become a sign that stands for them; nothing else goes."""
    kept = kept_text(text)
    assert kept_text(kept) == kept
    kept.encode()
    assert len(kept) == len(text.replace("\r\n", "\n"))


def test_controls_become_a_sign_that_can_be_seen() -> None:
    """Line ends of every kind are one kind; a NUL, an escape or half a letter is no text."""
    assert kept_text("a\r\nb\rc\td") == "a\nb\nc\td"
    assert kept_text("a\0b\x1b\x7f\x85\ud83d") == "a" + REPLACEMENT + "b" + REPLACEMENT * 4
    assert kept_line("  a \n b ") == "a b"


def test_what_is_too_long_is_refused_whole() -> None:
    """A 5-MB entry is not cut: the sentence says how long it is, what fits, and where the text still is."""
    Written(body="x" * MOST_BODY, title="t" * MOST_TITLE, tags=("g" * MOST_TAG,), night="n" * MOST_NAME)
    with pytest.raises(InputError, match=r"5,000,000 letters, and 1,000,000 fit; .*still where you wrote it"):
        Written(body="x" * 5_000_000)
    for too_long in ({"title": "x" * (MOST_TITLE + 1)}, {"tags": ("x" * (MOST_TAG + 1),)}, {"night": "x" * 201}):
        with pytest.raises(InputError, match="nothing was kept or lost"):
            Written(body="x", **too_long)
    with pytest.raises(InputError, match="31 tags, and 30 fit"):
        Written(body="x", tags=tuple(map(str, range(MOST_TAGS + 1))))


def test_tags_are_shown_as_typed_and_count_once() -> None:
    """Case and the way of typing an accent make no second tag; an empty one is none."""
    assert Written("t", tags=("  Café  noir ", "CAFE\u0301 NOIR", "", "x")).tags == ("Café noir", "x")
    assert fold("Straße") == fold("STRASSE")


@pytest.mark.parametrize("day", ["2026-02-28", "2024-02-29", "2000-02-29", "0001-12-31"])
def test_days_are_dates(day: str) -> None:
    """As the calendar has them."""
    assert Written("t", day=day).day == day


@pytest.mark.parametrize(
    "day",
    [
        *("", "2026-2-1", "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-04-00"),
        *("0000-01-01", "2026/04/01", "2026-04-1x", "\u0662\u0660\u0662\u0666-04-01", "2026-04-011"),
    ],
)
def test_other_days_are_refused(day: str) -> None:
    """With an example of how to write it."""
    with pytest.raises(InputError, match="2026-11-27"):
        Written("t", day=day)


def test_an_empty_entry_is_none() -> None:
    """Blanks are nothing; nothing is kept of them."""
    with pytest.raises(InputError, match="nothing in it yet"):
        Written(title=" ", body=" \n ")


def test_a_mornings_words_have_bounds() -> None:
    """A night, a dread from 0 to 10, and marks as a short list."""
    note = MorningNote("n", 10, "w\0", ("Late meal", "late meal"), "e")
    assert (note.words, note.marks) == ("w" + REPLACEMENT, ("Late meal",))
    with pytest.raises(InputError, match="which night"):
        MorningNote(" ")
    for dread in (-1, 11, True, 2.0):
        with pytest.raises(InputError, match="from 0 to 10"):
            MorningNote("n", dread)  # type: ignore[arg-type]  # what a page could send
    with pytest.raises(InputError, match="marks, and"):
        MorningNote("n", marks=tuple(map(str, range(MOST_MARKS + 1))))


def test_a_draft_is_cleaned_too() -> None:
    """Or it could not be kept."""
    assert place_of(3) == "entry/3"
    assert Draft("today", "a\ud83d").text == "a" + REPLACEMENT


def test_all_that_was_typed_in_a_morning_is_one_text() -> None:
    """For the journal, which shows and searches it whole."""
    assert MorningNote("2026-11-28", 1, words="A staircase.", evening="News late.").text == "A staircase.\n\nNews late."
    assert MorningNote("2026-11-28", 1, words=" ", evening="News late.").text == "News late."
    assert not MorningNote("2026-11-28").text
