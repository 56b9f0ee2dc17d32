"""What a simulated night really held, beside what was done about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from vigil.app.known import Known
from vigil.night.report import NightReport
from vigil.recordings.synthetic.truth import Truth

GRACE_S = 60.0
"""A nudge that comes this soon after a nightmare's end still meets it: the body has not settled yet."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that really happened. what: "strong nightmare", "bathroom", ... nudged_s: its first nudge, if any."""

    what: str
    nightmare: bool
    from_s: float
    to_s: float
    nudged_s: float | None
    ended_by: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Nightmares met or missed, look-alikes left alone or nudged, and nudges that met neither.

    Ordinary turns and short arousals, of which every night has many, are not listed: a nudge at one of them is `stray`.
    """

    happened: tuple[Happened, ...]
    stray: int

    def count(self, *, nightmare: bool, nudged: bool) -> int:
        """How many of a sort."""
        return sum(one.nightmare is nightmare and (one.nudged_s is not None) is nudged for one in self.happened)

    def known(self) -> tuple[Known, ...]:
        """The same for the picture."""
        return tuple(Known(one.from_s, one.to_s, one.nightmare) for one in self.happened)

    def known_plain(self) -> list[dict[str, Any]]:
        """The same to be kept beside the night."""
        return [asdict(one) for one in self.known()]

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "nightmares_met": self.count(nightmare=True, nudged=True),
            "nightmares_missed": self.count(nightmare=True, nudged=False),
            "look_alikes_left_alone": self.count(nightmare=False, nudged=False),
            "look_alikes_nudged": self.count(nightmare=False, nudged=True),
            "stray_nudges": self.stray,
            "happened": [asdict(one) for one in self.happened],
        }


def compare(truth: Truth, report: NightReport) -> Comparison:
    """Lay the nudges of a report over what really happened.

    A nightmare is met by a nudge between its onset and a minute after its end; a look-alike is nudged by one in its
    span, a minute added, that met no nightmare.
    """
    nudges = [row.t_s for row in report.nudges]
    dreams = [
        Happened(
            f"{episode.size.value} nightmare",
            True,
            episode.onset_s,
            end_s := float(truth.known_s if episode.end_s is None else episode.end_s),
            _first(nudges, episode.onset_s, end_s),
            "" if episode.ended_by is None else episode.ended_by.value,
        )
        for episode in truth.episodes
    ]
    others = [t_s for t_s in nudges if not any(_within(t_s, dream.from_s, dream.to_s) for dream in dreams)]
    lookalikes = [
        Happened(row.kind.value, False, row.from_s, to_s := float(min(row.to_s, truth.known_s)),
                 _first(others, row.from_s, to_s))
        for row in truth.distractors
        if not row.kind.ordinary
    ]  # fmt: skip
    stray = [t_s for t_s in others if not any(_within(t_s, one.from_s, one.to_s) for one in lookalikes)]
    return Comparison(tuple(sorted((*dreams, *lookalikes), key=lambda one: one.from_s)), len(stray))


def _within(t_s: float, from_s: float, to_s: float) -> bool:
    return from_s <= t_s <= to_s + GRACE_S


def _first(nudges: list[float], from_s: float, to_s: float) -> float | None:
    return next((t_s for t_s in nudges if _within(t_s, from_s, to_s)), None)
