"""How well sleep is staged, with the two baselines without which kappa means little."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vigil.evidence import agreement
from vigil.evidence.calibration import Calibration, calibration
from vigil.evidence.cohort import Cohort, Totals
from vigil.evidence.epoch_counts import FOUR, MEASURES, THREE, SchemeCounts
from vigil.evidence.figures import Figure, FloatArray, over
from vigil.evidence.limits import Limits, limits


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One class against the others; n is epochs."""

    name: str
    sensitivity: Figure
    precision: Figure
    f1: Figure


@dataclass(frozen=True, slots=True)
class MedianPerson:
    """The median of what each person comes to alone; n is people."""

    kappa: Figure
    accuracy: Figure


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is reached without looking at the sleeper; n is epochs."""

    kappa: Figure
    accuracy: Figure


@dataclass(frozen=True, slots=True)
class Scheme:
    """All people's epochs together, n being epochs. confusion: rows scored, columns said, in the order of by_class."""

    kappa: Figure
    accuracy: Figure
    by_class: tuple[ClassFigures, ...]
    median_person: MedianPerson
    confusion: tuple[tuple[int, ...], ...]
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class Minutes:
    """Bias and limits of agreement of the four measures; n is nights."""

    tst: Limits
    waso: Limits
    sol: Limits
    rem: Limits


@dataclass(frozen=True, slots=True)
class Staging:
    """Everything about staging. unsaid: share of scored epochs for which there were no data; n is those epochs.

    always_nrem, clock_only: baselines for wake/NREM/REM; clock_only_four for four classes.
    """

    unsaid: Figure
    wake_nrem_rem: Scheme
    four_class: Scheme
    always_nrem: Baseline
    clock_only: Baseline
    clock_only_four: Baseline
    minutes: Minutes


def staging(cohort: Cohort) -> Staging:
    """Of a cohort of scored nights."""
    epochs = cohort.totals(lambda one: np.array([one.epochs.unsaid, one.epochs.scored], dtype=np.float64), (2,))
    return Staging(
        unsaid=epochs.figure(lambda sums: over(sums[..., 0], sums[..., 1]), epochs.whole[1]).figure(),
        wake_nrem_rem=_scheme(cohort, THREE, three=True),
        four_class=_scheme(cohort, FOUR, three=False),
        always_nrem=_baseline(_confusions(cohort, lambda one: one.nrem, three=True)),
        clock_only=_baseline(_confusions(cohort, lambda one: one.clock, three=True)),
        clock_only_four=_baseline(_confusions(cohort, lambda one: one.clock, three=False)),
        minutes=Minutes(*(limits(cohort, at) for at in range(len(MEASURES)))),
    )


def _scheme(cohort: Cohort, names: tuple[str, ...], *, three: bool) -> Scheme:
    said = _confusions(cohort, lambda one: one.said, three=three)
    n = float(agreement.epochs(said.whole))
    per_person = _by_person(cohort, three=three)
    return Scheme(
        kappa=said.figure(agreement.kappa, n).figure(),
        accuracy=said.figure(agreement.accuracy, n).figure(),
        by_class=tuple(_class(said, name, at) for at, name in enumerate(names)),
        median_person=MedianPerson(
            cohort.median(agreement.kappa(per_person)).figure(), cohort.median(agreement.accuracy(per_person)).figure()
        ),
        confusion=tuple(tuple(int(count) for count in row) for row in said.whole),
        calibration=calibration(cohort, names, three=three),
    )


def _class(said: Totals, name: str, at: int) -> ClassFigures:
    n = float(agreement.epochs(said.whole))
    return ClassFigures(
        name=name,
        sensitivity=said.figure(lambda sums: agreement.sensitivity(sums, at), n).figure(),
        precision=said.figure(lambda sums: agreement.precision(sums, at), n).figure(),
        f1=said.figure(lambda sums: agreement.f1(sums, at), n).figure(),
    )


def _baseline(confusions: Totals) -> Baseline:
    n = float(agreement.epochs(confusions.whole))
    figures = (confusions.figure(one, n).figure() for one in (agreement.kappa, agreement.accuracy))
    return Baseline(*figures)


def _confusions(cohort: Cohort, of: Callable[[SchemeCounts], FloatArray], *, three: bool) -> Totals:
    classes = len(THREE if three else FOUR)
    return cohort.totals(lambda one: of(one.epochs.three if three else one.epochs.four), (classes, classes))


def _by_person(cohort: Cohort, *, three: bool) -> FloatArray:
    classes = len(THREE if three else FOUR)
    confusions = np.zeros((cohort.people, classes, classes))
    for person, one in zip(cohort.who, cohort.counts, strict=True):
        confusions[person] += (one.epochs.three if three else one.epochs.four).said
    return confusions
