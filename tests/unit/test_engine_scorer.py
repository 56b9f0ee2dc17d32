"""How unusual a moment is: what the experts say of it, together with the moment before."""

from __future__ import annotations

import math

import pytest

from vigil.domain.plain import dumps, loads
from vigil.domain.samples import Quality
from vigil.domain.units import STEP_NS
from vigil.engine.experts import Expert
from vigil.engine.moments import MOMENTS, WARM_STEPS
from vigil.engine.scorer import SILENT, Scorer
from vigil.engine.trees import Forest, Tree
from vigil.signal.heart import HeartLook
from vigil.signal.motion import MotionLook

PLACE = {spec.name: place for place, spec in enumerate(MOMENTS)}
NIGHTS = (0.0, 1.0)
"""Rarity that tells the log-odds themselves: nights = exp(log-odds)."""

UNMOVED = (1.0, 1.0)
"""Where movement is not known the same is e times as rare."""


def expert(name: str, low: float, high: float, bound: float = 20.0, from_top: float = 4.0) -> Expert:
    """Says `low` up to `bound` beats over the baseline in 15 s, else `high`; asked from a top of `from_top`."""
    asked = PLACE["over_15s"] + len(MOMENTS)
    tree = Tree(0, (asked,), (bound,), (-1,), (-2,), (low, high))
    return Expert(name, Forest.of([tree], [0.0]), ((PLACE["top"], from_top),), NIGHTS, UNMOVED)


def scores(
    course: list[float | None], experts: list[Expert], scorer: Scorer | None = None, start: int = 0
) -> list[float]:
    scorer = scorer or Scorer()
    told = []
    for n, excess in enumerate(course, start=start):
        at_ns = (n + 1) * STEP_NS
        quality = Quality.GOOD if excess is not None else Quality.STALE
        heart = HeartLook(at_ns, quality, 1000, None if excess is None else 60 + excess, 60.0, 2.0)
        told.append(scorer.look(heart, MotionLook(at_ns, known=True, range_mg=20), experts))
    return told


QUIET: list[float | None] = [*[0.0] * (WARM_STEPS + 10), *[3.5] * 12]
"""Quiet, and then a minute that is worth a look and asks nobody yet."""


def test_a_quiet_moment_is_no_evidence() -> None:
    """Nothing worth looking at, nothing asked; and without experts there is never any evidence."""
    assert set(scores(QUIET, [expert("a", 3.0, 5.0)])) == {0.0}
    assert set(scores([*QUIET, *[30.0] * 12], [])) == {0.0}


def test_an_answer_is_averaged_with_the_one_before_it() -> None:
    """The first answer stands beside silence; from the second on it is the mean of the two."""
    course: list[float | None] = [*QUIET, 10.0, 10.0, 10.0, 40.0, 40.0, 40.0]
    told = scores(course, [expert("a", -1.0, 3.0)])[len(QUIET) :]
    assert [math.log(value) for value in told] == pytest.approx([(-1 + SILENT) / 2, -1.0, -1.0, -1.0, 1.0, 3.0])


def test_no_single_step_decides() -> None:
    """One impossible height, gone in the next step, never counts in full."""
    told = scores([*QUIET, 10.0, 10.0, 10.0, 150.0, 0.0, 0.0], [expert("a", -1.0, 6.0, bound=45.0)])
    assert 0 < math.log(max(told)) < 6.0


def test_the_rarest_answer_counts() -> None:
    """Each expert knows one way in which a nightmare shows; one of them is enough, and their order does not matter."""
    course = [*QUIET, *[10.0] * 6]
    rare, common = expert("a", 2.0, 2.0), expert("b", -3.0, -3.0)
    assert scores(course, [rare, common])[-1] == scores(course, [rare])[-1] == pytest.approx(math.exp(2.0))
    assert scores(course, [common, rare]) == scores(course, [rare, common])
    assert scores(course, [common])[-1] == pytest.approx(math.exp(-3.0))


def test_an_expert_that_is_not_asked_says_nothing_of_the_kind() -> None:
    """It neither lowers what others say, nor speaks at once when it is asked after all."""
    shy, plain = expert("shy", 4.0, 4.0, from_top=15.0), expert("plain", -1.0, -1.0)
    told = scores([*QUIET, *[10.0] * 6, 16.0, 16.0], [shy, plain])
    assert [math.log(value) for value in told[-3:]] == pytest.approx([-1.0, max(-1.0, (4 + SILENT) / 2), 4.0])


def test_silence_lies_between_two_surges() -> None:
    """What was said of one surge is not averaged into the next."""
    course: list[float | None] = [*QUIET, *[10.0] * 6, *[0.0] * 60, *[3.5] * 12]
    told = scores([*course, *[10.0] * 2], [expert("a", 4.0, 4.0)])
    assert told[len(course) - 1] == 0.0
    assert told[len(course)] == pytest.approx(math.exp((4 + SILENT) / 2))
    assert told[len(course) + 1] == pytest.approx(math.exp(4.0))


def test_data_that_are_not_good_are_no_evidence() -> None:
    """While nothing is known the score is nothing, and the answer before the gap does not last over it."""
    course: list[float | None] = [*QUIET, *[10.0] * 6, None, None, 10.0, 10.0]
    told = scores(course, [expert("a", 4.0, 4.0)])
    assert told[-4:-2] == [0.0, 0.0]
    assert told[-2] == pytest.approx(math.exp((4 + SILENT) / 2))
    assert told[-1] == pytest.approx(math.exp(4.0))


@pytest.mark.parametrize("leaf", [1e300, -1e300, 700.0, -700.0])
def test_a_score_is_a_number_and_never_below_nothing(leaf: float) -> None:
    """Whatever trees hold, what comes out can be held against a threshold."""
    told = scores([*QUIET, *[10.0] * 6], [expert("a", leaf, leaf)])
    assert all(math.isfinite(value) and value >= 0 for value in told)


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_broken_numbers_are_no_evidence(broken: float) -> None:
    """A heart rate that is no number never passes a bound."""
    told = scores([*QUIET, *[10.0] * 6, *[broken] * 6], [expert("a", 4.0, 4.0, from_top=0.0)])
    assert all(value >= 0 and math.isfinite(value) for value in told)


def test_a_scorer_goes_on_from_its_snapshot() -> None:
    """Stopped between two answers, the next is still their mean; and lights-out is part of it."""
    experts = [expert("a", -1.0, 3.0), expert("b", 0.5, 0.5, from_top=30.0)]
    course: list[float | None] = [*QUIET, *[10.0] * 3, *[40.0] * 5, *[5.0] * 30]
    whole = scores(course, experts)
    for cut in (10, len(QUIET) + 4, len(QUIET) + 12):
        scorer = Scorer()
        scorer.begin(0)
        before = scores(course[:cut], experts, scorer)
        after = scores(course[cut:], experts, loads(dumps(scorer)), start=cut)
        assert before + after == whole


def test_without_movement_the_other_line_counts() -> None:
    """What is said without knowing of movement is held against nights in which it was not known either."""
    one, told = expert("one", 0.0, 3.0), []
    for known in (True, False):
        scorer = Scorer()
        for n in range(120):
            at_ns = (n + 1) * STEP_NS
            heart = HeartLook(at_ns, Quality.GOOD, 1000, 90.0 if n >= 90 else 60.0, 60.0, 2.0)
            score = scorer.look(heart, MotionLook(at_ns, known=known, range_mg=20 if known else None), [one])
        told.append(score)
    assert told[1] == pytest.approx(math.e * told[0])
