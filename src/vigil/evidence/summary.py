"""Evidence: what all nights together come to, of nights that were not seen in fitting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vigil.evidence.added import Added, LookAlikes, added, look_alikes
from vigil.evidence.alarms import FalseAlarms, RecordedAlarms, false_alarms, nudge_rate, rate_figure, recorded_alarms
from vigil.evidence.cohort import Cohort
from vigil.evidence.counts import NightCounts, common_factors
from vigil.evidence.figures import Figure
from vigil.evidence.part import Part, part
from vigil.evidence.points import Chosen, Points, choose
from vigil.evidence.records import NightEvidence
from vigil.evidence.staging import Staging, staging


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """False nudges on the nights of `source` at the thresholds of another data set.

    Per 8 h of scored sleep, or of recording where the nights have no stages (per: "sleep" or "recording").
    """

    source: str
    per: str
    points: Points[Figure]


@dataclass(frozen=True, slots=True)
class SourceEvidence:
    """One data set alone, with operating points of its own, and what those give on the others."""

    source: str
    sensors: tuple[str, ...]
    nights: int
    people: int
    part: Part
    elsewhere: tuple[Elsewhere, ...]


@dataclass(frozen=True, slots=True)
class NightFigures:
    """One night at the operating points of the headline, the same figures without intervals.

    scored_min, said_min: by `epoch_counts.MEASURES`, NaN if unknown; empty for a night that was left out.
    """

    night: NightEvidence
    scored_min: tuple[float, ...]
    said_min: tuple[float, ...]
    staging: Staging
    false_alarms: FalseAlarms
    added: Added
    look_alikes: LookAlikes
    unscored: RecordedAlarms


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found.

    headline: of nights not seen in fitting, or of all when each was measured by a fit without its person.
    words: what must be said with it, why it may be empty above all. seen: of the nights seen, apart; None if there
    are none, or if all were cross-validated. nights: all that were given, in their order.
    """

    cross_validated: bool
    words: tuple[str, ...]
    factors: tuple[float, ...]
    headline_nights: int
    headline_people: int
    headline: Part
    seen: Part | None
    by_source: tuple[SourceEvidence, ...]
    nights: tuple[NightFigures, ...]


def summarise(nights: Sequence[NightEvidence], *, seed: int, cross_validated: bool) -> Evidence:
    """Sum up. Nights that are left out count nowhere; nights seen count only in `seen` unless cross-validated.

    The same nights and seed give the same figures. Intervals: 95 %, by people, see `cohort` and `figures`.
    """
    used = [night for night in nights if night.left_out is None]
    factors = common_factors(used)
    counts = {id(night): NightCounts.of(night, factors) for night in used}
    counted = [counts[id(night)] for night in used if cross_validated or not night.seen]
    seen = [counts[id(night)] for night in used if night.seen and not cross_validated]
    cohort = Cohort.of(counted, seed)
    points = choose(cohort.where(lambda one: one.night.scored, seed), factors)
    headline = part(cohort, factors, seed)
    return Evidence(
        cross_validated=cross_validated,
        words=_words(len(nights) - len(used), counted, seen, points),
        factors=factors,
        headline_nights=len(counted),
        headline_people=cohort.people,
        headline=headline,
        seen=part(Cohort.of(seen, seed), factors, seed) if seen else None,
        by_source=_by_source(cohort, factors, seed, headline),
        nights=tuple(_night(night, counts.get(id(night)), factors, points) for night in nights),
    )


def _night(
    night: NightEvidence, counts: NightCounts | None, factors: tuple[float, ...], points: Points[Chosen]
) -> NightFigures:
    scored = Cohort.of([] if counts is None or counts.unscored else [counts], 0)
    unscored = Cohort.of([counts] if counts is not None and counts.unscored else [], 0)
    at, epochs = points.map(lambda one: one.fixed(scored)), None if counts is None else counts.epochs
    return NightFigures(
        night=night,
        scored_min=() if epochs is None else tuple(epochs.scored_min.tolist()),
        said_min=() if epochs is None else tuple(epochs.said_min.tolist()),
        staging=staging(scored),
        false_alarms=false_alarms(scored, at, len(factors)),
        added=added(scored, at, len(factors)),
        look_alikes=look_alikes(scored, at, len(factors)),
        unscored=recorded_alarms(unscored, at, len(factors), "nights without stages"),
    )


def _by_source(cohort: Cohort, factors: tuple[float, ...], seed: int, headline: Part) -> tuple[SourceEvidence, ...]:
    names = sorted({one.night.source for one in cohort.counts})
    rows = []
    for name in names:
        own = _of_source(cohort, name, seed)
        rows.append(
            SourceEvidence(
                source=name,
                sensors=tuple(sorted({one.night.sensor for one in own.counts})),
                nights=len(own.counts),
                people=own.people,
                part=headline if len(names) == 1 else part(own, factors, seed),
                elsewhere=_elsewhere(cohort, own, [other for other in names if other != name], factors, seed),
            )
        )
    return tuple(rows)


def _of_source(cohort: Cohort, name: str, seed: int) -> Cohort:
    return cohort.where(lambda one: one.night.source == name, seed)


def _elsewhere(
    cohort: Cohort, own: Cohort, others: Sequence[str], factors: tuple[float, ...], seed: int
) -> tuple[Elsewhere, ...]:
    """At the points of a data set that has stages; none if it has not."""
    scored = own.where(lambda one: one.night.scored, seed)
    if not scored.counts:
        return ()
    points = choose(scored, factors)
    return tuple(_rates(_of_source(cohort, other, seed), other, points, factors, seed) for other in others)


def _rates(cohort: Cohort, name: str, points: Points[Chosen], factors: tuple[float, ...], seed: int) -> Elsewhere:
    scored = cohort.where(lambda one: one.night.scored, seed)
    if not scored.counts:
        recorded = recorded_alarms(cohort, points, len(factors), name)
        return Elsewhere(name, "recording", recorded.points.map(lambda one: one.nudges_per_8h_recorded))
    hours = float(sum(one.alarms.sleep_h.sum() for one in scored.counts))
    rates = points.map(lambda one: rate_figure(nudge_rate(scored, one.fixed(scored), len(factors)), hours))
    return Elsewhere(name, "sleep", rates)


def _words(
    left_out: int, counted: Sequence[NightCounts], seen: Sequence[NightCounts], points: Points[Chosen]
) -> tuple[str, ...]:
    """What must be said before any figure."""
    scored = sum(one.night.scored for one in counted)
    rows = [
        (left_out, f"{left_out} of the nights could not be used; each says why."),
        (seen, f"{len(seen)} of the nights were seen in fitting: they are left out of every headline figure."),
        (not counted and seen, "All nights were seen in fitting, so no headline figure can be given; see `seen`."),
        (not counted and not seen, "No night could be measured."),
        (counted and not scored, "No night that counts has stages, so nothing is said of staging."),
        (scored and None in [one.index for one in points.all()], "No threshold tried is rare enough for every rate."),
    ]
    return tuple(words for holds, words in rows if holds)
