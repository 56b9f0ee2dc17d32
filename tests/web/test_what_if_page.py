"""What another setting would have done: asked on a page, one at a time, with its bounds and its limits in words."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.visitor import Visitor, text_of
from vigil.app.home import Shelf
from vigil.app.what_if import CHANGED, Answer, LeftOut
from vigil.domain.errors import SettingsError, StoreError
from vigil.domain.settings import CapSettings, Settings
from vigil.web.pages import what_if
from vigil.web.rooms import Rooms
from vigil.web.views.what_if import FIELDS, NIGHTS, nights_of, wanted
from vigil.web.what_if_runs import WhatIfRuns

PAGE = what_if.PAGE


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    """Each test begins with nothing asked and ends with nothing running."""
    what_if.RUNS.forget()
    yield
    what_if.RUNS.forget()


class Slow:
    """In place of nights lived through: each waits until it is let go."""

    def __init__(self, change: Any, fails: Exception | None = None) -> None:
        self.total, self.change, self.fails = 3, change, fails
        self.gate, self.begun = threading.Event(), threading.Event()
        self.stopped = False

    def __iter__(self) -> Iterator[LeftOut]:
        for number in range(self.total):
            self.begun.set()
            assert self.gate.wait(30)
            if self.fails is not None:
                raise self.fails
            if self.stopped:
                return
            yield LeftOut(f"night {number}", "it is only a test")

    def stop(self) -> None:
        self.stopped = True
        self.gate.set()

    def answer(self) -> Answer:
        return Answer(self.change, (), (LeftOut("night 0", "it is only a test"),), whole=not self.stopped)

    def __enter__(self) -> Slow:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> list[Slow]:
    made: list[Slow] = []

    def make(_home: object, _shelf: object, change: Any, _nights: int) -> Any:
        made.append(Slow(change))
        return made[-1]

    monkeypatch.setattr(what_if, "RUNS", WhatIfRuns(make))
    return made


def test_kept_nights_are_lived_through_and_the_limits_said(nights: Rooms) -> None:
    visitor = Visitor.inside(nights)
    assert visitor.post(PAGE, {"per_episode": "0", "nights": "3"}).headers["location"] == PAGE
    what_if.RUNS.wait(100)
    said = text_of(visitor.get(PAGE))
    assert "With “Nudges for one bad dream” at 0, over 3 nights" in said
    assert "(Friday 27 November to Sunday 29 November): no nudge." in said  # by their days, not their names
    assert "What this cannot know" in said
    assert "Nights that would have been different" in said
    assert visitor.get(f"{PAGE}/far").json()["over"] is True


def test_one_at_a_time_with_how_far_it_is(nights: Rooms, slow: list[Slow]) -> None:
    visitor = Visitor.inside(nights)
    visitor.post(PAGE, {"top_level": "1"})
    assert slow[0].begun.wait(30)
    page = visitor.get(PAGE)
    assert "0 of 3 nights lived through." in text_of(page)
    assert '<form method="post" action="/night/what-if/stop">' in page.text
    assert visitor.get(f"{PAGE}/far").json() == {
        "done": 0,
        "total": 3,
        "over": False,
        "words": "0 of 3 nights lived through.",
    }
    second = visitor.post(PAGE, {"top_level": "2"})
    assert (second.status_code, "is being tried just now" in text_of(second)) == (503, True)
    slow[0].gate.set()
    what_if.RUNS.wait()
    assert "Not tried: night 0: it is only a test." in text_of(visitor.get(PAGE))


def test_it_can_be_stopped(nights: Rooms, slow: list[Slow]) -> None:
    visitor = Visitor.inside(nights)
    visitor.post(PAGE, {"top_level": "1"})
    assert slow[0].begun.wait(30)
    assert visitor.post(f"{PAGE}/stop").headers["location"] == PAGE
    assert "No night could be tried." in text_of(visitor.get(PAGE))
    visitor.post(f"{PAGE}/stop")  # twice is harmless


@pytest.mark.parametrize("error", [StoreError("the disk is gone"), RuntimeError("secret words")])
def test_what_breaks_is_said_and_the_next_question_is_possible(
    nights: Rooms, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(what_if, "RUNS", WhatIfRuns(lambda _h, _s, change, _n: Slow(change, error)))  # type: ignore[arg-type,return-value]  # a stand-in
    visitor = Visitor.inside(nights)
    for _ in range(2):
        visitor.post(PAGE, {"top_level": "1"})
        what_if.RUNS.stop()
        what_if.RUNS.wait()
        said = text_of(visitor.get(PAGE))
        assert "It could not be tried" in said
        assert "secret words" not in said
        assert "would have been different" not in said


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "Every field was left as each night had it"),
        ({"top_level": " "}, "Every field was left as each night had it"),
        ({"top_level": "9"}, "must be a number from 1 to 4"),
        ({"threshold_factor": "0.1"}, "must be a number from 0.5 to 4"),
        ({"threshold_factor": "nan"}, "must be a number"),
        ({"per_hour": "<script>alert(1)</script>"}, "is no value for it"),
    ],
)
def test_outside_the_bounds_nothing_is_tried_and_what_was_typed_stays(
    nights: Rooms, form: dict[str, str], said: str
) -> None:
    answer = Visitor.inside(nights).post(PAGE, form)
    assert (answer.status_code, said in text_of(answer)) == (409, True)
    assert "<script>" not in answer.text
    if form.get("threshold_factor") == "0.1":
        assert 'value="0.1"' in answer.text


def test_nobody_elses_nights_are_shown(nights: Rooms, sleeper: Visitor, slow: list[Slow]) -> None:
    """The answer about one store is not shown beside another."""
    Visitor.inside(nights).post(PAGE, {"top_level": "1"})
    assert slow[0].begun.wait(30)
    other = WhatIfRuns()
    assert other.standing(nights.home, nights.shelf) is None
    assert what_if.RUNS.standing(nights.home, Shelf.DEMO) is None


def test_small_numbers_are_chosen_from_a_list_and_as_it_was_comes_first(nights: Rooms) -> None:
    page = Visitor.inside(nights).get(PAGE).text
    found = re.search(r'(?s)<select id="per_hour".*?</select>', page)
    assert found is not None
    assert re.findall(r'value="(.*?)"', found[0]) == ["", *"0123456"]
    assert ">As each night had it<" in found[0]


def test_the_forms_bounds_are_those_of_the_settings() -> None:
    for field in FIELDS:
        assert field.key in CHANGED
        for value in (field.low, field.high):
            assert wanted({field.name: f"{value:g}"}) is not None
        below, above = field.low - float(field.step), field.high + float(field.step)
        for value in (below, above):
            with pytest.raises(SettingsError):
                wanted({field.name: f"{value:g}"})
    assert Settings().caps == CapSettings()


def test_a_decimal_comma_is_understood_and_a_number_of_nights_that_is_none_is_the_usual() -> None:
    change = wanted({"threshold_factor": "1,5"})
    assert change is not None
    assert dict(change.values) == {"threshold_factor": 1.5}
    assert [nights_of({"nights": text}) for text in ("", "x", "-3", "0", "7", "99999")] == [NIGHTS] * 3 + [1, 7, 400]
