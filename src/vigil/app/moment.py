"""One moment of a night: what was seen, weighed and decided around it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from vigil.app.hypnogram_text import WORDS
from vigil.app.night_lanes import end_s as night_end_s
from vigil.app.night_so_far import done_words
from vigil.app.stored_night import StoredNight
from vigil.domain.errors import NotFoundError
from vigil.domain.explain import KIND_WORDS, STATE_WORDS, sentences
from vigil.domain.nudges import Decision, ReasonCode
from vigil.domain.records import EpochScored, Input, QualityNote
from vigil.domain.samples import BeatInterval, HeartSample, MotionSummary, Quality
from vigil.domain.units import EPOCH_S, NS_PER_S, bpm_x10_from_rr
from vigil.night.as_json import decision_json, epoch_json, reasons_json
from vigil.night.in_words import QUALITY_WORDS, counted
from vigil.night.report import SuspicionRow

AROUND_S = 120.0
"""How far before and after the moment is looked: two minutes."""

SEEN_S = 30.0
"""How far before and after it raw values are gathered: half a minute."""

NEAR_S = 60.0
"""A nudge so near is what a moment is about: moments are read and pointed at in minutes."""

FORMAT = "vigil-moment"
VERSION = 1

UNDECIDED = "No decision is kept for these minutes."

MEASURED = frozenset(
    {
        ReasonCode.EVIDENCE,
        ReasonCode.HEART_SURGE,
        ReasonCode.HEART_RISE,
        ReasonCode.STAGE_REM,
        ReasonCode.STAGE_DEEP,
        ReasonCode.STAGE_WAKE,
        ReasonCode.MOVEMENT,
        ReasonCode.STEPS,
    }
)
"""Reasons that say what was seen, and come and go between decisions like their numbers; the others say why."""


@dataclass(slots=True)
class Heard:
    """Raw values near the moment: how many, lowest and highest."""

    heart: list[float]
    movement_mg: list[int]

    @classmethod
    def of(cls, inputs: Iterator[Input], from_ns: int, to_ns: int) -> Heard:
        """What came between two instants, both included."""
        heard = cls([], [])
        for record in inputs:
            if from_ns <= record.at_ns <= to_ns:
                heard._take(record)
        return heard

    def _take(self, record: Input) -> None:
        if isinstance(record, HeartSample):
            self.heart.append(record.bpm_x10 / 10)
        elif isinstance(record, BeatInterval) and record.rr_ms > 0:
            self.heart.append(bpm_x10_from_rr(record.rr_ms) / 10)
        elif isinstance(record, MotionSummary) and record.range_mg is not None:
            self.movement_mg.append(record.range_mg)


@dataclass(frozen=True, slots=True)
class Moment:
    """All there is about one moment; `t_s` in seconds from lights-out."""

    t_s: float
    stored: StoredNight
    heard: Heard
    epochs: tuple[EpochScored, ...]
    quality: Quality
    suspicions: tuple[SuspicionRow, ...]
    decisions: tuple[Decision, ...]


def moment(stored: StoredNight, t_s: float, inputs: Iterator[Input]) -> Moment:
    """Gather a moment; raises NotFoundError if the night does not reach so far."""
    report = stored.report
    end_s = night_end_s(report.epochs)
    if not 0 <= t_s <= end_s:
        first, last = stored.clock.words(0), stored.clock.words(end_s)
        message = f"{stored.clock.words(t_s)} is not in this night, which went from {first} to {last}"
        raise NotFoundError(message)
    at_ns = report.began_ns + round(t_s * NS_PER_S)
    return Moment(
        t_s=t_s,
        stored=stored,
        heard=Heard.of(inputs, at_ns - round(SEEN_S * NS_PER_S), at_ns + round(SEEN_S * NS_PER_S)),
        epochs=tuple(epoch for epoch in report.epochs if abs((epoch.index + 0.5) * EPOCH_S - t_s) <= EPOCH_S),
        quality=_quality(report.quality, at_ns),
        suspicions=tuple(s for s in report.suspicions if s.from_s - AROUND_S <= t_s <= s.to_s + AROUND_S),
        decisions=tuple(d for d in report.decisions if abs(d.at_ns - at_ns) <= AROUND_S * NS_PER_S),
    )


def _quality(notes: tuple[QualityNote, ...], at_ns: int) -> Quality:
    before = [note.quality for note in notes if note.at_ns <= at_ns]
    return before[-1] if before else Quality.NEVER


def chief(it: Moment) -> Decision | None:
    """The decision a moment is about: a nudge within a minute of it, else the nearest; None where none is kept."""
    at_ns = it.stored.report.began_ns + it.t_s * NS_PER_S
    near = sorted(it.decisions, key=lambda one: abs(one.at_ns - at_ns))
    nudges = [one for one in near if one.permit is not None and abs(one.at_ns - at_ns) <= NEAR_S * NS_PER_S]
    return next(iter(nudges or near), None)


def seen(it: Moment) -> list[str]:
    """What was seen, in words."""
    lines = [f"Signal: {QUALITY_WORDS[it.quality]}."]
    heart, movement = it.heard.heart, it.heard.movement_mg
    within = "within half a minute of it"
    if heart:
        lines.append(f"Heart rate {_span(heart, 0)} beats a minute, from {counted(len(heart), 'value')} {within}.")
    else:
        lines.append(f"No heart rate {within}.")
    if movement:
        span = _span([one / 1000 for one in movement], 2)
        lines.append(f"Movement {span} g {within}; 1 g is the pull of the earth.")
    else:
        lines.append(f"No movement was measured {within}.")
    return lines + [_epoch_words(it, epoch) for epoch in it.epochs]


def _epoch_words(it: Moment, epoch: EpochScored) -> str:
    words = f"{it.stored.clock.exact(epoch.index * EPOCH_S)}, half a minute: {WORDS[epoch.stage]}"
    if epoch.p is not None:
        shares = zip(("awake", "light", "deep", "REM"), epoch.p.as_tuple(), strict=True)
        words += f" ({', '.join(f'{name} {share:.0%}' for name, share in shares)})"
    watched = "watched throughout" if epoch.watched_s >= EPOCH_S else f"watched {epoch.watched_s} s of it"
    return f"{words}; {watched}."


def weighed(it: Moment) -> list[str]:
    """What was weighed, in words."""
    lines = []
    for row in it.suspicions:
        began, raised, over = (it.stored.clock.exact(t_s) for t_s in (row.from_s, row.raised_s, row.to_s))
        lines.append(
            f"{KIND_WORDS[row.kind].capitalize()}: began {began}, noticed {raised}, over {over}; at their strongest "
            f"{row.score:.2f} times what makes Vigil look closer. When noticed: {sentences(row.reasons)}"
        )
    return lines or ["There was nothing to look closer at."]


def decided(it: Moment) -> list[str]:
    """What was decided, in words, each with every reason it had; decisions alike that follow each other in one line."""
    began_ns = it.stored.report.began_ns
    lines = []
    for _, found in groupby(it.decisions, key=_alike):
        run = list(found)
        times = [it.stored.clock.exact((one.at_ns - began_ns) / NS_PER_S) for one in run]
        when = times[0] if len(run) == 1 else f"{times[0]} to {times[-1]}"
        why = sentences(*(one.reasons for one in run))
        lines.append(f"{when}  {STATE_WORDS[run[0].state].capitalize()}. {done_words(run[0])} {why}")
    return lines or [UNDECIDED]


def _alike(one: Decision) -> tuple[Hashable, ...]:
    """The same for decisions that differ only in what was measured; every nudge stands alone."""
    why = frozenset(reason.code for reason in one.reasons) - MEASURED
    return one.state, one.episode, why, one.at_ns if one.permit is not None else None


def _span(values: Sequence[float], digits: int) -> str:
    """The lowest and the highest, or the one that there is."""
    ends = (f"{min(values):.{digits}f}", f"{max(values):.{digits}f}")
    return " to ".join(dict.fromkeys(ends))


def moment_json(it: Moment) -> dict[str, Any]:
    """The same for machines."""
    began_ns = it.stored.report.began_ns
    return {
        "format": FORMAT,
        "version": VERSION,
        "night": it.stored.row.name,
        "store": it.stored.shelf.value,
        "t_s": it.t_s,
        "seen": {
            "quality": it.quality.value,
            "heart_bpm": it.heard.heart,
            "movement_mg": it.heard.movement_mg,
            "epochs": [epoch_json(epoch) for epoch in it.epochs],
        },
        "weighed": [
            {
                "kind": row.kind.value,
                "from_s": row.from_s,
                "raised_s": row.raised_s,
                "to_s": row.to_s,
                "score": row.score,
                "reasons": reasons_json(row.reasons),
            }
            for row in it.suspicions
        ],
        "decided": [decision_json(one, began_ns) for one in it.decisions],
    }
