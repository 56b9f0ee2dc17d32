"""What every estimator keeps, checked for every class of `vigil.signal` that claims the contract."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import random
from collections.abc import Sequence
from typing import Any

import pytest

import vigil.signal
from vigil.domain.plain import dumps, loads, register
from vigil.domain.units import NS_PER_S
from vigil.signal.estimators import Estimator

EXPECTED = {"NightQuantiles", "TimedDeviation", "TimedMedian", "TimedRootMeanSquare"}
SHIFT_NS = 987_654_321_000_123

Values = Sequence[tuple[int, int]]


def _discovered() -> list[type[Any]]:
    found: dict[str, type[Any]] = {}
    for module in pkgutil.iter_modules(vigil.signal.__path__):
        loaded = importlib.import_module(f"vigil.signal.{module.name}")
        for name, kind in inspect.getmembers(loaded, inspect.isclass):
            claims = all(hasattr(kind, verb) for verb in ("update", "value", "reset"))
            if claims and kind is not Estimator and kind.__module__ == loaded.__name__:
                found[name] = kind
    return [found[name] for name in sorted(found)]


ESTIMATORS = _discovered()
every_estimator = pytest.mark.parametrize("kind", ESTIMATORS, ids=lambda kind: kind.__name__)


def _values(count: int = 700) -> list[tuple[int, int]]:
    draw = random.Random(11)
    at_ns, values = 0, []
    for _ in range(count):
        at_ns += draw.choices((0, 1, 5, 30, 400), weights=(20, 50, 30, 4, 1))[0] * NS_PER_S
        values.append((at_ns, draw.randint(400, 1600)))
    return values


def _fed(kind: type[Any], values: Values) -> tuple[Any, list[float | None]]:
    estimator, said = kind(), []
    for at_ns, value in values:
        estimator.update(at_ns, value)
        said.append(estimator.value(at_ns))
    return estimator, said


def test_every_class_that_claims_the_contract_is_found() -> None:
    """A new estimator cannot slip past these checks, nor a renamed one silently leave them."""
    assert {kind.__name__ for kind in ESTIMATORS} == EXPECTED
    assert all(isinstance(kind(), Estimator) for kind in ESTIMATORS)


@every_estimator
def test_an_estimator_says_something(kind: type[Any]) -> None:
    """The checks below compare answers, so there must be answers: None at first, numbers later."""
    assert kind().value(0) is None
    _, said = _fed(kind, _values())
    assert sum(value is not None for value in said) > 100


@every_estimator
def test_a_snapshot_in_the_middle_changes_nothing(kind: type[Any]) -> None:
    """Written down, read back and gone on with, the answers are those of the run that was not interrupted."""
    values = _values()
    _, whole = _fed(kind, values)
    first, _ = _fed(kind, values[:350])
    second = loads(dumps(first))
    rest = []
    for at_ns, value in values[350:]:
        second.update(at_ns, value)
        rest.append(second.value(at_ns))
    assert rest == whole[350:]


@every_estimator
def test_reset_is_as_good_as_new(kind: type[Any]) -> None:
    """After a reset nothing of the past is left."""
    used, _ = _fed(kind, _values())
    used.reset()
    assert dumps(used) == dumps(kind())


@every_estimator
def test_asking_in_between_changes_nothing(kind: type[Any]) -> None:
    """The answer at an instant does not depend on how often it was asked before: chunks make no difference."""
    values = _values()
    asked, _ = _fed(kind, values)
    quiet = kind()
    for at_ns, value in values:
        quiet.update(at_ns, value)
    at_ns = values[-1][0]
    assert asked.value(at_ns) == quiet.value(at_ns)
    assert asked.value(at_ns) == asked.value(at_ns)


@every_estimator
def test_moving_all_instants_moves_nothing_else(kind: type[Any]) -> None:
    """An estimator knows intervals, not dates."""
    values = _values()
    _, here = _fed(kind, values)
    _, there = _fed(kind, [(at_ns + SHIFT_NS, value) for at_ns, value in values])
    assert here == there


@every_estimator
def test_two_halves_merged_are_the_whole(kind: type[Any]) -> None:
    """Where there is `merge`, what was taken in two parts counts as if taken in one."""
    values = _values()
    whole, left, right = kind(), kind(), kind()
    for index, (at_ns, value) in enumerate(values):
        whole.update(at_ns, value)
        (left if index < 350 else right).update(at_ns, value)
    before = dumps(right)
    left.merge(right)
    assert left.value(values[-1][0]) == whole.value(values[-1][0])
    assert dumps(right) == before


@every_estimator
def test_state_is_plain_and_named_once(kind: type[Any]) -> None:
    """A state is a registered record of plain values, so that a snapshot is text."""
    estimator, _ = _fed(kind, _values(50))
    assert register(kind) is kind
    assert dumps(loads(dumps(estimator))) == dumps(estimator)
