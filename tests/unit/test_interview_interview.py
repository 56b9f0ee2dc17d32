"""The interview as a state: it stops and goes on anywhere, can be changed, and keeps nothing it should not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.interviews import CALM, calm, interviews, taken, value_of
from vigil.interview.consequences import consequences
from vigil.interview.interview import Interview, Reply, effective
from vigil.interview.questions import BY_ID, NOT_KEPT, QUESTIONS, SAFE_NOW, STAYS, TALK_NOW
from vigil.interview.saved import Restored, from_saved, to_saved
from vigil.interview.typed import Refusal


def saved(interview: Interview) -> str:
    return json.dumps(to_saved(interview))


def restored(text: str) -> Interview:
    found = from_saved(json.loads(text))
    assert isinstance(found, Restored)
    assert not found.left_out
    return found.interview


@given(interviews())
def test_it_goes_on_wherever_it_stopped(interview: Interview) -> None:
    """Saved and read back at any point, the answers, what is open and what follows are the same."""
    back = restored(saved(interview))
    assert back.answers == dict(interview.answers)
    assert back.open_questions == interview.open_questions
    assert back.complete == interview.complete
    assert consequences(back.answers) == consequences(interview.answers)
    assert not back.passed


@given(st.data())
def test_going_on_and_going_through_lead_to_the_same(data: st.DataObject) -> None:
    """An evening of one sitting and an evening of many give the same answers, byte for byte."""
    whole = pieces = Interview()
    for question in QUESTIONS:
        if not question.kept or not question.asked(effective(whole.answers)):
            continue
        value = data.draw(st.composite(value_of)(question, whole))
        whole = taken(whole, question.id, value)
        pieces = restored(saved(taken(pieces, question.id, value)))
    assert saved(pieces) == saved(whole)
    assert whole.complete


@given(interviews(), st.data())
def test_every_answer_can_be_changed_later(interview: Interview, data: st.DataObject) -> None:
    """Any answered question can be answered again, and only that answer changes."""
    if not effective(interview.answers):
        return
    question = BY_ID[data.draw(st.sampled_from(sorted(effective(interview.answers))))]
    value = data.draw(st.composite(value_of)(question, interview))
    after = taken(interview, question.id, value)
    assert {k: v for k, v in after.answers.items() if k != question.id} == {
        k: v for k, v in interview.answers.items() if k != question.id
    }


@given(interviews(), st.sampled_from(sorted(BY_ID)), st.recursive(st.none() | st.integers() | st.text(), st.lists))
def test_no_value_is_ever_an_error(interview: Interview, question: str, value: object) -> None:
    """Whatever comes, from a page or a file, it is a reply or a refusal in words."""
    reply = interview.answered(question, value)
    assert isinstance(reply, Reply) or reply.words


def test_what_is_no_question_is_refused() -> None:
    """An unknown question, or one that makes no sense now, is refused in words."""
    for question in ("shoe_size", "agrees"):
        refusal = calm().answered(question, "yes")
        assert isinstance(refusal, Refusal)
        assert "not a question now" in refusal.words


def test_leaving_is_for_this_sitting_only() -> None:
    """A question that was left is not asked again now, and is asked again the next time."""
    left = Interview().left("wearable")
    assert left.next_question is BY_ID["way"]
    assert left.open_questions[0] is BY_ID["wearable"]
    assert restored(saved(left)).next_question is BY_ID["wearable"]


def test_changing_one_answer_asks_only_what_it_opens() -> None:
    """Somebody moves in: the agreement is asked for, and nothing else that was open."""
    interview = calm(contact=None, signal_lost=None).only()
    assert interview.next_question is None
    after = taken(interview, "room", "shared")
    assert after.next_question is BY_ID["agrees"]
    assert taken(after, "agrees", "no").next_question is None


def test_an_answer_that_no_longer_makes_sense_does_not_count() -> None:
    """A sound chosen alone is not used once somebody shares the room; what is left of the choice still is."""
    shared = taken(calm(), "room", "shared")
    assert effective(shared.answers)["outputs"] == ("vibration",)
    assert "outputs" not in effective(taken(calm(outputs=["sound"]), "room", "shared").answers)
    assert effective(taken(shared, "agrees", "yes").answers)["outputs"] == ("vibration", "sound")


# -- the answer that is not kept ---------------------------------------------------------------------------------------


def until_asked(**other: object) -> Interview:
    """Everything before the question that is not kept."""
    interview = Interview()
    for question, value in (CALM | other).items():
        if question == "bed_time":
            break
        if value is not None:
            interview = taken(interview, question, value)
    return interview


@given(interviews(), st.sampled_from(["yes", "no"]))
def test_the_answer_itself_leaves_nothing(interview: Interview, value: str) -> None:
    """Whatever was answered before, the interview to be saved is the same as if it had not been asked."""
    reply = interview.answered("safe_now", value)
    assert isinstance(reply, Reply)
    assert saved(reply.interview) == saved(interview)
    assert reply.interview == interview.left("safe_now")
    assert "safe_now" not in saved(reply.interview)


def test_yes_brings_help_at_once_the_nearest_first() -> None:
    """The emergency number, the person's own contacts, then the services of the country."""
    reply = until_asked().answered("safe_now", "yes")
    assert isinstance(reply, Reply)
    assert reply.said[:4] == (TALK_NOW, "In danger now: 112", "Your own: Ana 0123", "Your own: Ben")
    assert "TelefonSeelsorge" in reply.said[4]
    assert reply.offer is SAFE_NOW.offers
    assert reply.afterwards == NOT_KEPT


def test_without_country_and_contact_there_is_help_too() -> None:
    """Somebody who left the questions before it is not left alone with it."""
    reply = Interview().answered("safe_now", "yes")
    assert isinstance(reply, Reply)
    assert "emergency number of your country" in reply.said[1]
    assert "findahelpline.com" in reply.said[2]


def test_no_says_nothing_and_offers_nothing() -> None:
    """No is an answer like any other."""
    reply = until_asked().answered("safe_now", "no")
    assert isinstance(reply, Reply)
    assert (reply.said, reply.offer, reply.afterwards) == ((), None, "")


def test_who_is_only_watched_already_is_not_asked_again() -> None:
    """The wish is fulfilled; it is only said."""
    reply = until_asked(way="watch").answered("safe_now", "yes")
    assert isinstance(reply, Reply)
    assert reply.offer is None
    assert STAYS in reply.said


@pytest.mark.parametrize("watched", [["none"], ["acts_out"]])
def test_only_watching_after_yes_is_the_same_bytes_as_only_watching_for_no_reason(watched: list[str]) -> None:
    """What is kept cannot tell somebody in a crisis from somebody who only wants to be watched, or who said no."""
    rest = {"bed_time": "23:00", "wake_time": "07:00", "room": "alone", "signal_lost": "morning"}

    def to_the_end(interview: Interview) -> str:
        for question, value in rest.items():
            interview = taken(interview, question, value)
        return saved(interview)

    offer = SAFE_NOW.offers
    assert offer is not None
    said_yes = taken(taken(until_asked(watched=watched), "safe_now", "yes"), offer.question, offer.value)
    said_no = taken(until_asked(watched=watched, way="watch"), "safe_now", "no")
    assert to_the_end(said_yes) == to_the_end(said_no) == to_the_end(until_asked(watched=watched, way="watch"))
    declined = taken(until_asked(watched=watched), "safe_now", "yes")
    assert to_the_end(declined) == to_the_end(taken(until_asked(watched=watched), "safe_now", "no"))


def test_it_is_asked_again_only_while_nothing_after_it_is_answered() -> None:
    """Whether it was answered is not remembered, so going on after it is what says that it was passed."""
    assert until_asked().next_question is SAFE_NOW
    assert restored(saved(taken(until_asked(), "safe_now", "yes"))).next_question is SAFE_NOW
    assert SAFE_NOW not in taken(until_asked(), "bed_time", "23:00").open_questions
    assert isinstance(calm().answered("safe_now", "yes"), Reply)


@given(interviews())
def test_no_sham_night_ever_follows(interview: Interview) -> None:
    """Whatever is answered, no night in which Vigil only pretends follows from it."""
    assert consequences(interview.answers).sham is False
