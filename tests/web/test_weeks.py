"""Weeks, in process: counts, calendar, charts and comparisons as they are, blanks left blank, nothing praised."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.web.many import with_many
from tests.web.visitor import Now, Visitor, rooms_in, text_of
from vigil.app.home import Shelf
from vigil.app.journal_room import journal, journal_path
from vigil.app.wiring import writing
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.journal import MorningNote
from vigil.domain.records import NightBegan
from vigil.store.answers import Answers
from vigil.store.erase import forget
from vigil.store.nights import Nights
from vigil.web.pages.weeks import MADE
from vigil.web.rooms import Rooms
from vigil.web.views.charts import bars, whisker

DAY_MS = 24 * 3_600_000


@pytest.fixture
def many(tmp_path: Path, now: Now) -> Rooms:
    """A person's own Vigil with nights of four months."""
    return rooms_in(with_many(tmp_path, 130), now)


@pytest.fixture
def looking(many: Rooms) -> Visitor:
    return Visitor.inside(many)


def count(text: str) -> int:
    found = re.search(r"(\d+) nights? \d+ bad", text)
    assert found is not None
    return int(found[1])


def test_the_sentence_of_the_page(looking: Visitor, many: Rooms) -> None:
    page = text_of(looking.get("/weeks"))
    found = re.search(r"(\d+) nights (\d+) bad, (\d+) quiet, .*?(\d+) not said", page)
    assert found is not None
    with many.reading() as shelf:
        assert shelf is not None
        rows = [row for row in Nights(shelf.database).nights() if row.name <= "n029"]
        said = Answers(shelf.database).all().by_night
    words = [said[row.key].word if row.key in said else MorningWord.LEFT for row in rows]
    told = [len(words), *map(words.count, (MorningWord.BAD_DREAM, MorningWord.QUIET, MorningWord.LEFT))]
    assert [int(number) for number in found.groups()] == told


def test_how_far_back_is_chosen_by_a_link(looking: Visitor) -> None:
    counts = [count(text_of(looking.get(f"/weeks?nights={nights}"))) for nights in (30, 90, 365)]
    assert counts == sorted(set(counts))
    assert counts[0] <= 30 < counts[1] <= 90 < counts[2]
    usual = text_of(looking.get("/weeks"))
    for other in ("0", "31", "-30", "1e9", "<b>", "٣٠"):
        assert text_of(looking.get(f"/weeks?nights={other}")) == usual


def test_the_calendar_leads_to_nights_and_leaves_blanks_blank(looking: Visitor, many: Rooms) -> None:
    page = looking.get("/weeks")
    cells = re.findall(
        r'<a class="day" href="/night/(\d+)" aria-label="([^"]+)">(\d+)<span class="mark (\w+)">', page.text
    )
    assert len(cells) == count(text_of(page))
    with many.reading() as shelf:
        assert shelf is not None
        said = Answers(shelf.database).all().by_night
    kinds = {"bad": "bad dream", "quiet": "quiet", "kept": "a dream I&#39;d keep", "forgotten": "don&#39;t remember"}
    for key, label, number, kind in cells:
        assert (kind == "unsaid") == (int(key) not in said)
        assert label.endswith(kinds.get(kind, "not said"))
        assert f" {number} " in label
    blank = re.findall(r'<span class="day">(\d+)</span>', page.text)
    assert len(blank) + len(cells) == 61  # October and November


def test_weeks_begin_as_the_reader_is_used_to(looking: Visitor) -> None:
    def first_day(language: str) -> str:
        page = looking.get("/weeks", {"accept-language": language}).text
        found = re.search(r'<th scope="col">.*?<span class="hidden">(\w+)</span>', page)
        assert found is not None
        return found[1]

    assert (first_day("en-GB"), first_day("en-US")) == ("Monday", "Sunday")


def test_every_chart_stands_as_a_sentence_too(looking: Visitor) -> None:
    page = text_of(looking.get("/weeks"))
    for title in ("Distress, 0 to 10", "Dread of going to bed", "Hours asleep", "Times awake", "Nudges, by episode"):
        assert title in page
    assert "against sleep laboratories it comes out longer by" in page
    assert "Each bar is a night." in page
    year = text_of(looking.get("/weeks?nights=365"))
    assert "Each bar is the middle of a week." in year
    assert "need not have come from it" in year
    assert looking.get("/weeks").text.count("<svg") >= 5
    assert "style=" not in looking.get("/weeks").text


def test_what_goes_with_bad_nights_is_plain_and_careful(looking: Visitor) -> None:
    page = text_of(looking.get("/weeks?nights=365"))
    assert "A drink More bad nights with it." in page
    assert "95 % interval" in page
    assert "Too early to say: " in page
    assert "need not be cause and effect" in page
    assert "by chance alone" in page


def test_nothing_is_praised_or_counted_in_a_row(looking: Visitor) -> None:
    page = text_of(looking.get("/weeks?nights=365")).lower()
    for word in ("streak", "score", "well done", "congrat", "in a row", "great", "best", "worst", "!"):
        assert word not in page.replace("as vigil scores it", "")


def test_no_night_yet(sleeper: Visitor) -> None:
    assert "No night is kept yet." in text_of(sleeper.get("/weeks"))


def test_none_of_late(many: Rooms, now: Now) -> None:
    """An empty month says so, and how to look further back."""
    now.ms += 40 * DAY_MS
    late = Visitor.inside(many)
    page = text_of(late.get("/weeks"))
    assert "No nights" in page
    assert "90 nights" in page
    assert count(text_of(late.get("/weeks?nights=90"))) > 30


def test_nights_without_a_clock_are_told_of(looking: Visitor, many: Rooms) -> None:
    assert "without a clock" not in text_of(looking.get("/weeks"))
    with writing(many.home, many.shelf) as store, store.database.atomic():
        nights = Nights(store.database)
        nights.begin(NightBegan(0, night="no clock"), path="", format="a test", kind="live", note="")
    assert "1 night without a clock is not among them." in text_of(looking.get("/weeks"))


def test_this_evening_is_not_waited_for(looking: Visitor, now: Now) -> None:
    """In the afternoon, before a new night, the last thirty evenings are still those up to last night."""
    before = text_of(looking.get("/weeks"))
    now.ms += 12 * 3_600_000
    assert text_of(looking.get("/weeks")) == before


def test_an_answer_that_waits_counts(looking: Visitor, many: Rooms) -> None:
    with many.reading() as shelf:
        assert shelf is not None
        said = Answers(shelf.database).all().by_night
        rows = Nights(shelf.database).nights()
    unsaid = next(row for row in rows if row.name < "n030" and row.key not in said)
    before = text_of(looking.get("/weeks"))
    with journal(many.home, many.shelf) as opened:
        opened.notes.wait(unsaid.name, Answer(MorningWord.BAD_DREAM), 1)
    assert text_of(looking.get("/weeks")) != before


def test_hostile_marks_and_a_broken_journal(looking: Visitor, many: Rooms) -> None:
    with many.reading() as shelf:
        assert shelf is not None
        names = [row.name for row in Nights(shelf.database).nights()][:30]
    with journal(many.home, many.shelf) as opened:
        for name in names:
            opened.notes.put_morning(MorningNote(name, marks=("<script>alert(1)</script>",)), 2)
    page = looking.get("/weeks?nights=365")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text
    journal_path(many.home, many.shelf).write_bytes(b"nothing of a database" * 100)
    page = looking.get("/weeks")
    assert page.status_code == 200
    assert "Note: " in text_of(page)


def test_what_had_to_be_made_is_remembered_until_it_is_gone(nights: Rooms) -> None:
    """Nights of an older Vigil have no figures beside them; erased ones leave none behind in memory."""
    with writing(nights.home, nights.shelf) as store, store.database.atomic():
        store.database.execute("DELETE FROM summary")
    visitor = Visitor.inside(nights)
    assert count(text_of(visitor.get("/weeks"))) == 3
    made = MADE[nights.home.database(nights.shelf)]
    assert len(made) == 3
    with writing(nights.home, nights.shelf) as store:
        forget(store.database, 3)
    visitor.get("/weeks")
    assert len(made) == 2


def test_an_invented_sleeper_ends_with_its_own_last_night(tmp_path: Path, now: Now) -> None:
    """However long ago it was invented."""
    rooms = rooms_in(with_many(tmp_path, 40, Shelf.DEMO), now, Shelf.DEMO)
    now.ms += 1000 * DAY_MS
    page = text_of(Visitor.inside(rooms).get("/weeks"))
    assert "The sleeper here is invented." in page
    assert count(page) > 20


# Charts.


def test_a_bar_is_as_high_as_its_value_and_nought_is_not_a_blank() -> None:
    drawn = bars([(("one", 5.0),), (), (("one", 0.0), ("two", 0.0))], 10)
    assert drawn.width == 30
    assert dict(drawn.outlines) == {"one": "M1.25 50h7.5v50h-7.5z", "nought": "M21.25 98h7.5v2h-7.5z"}
    assert drawn.rules == "M0 0H30M0 50H30M0 100H30"


def test_what_is_stacked_never_leaves_the_drawing() -> None:
    drawn = dict(bars([(("one", 8.0), ("two", 8.0))], 10).outlines)
    assert drawn == {"one": "M1.25 20h7.5v80h-7.5z", "two": "M1.25 0h7.5v20h-7.5z"}


def test_an_interval_is_drawn_around_the_middle() -> None:
    assert (whisker(-1, 0, 0.5).low, whisker(-1, 0, 0.5).value, whisker(-1, 0, 0.5).high) == (0, 100, 150)
