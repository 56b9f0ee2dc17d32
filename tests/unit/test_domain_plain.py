"""Records written down come back as they were, and nothing else is read."""

from __future__ import annotations

import json
import math
from collections import deque
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.errors import SnapshotError
from vigil.domain.nudges import EpisodeKind, Reason, ReasonCode, Suspicion, Unit
from vigil.domain.plain import dumps, from_plain, loads, register, to_plain
from vigil.domain.records import NightBegan
from vigil.domain.samples import Battery, HeartSample
from vigil.domain.settings import CapSettings, Room, Settings
from vigil.domain.sleep import Stage

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from(Stage)
    | st.builds(HeartSample, st.integers(), st.integers())
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.integers() | st.text(max_size=3), inner, max_size=3)
        | st.lists(inner, max_size=3).map(lambda items: deque(items, maxlen=4))
    ),
    max_leaves=8,
)


@given(values)
def test_everything_written_comes_back(value: Any) -> None:
    """A round trip through text changes neither value nor type."""
    again = loads(dumps(value))
    assert again == value
    assert type(again) is type(value)


@given(st.frozensets(st.integers()))
def test_sets_are_written_in_one_order(values: frozenset[int]) -> None:
    """The same set gives the same text however it was built."""
    backwards: set[int] = set()
    for value in sorted(values, reverse=True):
        backwards.add(value)
    assert dumps(set(values)) == dumps(backwards)
    assert loads(dumps(values)) == values
    assert loads(dumps(set(values))) == set(values)


def test_a_deque_keeps_its_length() -> None:
    """A bounded window stays bounded after a restart."""
    again = loads(dumps(deque([1, 2], maxlen=2)))
    again.append(3)
    assert list(again) == [2, 3]


@pytest.mark.parametrize("number", [math.inf, -math.inf])
def test_infinities_survive(number: float) -> None:
    """JSON has no infinity; a snapshot does."""
    assert loads(dumps(number)) == number


def test_nan_survives() -> None:
    """JSON has no NaN; a snapshot does."""
    assert math.isnan(loads(dumps(math.nan)))


def test_nested_records_come_back_equal() -> None:
    """A record within a record, with tuples and enums, is the same afterwards."""
    reason = Reason(ReasonCode.HEART_SURGE, 12.5, 2.0, Unit.BPM)
    suspicion = Suspicion(1, EpisodeKind.NIGHTMARE_LIKE, 5, 9, 1.25, (reason,))
    assert loads(dumps(suspicion)) == suspicion
    assert loads(dumps(NightBegan(7, night="2026-11-22"))) == NightBegan(7, night="2026-11-22")


def test_an_unregistered_class_is_refused() -> None:
    """A snapshot never holds what could not be read back."""

    @dataclass
    class Stranger:
        x: int

    with pytest.raises(TypeError, match="not registered"):
        dumps(Stranger(1))


def test_two_classes_of_one_name_are_refused() -> None:
    """A name in a file must mean one class."""
    with pytest.raises(TypeError, match="two classes"):

        @register
        @dataclass
        class HeartSample:
            x: int


def test_registering_twice_is_harmless() -> None:
    """A module that is imported again changes nothing."""
    assert register(Battery) is Battery


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"$record": ["Path", {}]}',
        '{"$record": ["HeartSample", {"at_ns": 1}]}',
        '{"$record": ["HeartSample", {"at_ns": 1, "bpm_x10": 2, "more": 3}]}',
        '{"$enum": ["Stage", "coma"]}',
        '{"$enum": ["os", "x"]}',
        '{"$unknown": []}',
        '{"a": 1, "b": 2}',
        '{"$deque": 5}',
        "[" * 100_000,
    ],
)
def test_foreign_text_is_refused(text: str) -> None:
    """What Vigil did not write is refused in words, never built."""
    with pytest.raises(SnapshotError):
        loads(text)


def test_an_object_that_is_not_json_is_refused() -> None:
    """Only JSON values are taken apart."""
    with pytest.raises(SnapshotError, match="not something Vigil wrote"):
        from_plain(object())


def test_the_text_is_plain_json() -> None:
    """Anyone can read a snapshot without Vigil."""
    assert json.loads(dumps(HeartSample(1, 600))) == to_plain(HeartSample(1, 600))


def test_a_field_an_older_vigil_did_not_write_has_its_default() -> None:
    """A night kept before a setting existed is still read, and is as if the setting had been left alone."""
    written = to_plain(Settings(top_level=2))
    fields = written["$record"][1]
    del fields["room"], fields["caps"]
    assert from_plain(written) == Settings(top_level=2, room=Room.UNSAID, caps=CapSettings())
