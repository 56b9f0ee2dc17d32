"""What the picture of a night shows, in words; apart from the picture, which takes most of a second to import."""

from __future__ import annotations

from vigil.app.clock_words import NightClock
from vigil.domain.explain import KIND_WORDS
from vigil.night.in_words import duration
from vigil.night.report import NightReport


def in_words(report: NightReport, clock: NightClock, title: str) -> str:
    """What the picture shows, for somebody who does not see it. title: what the night is called there."""
    nudges = ", ".join(clock.words(row.t_s) for row in report.nudges) or "none"
    kinds = ", ".join(f"{KIND_WORDS[row.kind]} at {clock.words(row.raised_s)}" for row in report.suspicions) or "none"
    return (
        f"{title}: in bed {duration(report.summary.tib_min)}, asleep {duration(report.summary.tst_min)}, "
        f"watched {duration(report.watched_min)}. Episodes noticed: {kinds}. Nudges: {nudges}."
    )
