"""When it may be said that the heart hardly changed: only where the data show it."""

from __future__ import annotations

import pytest

from vigil.domain.nudges import Action, Decision, Reason, ReasonCode, WatchState
from vigil.domain.records import EpochScored, NightClosed
from vigil.domain.sleep import Stage
from vigil.domain.units import EPOCH_NS
from vigil.night.missed import ENOUGH, EPOCHS_TOGETHER, HARDLY_BPM, HARDLY_EVIDENCE, heart_hardly_changed
from vigil.night.report import NightReport, ReportBuilder

BEGAN_NS = 7_000_000_000


def decided(at_ns: int, rise: float | None, evidence: float = 0.01) -> Decision:
    reasons = [Reason(ReasonCode.EVIDENCE, evidence, 1.0), Reason(ReasonCode.QUIET)]
    if rise is not None:
        reasons.append(Reason(ReasonCode.HEART_SURGE, rise, 3.0))
    return Decision(at_ns, WatchState.WATCHING, Action.NOTHING, tuple(reasons), None, None)


def night(
    rises: list[float | None], stages: dict[int, Stage] | None = None, more: list[Decision] | None = None
) -> NightReport:
    """A night with a rise over the baseline at the end of each epoch, asleep unless a stage says otherwise."""
    builder = ReportBuilder("a")
    for index, rise in enumerate(rises):
        at_ns = BEGAN_NS + (index + 1) * EPOCH_NS
        stage = (stages or {}).get(index, Stage.LIGHT)
        builder.add(EpochScored(at_ns, index, stage, None, 55.0, 0.01, 30))
        builder.add(decided(at_ns, rise))
    for one in more or ():
        builder.add(one)
    builder.add(NightClosed(BEGAN_NS + len(rises) * EPOCH_NS, BEGAN_NS, len(rises) * 30, 0, 0, ()))
    return builder.build()


QUIET: list[float | None] = [1.0] * 300


def test_a_heart_that_stayed_at_its_baseline_hardly_changed() -> None:
    assert heart_hardly_changed(night(QUIET))


def test_three_minutes_up_are_a_change_and_less_is_an_ordinary_turn() -> None:
    up: list[float | None] = [HARDLY_BPM] * EPOCHS_TOGETHER
    assert not heart_hardly_changed(night([*QUIET, *up]))
    assert heart_hardly_changed(night([*QUIET, *up[1:], *QUIET]))


def test_a_rise_while_awake_is_no_dream() -> None:
    awake = dict.fromkeys(range(300, 310), Stage.WAKE)
    assert heart_hardly_changed(night([*QUIET, *[30.0] * 10], awake))


def test_half_the_evidence_is_not_nothing() -> None:
    """Also between the ends of epochs, where no rise counts."""
    between = BEGAN_NS + EPOCH_NS // 2
    assert not heart_hardly_changed(night(QUIET, more=[decided(between, 2.0, HARDLY_EVIDENCE)]))
    assert heart_hardly_changed(night(QUIET, more=[decided(between, 50.0, HARDLY_EVIDENCE - 0.01)]))


@pytest.mark.parametrize(
    "rises",
    [
        [],
        [1.0] * (ENOUGH + EPOCHS_TOGETHER - 2),
        [1.0, None] * 300,
    ],
    ids=["nothing", "short", "with holes"],
)
def test_too_little_was_seen_to_say_so(rises: list[float | None]) -> None:
    assert not heart_hardly_changed(night(rises))


def test_as_much_as_is_enough() -> None:
    assert heart_hardly_changed(night([1.0] * (ENOUGH + EPOCHS_TOGETHER - 1)))
