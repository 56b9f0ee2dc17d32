"""What the answers lead to, taken together: the strictest stands, and doubt is decided for the sleeper."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.interviews import calm, interviews, taken
from vigil.domain.requests import Output
from vigil.interview.consequences import NOTHING_REACHES, Known, consequences, unreadable
from vigil.interview.interview import Interview
from vigil.interview.questions import BY_ID, QUESTIONS


def test_somebody_to_whom_nothing_applies_may_be_nudged() -> None:
    """Everything answered, nothing against it: nudging on, outputs and times as said."""
    standing = consequences(calm().answers)
    assert standing.known is Known.ALL
    assert not standing.watch_only
    assert not standing.reasons
    assert standing.outputs == (Output.VIBRATION, Output.SOUND)
    assert dict(standing.settings) == {
        "nudging": True,
        "room": "alone",
        "outputs": ("vibration", "sound"),
        "on_signal_lost": "morning",
    }
    assert (standing.bed_time_min, standing.wake_time_min) == (23 * 60, 7 * 60)


def test_before_anything_is_answered_vigil_only_watches() -> None:
    """Not set up is said in words, and nothing is written into the settings."""
    standing = consequences({})
    assert standing.known is Known.NOTHING
    assert standing.watch_only
    assert "vigil setup" in standing.reasons[0]
    assert standing.outputs == (Output.VIBRATION,)
    assert not standing.settings


@pytest.mark.parametrize("left", ["way", "watched"])
def test_while_a_question_about_safety_is_open_vigil_only_watches(left: str) -> None:
    """Leaving is allowed; being nudged without having been asked is not, and nudging is not switched on."""
    standing = consequences(calm(**{left: None, "outputs": None}).answers)
    assert standing.known is Known.PART
    assert standing.watch_only
    assert BY_ID[left].text in standing.reasons[-1]  # which one it is was for the reader to find
    assert standing.reasons[-1].endswith(f"vigil setup --again {left}")
    assert "nudging" not in dict(standing.settings)


def test_a_reason_stands_even_while_something_else_is_open() -> None:
    """What was said already counts."""
    standing = consequences(taken(Interview(), "watched", ["seizures"]).answers)
    assert len(standing.reasons) == 2
    assert dict(standing.settings) == {"nudging": False}


@given(interviews())
def test_nothing_is_switched_on_against_a_reason(interview: Interview) -> None:
    """Nudging is written as on only if nothing at all speaks for only watching; as off only if something said does."""
    standing = consequences(interview.answers)
    nudging = dict(standing.settings).get("nudging")
    assert nudging is not True or not standing.watch_only
    assert standing.watch_only == bool(standing.reasons)
    assert standing.outputs
    sound = {Output.SOUND, Output.LIGHT} & set(standing.outputs)
    assert not sound or dict(standing.settings)["room"] in ("alone", "agreed")


def test_the_room_is_free_when_they_agree_and_not_before() -> None:
    """Shared, asked and agreed; shared, asked and not agreed; shared and not asked."""
    shared = taken(calm(), "room", "shared")
    assert dict(consequences(shared.answers).settings)["room"] == "unsaid"
    assert dict(consequences(taken(shared, "agrees", "yes").answers).settings)["room"] == "agreed"
    refused = consequences(taken(shared, "agrees", "no").answers)
    assert dict(refused.settings)["room"] == "unsaid"
    assert refused.outputs == (Output.VIBRATION,)


def test_a_reason_that_is_gone_lets_nudging_come_back() -> None:
    """Changed later: the seizures were a mistake, and what was said about the way stands again."""
    mistaken = calm(watched=["seizures"], outputs=None)
    assert dict(consequences(mistaken.answers).settings)["nudging"] is False
    assert dict(consequences(taken(mistaken, "watched", ["none"]).answers).settings)["nudging"] is True


def test_a_strap_that_cannot_buzz_is_said() -> None:
    """Otherwise somebody would wait for a nudge that cannot come."""
    assert NOTHING_REACHES in consequences(calm(wearable="silent", outputs=["vibration"]).answers).notes
    assert NOTHING_REACHES not in consequences(calm(wearable="silent", outputs=["sound"]).answers).notes
    assert NOTHING_REACHES not in consequences(calm(wearable="silent", way="watch", outputs=None).answers).notes


def test_what_blunts_the_signal_is_a_note_and_prazosin_changes_nothing() -> None:
    """Notes do not stop anything; each is said."""
    blunted = next(question for question in QUESTIONS if question.id == "blunted")
    every = [choice.id for choice in blunted.choices if not choice.alone]
    standing = consequences(calm(blunted=every).answers)
    assert not standing.watch_only
    assert len(standing.notes) == len(consequences(calm().answers).notes) + len(every)
    plain, recorded = consequences(calm().answers), consequences(calm(blunted=["prazosin"]).answers)
    assert (plain.settings, plain.watch_only) == (recorded.settings, recorded.watch_only)


def test_answers_that_cannot_be_read_mean_only_watching() -> None:
    """Said, with the reason."""
    standing = unreadable("setup.json is damaged.")
    assert standing.watch_only
    assert standing.known is Known.UNREADABLE
    assert standing.reasons[-1] == "setup.json is damaged."
    assert not standing.settings
