"""This morning, in process: one tap, more only if wanted, changed later, and nothing typed lost on any way."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.edges.test_morning import many, ordinary
from tests.unit.test_store_live_state import PLAIN
from tests.web.many import with_many
from tests.web.visitor import Now, Visitor, rooms_in, text_of
from vigil.app.evening_file import evening_of, write_taps
from vigil.app.journal_room import journal, journal_path, settle_waiting
from vigil.app.morning_room import WAITS
from vigil.app.morning_words import HEART_HARDLY, MISSED, missed_words
from vigil.app.settling import settling
from vigil.app.stored_night import StoredNight
from vigil.app.wiring import writing
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.errors import StoreError
from vigil.domain.journal import MOST_BODY, MorningNote
from vigil.engine.nights_known import NightKnown
from vigil.engine.worsening import Pause, PauseCause
from vigil.interview.evening import Tap
from vigil.store.answers import Answers
from vigil.store.erase import forget
from vigil.store.live_state import LIVE_NAME, write
from vigil.store.nights import Nights
from vigil.web.pages.morning import YOUNG_MS
from vigil.web.rooms import Rooms
from vigil.web.views.said_links import Part, linked

LAST = 3
"""The key of the last of three nights."""

MORE = f"/morning/{LAST}/more"
WORD = f"/morning/{LAST}/word"
HOSTILE = "</textarea><script>alert(1)</script>"


@pytest.fixture
def awake(nights: Rooms) -> Visitor:
    """Somebody who opens the page after the last of three nights."""
    return Visitor.inside(nights)


def answer(rooms: Rooms, key: int = LAST) -> Answer | None:
    with rooms.reading() as shelf:
        assert shelf is not None
        return Answers(shelf.database).get(key)


def note(rooms: Rooms, key: int = LAST) -> MorningNote | None:
    with rooms.reading() as shelf:
        assert shelf is not None
        name = Nights(shelf.database).row(key).name
    with journal(rooms.home, rooms.shelf) as opened:
        return opened.notes.morning(name)


def form_of(visitor: Visitor, path: str = "/morning") -> dict[str, str | list[str]]:
    """The form of a morning as a browser without script would send it, untouched."""
    page = visitor.get(path).text
    part = page[page.index("data-draft=") :]
    part = part[: part.index("</form>")]
    form: dict[str, str | list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', part):
        form.setdefault(name, [])
        form[name] = [*form[name], value]
    form["marks"] = re.findall(r'name="marks" value="([^"]*)" checked', part)
    for name, options in re.findall(r'(?s)<select id="\w+" name="(\w+)">(.*?)</select>', part):
        form[name] = re.findall(r'value="([^"]*)" selected', options)
    form |= dict(re.findall(r'(?s)<textarea id="\w+" name="(\w+)"[^>]*>\n(.*?)</textarea>', part))
    assert {"words", "evening"} <= set(form)
    return form


@contextmanager
def watched(rooms: Rooms) -> Iterator[None]:
    """Somebody has the store, as the night process has it."""
    with writing(rooms.home, rooms.shelf):
        yield


# One tap.


def test_one_tap_is_kept_at_once(awake: Visitor, nights: Rooms) -> None:
    page = text_of(awake.get("/morning"))
    assert "How was the night?" in page
    assert "Leaving is fine." in page
    went = awake.post(WORD, {"word": "quiet"})
    assert (went.status_code, went.headers["location"]) == (303, f"/morning/{LAST}")
    assert answer(nights) == Answer(MorningWord.QUIET)
    after = text_of(awake.get("/morning"))
    assert "Your answer: quiet." in after
    assert "How was the night?" not in after


@pytest.mark.parametrize("word", ["quiet", "bad_dream", "kept_dream", "not_remembered"])
def test_each_of_the_four(awake: Visitor, nights: Rooms, word: str) -> None:
    awake.post(WORD, {"word": word})
    assert answer(nights) == Answer(MorningWord(word))


@pytest.mark.parametrize("word", ["", "terrible", HOSTILE])
def test_no_fifth(awake: Visitor, nights: Rooms, word: str) -> None:
    assert awake.post(WORD, {"word": word}).status_code == 409
    assert answer(nights) is None


def test_looking_is_no_answer(awake: Visitor, nights: Rooms) -> None:
    awake.get("/morning")
    awake.get("/morning/1")
    assert answer(nights) is None
    assert not journal_path(nights.home, nights.shelf).exists()


def test_it_is_changed_at_any_time_also_of_an_earlier_night(awake: Visitor, nights: Rooms) -> None:
    awake.post("/morning/1/word", {"word": "bad_dream"})
    awake.post("/morning/1/word", {"word": "quiet"})
    assert answer(nights, 1) == Answer(MorningWord.QUIET)
    page = awake.get("/morning/1")
    assert "An earlier morning" in text_of(page)
    assert 'value="quiet" aria-pressed="true"' in page.text
    assert answer(nights) is None


def test_an_answer_can_be_taken_back(awake: Visitor, nights: Rooms) -> None:
    awake.post(WORD, {"word": "bad_dream"})
    assert "Take the answer back" in text_of(awake.get("/morning"))
    awake.post(WORD, {"word": "no_answer"})
    assert answer(nights) == Answer()
    assert "How was the night?" in text_of(awake.get("/morning"))


def test_a_night_that_cannot_be_read_can_still_be_answered(
    awake: Visitor, nights: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_where: object) -> StoredNight:
        message = "nothing of it can be read"
        raise StoreError(message)

    monkeypatch.setattr("vigil.web.pages.morning.NIGHTS.of", broken)
    assert "In that time nothing was done" not in text_of(awake.get("/morning"))
    awake.post(WORD, {"word": "quiet"})
    assert answer(nights) == Answer(MorningWord.QUIET)


def test_no_night_yet(sleeper: Visitor) -> None:
    page = sleeper.get("/morning")
    assert page.status_code == 200
    assert "No night is kept yet." in text_of(page)
    assert page.text.count("This morning</") == 1  # above it stood the same words again
    assert sleeper.get("/morning/1").status_code == 404
    assert sleeper.post("/morning/1/word", {"word": "quiet"}).status_code == 404


# What Vigil says.


def test_the_account_is_the_one_of_the_terminal(awake: Visitor) -> None:
    assert "In that time nothing was done." in text_of(awake.get("/morning"))


def test_an_answer_is_noted_first_and_the_numbers_are_under_a_fold(sleeper: Visitor, rooms: Rooms) -> None:
    """A bad dream was answered with two different figures of evidence, as if it were held against somebody."""
    *before, last = ordinary(20, suspicions=1)
    many(rooms.home, [*before, replace(last, rises=0)])
    sleeper.post("/morning/20/word", {"word": "bad_dream"})
    page = sleeper.get("/morning").text
    panel = page[page.index('<section class="panel">') : page.index("</section>")]
    assert "<p>Noted. Your answer: bad dream.</p>" in panel
    assert "clearer signs before a nudge" in panel
    assert "%" not in panel
    open_part, fold = page.split("<summary>The numbers behind it</summary>")
    assert "beats a minute" not in open_part
    assert "beats a minute" in fold[: fold.index("</details>")]


def test_a_missed_one_is_said(awake: Visitor) -> None:
    """The quiet night's heart hardly changed, and it says so; the last one had somebody out of bed, and it does not."""
    awake.post("/morning/1/word", {"word": "bad_dream"})
    awake.post(WORD, {"word": "bad_dream"})
    first, last = text_of(awake.get("/morning/1")), text_of(awake.get("/morning"))
    assert MISSED in first
    assert HEART_HARDLY in first
    assert MISSED in last
    assert HEART_HARDLY not in last
    awake.post("/morning/2/word", {"word": "bad_dream"})
    assert MISSED not in text_of(awake.get("/morning/2"))


def test_how_much_was_missed() -> None:
    bad = NightKnown(1, "a", watched_h=7.0, blind_h=0.5, answer=Answer(MorningWord.BAD_DREAM))
    assert missed_words(bad, None) == [MISSED]
    assert missed_words(replace(bad, suspicions=1), None) == []
    two = replace(bad, answer=replace(bad.answer, dreams=2))
    assert missed_words(replace(two, suspicions=1), None) == ["You had 2 bad dreams, and I saw signs of 1."]
    assert missed_words(replace(bad, answer=Answer(MorningWord.QUIET)), None) == []
    blind = missed_words(replace(bad, watched_h=1.0, blind_h=6.0), None)
    assert blind == [MISSED, "Of that night I saw 1 h 00 min; it may have come in the rest."]


# More, if wanted.


def test_more_is_kept_beside_the_tap(awake: Visitor, nights: Rooms) -> None:
    awake.post(WORD, {"word": "bad_dream"})
    form = form_of(awake) | {"dreams": "2", "distress": "7", "woken": "yes", "dread": "4", "words": "The old house."}
    went = awake.post(MORE, form | {"marks": ["drink", "worry"]})
    assert (went.status_code, went.headers["location"]) == (303, f"/morning/{LAST}?kept=1")
    assert '<p class="note" role="status">Kept.</p>' in awake.get(went.headers["location"]).text
    assert "Kept." not in text_of(awake.get("/morning"))
    assert answer(nights) == Answer(MorningWord.BAD_DREAM, dreams=2, distress=7, woken=True)
    kept = note(nights)
    assert kept is not None
    assert (kept.dread, kept.words, kept.marks) == (4, "The old house.", ("drink", "worry"))
    said = text_of(awake.get("/morning"))
    assert "2 bad dreams, distress 7 of 10, dread of going to bed 4 of 10, woken by it." in said
    assert "The evening held: a drink, a worry taken to bed." in said
    again = form_of(awake)
    assert (again["distress"], again["woken"], again["marks"]) == (["7"], ["yes"], ["drink", "worry"])
    awake.post(MORE, again | {"woken": "", "marks": []})
    assert answer(nights) == Answer(MorningWord.BAD_DREAM, dreams=2, distress=7)
    assert note(nights) == replace(kept, marks=(), version=2)


def test_what_else_the_evening_held_is_kept_as_words_are(awake: Visitor, nights: Rooms) -> None:
    """Shown again, put beside what another window says, left alone by a form that did not ask, and copied out."""
    first, second = form_of(awake), form_of(awake)
    awake.post(MORE, first | {"evening": "A long film."})
    awake.post(MORE, second | {"evening": "A quarrel."})
    assert form_of(awake)["evening"] == "A long film.\n\nA quarrel."
    without = {name: value for name, value in form_of(awake).items() if name != "evening"}
    awake.post(MORE, without | {"words": "And this."})
    kept = note(nights)
    assert kept is not None
    assert (kept.evening, kept.words) == ("A long film.\n\nA quarrel.", "And this.")
    awake.send("/draft", typed(form_of(awake), evening="Half a"))
    assert form_of(awake)["evening"] == "Half a"
    refused = awake.post(MORE, form_of(awake) | {"evening": f"A film {HOSTILE}", "distress": "99"})
    assert "A film &lt;/textarea&gt;" in refused.text


def test_words_without_a_tap(awake: Visitor, nights: Rooms) -> None:
    awake.post(MORE, form_of(awake) | {"words": "Only this."})
    assert answer(nights) is None
    assert "How was the night?" in text_of(awake.get("/morning"))
    assert form_of(awake)["words"] == "Only this."


def test_only_what_fits_the_night_is_asked(awake: Visitor) -> None:
    assert {"dreams", "woken", "disturbed"}.isdisjoint(form_of(awake))
    assert "disturbed" in form_of(awake, "/morning/2")
    awake.post(WORD, {"word": "bad_dream"})
    assert {"dreams", "woken"} <= set(form_of(awake))


def test_the_evening_is_ticked_as_it_was_said(awake: Visitor, nights: Rooms) -> None:
    with nights.reading() as shelf:
        assert shelf is not None
        wall_ms = Nights(shelf.database).row(LAST).wall_ms
    assert wall_ms is not None
    write_taps(nights.home.evening_file, evening_of(wall_ms), [Tap.DRINK])
    form = form_of(awake)
    assert form["marks"] == ["drink"]
    assert form_of(awake, "/morning/1")["marks"] == []
    awake.post(MORE, form)
    kept = note(nights)
    assert kept is not None
    assert kept.marks == ("drink",)
    nights.home.evening_file.write_text("not json")
    assert form_of(awake)["marks"] == ["drink"]


@pytest.mark.parametrize(
    ("field", "value"), [("distress", "11"), ("distress", "much"), ("dread", "-3"), ("dread", "9" * 40)]
)
def test_what_is_out_of_bounds_is_refused_and_the_words_come_back(
    awake: Visitor, nights: Rooms, field: str, value: str
) -> None:
    refused = awake.post(MORE, form_of(awake) | {field: value, "words": f"My words {HOSTILE}"})
    assert refused.status_code == 409
    assert "nothing was kept" in text_of(refused)
    assert "My words &lt;/textarea&gt;" in refused.text
    assert (answer(nights), note(nights)) == (None, None)


def test_a_novel_is_refused_whole_and_comes_back(awake: Visitor, nights: Rooms) -> None:
    novel = "o" * (MOST_BODY + 1)
    refused = awake.post(MORE, form_of(awake) | {"words": novel})
    assert refused.status_code == 409
    assert novel in refused.text
    assert note(nights) is None
    assert awake.post(MORE, {"words": "o" * 9_000_000}).status_code == 413


@pytest.mark.parametrize("text", [HOSTILE, "\n\nبيت قديم 🏚️\n", "{{ 7 * 7 }}", "a\x00b"])
def test_words_are_text_in_any_script(awake: Visitor, nights: Rooms, text: str) -> None:
    awake.post(MORE, form_of(awake) | {"words": text})
    page = awake.get("/morning")
    assert "<script>alert" not in page.text
    kept = note(nights)
    assert kept is not None
    assert kept.words == text.replace("\x00", "\N{REPLACEMENT CHARACTER}")


# Two windows, and nothing lost.


def test_two_windows_keep_what_both_say(awake: Visitor, nights: Rooms) -> None:
    """Different fields stand beside each other, words one below the other, a stale field does not come back."""
    awake.post(WORD, {"word": "bad_dream"})
    first, second = form_of(awake), form_of(awake)
    awake.post(MORE, first | {"distress": "7", "words": "First.", "marks": ["drink"]})
    awake.post(MORE, second | {"dread": "3", "words": "Second."})
    assert answer(nights) == Answer(MorningWord.BAD_DREAM, distress=7)
    kept = note(nights)
    assert kept is not None
    assert (kept.dread, kept.words, kept.marks) == (3, "First.\n\nSecond.", ("drink",))


def test_sent_twice_is_said_once(awake: Visitor, nights: Rooms) -> None:
    form = form_of(awake) | {"words": "Once."}
    awake.post(MORE, form)
    awake.post(MORE, form)
    kept = note(nights)
    assert kept is not None
    assert kept.words == "Once."


def typed(form: dict[str, str | list[str]], **fields: str) -> dict[str, object]:
    """What `draft.js` sends of a form."""
    whole = {name: value if isinstance(value, list) else [value] for name, value in (form | fields).items()}
    return {"place": str(form["place"][0]), "night": LAST, "fields": whole}


def test_what_was_typed_and_not_saved_comes_back(awake: Visitor, nights: Rooms) -> None:
    form = form_of(awake)
    awake.send("/draft", typed(form, words="Half a", dread="6"))
    page = awake.get("/morning")
    assert "Kept from before" in text_of(page)
    again = form_of(awake)
    assert (again["words"], again["dread"], again["had.dread"]) == ("Half a", ["6"], [""])
    awake.post(MORE, again | {"words": "Half a house."})
    kept = note(nights)
    assert kept is not None
    assert (kept.words, kept.dread) == ("Half a house.", 6)
    assert "Kept from before" not in text_of(awake.get("/morning"))


def test_a_word_taken_out_of_a_draft_stays_out(awake: Visitor) -> None:
    awake.send("/draft", typed(form_of(awake), words="One two three"))
    awake.send("/draft", typed(form_of(awake), words="One three"))
    assert form_of(awake)["words"] == "One three"


def test_two_windows_closed_while_typing_both_come_back(awake: Visitor, nights: Rooms) -> None:
    first, second = form_of(awake), form_of(awake)
    awake.send("/draft", typed(first, words="In the kitchen."))
    nights.wall_ms.ms += 1000  # type: ignore[attr-defined]  # the clock of the tests
    awake.send("/draft", typed(second, words="On the stairs."))
    assert form_of(awake)["words"] == "In the kitchen.\n\nOn the stairs."


def test_a_draft_of_an_older_text_takes_nothing_of_the_newer_away(awake: Visitor) -> None:
    first, second = form_of(awake), form_of(awake)
    awake.send("/draft", typed(first, words="Typed here."))
    awake.post(MORE, second | {"words": "Saved there.", "sleepiness": "4"})
    again = form_of(awake)
    assert again["words"] == "Saved there.\n\nTyped here."
    assert again["sleepiness"] == ["4"]


def test_of_an_erased_night_the_words_come_back_to_be_copied(awake: Visitor, nights: Rooms) -> None:
    form = form_of(awake)
    with writing(nights.home, nights.shelf) as store:
        forget(store.database, LAST)
    refused = awake.post(MORE, form | {"words": "Too late."})
    assert refused.status_code == 409
    assert "Too late." in refused.text
    assert "copied" in text_of(refused)


def test_a_broken_journal_costs_the_words_but_not_the_answer(awake: Visitor, nights: Rooms) -> None:
    path = journal_path(nights.home, nights.shelf)
    path.write_bytes(b"this is no database at all" * 100)
    page = awake.get("/morning")
    assert page.status_code == 200
    assert awake.post(WORD, {"word": "bad_dream"}).status_code == 303
    assert answer(nights) == Answer(MorningWord.BAD_DREAM)
    refused = awake.post(MORE, {"words": "My words", "version": "0"})
    assert refused.status_code == 409
    assert "My words" in refused.text


# While a night is watched.


def test_while_a_night_is_watched_the_answer_waits(awake: Visitor, nights: Rooms) -> None:
    with watched(nights):
        awake.post(WORD, {"word": "bad_dream"})
        awake.post(MORE, form_of(awake) | {"distress": "5", "words": "In the dark."})
        page = text_of(awake.get("/morning"))
        assert "Your answer: bad dream, distress 5 of 10." in page
        assert WAITS in page
        assert answer(nights) is None
    assert settle_waiting(nights.home, nights.shelf) == 1
    assert answer(nights) == Answer(MorningWord.BAD_DREAM, distress=5)
    assert WAITS not in text_of(awake.get("/morning"))


def test_of_two_answers_the_later_one_stays(awake: Visitor, nights: Rooms) -> None:
    """One waits, the night ends, and another is given before the first was put."""
    with watched(nights):
        awake.post(WORD, {"word": "bad_dream"})
    awake.post(WORD, {"word": "quiet"})
    settle_waiting(nights.home, nights.shelf)
    assert answer(nights) == Answer(MorningWord.QUIET)


def test_the_page_puts_what_waited_by_itself(awake: Visitor, nights: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong once is tried again."""
    with watched(nights):
        awake.post(WORD, {"word": "quiet"})
    failing = iter([StoreError("no"), OSError("no")])

    def settle(*where: object) -> int:
        for error in failing:
            raise error
        return settle_waiting(*where)  # type: ignore[arg-type]  # home and shelf

    monkeypatch.setattr("vigil.app.settling.settle_waiting", settle)
    with settling(nights.home, nights.shelf, every_s=0.01):
        until = time.monotonic() + 10
        while answer(nights) is None:
            assert time.monotonic() < until
    assert answer(nights) == Answer(MorningWord.QUIET)


def test_a_night_that_has_just_begun_is_not_asked_about(awake: Visitor, nights: Rooms, now: Now) -> None:
    """Three hours on, whoever opens the page means it, and is told that it goes on."""
    with nights.reading() as shelf:
        assert shelf is not None
        row = Nights(shelf.database).row(LAST)
    assert row.wall_ms is not None
    now.ms = row.wall_ms + YOUNG_MS - 1
    live = nights.home.shelf(nights.shelf) / LIVE_NAME
    with watched(nights):
        write(live, replace(PLAIN, night=row.name, told_wall_ms=now.ms, now_wall_ms=now.ms, ended=False))
        assert "/morning/2/word" in awake.get("/morning").text
        assert "still being watched" in text_of(awake.get(f"/morning/{LAST}"))
        now.ms += 1
        assert f"/morning/{LAST}/word" in awake.get("/morning").text


# Pauses.


def test_nudging_is_taken_up_again_after_a_pause(tmp_path: Path, now: Now) -> None:
    """Two weeks of much sleepiness after two of none; after the last night only, and once."""
    rooms = rooms_in(with_many(tmp_path, 32), now)
    with writing(rooms.home, rooms.shelf) as store:
        rows = Nights(store.database).nights()
        for place, row in enumerate(rows):
            Answers(store.database).put(row.key, Answer(MorningWord.QUIET, sleepiness=9 * (place > len(rows) // 2)))
    visitor, last = Visitor.inside(rooms), rows[-1].key
    assert 'id="resume"' in visitor.get("/morning").text
    assert linked(Pause(PauseCause.SLEEPINESS, "n").words)[-1] == Part(
        href="/morning#resume", key="morning.resume_where"
    )  # it named a command, beside the button that does it
    assert visitor.post(f"/morning/{rows[0].key}/resume").status_code == 409
    assert visitor.post(f"/morning/{last}/resume").status_code == 303
    kept = answer(rooms, last)
    assert kept is not None
    assert kept.resumed
    page = text_of(visitor.get("/morning"))
    assert "Take nudging up again" not in page
    assert "Nudging is taken up again." in page
    assert visitor.post(f"/morning/{last}/resume").status_code == 409
