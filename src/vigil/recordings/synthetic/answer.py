"""How a sleeping body answers a nudge.

Mission 5.4 gives the order of things: the threshold in REM is about that in N2, in N3 it is higher, it falls as sleep
accumulates; in REM a nudge brings arousals rather than awakenings; the heart speeds up only if the nudge was perceived.
All sizes here are assumptions [A].
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from vigil.domain.requests import Output
from vigil.domain.sleep import AasmStage
from vigil.recordings.synthetic.chance import around, between, whole_between
from vigil.recordings.synthetic.drives import Move, Surge
from vigil.recordings.synthetic.episodes import WAKING_BPM, draw_twitches, draw_waking
from vigil.recordings.synthetic.night_plan import NightPlan
from vigil.recordings.synthetic.people import Person
from vigil.recordings.synthetic.truth import NudgeOutcome

STAGE_THRESHOLD = {
    AasmStage.WAKE: -3.0,
    AasmStage.N1: -0.6,
    AasmStage.N2: 0.0,
    AasmStage.N3: 1.5,
    AasmStage.REM: 0.0,
    AasmStage.UNSCORED: 0.0,
}
"""Levels added to a person's threshold: REM about equal to N2, N3 higher (Rechtschaffen 1966); sizes [A]."""
OUTPUT_GAIN = {Output.VIBRATION: 0.0, Output.SOUND: 0.2, Output.LIGHT: -0.8}
"""Levels by which an output is felt more than vibration [A]: light has closed lids to pass."""
LATE_GAIN = 0.5
"""Levels by which the threshold falls over the night (mission 5.4: "falls as sleep accumulates") [A]."""
DURATION_GAIN = 0.4
"""Levels gained with each doubling of the duration over one second [A]."""
PERCEIVING_SLOPE, WAKING_SLOPE = 0.35, 0.4
WAKING_MARGIN, WAKING_MARGIN_REM = 1.3, 1.6
"""Levels over the threshold at which half of the sleepers wake; in REM arousals rather than awakenings (Kato 2004)."""
SETTLING = (0.25, 0.25, 0.85)
"""Chance that a perceived nudge ends a nightmare: at the threshold, gained with each level above it, at most."""
RESPONSE_BPM, RESPONSE_FALL_S = (2.0, 6.0), (5.0, 9.0)
"""A few bpm for 10 to 20 s (mission 5.4 [A])."""
SETTLING_DELAY_S, SETTLING_FALL_S = (5, 20), (25.0, 60.0)
AWAKE_S = (150.0, 0.7)
"""How long a nudge keeps somebody awake: median and log-sigma."""
BUZZ_MG = 130
"""Peak to peak on the wrist's accelerometer for each level of vibration."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a nudge did, and the night as it goes on."""

    perceived: bool
    outcome: NudgeOutcome
    plan: NightPlan


@dataclass(frozen=True, slots=True)
class Nudge:
    """A nudge as it reaches the body `at_s` seconds after lights-out; `before` were given earlier tonight."""

    output: Output
    level: int
    duration_ms: int
    at_s: int
    before: int


def answer(rng: np.random.Generator, who: Person, plan: NightPlan, nudge: Nudge) -> Answer:
    """What this body does with this nudge. What the night held up to `nudge.at_s` is not changed."""
    shaken = _buzzing(plan, nudge)
    margin = _margin(who, plan, nudge)
    perceives, wakes, settles = (float(value) for value in rng.random(3))
    if plan.awake_at(nudge.at_s):
        return Answer(perceived=nudge.level > 0, outcome=NudgeOutcome.AWAKE, plan=shaken)
    if nudge.level < 1 or nudge.duration_ms < 1 or perceives >= _logistic(margin / PERCEIVING_SLOPE):
        return Answer(perceived=False, outcome=NudgeOutcome.NOTHING, plan=shaken)
    to_wake = WAKING_MARGIN_REM if plan.stage_at(nudge.at_s) is AasmStage.REM else WAKING_MARGIN
    if wakes < _logistic((margin - to_wake) / WAKING_SLOPE):
        return Answer(perceived=True, outcome=NudgeOutcome.WOKE, plan=_waking(rng, shaken, nudge.at_s))
    felt = shaken.answering(Surge(nudge.at_s, 3, 4, between(rng, RESPONSE_FALL_S), between(rng, RESPONSE_BPM)))
    episode = plan.episode_at(nudge.at_s)
    low, gain, most = SETTLING
    if episode is None or settles >= min(most, max(low, low + gain * margin)):
        return Answer(perceived=True, outcome=NudgeOutcome.FELT, plan=felt)
    ends = min(nudge.at_s + whole_between(rng, SETTLING_DELAY_S), episode.end_s - 1)
    return Answer(True, NudgeOutcome.SETTLED, felt.settled(max(nudge.at_s, ends), between(rng, SETTLING_FALL_S)))


def _margin(who: Person, plan: NightPlan, nudge: Nudge) -> float:
    """Levels by which the nudge is above what this sleeper would just feel now."""
    strength = nudge.level + OUTPUT_GAIN[nudge.output] + DURATION_GAIN * math.log2(max(1, nudge.duration_ms) / 1000)
    late = LATE_GAIN * min(1.0, nudge.at_s / max(1, plan.length_s))
    threshold = who.nudge_threshold + STAGE_THRESHOLD[plan.stage_at(nudge.at_s)] - late
    return strength - threshold - who.habituation * nudge.before


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-min(60.0, max(-60.0, x))))


def _buzzing(plan: NightPlan, nudge: Nudge) -> NightPlan:
    """Vibration shakes the accelerometer for as long as it lasts."""
    if nudge.output is not Output.VIBRATION or nudge.level < 1 or nudge.duration_ms < 1:
        return plan
    shake = Move(nudge.at_s, -(-nudge.duration_ms // 1000), BUZZ_MG * nudge.level)
    return replace(plan, shakes=(*plan.shakes, shake))


def _waking(rng: np.random.Generator, plan: NightPlan, at_s: int) -> NightPlan:
    surge, _, _ = draw_waking(rng, at_s)
    awake_s = max(30, round(around(rng, *AWAKE_S)))
    stir = Move(at_s + 3, whole_between(rng, (2, 8)), round(around(rng, 900.0, 0.4)))
    moves = (stir, *draw_twitches(rng, (at_s + 10, at_s + awake_s), 0.7, 400.0))
    calmer = replace(surge, bpm=min(surge.bpm, between(rng, (0.5 * WAKING_BPM[0], WAKING_BPM[1]))))
    return plan.woken(at_s, at_s + awake_s, moves).answering(calmer)
