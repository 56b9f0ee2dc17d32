"""Whether a night with a bad dream left any trace in the heart rate: in many nightmares it does not.

In Fisher's series of REM nightmares a majority showed no rise at all (Fisher, Byrne, Edwards, Kahn, A
psychophysiological study of nightmares, J Am Psychoanal Assoc 18:747-782, 1970); in later ones the mean rise over the
last three minutes of REM was about 6 bpm (Nielsen and Zadra, Nightmares and other common dream disturbances, Principles
and Practice of Sleep Medicine).
"""

from __future__ import annotations

from itertools import pairwise

from vigil.domain.nudges import ReasonCode
from vigil.domain.sleep import ASLEEP
from vigil.domain.units import EPOCH_NS
from vigil.night.report import NightReport

HARDLY_BPM = 6.0
"""The mean rise that was found before waking from a nightmare; what stays below it for as long is hardly a change."""

MINUTES_TOGETHER = 3
"""Over so long that rise was found. Ordinary turns raise the heart rate for a minute at most."""

HARDLY_EVIDENCE = 0.5
"""Of the evidence that a suspicion takes. Our choice: what came nearer was not nothing."""

ENOUGH = 120
"""Stretches of three minutes asleep without which the heart was not seen enough to say so: an hour of sleep. Ours."""

EPOCHS_TOGETHER = 2 * MINUTES_TOGETHER


def heart_hardly_changed(report: NightReport) -> bool:
    """Whether the data show a heart that hardly changed all night.

    "Hardly": in no three minutes asleep was it 6 bpm or more above its own baseline on average, at no moment was there
    half the evidence that a suspicion takes, and of sleep there was enough to tell.
    """
    if any(value >= HARDLY_EVIDENCE for value in _values(report, ReasonCode.EVIDENCE).values()):
        return False
    means = _means_asleep(report)
    return len(means) >= ENOUGH and max(means) < HARDLY_BPM


def _values(report: NightReport, code: ReasonCode) -> dict[int, float]:
    """What was measured by that name, by the instant it was decided at."""
    return {
        decision.at_ns: reason.value
        for decision in report.decisions
        for reason in decision.reasons
        if reason.code is code and reason.value is not None
    }


def _means_asleep(report: NightReport) -> list[float]:
    """Mean rise over the baseline, bpm, of every three minutes asleep in which each half-minute is known."""
    asleep = {epoch.index for epoch in report.epochs if epoch.stage in ASLEEP}
    rises = {}
    for at_ns, rise in _values(report, ReasonCode.HEART_SURGE).items():
        past, rest = divmod(at_ns - report.began_ns, EPOCH_NS)
        if rest == 0 and past - 1 in asleep:
            rises[past - 1] = rise
    return [sum(rises[index] for index in run) / EPOCHS_TOGETHER for run in _runs(sorted(rises))]


def _runs(indexes: list[int]) -> list[list[int]]:
    """Every run of `EPOCHS_TOGETHER` numbers that follow each other."""
    found, run = [], indexes[:1]
    for before, index in pairwise(indexes):
        run = [*run, index][-EPOCHS_TOGETHER:] if index == before + 1 else [index]
        if len(run) == EPOCHS_TOGETHER:
            found.append(run)
    return found
