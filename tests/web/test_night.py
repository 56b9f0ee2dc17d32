"""The page of a night and the list of nights: what is said, also where it went wrong, and nothing hostile."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest

from tests.web.kept import EVENINGS
from tests.web.visitor import NOW_MS, Now, Visitor, rooms_in, text_of
from vigil.app.home import Shelf
from vigil.app.journal_room import journal
from vigil.app.wiring import writing
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.records import EpochScored, Input, Mark, Marked, NightBegan, NightEnded, NightOutput
from vigil.domain.samples import BeatInterval, HeartSample
from vigil.domain.sleep import Stage, StageProbabilities
from vigil.domain.units import EPOCH_S, NS_PER_S
from vigil.store.answers import Answers
from vigil.store.database import Database
from vigil.store.erase import forget
from vigil.store.night_writer import NightWriter
from vigil.store.nights import Nights
from vigil.web.pages.night import NIGHTS
from vigil.web.rooms import Rooms
from vigil.web.views.heart_line import MOST_CELLS

HOSTILE = "<img src=x onerror=alert(1)>\"'\u202e{{7*7}}\x01\x0b\ufffe"
WALL_MS = EVENINGS[-1]
STAGES = (Stage.WAKE, Stage.LIGHT, Stage.DEEP, Stage.REM)
SURE = StageProbabilities(0.1, 0.6, 0.1, 0.2)


def epochs(count: int, heart: float | None = 60.0) -> list[NightOutput]:
    return [
        EpochScored((i + 1) * EPOCH_S * NS_PER_S, i, STAGES[i // 20 % 4], SURE, heart, 0.1 if i % 3 else None, EPOCH_S)
        for i in range(count)
    ]


def keep(folder: Path, began: NightBegan, records: Iterable[Input | NightOutput], note: str = "") -> int:
    """A night as it stands in a store, never closed. Returns its key."""
    with writing(rooms_in(folder).home, Shelf.OWN) as shelf:
        writer = NightWriter(shelf.database)
        key = writer.begin(began, kind="live", note=note)
        for record in sorted([began, *records], key=lambda one: one.at_ns):
            writer.add(record)
        writer.commit()
        return key


def began(name: str = "", wall_ms: int | None = WALL_MS) -> NightBegan:
    return NightBegan(0, night=name, wall_ms=wall_ms, zone_min=60)


@pytest.fixture
def lone(tmp_path: Path) -> Rooms:
    """Rooms whose only night each test keeps itself."""
    return rooms_in(tmp_path)


def changed(rooms: Rooms) -> Database:
    return Database.open(rooms.home.database(rooms.shelf))


# -- the list --------------------------------------------------------------------------------------------------------


def test_nights_are_listed_newest_first_with_what_was_said(nights: Rooms) -> None:
    with changed(nights) as database:
        Answers(database).put(2, Answer(MorningWord.BAD_DREAM))
    answer = Visitor.inside(nights).get("/nights")
    places = [answer.text.index(f'href="/night/{key}"') for key in (3, 2, 1)]
    assert places == sorted(places)
    said = text_of(answer)
    assert "Bad dream. Nudged in 1 episode." in said
    assert "Nothing said in the morning. No nudge." in said


def test_an_answer_that_waits_for_the_store_is_shown_as_said(nights: Rooms) -> None:
    """While a night is watched, its process holds the store: what was said by now is no less said."""
    with journal(nights.home, nights.shelf) as opened:
        opened.notes.wait("2026-11-28", Answer(MorningWord.BAD_DREAM), NOW_MS)
    visitor = Visitor.inside(nights)
    assert "Bad dream. It is put to its night once the watch is over." in text_of(visitor.get("/nights"))
    assert "Your answer: bad dream." in text_of(visitor.get("/night/2"))


def test_without_a_night_the_list_says_when_there_will_be_one(sleeper: Visitor) -> None:
    assert "The first one appears here" in text_of(sleeper.get("/nights"))


def test_many_nights_are_cut_into_pages(lone: Rooms, tmp_path: Path) -> None:
    with writing(lone.home, Shelf.OWN) as shelf:
        for _ in range(70):
            NightWriter(shelf.database).begin(began())
    visitor = Visitor.inside(lone)
    first = visitor.get("/nights").text
    assert (first.count('href="/night/'), 'href="/nights?before=11"' in first) == (61, True)  # and one of what-if
    rest = visitor.get("/nights?before=11").text
    assert (rest.count('href="/night/'), "before=" in rest) == (11, False)
    assert visitor.get("/nights?before=%3Cx").status_code == 200


# -- one night -------------------------------------------------------------------------------------------------------


def test_a_night_says_what_was_done_and_why(nights: Rooms) -> None:
    visitor = Visitor.inside(nights)
    answer = visitor.get("/night/2")
    said = text_of(answer)
    for words in (
        "Signs of a nightmare.",
        "Nudge: a vibration, step 1.",
        "The smallest step was given first",
        "Watched",
    ):
        assert words in said
    assert "awake, REM and the rest agree in about three half-minutes of four" in said
    assert 'src="/night/2/picture.svg?for=desk"' in answer.text
    why = answer.text.split('<a href="/night/2/why?t=')[1].split('"')[0]
    moment = visitor.get(f"/night/2/why?t={why}")
    assert all(words in text_of(moment) for words in ("Seen", "Weighed", "Decided", "Heart rate"))
    plain = visitor.get(f"/night/2/why/data?t={why}").json()
    assert [part["title"] for part in plain["parts"]] == ["Seen", "Weighed", "Decided"]


def test_why_says_what_was_done_first_and_folds_the_rest(nights: Rooms) -> None:
    """Twelve sentences of every decision around it came before the one that was asked for."""
    visitor = Visitor.inside(nights)
    nudged = visitor.get("/night/2/data").json()["nudges"][0]
    for t in (nudged, nudged - 40):
        plain = visitor.get(f"/night/2/why/data?t={t}").json()
        assert plain["done"] == "A nudge was given: a vibration, step 1."
        assert plain["reasons"][0] == "The smallest step was given first: step 1."
        shown = visitor.get(f"/night/2/why?t={t}").text
        assert shown.index(plain["done"]) < shown.index("<details>") < shown.index("Weighed")
    assert visitor.get(f"/night/2/why/data?t={nudged - 300}").json()["done"] == "Nothing was done."


def test_decisions_that_say_the_same_stand_in_one_line(nights: Rooms) -> None:
    """Half a screen of "nothing was done" stood before the nudge that was asked for; no time and no nudge is lost."""
    visitor = Visitor.inside(nights)
    nudged = visitor.get("/night/2/data").json()["nudges"][0]
    (decided,) = (part["lines"] for part in visitor.get(f"/night/2/why/data?t={nudged}").json()["parts"][2:])
    assert next(index for index, line in enumerate(decided) if "A nudge was given" in line) <= 2
    first = decided[0]
    assert re.match(r"\d\d:\d\d:\d\d to \d\d:\d\d:\d\d  Watching\. Nothing was done\. ", first)
    assert re.search(r"The signs came to \d\.\d\d to \d\.\d\d times what makes Vigil look closer\.", first)


def test_no_page_calls_a_night_by_the_name_that_files_have(tmp_path: Path) -> None:
    """ "simulated-strong-5-20261129" was read out to people."""
    rooms = rooms_in(tmp_path)
    for _ in range(2):
        keep(tmp_path, began("a-name-of-files"), epochs(4))
    visitor = Visitor.inside(rooms)
    paths = ("/nights", "/night/1", "/night/2", "/night/2/why?t=0", "/morning", "/weeks", "/journal/new?night=1")
    pages = {path: visitor.get(path).text for path in paths}
    read = {path: re.sub(r'(href|action|value)="[^"]*"', "", page) for path, page in pages.items()}
    assert [path for path, page in read.items() if "a-name-of-files" in page] == []
    assert "the second of that date" in pages["/night/2"]
    assert "the second of that date" not in pages["/night/1"]


@pytest.mark.parametrize("t", ["", "x", "-5", "9" * 30, "99999", "\u0663"])
def test_a_moment_that_is_none_is_said_to_be(nights: Rooms, t: str) -> None:
    answer = Visitor.inside(nights).get(f"/night/2/why?t={t}")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "path", ["/night/77", "/night/77/data", "/night/9999999999999999999999", "/night/77/picture.svg"]
)
def test_a_night_that_is_not_there(nights: Rooms, lone: Rooms, path: str) -> None:
    assert Visitor.inside(nights).get(path).status_code == 404


def test_data_are_columns_of_whole_numbers(nights: Rooms) -> None:
    data = Visitor.inside(nights).get("/night/2/data").json()
    assert len(data["stages"]) == len(data["p"]) == len(data["base"]) == len(data["movement"]) == data["end_s"] // 30
    assert all(sum(shares) in range(97, 104) for shares in data["p"] if shares)
    assert 0 < data["heart_range"][0] < data["heart_range"][1] < 240
    assert 0 <= data["lights_out_s"] < 24 * 3600
    assert data["nudges"]
    assert set(data["nudges"]) <= set(data["events"])


def test_the_answer_of_the_morning_is_read_anew(nights: Rooms) -> None:
    visitor = Visitor.inside(nights)
    assert "Your answer" not in text_of(visitor.get("/night/2"))
    with changed(nights) as database:
        Answers(database).put(2, Answer(MorningWord.QUIET))
    assert "Your answer: quiet." in text_of(visitor.get("/night/2"))


def test_an_erased_night_is_gone_from_memory_too(nights: Rooms) -> None:
    visitor = Visitor.inside(nights)
    visitor.get("/night/2")
    with changed(nights) as database:
        forget(database, 2)
    assert visitor.get("/night/2").status_code == 404
    assert not NIGHTS._found


def test_the_picture_is_whole_by_itself_in_every_size(nights: Rooms) -> None:
    visitor = Visitor.inside(nights)
    for size in ("desk", "phone", "paper", "wall", "nonsense"):
        answer = visitor.get(f"/night/2/picture.svg?for={size}")
        assert answer.headers["content-type"].startswith("image/svg+xml")
        root = ET.fromstring(answer.text)
        words = " ".join(root.itertext())
        assert " nudges" in words
        assert "style" not in answer.text
        assert "nan" not in answer.text.lower()
    assert "#ffffff" in visitor.get("/night/2/picture.svg?for=paper").text
    assert "asleep" in " ".join(ET.fromstring(visitor.get("/night/2/picture.svg?for=wall").text).itertext())


# -- nights that went wrong ------------------------------------------------------------------------------------------


def test_names_notes_and_facts_are_text(lone: Rooms, tmp_path: Path) -> None:
    key = keep(tmp_path, began(HOSTILE), epochs(60), note=HOSTILE)
    with changed(lone) as database:
        Nights(database).add_summary(key, json.dumps({"remarks": [HOSTILE, 7], "left_out": "x", "known": HOSTILE}))
    visitor = Visitor.inside(lone)
    for path in ("/nights", f"/night/{key}", f"/night/{key}/picture.svg?for=wall", f"/night/{key}/why?t=60"):
        answer = visitor.get(path)
        assert answer.status_code == 200
        assert "<img src=x" not in answer.text
    ET.fromstring(visitor.get(f"/night/{key}/picture.svg").text)


@pytest.mark.parametrize("facts", ["[]", "3", '{"remarks": 5, "left_out": [1]}', '{"figures": {}}'])
def test_facts_that_are_none_hurt_nobody(lone: Rooms, tmp_path: Path, facts: str) -> None:
    key = keep(tmp_path, began(), epochs(10))
    with changed(lone) as database:
        Nights(database).add_summary(key, facts)
    visitor = Visitor.inside(lone)
    assert visitor.get("/nights").status_code == visitor.get(f"/night/{key}").status_code == 200


def test_a_night_without_a_clock_counts_from_lights_out(lone: Rooms, tmp_path: Path) -> None:
    key = keep(tmp_path, began(wall_ms=None), epochs(300))
    visitor = Visitor.inside(lone)
    assert "A night without a clock" in text_of(visitor.get(f"/night/{key}"))
    assert visitor.get(f"/night/{key}/data").json()["lights_out_s"] is None
    assert "+1:00" in visitor.get(f"/night/{key}/picture.svg").text


def test_a_night_without_a_heart_rate_says_so(lone: Rooms, tmp_path: Path) -> None:
    key = keep(tmp_path, began(), epochs(60, heart=None))
    visitor = Visitor.inside(lone)
    assert "no heart rate" in visitor.get(f"/night/{key}/picture.svg").text
    data = visitor.get(f"/night/{key}/data").json()
    assert (data["heart"]["bpm"], data["heart_range"]) == ([], [])


def test_beats_are_a_heart_rate_where_there_is_no_other(lone: Rooms, tmp_path: Path) -> None:
    beats = [BeatInterval(i * NS_PER_S, 1000) for i in range(1, 300)]
    doubtful = [BeatInterval(310 * NS_PER_S, 2), BeatInterval(312 * NS_PER_S, 900, clean=False)]
    key = keep(tmp_path, began(), [*epochs(20, heart=None), *beats, *doubtful])
    assert set(Visitor.inside(lone).get(f"/night/{key}/data").json()["heart"]["bpm"]) == {0, 60}


def test_a_night_of_26_hours_is_no_larger_than_one_of_eight(lone: Rooms, tmp_path: Path) -> None:
    heart = [HeartSample(i * NS_PER_S, 600 + i % 9) for i in range(0, 26 * 3600, 2)]
    key = keep(tmp_path, began(), [*epochs(26 * 120), *heart])
    visitor = Visitor.inside(lone)
    answer = visitor.get(f"/night/{key}/data")
    assert len(answer.json()["heart"]["bpm"]) <= MOST_CELLS
    assert len(visitor.get(f"/night/{key}/picture.svg").content) < 160_000


def test_what_is_left_of_a_damaged_night_is_shown_and_the_rest_named(nights: Rooms) -> None:
    with changed(nights) as database, database.atomic():
        database.execute("DELETE FROM minute WHERE place >> 24 = 2 AND place & 0xffffff BETWEEN 60 AND 69")
    visitor = Visitor.inside(nights)
    said = text_of(visitor.get("/night/2"))
    assert "Damaged and left out" in said
    data = visitor.get("/night/2/data").json()
    assert "-" * 18 in data["stages"]
    assert any(a <= 3700 <= b for a, b in data["blind"])
    assert len(data["stages"]) == data["end_s"] // 30
    assert visitor.get(f"/night/2/why?t={data['end_s'] - 60}").status_code == 200


def test_a_damaged_entry_is_said_in_the_list_and_on_its_page(nights: Rooms) -> None:
    with changed(nights) as database, database.atomic():
        database.execute("UPDATE night SET note = 'x' WHERE key = 2")
    visitor = Visitor.inside(nights)
    assert "Its entry is damaged" in text_of(visitor.get("/nights"))
    answer = visitor.get("/night/2")
    assert (answer.status_code, "is damaged" in text_of(answer)) == (409, True)


def test_a_night_that_never_ended_and_one_without_anything(lone: Rooms, tmp_path: Path) -> None:
    first = keep(tmp_path, began(), [*epochs(30), Marked(300 * NS_PER_S, Mark.BAD_DREAM)])
    empty = keep(tmp_path, began(), [])
    visitor = Visitor.inside(lone)
    said = text_of(visitor.get(f"/night/{first}"))
    assert "never came to its end" in said
    assert "You marked a bad dream" in said
    assert "there is no picture of it" in text_of(visitor.get(f"/night/{empty}"))
    for path in ("data", "picture.svg", "why?t=0"):
        assert visitor.get(f"/night/{empty}/{path}").status_code == 200
    assert "Not over yet, or cut off." in text_of(visitor.get("/nights"))


def test_a_night_that_goes_on_says_so_and_grows(lone: Rooms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = keep(tmp_path, began("tonight"), epochs(30))
    live = SimpleNamespace(live=SimpleNamespace(night="tonight"))
    monkeypatch.setattr("vigil.web.nights_read.how_it_stands", lambda *_: live)
    visitor = Visitor.inside(lone)
    assert "still going on" in text_of(visitor.get(f"/night/{key}"))
    with writing(lone.home, Shelf.OWN) as shelf:
        writer = NightWriter(shelf.database)
        writer.resume(key)
        for record in [*epochs(90)[30:], NightEnded(90 * EPOCH_S * NS_PER_S)]:
            writer.add(record)
        writer.commit()
    assert visitor.get(f"/night/{key}/data").json()["end_s"] == 90 * EPOCH_S


def test_pages_follow_the_invented_sleeper_in_a_demonstration(nights: Rooms, now: Now) -> None:
    """Nothing of a person's own nights is shown where the sleeper is invented."""
    demo = replace(nights, shelf=Shelf.DEMO)
    assert Visitor.inside(demo).get("/night/2").status_code == 404


TWELVE = re.compile(r"\b1?\d:\d\d(:\d\d)?.[AP]M\b")
TWENTY_FOUR = re.compile(r"\b\d\d:\d\d\b")


@pytest.mark.parametrize("path", ["/night/2", "/night/2/picture.svg", "/night/2/data", "/night/2/why?t=8000"])
def test_times_are_written_as_the_reader_writes_them(nights: Rooms, path: str) -> None:
    """To twelve for one reader, to twenty-four for another, though the night is read once for both."""
    inside = Visitor.inside(nights)
    said = {}
    for language in ("en-US", "en-GB"):
        answer = inside.get(path, {"accept-language": language})
        assert answer.status_code == 200
        said[language] = str(answer.json()) if path.endswith("/data") else text_of(answer)
    assert TWELVE.search(said["en-US"].replace("\\u202f", " "))
    assert not TWENTY_FOUR.search(TWELVE.sub("", said["en-US"].replace("\\u202f", " ")))
    assert TWENTY_FOUR.search(said["en-GB"])
    assert "PM" not in said["en-GB"]
