"""What a night comes to, and what many nights come to together.

A night's report is gathered from its outputs as they appear. Reports of many nights merge: a collection holds its
nights in a fixed order, so the report of parts merged is the report of them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from vigil.domain.nudges import Action, Decision, EpisodeKind, Reasons
from vigil.domain.records import (
    EpochScored,
    NightClosed,
    NightOutput,
    OutputAcknowledged,
    QualityNote,
    SuspicionCleared,
    SuspicionRaised,
)
from vigil.domain.sleep import Hypnogram, SleepSummary
from vigil.domain.units import NS_PER_S
from vigil.night.poisson import poisson_interval

HOURS_PER_NIGHT = 8


@dataclass(frozen=True, slots=True)
class SuspicionRow:
    """One episode: from the instant evidence began to gather to recovery, under the last name it had."""

    episode: int
    from_s: float
    raised_s: float
    to_s: float
    kind: EpisodeKind
    score: float
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class NudgeRow:
    """One nudge. An intervention is the first of an episode; `shadow` means that nothing was really done."""

    t_s: float
    episode: int
    level: int
    output: str
    shadow: bool
    first: bool
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class NightReport:
    """One night's report. Times are seconds from lights-out.

    watched_min and blind_min: minutes in which a nudge was, or was not, possible for all the data say; they add up to
    the night. left_out: samples not used, by reason.
    """

    night: str
    summary: SleepSummary
    epochs: tuple[EpochScored, ...]
    suspicions: tuple[SuspicionRow, ...]
    nudges: tuple[NudgeRow, ...]
    decisions: tuple[Decision, ...]
    quality: tuple[QualityNote, ...]
    watched_min: float
    blind_min: float
    left_out: tuple[tuple[str, int], ...]
    began_ns: int
    digests: tuple[tuple[str, str], ...] = ()

    @property
    def hypnogram(self) -> Hypnogram:
        """The stages of the night."""
        return Hypnogram.of([epoch.stage for epoch in self.epochs])

    @property
    def interventions(self) -> tuple[NudgeRow, ...]:
        """The first nudge of each episode: what is counted in replay."""
        return tuple(row for row in self.nudges if row.first)


@dataclass(slots=True)
class ReportBuilder:
    """Gathers a night's outputs, and which of its nudges were shadow; `build` when the night is closed."""

    night: str
    shadows: set[int] = field(default_factory=set)
    epochs: list[EpochScored] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    quality: list[QualityNote] = field(default_factory=list)
    raised: dict[int, SuspicionRaised] = field(default_factory=dict)
    cleared: dict[int, SuspicionCleared] = field(default_factory=dict)
    closed: NightClosed | None = None

    def add(self, output: NightOutput) -> None:
        """Take one output."""
        match output:
            case EpochScored():
                self.epochs.append(output)
            case Decision():
                self.decisions.append(output)
            case QualityNote():
                self.quality.append(output)
            case SuspicionRaised():
                self.raised[output.suspicion.episode] = output
            case SuspicionCleared():
                self.cleared[output.episode] = output
            case _:
                self.closed = output

    def acknowledge(self, answer: OutputAcknowledged) -> None:
        """Take an output's answer: it says whether anything was really done."""
        if answer.shadow:
            self.shadows.add(answer.permit)

    def build(self, digests: Iterable[tuple[str, str]] = ()) -> NightReport:
        """The report; raises ValueError before the night is closed."""
        if self.closed is None:
            message = "the night is not closed yet"
            raise ValueError(message)
        began_ns = self.closed.began_ns
        return NightReport(
            night=self.night,
            summary=Hypnogram.of([epoch.stage for epoch in self.epochs]).summary(),
            epochs=tuple(self.epochs),
            suspicions=tuple(self._suspicions(began_ns, self.closed.at_ns)),
            nudges=tuple(self._nudges(began_ns)),
            decisions=tuple(self.decisions),
            quality=tuple(self.quality),
            watched_min=self.closed.watched_s / 60,
            blind_min=self.closed.blind_s / 60,
            left_out=self.closed.left_out,
            began_ns=began_ns,
            digests=tuple(digests),
        )

    def _suspicions(self, began_ns: int, ended_ns: int) -> Iterable[SuspicionRow]:
        for episode, raised in sorted(self.raised.items()):
            suspicion, cleared = raised.suspicion, self.cleared.get(episode)
            yield SuspicionRow(
                episode=episode,
                from_s=(suspicion.onset_ns - began_ns) / NS_PER_S,
                raised_s=(suspicion.raised_ns - began_ns) / NS_PER_S,
                to_s=((cleared.at_ns if cleared else ended_ns) - began_ns) / NS_PER_S,
                kind=suspicion.kind,
                score=cleared.score if cleared else suspicion.score,
                reasons=suspicion.reasons,
            )

    def _nudges(self, began_ns: int) -> Iterable[NudgeRow]:
        seen: set[int] = set()
        for decision in self.decisions:
            if decision.action is Action.NUDGE and decision.permit is not None:
                request = decision.permit.request
                yield NudgeRow(
                    t_s=(decision.at_ns - began_ns) / NS_PER_S,
                    episode=request.episode,
                    level=request.level,
                    output=request.output.value,
                    shadow=decision.permit.serial in self.shadows,
                    first=request.episode not in seen,
                    reasons=decision.reasons,
                )
                seen.add(request.episode)


@dataclass(frozen=True, slots=True)
class NightFigures:
    """The few numbers of one night that many nights are summed up by."""

    night: str
    path: str
    tst_min: float
    waso_min: float
    rem_min: float
    light_min: float
    deep_min: float
    wake_min: float
    watched_min: float
    blind_min: float
    suspicions: tuple[tuple[str, int], ...]
    interventions: int

    @classmethod
    def of(cls, report: NightReport, path: str = "") -> NightFigures:
        """The figures of a report."""
        summary = report.summary
        kinds = Counter(row.kind.value for row in report.suspicions)
        return cls(
            night=report.night,
            path=path,
            tst_min=summary.tst_min,
            waso_min=summary.waso_min,
            rem_min=summary.rem_min,
            light_min=summary.light_min,
            deep_min=summary.deep_min,
            wake_min=summary.wake_min,
            watched_min=report.watched_min,
            blind_min=report.blind_min,
            suspicions=tuple(sorted(kinds.items())),
            interventions=len(report.interventions),
        )


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with its exact 95 % interval, and the count it comes from."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class NightsReport:
    """Many nights together. `merged` of disjoint parts equals the report of them all, in any order."""

    nights: tuple[NightFigures, ...] = ()

    @classmethod
    def of(cls, nights: Iterable[NightFigures]) -> NightsReport:
        """The report of these nights, ordered by name and path."""
        return cls(tuple(sorted(nights, key=lambda night: (night.night, night.path))))

    def merged(self, other: NightsReport) -> NightsReport:
        """Both together."""
        return NightsReport.of((*self.nights, *other.nights))

    @property
    def median_tst_min(self) -> float | None:
        """Median total sleep time in minutes; None without nights."""
        return median(night.tst_min for night in self.nights) if self.nights else None

    @property
    def interventions_per_8h_sleep(self) -> Rate | None:
        """Interventions per 8 h of the sleep Vigil itself scored; None where it scored none."""
        nights = sum(night.tst_min for night in self.nights) / 60 / HOURS_PER_NIGHT
        if not nights:
            return None
        count = sum(night.interventions for night in self.nights)
        return Rate(count / nights, *poisson_interval(count, nights), n=count)

    @property
    def blind_share(self) -> float | None:
        """Share of all minutes that were blind, 0 to 1; None without minutes."""
        blind = sum(night.blind_min for night in self.nights)
        total = blind + sum(night.watched_min for night in self.nights)
        return blind / total if total else None
