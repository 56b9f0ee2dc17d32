"""What is typed in the morning is read, found and printed in the journal, and goes with its night."""

from __future__ import annotations

import re

import pytest

from tests.web.test_morning import MORE, form_of, watched
from tests.web.visitor import NOW_MS, Visitor, text_of
from vigil.app.journal_room import journal
from vigil.domain.journal import MorningNote, Written
from vigil.store.journal_erase import erase_night_words
from vigil.web.rooms import Rooms

LINE = "In the morning I stood on a staircase."
NIGHTS = ("2026-11-27", "2026-11-28", "2026-11-29")


@pytest.fixture
def awake(nights: Rooms) -> Visitor:
    """Somebody who has typed a few words this morning."""
    visitor = Visitor.inside(nights)
    visitor.post(MORE, form_of(visitor) | {"words": "I stood on a staircase."})
    return visitor


def put(rooms: Rooms, *notes: MorningNote) -> None:
    with journal(rooms.home, rooms.shelf) as opened:
        for number, note in enumerate(notes):
            opened.notes.put_morning(note, NOW_MS + number)


def write(rooms: Rooms, *entries: Written) -> None:
    with journal(rooms.home, rooms.shelf) as opened:
        for number, what in enumerate(entries):
            opened.add(what, NOW_MS + number * 100_000)


def found(visitor: Visitor, looked_for: str) -> str:
    return text_of(visitor.get(visitor.post("/journal/find", {"q": looked_for}).headers["location"]))


def test_words_of_a_morning_stand_in_the_journal_under_their_night(awake: Visitor, nights: Rooms) -> None:
    write(nights, Written("Of the night", "x", night=NIGHTS[2], day="2026-11-29"), Written("Older", day="2026-11-20"))
    page = awake.get("/journal")
    said = text_of(page)
    assert said.index("29 Nov 2026") < said.index(LINE) < said.index("Older")
    assert "Night: Sunday 29 November" in said
    assert 'href="/morning/3#words"' in page.text
    assert 'id="words"' in awake.get("/morning/3").text
    assert LINE in text_of(awake.get("/journal?night=3"))
    assert "No entry is kept there" in text_of(awake.get("/journal?night=2"))


def test_words_of_a_morning_are_found_and_it_is_never_said_that_they_are_nowhere(awake: Visitor) -> None:
    said = found(awake, "STAIRC stood")
    assert "1 entry" in said
    assert "29 Nov 2026" in said
    assert "Nothing that you wrote" not in said
    assert "Nothing that you wrote holds these words" in found(awake, "wolf")


def test_they_are_found_while_a_night_holds_the_other_database(awake: Visitor, nights: Rooms) -> None:
    with watched(nights):
        awake.post(MORE, form_of(awake) | {"words": "At three: a corridor."})
        assert "In the morning At three: a corridor." in text_of(awake.get("/journal"))
        assert "1 entry" in found(awake, "corridor")


def test_they_are_printed_in_the_order_of_days(awake: Visitor, nights: Rooms) -> None:
    put(nights, MorningNote(NIGHTS[1], words="one\ntwo", evening="Three."), MorningNote(NIGHTS[0], 4, marks=("late",)))
    write(nights, Written("Last", "body", day="2026-12-01"))
    page = awake.get("/journal/print")
    said = text_of(page)
    assert said.index("one two Three.") < said.index("I stood on") < said.index("Last")
    assert "one\ntwo\n\nThree." in page.text
    assert said.count("In the morning") == 2  # dread and marks are no words
    of_night = text_of(awake.get("/journal/print?night=3"))
    assert "I stood on" in of_night
    assert "Three" not in of_night


def test_of_a_night_that_is_not_kept_they_stand_whole_and_lead_nowhere(sleeper: Visitor, rooms: Rooms) -> None:
    put(rooms, MorningNote("of a backup <b>", words="word " * 200 + "last"))
    page = sleeper.get("/journal")
    assert "word last" in text_of(page)
    assert "Night: of a backup &lt;b&gt;" in page.text
    assert "/morning/" not in page.text.partition("<main")[2].partition("</main")[0]
    assert "word last" in found(sleeper, "last")


def test_a_long_journal_with_mornings_is_leafed_through(sleeper: Visitor, rooms: Rooms) -> None:
    put(rooms, *(MorningNote(f"night {n}", words=f"Morning {n:03d}.") for n in range(70)))
    write(rooms, *(Written(f"Entry {n:03d}.", "x", day=("2026-11-29", "2026-12-02")[n % 2]) for n in range(60)))
    answer, seen, pages = sleeper.get("/journal"), list[str](), 1
    wanted = r"(?:Entry|Morning) \d{3}\."
    seen += re.findall(wanted, answer.text)
    while older := re.search(r'href="(/journal\?[^"]*before[^"]*)"', answer.text):
        answer = sleeper.get(older[1].replace("&amp;", "&"))
        seen += re.findall(wanted, answer.text)
        pages += 1
    assert len(seen) == len(set(seen)) == 130
    assert pages == 3
    assert [one[:5] for one in seen] == ["Entry"] * 30 + ["Morni"] * 70 + ["Entry"] * 30
    for place in ("x", "9", "_", "2026-11-30_x_9_9", "²_²_²"):
        assert sleeper.get(f"/journal?before={place}").status_code == 200


def test_they_have_no_tag_and_no_thread(awake: Visitor, nights: Rooms) -> None:
    write(nights, Written("Tagged", tags=("house",)))
    assert LINE not in text_of(awake.get("/journal?tag=house"))
    assert LINE not in text_of(awake.get("/journal/print?tag=house"))


def test_they_go_with_their_night(awake: Visitor, nights: Rooms) -> None:
    with journal(nights.home, nights.shelf) as opened:
        erase_night_words(opened, NIGHTS[2])
    assert "staircase" not in text_of(awake.get("/journal"))
    assert "Nothing that you wrote" in found(awake, "staircase")
    assert not any(
        b"staircase" in path.read_bytes() for path in nights.home.shelf(nights.shelf).rglob("*") if path.is_file()
    )


def test_a_changed_morning_is_found_as_it_is_now(awake: Visitor, nights: Rooms) -> None:
    awake.post(MORE, form_of(awake) | {"words": "It was a ladder."})
    assert "Nothing that you wrote" in found(awake, "staircase")
    assert "1 entry" in found(awake, "ladder")
    awake.post(MORE, form_of(awake) | {"words": " "})
    assert "In the morning" not in text_of(awake.get("/journal?night=3"))
