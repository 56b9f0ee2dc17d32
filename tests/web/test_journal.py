"""The journal's pages: found, written, changed in two places, erased, printed; hostile text; nothing typed lost."""

from __future__ import annotations

import re
from datetime import date

import httpx
import pytest

from tests.web.visitor import NOW_MS, Visitor, text_of
from vigil.app.journal_room import journal
from vigil.domain.journal import MOST_BODY, Written, place_of
from vigil.store.journal import Only
from vigil.store.journal_erase import erase_entry
from vigil.web.drafts import typed
from vigil.web.pages.journal import tag_mark
from vigil.web.rooms import Rooms
from vigil.web.told import TOLD, Told

HOSTILE = "<script>alert(1)</script>\u202e\" onfocus=alert(1) {{7*7}} & 'quoted'"
NEW = "/journal/new"
KEY_OF_NOTHING = 999


def keep(rooms: Rooms, *entries: Written) -> list[int]:
    with journal(rooms.home, rooms.shelf) as opened:
        return [opened.add(what, NOW_MS + number * 100_000).id for number, what in enumerate(entries)]


def kept(rooms: Rooms) -> tuple[Written, ...]:
    with journal(rooms.home, rooms.shelf) as opened:
        return tuple(entry.what for entry in opened.entries(Only()))


def value(answer: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found is not None, name
    return found[1]


def body_in(answer: httpx.Response) -> str:
    found = re.search(r"(?s)<textarea[^>]*>\n(.*?)</textarea>", answer.text)
    assert found is not None
    return found[1]


# -- looking ---------------------------------------------------------------------------------------------------------


def test_an_empty_journal_says_so_and_looking_makes_no_file(sleeper: Visitor, rooms: Rooms) -> None:
    assert "Nothing is written down yet" in text_of(sleeper.get("/journal"))
    assert sleeper.get("/journal?q=wolf").status_code == 200
    assert sleeper.get("/journal/threads").status_code == 200
    assert not list(rooms.home.data.glob("*/journal.db"))


def test_entries_stand_by_day_the_latest_first(sleeper: Visitor, rooms: Rooms) -> None:
    keep(
        rooms, Written("First", "a", day="2026-11-01"), Written("Second", "b", day="2026-11-02"), Written("", "c " * 99)
    )
    said = text_of(sleeper.get("/journal"))
    assert said.index("2 Nov 2026 Second") < said.index("1 Nov 2026 First") < said.index("About no day c c c")
    assert "c c…" in said


def test_an_old_dream_is_found_by_the_beginning_of_a_word_and_the_place_is_marked(
    sleeper: Visitor, rooms: Rooms
) -> None:
    number, _ = keep(
        rooms,
        Written("The house", "and the wölves came\n<b>up</b> the stairs", day="2025-01-07"),
        Written("Other", "nothing"),
    )
    answer = sleeper.get("/journal?q=wolv")
    assert "and the <mark>wölves</mark> came" in answer.text
    assert "&lt;b&gt;up&lt;/b&gt;" in answer.text
    said = text_of(answer)
    assert "1 entry" in said
    assert "7 Jan 2025" in said
    assert f'href="/journal/{number}"' in answer.text
    assert "Nothing that you wrote holds these words" in text_of(sleeper.get("/journal?q=bear"))


@pytest.mark.parametrize(("title", "body"), [("The wolves", ""), ("", "The wolves"), ("The wolves", "came up.")])
def test_what_is_found_in_a_title_is_not_said_twice(sleeper: Visitor, rooms: Rooms, title: str, body: str) -> None:
    keep(rooms, Written(title, body))
    answer = sleeper.get("/journal?q=wolv")
    assert answer.text.count("<mark>wolves</mark>") == 1
    assert ("came up." in answer.text) == (body == "came up.")


def test_no_word_of_a_dream_stands_in_an_address(sleeper: Visitor, rooms: Rooms) -> None:
    """A browser keeps addresses, and may hand them on to its maker: what is looked for, and tags, are not in them."""
    number, other = keep(rooms, Written("House", "wolves", tags=("canary",)), Written("Other", "x"))
    found = sleeper.post("/journal/find", {"q": " wolv "})
    assert "wolv" not in found.headers["location"]
    for _ in range(2):  # and again, by going back
        page = sleeper.get(found.headers["location"])
        assert f'href="/journal/{number}"' in page.text
        assert f'href="/journal/{other}"' not in page.text
        assert 'value="wolv"' in page.text
    pages = [sleeper.get(path).text for path in ("/journal", f"/journal/{number}")]
    for address in re.findall(r'(?:href|action)="([^"]*)"', "".join(pages)):
        assert "canary" not in address
        assert "q=" not in address
    assert 'method="get"' not in pages[0]
    assert 'value="wolv"' not in Visitor.inside(rooms).get(found.headers["location"]).text
    assert sleeper.post("/journal/find", {"q": " "}).headers["location"] == "/journal"


@pytest.mark.parametrize("looked_for", ['"', "NEAR(", "* OR *", "a" * 400, "\x00\x02", "🐺", "-- ;'", "%"])
def test_whatever_is_looked_for_is_only_words(sleeper: Visitor, rooms: Rooms, looked_for: str) -> None:
    keep(rooms, Written("", "text"))
    assert sleeper.get(str(httpx.URL("/journal", params={"q": looked_for}))).status_code == 200


def test_only_a_tag_a_thread_or_a_night(nights: Rooms) -> None:
    visitor = Visitor.inside(nights)
    with journal(nights.home, nights.shelf) as opened:
        thread = opened.put_thread("The house", "in winter").id
    keep(
        nights,
        Written("With a tag", "x", tags=("stairs & <b>", "sea")),
        Written("In the thread", "x", thread=thread),
        Written("Of the night", "x", night="2026-11-28"),
    )
    whole = visitor.get("/journal")
    assert f'href="/journal?tag={tag_mark("Stairs & <B>")}"' in whole.text
    for query, title in (
        (f"tag={tag_mark('STAIRS & <b>')}", "With a tag"),
        ("tag=STAIRS%20%26%20%3Cb%3E", "With a tag"),
        (f"thread={thread}", "In the thread"),
        ("night=2", "Of the night"),
    ):
        said = text_of(visitor.get(f"/journal?{query}"))
        assert title in said
        assert sum(name in said for name in ("With a tag", "In the thread", "Of the night")) == 1
        assert f'href="/journal/print?{query.split("=")[0]}=' in visitor.get(f"/journal?{query}").text
    for query in ("tag=none", "thread=99", "thread=x", "night=99", "night=²", "night=" + "9" * 99):
        assert "No entry is kept there" in text_of(visitor.get(f"/journal?{query}"))
    assert "Saturday 28 November" in text_of(visitor.get("/journal?night=2"))


def test_a_long_journal_is_leafed_through(sleeper: Visitor, rooms: Rooms) -> None:
    keep(rooms, *(Written(f"Entry {n:03d}.", "x", tags=("t",)) for n in range(120)))
    answer = sleeper.get("/journal?tag=t")
    seen = re.findall(r"Entry \d{3}\.", answer.text)
    while found := re.search(r'href="(/journal\?[^"]*before[^"]*)"', answer.text):
        answer = sleeper.get(found[1].replace("&amp;", "&"))
        seen += re.findall(r"Entry \d{3}\.", answer.text)
    assert seen == [f"Entry {n:03d}." for n in reversed(range(120))]


def test_of_many_tags_those_that_are_used_most_are_shown(sleeper: Visitor, rooms: Rooms) -> None:
    keep(rooms, *(Written("", "x", tags=(f"rare{n}", f"tag{n % 40}")) for n in range(80)))
    page = sleeper.get("/journal")
    shown = set(re.findall(r'href="/journal\?tag=(\w+)"', page.text))
    assert {tag_mark(f"tag{n}") for n in range(40)} <= shown
    assert len(shown) == 60


# -- writing ---------------------------------------------------------------------------------------------------------


def test_written_read_changed_and_linked_to_its_night(nights: Rooms) -> None:
    visitor = Visitor.inside(nights)
    form = visitor.get(f"{NEW}?night=2")
    assert '<option value="2" selected>' in form.text
    assert value(form, "day") == "2026-11-30"
    sent = {"title": "The house", "body": "up\r\nthe stairs", "day": "2026-11-28", "night": "2"}
    answer = visitor.post(
        NEW, {**sent, "thread": "A house", "tags": "stairs, Sea,,stairs", "draft": value(form, "draft")}
    )
    assert answer.status_code == 303
    page = visitor.get(answer.headers["location"])
    said = text_of(page)
    for words in ("The house", "28 Nov 2026", "Night: Saturday 28 November", "Thread: A house", "stairs", "Sea"):
        assert words in said
    assert 'href="/night/2"' in page.text
    edit = visitor.get(answer.headers["location"] + "/edit")
    assert (value(edit, "tags"), value(edit, "thread"), body_in(edit)) == ("stairs, Sea", "A house", "up\nthe stairs")
    sent = {"title": "Changed", "body": body_in(edit), "day": "", "night": "", "tags": "", "thread": ""}
    changed = visitor.post(answer.headers["location"] + "/edit", {**sent, "version": value(edit, "version")})
    assert changed.headers["location"] == answer.headers["location"]
    assert kept(nights) == (Written("Changed", "up\nthe stairs"),)
    assert "Changed 30 Nov 2026" in text_of(visitor.get(changed.headers["location"]))


def test_sent_twice_it_is_one_entry(sleeper: Visitor, rooms: Rooms) -> None:
    first = sleeper.post(NEW, {"body": "a dream"})
    assert sleeper.post(NEW, {"body": "a dream"}).headers["location"] == first.headers["location"]
    assert len(kept(rooms)) == 1


def test_of_two_windows_both_are_kept_and_it_is_said(sleeper: Visitor, rooms: Rooms) -> None:
    (number,) = keep(rooms, Written("The house", "as it was"))
    path = f"/journal/{number}/edit"
    version = value(sleeper.get(path), "version")
    sleeper.post(path, {"title": "The house", "body": "from the phone", "version": version})
    answer = sleeper.post(path, {"title": "The house", "body": "from the desk", "version": version})
    page = sleeper.get(answer.headers["location"])
    assert "Both are kept" in text_of(page)
    assert f'href="/journal/{number}"' in page.text
    assert {what.body for what in kept(rooms)} == {"from the phone", "from the desk"}


def test_five_megabytes_are_refused_with_the_text_still_in_the_field(sleeper: Visitor, rooms: Rooms) -> None:
    text = "ä dream " * 625_000
    answer = sleeper.post(NEW, {"title": "Long", "body": text, "tags": "kept, too"})
    assert answer.status_code == 409
    assert "The text has 5,000,000 letters, and 1,000,000 fit" in answer.text
    assert body_in(answer) == text
    assert (value(answer, "title"), value(answer, "tags")) == ("Long", "kept, too")
    assert kept(rooms) == ()


def test_the_longest_text_that_fits_is_kept_whatever_its_letters_weigh(sleeper: Visitor, rooms: Rooms) -> None:
    text = "🐺" * MOST_BODY
    assert sleeper.post(NEW, {"body": text}).status_code == 303
    assert kept(rooms)[0].body == text


def test_more_than_is_taken_at_once_is_said_in_words(sleeper: Visitor) -> None:
    answer = sleeper.post(NEW, {"body": "x" * (17 << 20)})
    assert answer.status_code == 413
    assert "still in your browser" in text_of(answer)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"body": " \n "}, "There is nothing in it yet"),
        ({"body": "text", "day": "tomorrow"}, "is no date"),
        ({"body": "text", "title": "t" * 201}, "The title has 201 letters"),
        ({"body": "text", "tags": "x" * 41}, "A tag has 41 letters"),
        ({"body": "text", "tags": ",".join(map(str, range(31)))}, "31 tags"),
        ({"body": "text", "night": "77"}, "That night is not kept any more"),
        ({"body": "text", "thread": "n" * 201}, "The name has 201 letters"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    sleeper: Visitor, rooms: Rooms, form: dict[str, str], words: str
) -> None:
    answer = sleeper.post(NEW, form)
    assert answer.status_code == 409
    assert words in text_of(answer)
    assert body_in(answer) == form["body"]
    (number,) = keep(rooms, Written("", "before"))
    answer = sleeper.post(f"/journal/{number}/edit", {**form, "version": "1"})
    assert words in text_of(answer)
    assert (body_in(answer), value(answer, "version")) == (form["body"], "1")
    assert kept(rooms) == (Written("", "before"),)


def test_a_change_to_what_was_erased_meanwhile_can_become_a_new_entry(sleeper: Visitor, rooms: Rooms) -> None:
    (number,) = keep(rooms, Written("", "before"))
    with journal(rooms.home, rooms.shelf) as opened:
        erase_entry(opened, number)
    answer = sleeper.post(f"/journal/{number}/edit", {"body": "typed for long", "night": "as-it-was", "version": "1"})
    assert "can be kept as a new entry" in text_of(answer)
    assert body_in(answer) == "typed for long"
    assert f'action="{NEW}"' in answer.text
    again = sleeper.post(NEW, {"body": body_in(answer), "night": "as-it-was", "draft": value(answer, "draft")})
    assert again.status_code == 303
    assert [what.body for what in kept(rooms)] == ["typed for long"]


def test_the_night_of_an_entry_that_is_not_kept_here_stays_its_night(sleeper: Visitor, rooms: Rooms) -> None:
    (number,) = keep(rooms, Written("", "before", night="a night of a backup", tags=("one, with a comma",)))
    path = f"/journal/{number}/edit"
    form = sleeper.get(path)
    assert "a night of a backup</option>" in form.text
    sent = {"body": "after", "night": "as-it-was", "tags": value(form, "tags"), "version": value(form, "version")}
    sleeper.post(path, sent)
    assert kept(rooms) == (Written("", "after", night="a night of a backup", tags=("one, with a comma",)),)
    assert "Night: a night of a backup" in text_of(sleeper.get(f"/journal/{number}"))


# -- what is being typed ---------------------------------------------------------------------------------------------


def draft(place: str, **fields: str) -> dict[str, object]:
    return {"place": place, "night": None, "fields": {name: [text] for name, text in fields.items()}}


def test_what_was_begun_is_listed_put_back_and_gone_once_it_is_kept(sleeper: Visitor, rooms: Rooms) -> None:
    token = value(sleeper.get(NEW), "draft")
    assert value(sleeper.get(NEW), "draft") != token  # two windows are two
    place = f"entry/new-{token}"
    sleeper.send("/draft", draft(place, body="half a dream", title="", tags="sea", day="2026-11-01", night=""))
    page = sleeper.get("/journal")
    assert "Begun and not kept yet half a dream" in text_of(page)
    form = sleeper.get(f"{NEW}?draft={token}")
    assert "is not kept as an entry yet" in text_of(form)
    assert (body_in(form), value(form, "tags"), value(form, "day")) == ("half a dream", "sea", "2026-11-01")
    assert value(form, "draft") == token
    sleeper.post(NEW, {"body": "half a dream, and the rest", "draft": token})
    assert typed(rooms, place) is None
    assert "Begun" not in text_of(sleeper.get("/journal"))


def test_a_change_that_was_begun_is_put_back_with_the_version_it_began_from(sleeper: Visitor, rooms: Rooms) -> None:
    (number,) = keep(rooms, Written("", "as it was"))
    path, place = f"/journal/{number}/edit", place_of(number)
    sleeper.send("/draft", draft(place, body="as it will be", version="1"))
    sleeper.post(path, {"body": "changed elsewhere", "version": "1"})
    assert typed(rooms, place) is None
    sleeper.send("/draft", draft(place, body="as it will be", version="1"))
    form = sleeper.get(path)
    assert (body_in(form), value(form, "version")) == ("as it will be", "1")
    assert f'href="{path}?kept"' in form.text
    assert (body_in(sleeper.get(f"{path}?kept"))) == "changed elsewhere"
    answer = sleeper.post(path, {"body": body_in(form), "version": "1"})
    assert f"beside={number}" in answer.headers["location"]
    assert len(kept(rooms)) == 2


def test_what_was_begun_can_be_let_go(sleeper: Visitor, rooms: Rooms) -> None:
    sleeper.send("/draft", draft("entry/new-00000000", body="not wanted"))
    sleeper.send("/draft", draft("morning/1", body="another page's"))
    sleeper.post("/journal/let-go", {"place": "entry/new-00000000"})
    sleeper.post("/journal/let-go", {"place": "morning/1"})
    assert typed(rooms, "entry/new-00000000") is None
    assert typed(rooms, "morning/1") is not None


# -- erasing ---------------------------------------------------------------------------------------------------------


def test_it_is_asked_once_and_then_it_is_gone(sleeper: Visitor, rooms: Rooms) -> None:
    (number,) = keep(rooms, Written("", "a canary"))
    asked = sleeper.get(f"/journal/{number}/erase")
    assert "cannot be taken back" in text_of(asked)
    assert len(kept(rooms)) == 1
    answer = sleeper.post(f"/journal/{number}/erase")
    assert "Erased." in text_of(sleeper.get(answer.headers["location"]))
    for path in ("", "/edit", "/erase"):
        back = sleeper.get(f"/journal/{number}{path}")
        assert back.status_code == 404
        assert "may have been erased" in text_of(back)
        assert back.headers["cache-control"] == "no-store"
    assert sleeper.post(f"/journal/{number}/erase").status_code == 404
    files = [path.read_bytes() for path in rooms.home.data.rglob("*") if path.is_file()]
    assert not any(b"a canary" in data for data in files)


def test_copies_out_of_reach_are_named(sleeper: Visitor, rooms: Rooms) -> None:
    (number,) = keep(rooms, Written("", "text"))
    with journal(rooms.home, rooms.shelf) as opened, opened.file.atomic():
        opened.file.execute("INSERT INTO backup_folder (path) VALUES ('/nowhere/stick')")
    answer = sleeper.post(f"/journal/{number}/erase")
    assert "Not reached: copies in /nowhere/stick" in text_of(sleeper.get(answer.headers["location"]))


def test_what_was_told_is_told_to_one_session_and_not_for_ever() -> None:
    told = Told()
    number = told.keep(1, "done")
    assert told.of(1, str(number)) == ("done",)
    for session, text in ((2, str(number)), (1, "x"), (1, "²"), (1, "9" * 5000), (1, "")):
        assert told.of(session, text) == ()
    for _ in range(60):
        told.keep(1, "more")
    assert told.of(1, str(number)) == ()


def test_nobody_else_is_told(rooms: Rooms, sleeper: Visitor) -> None:
    number = TOLD.keep(12345, "a secret path")
    assert "secret" not in sleeper.get(f"/journal?told={number}").text


# -- threads ---------------------------------------------------------------------------------------------------------


def test_a_thread_is_named_renamed_and_erased_and_its_entries_stay(sleeper: Visitor, rooms: Rooms) -> None:
    answer = sleeper.post("/journal/threads", {"name": "The house", "note": "in winter"})
    path = answer.headers["location"]
    assert "No entry belongs to it yet" in text_of(sleeper.get(path))
    sleeper.post(NEW, {"body": "the stairs again", "thread": "the HOUSE"})
    said = text_of(sleeper.get(path))
    assert "in winter" in said
    assert "the stairs again" in said
    assert "already" in text_of(sleeper.post("/journal/threads", {"name": "THE HOUSE", "note": "typed"}))
    assert "needs a name" in text_of(sleeper.post(path, {"name": " ", "note": "typed for long"}))
    assert "typed for long" in sleeper.post(path, {"name": " ", "note": "typed for long"}).text
    sleeper.post(path, {"name": "The old house", "note": ""})
    assert "The old house 1 entry" in text_of(sleeper.get("/journal/threads"))
    assert "Its entries stay" in text_of(sleeper.get(f"{path}/erase"))
    done = sleeper.post(f"{path}/erase")
    assert "Its entries are still here" in text_of(sleeper.get(done.headers["location"]))
    for gone in (path, f"{path}/erase"):
        assert sleeper.get(gone).status_code == 404
    assert [what.body for what in kept(rooms)] == ["the stairs again"]


# -- paper -----------------------------------------------------------------------------------------------------------


def test_one_a_thread_or_all_on_paper_in_the_order_of_days(sleeper: Visitor, rooms: Rooms) -> None:
    with journal(rooms.home, rooms.shelf) as opened:
        thread = opened.put_thread("House").id
    first, _, _ = keep(
        rooms,
        Written("One", "first body", day="2026-01-01", thread=thread, tags=("t",)),
        Written("Two", "second body", day="2026-01-02", thread=thread),
        Written("Three", "third body", day="2026-01-03"),
    )
    alone = text_of(sleeper.get(f"/journal/print?entry={first}"))
    assert "first body" in alone
    assert "second body" not in alone
    of_thread = text_of(sleeper.get(f"/journal/print?thread={thread}"))
    assert of_thread.index("first body") < of_thread.index("second body")
    assert "third body" not in of_thread
    every = text_of(sleeper.get("/journal/print"))
    assert every.index("first body") < every.index("second body") < every.index("third body")
    assert "nothing to print" in text_of(sleeper.get("/journal/print?tag=none"))
    assert "nothing to print" in text_of(sleeper.get("/journal/print?thread=99"))
    assert sleeper.get(f"/journal/print?entry={KEY_OF_NOTHING}").status_code == 404


# -- hostile text ----------------------------------------------------------------------------------------------------


def test_whatever_is_written_is_only_text_on_every_page(sleeper: Visitor, rooms: Rooms) -> None:
    sleeper.post(NEW, {"title": HOSTILE, "body": HOSTILE, "thread": HOSTILE, "tags": HOSTILE[:30]})
    sleeper.send("/draft", draft("entry/new-00000000", body=HOSTILE, title=HOSTILE, tags=HOSTILE, thread=HOSTILE))
    pages = ("/journal", "/journal?q=alert", "/journal/1", "/journal/1/edit", "/journal/1/erase", "/journal/threads")
    more = (
        "/journal/threads/1",
        "/journal/threads/1/erase",
        "/journal/print",
        f"{NEW}?draft=00000000",
        "/journal?q=%3Cb",
    )
    for path in (*pages, *more):
        answer = sleeper.get(path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text, path
        assert '" onfocus' not in answer.text, path
        assert "49" not in re.sub(r"/static/\w+/", "", answer.text), path


def test_text_from_right_to_left_and_signs_stand_as_they_were_typed(sleeper: Visitor, rooms: Rooms) -> None:
    body = "حلمت بالبيت\nand then 🐺👩‍👩‍👧\n\nשםשם"
    answer = sleeper.post(NEW, {"title": "بيت", "body": body, "tags": "حلم"})
    page = sleeper.get(answer.headers["location"])
    assert '<h1 dir="auto">بيت</h1>' in page.text
    assert f'<div class="written" dir="auto">{body}</div>' in page.text
    assert "<mark>بالبيت</mark>" in sleeper.get("/journal?q=%D8%A8%D8%A7%D9%84").text
    edit = sleeper.get(f"{answer.headers['location']}/edit")
    assert body_in(edit) == body
    assert 'name="body" rows="12" dir="auto"' in edit.text


def test_the_day_of_a_new_entry_is_today_here(sleeper: Visitor, rooms: Rooms) -> None:
    assert value(sleeper.get(NEW), "day") == rooms.now().date().isoformat()
    assert isinstance(rooms.now().date(), date)


def test_what_was_looked_for_is_forgotten_with_everything(sleeper: Visitor, rooms: Rooms) -> None:
    """Whoever is let in after that may well have the number of an earlier browser."""
    keep(rooms, Written("", "wolves"))
    found = sleeper.post("/journal/find", {"q": "canary"}).headers["location"]
    assert 'value="canary"' in sleeper.get(found).text
    assert sleeper.post("/data/erase/all", {"spoken": "erase everything"}).status_code == 200
    assert "canary" not in Visitor.inside(rooms).get(found).text
