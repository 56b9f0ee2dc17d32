"""Whom to call: every row has a source and a date, and the nearest comes first."""

from __future__ import annotations

import pytest

from vigil.interview.crisis import OTHER, help_for, help_words, source_words
from vigil.interview.crisis_rows import CHECKED, COUNTRIES, ELSEWHERE, Country


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda country: country.code)
def test_every_row_says_where_it_is_from(country: Country) -> None:
    """A number without a source, or a country without a service, would be worse than none."""
    assert len(country.code) == 2
    assert country.code.islower()
    assert any(letter.isdigit() for letter in country.emergency)
    assert country.source.startswith("http")
    assert country.services
    for service in country.services:
        assert service.source.startswith(("https://", "http://"))
        assert any(letter.isdigit() for letter in service.reach)
        assert not service.page or service.page[:3] in ("201", "202")
        assert service.page <= CHECKED


def test_there_are_enough_countries_each_once_by_name() -> None:
    """In the order of their names, so that one finds one's own."""
    names = [country.name for country in COUNTRIES]
    assert names == sorted(names)
    assert len({country.code for country in COUNTRIES}) == len(names) >= 20


def test_the_nearest_comes_first() -> None:
    """The emergency number, then the person's own, then the services."""
    lines = help_words(help_for("za", "Ana 0123;  ; Ben"))
    assert lines == (
        "In danger now: 10177 (for an ambulance), or 112 from a mobile",
        "Your own: Ana 0123",
        "Your own: Ben",
        "SADAG suicide helpline: 0800 567 567",
        "SADAG mental health line: 0800 456 789 (day and night)",
    )


@pytest.mark.parametrize("code", ["", OTHER, "xx"])
def test_any_other_country_gets_a_way_to_find_its_own(code: str) -> None:
    """Nobody is left with nothing."""
    whom = help_for(code)
    assert whom.emergency.startswith("112 in the EU; elsewhere ")
    assert "emergency number of your country" in whom.emergency
    assert whom.services == ELSEWHERE
    assert "findahelpline.com" in help_words(whom)[1]
    assert len(source_words(whom)) == len(ELSEWHERE)


def test_the_sources_are_told_with_the_day_they_were_checked() -> None:
    """Honestly: in a stored copy, with the date of the page where it says one."""
    lines = source_words(help_for("nl"))
    assert lines[0].startswith("112 in Netherlands: http://ec.europa.eu/")
    assert lines[1].endswith(f"checked {CHECKED} in a stored copy of the page (of 2025-10-03)")
    assert source_words(help_for("gb"))[1].endswith("(undated)")
