"""The first evening on pages: every answer kept as the terminal keeps it, and one question leaves nothing behind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.interviews import CALM
from tests.web.visitor import Visitor, text_of
from vigil.app.config import read_settings
from vigil.app.setup_file import read_answers, write_answers
from vigil.app.standing import standing
from vigil.domain.requests import Output
from vigil.domain.settings import OnSignalLost, Room
from vigil.interview.consequences import NOT_SET_UP, NOTHING_REACHES, UNREADABLE, Known, still_open
from vigil.interview.crisis import help_for, help_words
from vigil.interview.interview import Interview
from vigil.interview.question import Value
from vigil.interview.questions import (
    BY_ID,
    EACH_EVENING,
    FIRST_NIGHTS,
    QUESTIONS,
    STAYS,
    TALK_NOW,
    TRY_BY_DAY,
)
from vigil.web.rooms import Rooms
from vigil.web.views.said_links import Part, linked

FORMS: dict[str, dict[str, str | list[str]]] = {
    "wearable": {"value": "buzzes"},
    "way": {"value": "nudge"},
    "watched": {"value": "none"},
    "blunted": {"value": "none"},
    "country": {"value": "de"},
    "contact": {"value": "Ana 0123; Ben"},
    "safe_now": {"value": "no"},
    "bed_time": {"value": "23:00"},
    "wake_time": {"value": "07:00"},
    "room": {"value": "alone"},
    "outputs": {"value": ["vibration", "sound"], "done": "1"},
    "signal_lost": {"value": "morning"},
}
"""The calm person of the unit tests, question by question."""


def page_of(location: str) -> str:
    return location.partition("?")[0].rpartition("/")[2]


def answers_of(rooms: Rooms) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(rooms.home.setup_file.read_text())["answers"]
    return found


def answered(visitor: Visitor, **other: dict[str, str | list[str]]) -> list[str]:
    """From the first question to the end, as the pages lead; the questions in their order."""
    forms, seen, at = FORMS | other, list[str](), "wearable"
    while at != "end":
        seen.append(at)
        assert visitor.get(f"/evening/{at}").status_code == 200
        answer = visitor.post(f"/evening/{at}", forms[at])
        assert answer.status_code == 303, text_of(answer)
        at = page_of(answer.headers["location"])
    return seen


def every_byte(folder: Path) -> dict[str, bytes]:
    found = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: data for name, data in found.items() if not name.startswith("own/page.db")}


def test_from_the_first_question_to_the_last(rooms: Rooms, sleeper: Visitor) -> None:
    """The same file and settings as the terminal makes; what comes next is said."""
    assert "Until the first evening is done, it only watches: The first evening" in text_of(sleeper.get("/tonight"))
    first = sleeper.get("/evening")
    assert 'href="/evening/wearable"' in first.text
    assert answered(sleeper) == list(FORMS)
    assert answers_of(rooms) == CALM
    settings = read_settings(rooms.home.settings_file)
    assert (settings.nudging, settings.room, settings.on_signal_lost) == (True, Room.ALONE, OnSignalLost.MORNING)
    assert settings.outputs == (Output.VIBRATION, Output.SOUND)
    assert standing(rooms.home).known is Known.ALL
    assert "does not know you yet" not in text_of(sleeper.get("/tonight"))
    end = sleeper.get("/evening/end")
    assert FIRST_NIGHTS in text_of(end)
    for path in ("/devices/pair", "/devices/nudge", "/tonight"):
        assert f'href="{path}"' in end.text
    told = text_of(sleeper.get("/evening"))
    assert "Ana 0123; Ben" in told
    assert "a buzz on the wrist; a soft sound" in told


@pytest.mark.parametrize("question", [one.id for one in QUESTIONS])
def test_help_is_one_touch_away_from_every_question(question: str, rooms: Rooms, sleeper: Visitor) -> None:
    """With how far it is, the reason, a way back and a way on; for each of them."""
    shared = {"room": "shared"} if question == "agrees" else {}
    answers: dict[str, Value] = {
        name: tuple(value) if isinstance(value, list) else str(value) for name, value in CALM.items()
    }
    write_answers(rooms.home.setup_file, Interview({**answers, **shared}))
    page = sleeper.get(f"/evening/{question}")
    assert 'href="/help"' in page.text
    assert BY_ID[question].text in text_of(page).replace("&#39;", "'")
    assert re.search(r"\d+ of about 1[123]\b", text_of(page))
    assert 'href="/evening' in page.text


def test_what_follows_is_shown_right_after(sleeper: Visitor) -> None:
    """On the page of the next question: why it only watches now, and where to turn."""
    answer = sleeper.post("/evening/watched", {"value": ["gasps", "drowsy"]})
    assert answer.headers["location"] == "/evening/blunted?after=watched"
    told = text_of(sleeper.get(answer.headers["location"]))
    assert "You snore with gasps or pauses." in told
    assert "Please do not drive while drowsy." in told


def test_leaving_a_question_keeps_nothing_and_goes_on(rooms: Rooms, sleeper: Visitor) -> None:
    page = sleeper.get("/evening/wearable")
    assert 'href="/evening/way"' in page.text
    assert sleeper.post("/evening/bed_time", {"value": ""}).headers["location"] == "/evening/wake_time"
    assert sleeper.post("/evening/contact", {"value": "  "}).headers["location"] == "/evening/safe_now"
    assert not rooms.home.setup_file.exists()
    assert "When do you usually put out the light?" in text_of(sleeper.get("/evening/end"))


def test_going_back_shows_what_was_said_and_can_change_it(rooms: Rooms, sleeper: Visitor) -> None:
    answered(sleeper)
    assert 'href="/evening/wake_time"' in sleeper.get("/evening/room").text
    assert "Nobody what you said before" in text_of(sleeper.get("/evening/room"))
    assert ">Ana 0123\nBen</textarea>" in sleeper.get("/evening/contact").text
    assert page_of(sleeper.post("/evening/room", {"value": "shared"}).headers["location"]) == "agrees"
    answer = sleeper.post("/evening/agrees", {"value": "no"})
    assert answer.headers["location"] == "/evening/end?after=agrees"
    assert read_settings(rooms.home.settings_file).room is Room.UNSAID
    assert "Sound and light wait" in text_of(sleeper.get(answer.headers["location"]))


def test_several_in_their_order_are_chosen_one_after_the_other(rooms: Rooms, sleeper: Visitor) -> None:
    write_answers(rooms.home.setup_file, Interview({"way": "nudge", "watched": ("none",), "room": "alone"}))
    first = sleeper.post("/evening/outputs", {"more": "sound"})
    assert first.status_code == 200
    assert '<li>A soft sound<input type="hidden" name="value" value="sound"></li>' in first.text
    assert "outputs" not in answers_of(rooms)
    last = sleeper.post("/evening/outputs", {"value": ["sound"], "more": "vibration"})
    assert last.text.index("A soft sound") < last.text.index("A buzz on the wrist")
    sleeper.post("/evening/outputs", {"value": ["sound", "vibration"], "done": "1"})
    assert answers_of(rooms)["outputs"] == ["sound", "vibration"]


def test_whom_to_call_is_typed_line_by_line(rooms: Rooms, sleeper: Visitor) -> None:
    """And kept as the terminal keeps it; what parts two people there is not asked for here."""
    page = text_of(sleeper.get("/evening/contact"))
    assert "Whom would you call in a bad hour?" in page
    assert ";" not in page.partition("Whom would")[2].partition("Keep this")[0]
    sleeper.post("/evening/contact", {"value": "  Ana   0123 \r\n\r\nBen\r\n"})
    assert answers_of(rooms) == {"contact": "Ana 0123; Ben"}
    told = text_of(sleeper.get("/help"))
    assert "Ana 0123" in told
    assert "Ben" in told


def test_a_line_without_a_number_is_kept_and_said(rooms: Rooms, sleeper: Visitor) -> None:
    """While it can still be added, and not in a bad hour: there it is a name, and no button that calls nobody."""
    led = sleeper.post("/evening/contact", {"value": "Ana 0123\nBen"}).headers["location"]
    assert answers_of(rooms) == {"contact": "Ana 0123; Ben"}
    told = text_of(sleeper.get(led))
    assert "There is no number in this line, so it is shown as a name that cannot be called: Ben" in told
    assert "called: Ana" not in told
    page = sleeper.get("/help").text
    assert '<p class="said" dir="auto">Ben</p>' in page
    assert "Call Ben" not in page


def test_nobody_to_call_is_an_answer(rooms: Rooms, sleeper: Visitor) -> None:
    sleeper.post("/evening/contact", {"value": "", "nobody": "1"})
    assert answers_of(rooms) == {"contact": ""}


@pytest.mark.parametrize(
    ("question", "form", "words"),
    [
        ("contact", {"value": "<b>" + "x" * 500}, "That is longer than the 400 letters"),
        ("bed_time", {"value": "<i>midnight"}, "A time such as 23:15"),
        ("watched", {"value": ["none", "gasps"]}, "None and something else do not go together"),
        ("watched", {}, "Nothing was chosen"),
        ("way", {"value": "fly"}, "I did not understand that"),
        ("outputs", {"value": ["light"], "done": "1"}, "Sound and light wait"),
    ],
)
def test_what_is_no_answer_is_said_with_what_was_typed_still_there(
    question: str, form: dict[str, str | list[str]], words: str, rooms: Rooms, sleeper: Visitor
) -> None:
    before = Interview({"way": "nudge", "watched": ("none",), "room": "shared"})
    write_answers(rooms.home.setup_file, before)
    answer = sleeper.post(f"/evening/{question}", form)
    assert answer.status_code == 409
    assert words in text_of(answer)
    assert read_answers(rooms.home.setup_file).interview == before
    typed = form.get("value")
    if question in {"contact", "bed_time"} and isinstance(typed, str):
        shown = typed.replace("<", "&lt;").replace(">", "&gt;")
        assert (f">{shown}</textarea>" if question == "contact" else f'value="{shown}"') in answer.text


# -- the question that is not kept -------------------------------------------------------------------------------------


def until_safe_now(visitor: Visitor) -> None:
    for question in ("wearable", "way", "watched", "blunted", "country", "contact"):
        visitor.post(f"/evening/{question}", FORMS[question])


def after_yes(visitor: Visitor) -> httpx.Response:
    """The page that a hard yes leads to, which sends nothing again where the browser goes back to it."""
    led = visitor.post("/evening/safe_now", {"value": "yes"})
    assert (led.status_code, led.headers["location"]) == (303, "/evening/talk")
    return visitor.get("/evening/talk")


def test_yes_shows_whom_to_call_at_once(sleeper: Visitor) -> None:
    """The person's own country and people, as numbers to tap; and what may be done instead of nudging."""
    until_safe_now(sleeper)
    answer = after_yes(sleeper)
    assert answer.status_code == 200
    told = text_of(answer)
    assert TALK_NOW in told
    assert "TelefonSeelsorge" in told
    assert 'href="tel:112"' in answer.text
    assert "Ana 0123" in told
    assert "This answer is not kept." in told
    assert "Shall I?" in told


def test_where_yes_leads_anybody_may_go(sleeper: Visitor) -> None:
    """So that its address, in a list of what was opened, is no answer; and nothing on it tells the two apart."""
    until_safe_now(sleeper)
    unsaid = sleeper.get("/evening/talk").text
    assert 'href="/evening/talk"' in sleeper.get("/evening/safe_now").text
    assert after_yes(sleeper).text == unsaid


def test_neither_answer_leaves_anything(tmp_path: Path, sleeper: Visitor, rooms: Rooms) -> None:
    """Not a byte in any file, not in the address that follows, and not in whether it is asked."""
    until_safe_now(sleeper)
    before = every_byte(tmp_path)
    no = sleeper.post("/evening/safe_now", {"value": "no"})
    assert every_byte(tmp_path) == before
    yes = after_yes(sleeper)
    assert every_byte(tmp_path) == before
    assert no.headers["location"] == "/evening/bed_time"
    assert 'href="/evening/bed_time"' in yes.text
    assert "safe_now" not in every_byte(tmp_path)["setup.json"].decode()
    assert "checked" not in sleeper.get("/evening/safe_now").text
    assert "never kept" in text_of(sleeper.get("/evening"))


def test_the_offer_is_the_answer_to_another_question(rooms: Rooms, sleeper: Visitor) -> None:
    """To the last byte as if it had been chosen there; and it goes on where it was."""
    until_safe_now(sleeper)
    answer = sleeper.post("/evening/way", {"value": "watch", "at": "safe_now"})
    assert answer.headers["location"] == "/evening/bed_time?after=way"
    assert answers_of(rooms)["way"] == "watch"
    assert not read_settings(rooms.home.settings_file).nudging
    again = after_yes(sleeper)
    assert STAYS in text_of(again)
    assert "Shall I?" not in text_of(again)


def test_without_a_country_there_is_still_somebody_to_call(sleeper: Visitor) -> None:
    answer = after_yes(sleeper)
    assert 'href="tel:112">Call 112 in the EU</a>' in answer.text
    assert "elsewhere the emergency number of your country" in text_of(answer)
    before, _, after = answer.text.partition('href="tel:22400040"')
    assert "<summary>Norway</summary>" in before
    assert after
    for words in help_words(help_for())[1:]:
        assert words.split(":")[0] in text_of(answer)


# -- files that cannot be used -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["{", '{"format": "vigil-setup", "version": 1, "answers": {"way": "fly"}}'])
def test_a_file_that_cannot_be_used_is_moved_aside_only_when_asked(text: str, rooms: Rooms, sleeper: Visitor) -> None:
    rooms.home.setup_file.write_text(text)
    assert sleeper.get("/evening/way").headers["location"] == "/evening"
    assert sleeper.post("/evening/way", {"value": "watch"}).headers["location"] == "/evening"
    assert "Move that file aside" in text_of(sleeper.get("/evening"))
    assert rooms.home.setup_file.read_text() == text
    answer = sleeper.post("/evening")
    assert answer.status_code == 200
    aside = [path for path in rooms.home.config.glob("*.json") if path.read_bytes() == text.encode()]
    assert len(aside) == 1
    assert aside[0].name in text_of(answer)
    assert sleeper.post("/evening/way", {"value": "watch"}).status_code == 303
    assert answers_of(rooms) == {"way": "watch"}


def test_what_a_newer_vigil_wrote_is_not_touched(rooms: Rooms, sleeper: Visitor) -> None:
    text = '{"format": "vigil-setup", "version": 99, "answers": {}}'
    rooms.home.setup_file.write_text(text)
    assert "Move that file aside" not in text_of(sleeper.get("/evening"))
    assert sleeper.post("/evening").status_code == 409
    assert rooms.home.setup_file.read_text() == text


def test_settings_that_cannot_be_changed_are_said_and_the_answer_is_kept(rooms: Rooms, sleeper: Visitor) -> None:
    rooms.home.settings_file.write_text("nudging = [")
    answer = sleeper.post("/evening/way", {"value": "watch"})
    assert answer.status_code == 409
    assert "Your answers are kept, but" in text_of(answer)
    assert 'href="/evening/wearable"' in answer.text or 'href="/evening/watched"' in answer.text
    assert answers_of(rooms) == {"way": "watch"}


def test_a_disk_that_refuses_loses_nothing_typed(
    rooms: Rooms, sleeper: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vigil.app.keeping.write_answers", full)
    answer = sleeper.post("/evening/contact", {"value": "Ana 0123"})
    assert answer.status_code == 409
    assert "could not be kept: No space left on device" in text_of(answer)
    assert ">Ana 0123</textarea>" in answer.text


@pytest.mark.parametrize("path", ["/evening/shoe_size", "/evening/%00", "/evening/..%2fsettings"])
def test_there_is_no_other_question(path: str, sleeper: Visitor) -> None:
    assert sleeper.get(path).status_code == 404


def test_a_question_that_makes_no_sense_now_is_not_asked(sleeper: Visitor) -> None:
    assert sleeper.get("/evening/agrees").headers["location"] == "/evening"
    answer: httpx.Response = sleeper.post("/evening/agrees", {"value": "yes"})
    assert answer.headers["location"] == "/evening"


# -- sentences that name commands --------------------------------------------------------------------------------------


def test_a_command_becomes_a_link_to_its_page() -> None:
    assert linked("To pair one: vigil pair") == (
        Part("To pair one: "),
        Part(href="/devices/pair", key="devices.link_pair"),
    )
    assert linked("It settled: vigil setup --again watched.")[1].href == "/evening/watched"
    both = linked("ask vigil test-nudge --find; or vigil setup")
    assert [one.href for one in both] == ["", "/devices/sound", "", "/evening"]
    assert linked("choose otherwise: `vigil setup --again outputs`.")[1:] == (
        Part(href="/evening/outputs", key="evening.link_again"),
        Part("."),
    )
    assert linked("Nothing here.") == (Part("Nothing here."),)


def test_a_command_that_no_page_does_stays_and_is_told_apart() -> None:
    """With what belongs to it, and nothing of the sentence."""
    assert linked("run vigil doctor; or vigil backup --to FOLDER makes one") == (
        Part("run "),
        Part("vigil doctor", typed=True),
        Part("; or "),
        Part("vigil backup --to FOLDER", typed=True),
        Part(" makes one"),
    )
    assert linked("Vigil pairs, vigil paired")[-1] == Part("vigil paired", typed=True)


def said_of_the_evening() -> Iterator[str]:
    for one in QUESTIONS:
        yield from (one.text, one.why)
        for choice in one.choices:
            yield from (choice.words, choice.not_offered, choice.lead.watch_only, *choice.lead.says)
    yield from (NOT_SET_UP, UNREADABLE, NOTHING_REACHES, FIRST_NIGHTS, EACH_EVENING, TRY_BY_DAY)
    yield from (still_open(one) for one in QUESTIONS if one.needed)


@pytest.mark.parametrize("words", [words for words in said_of_the_evening() if words])
def test_the_first_evening_does_not_speak_as_a_terminal_does(words: str) -> None:
    """What is left of a sentence beside its links has no command in it, no name of a file and no way of typing."""
    plain = " ".join(part.text for part in linked(words) if not part.typed)
    for mark in ("vigil ", "settings.toml", "docs/", " --", "; - ", "[", "`"):
        assert mark not in plain
    assert [part.text for part in linked(words) if part.typed] == []
