"""Reasons in sentences. The only place where a reason becomes prose, so that no two pages say it differently.

Words are plain, short and never alarming: they are read by somebody who was just woken by a dream.
"""

from __future__ import annotations

from vigil.domain.nudges import Action, EpisodeKind, Reason, ReasonCode, Reasons, Unit, WatchState
from vigil.domain.requests import Output

_SHOWN = {
    Unit.NONE: (0, ""),
    Unit.BPM: (0, " bpm"),
    Unit.SECONDS: (0, " s"),
    Unit.MINUTES: (0, " min"),
    Unit.G: (2, " g"),
    Unit.PROBABILITY: (2, ""),
    Unit.PERCENT: (0, " %"),
    Unit.SCORE: (2, ""),
}
"""How a number of each unit is shown: decimals, and what comes after."""

SENTENCES: dict[ReasonCode, str] = {
    ReasonCode.QUIET: "Nothing out of the ordinary",
    ReasonCode.EVIDENCE: "The signs together came to {value} (a suspicion begins at {bound})",
    ReasonCode.HEART_SURGE: "The heart beat {value} above its running level (ordinary wobble: {bound})",
    ReasonCode.HEART_RISE: "The heart rate rose by {value} within half a minute (sudden means {bound})",
    ReasonCode.STAGE_REM: "Dreaming sleep was likely: {value}",
    ReasonCode.STAGE_DEEP: "Deep sleep was likely: {value}",
    ReasonCode.STAGE_WAKE: "Being awake was likely: {value}",
    ReasonCode.MOVEMENT: "There was movement of {value}",
    ReasonCode.STEPS: "There were {value} steps",
    ReasonCode.REPEATING: "The same surge came {value} times in ten minutes (repeating means {bound})",
    ReasonCode.LOOKS_LIKE_TERROR: "It looked like a sudden arousal out of deep sleep; those are left alone",
    ReasonCode.LOOKS_LIKE_OUT_OF_BED: "It looked like getting up; that is left alone",
    ReasonCode.LOOKS_LIKE_AROUSAL: "It looked like an ordinary turn or short arousal; those are left alone",
    ReasonCode.LOOKS_LIKE_PERIODIC: "It looked like breathing or leg events that repeat; those are left alone",
    ReasonCode.OBSERVING_ANSWER: "Watching how the body answers: {value} of {bound}",
    ReasonCode.SETTLED: "The body settled",
    ReasonCode.UNCHANGED: "Nothing had changed {value} after the last nudge",
    ReasonCode.WOKE: "The sleeper seems to have woken",
    ReasonCode.RECOVERING: "Waiting for the body to recover before watching for a new episode",
    ReasonCode.LADDER_ENDED: "Every step allowed was tried: {value}",
    ReasonCode.NEVER_HEARD: "No heart rate has been heard yet",
    ReasonCode.DATA_STALE: "The last heart rate is {value} old (fresh means within {bound})",
    ReasonCode.DATA_FLAT: "The heart rate has not changed for too long to be real",
    ReasonCode.DATA_DOUBLED: "The sensor sends its values twice",
    ReasonCode.DATA_BAD: "Too many impossible values came in the last minute",
    ReasonCode.DATA_DOUBTFUL: "The heart rate may have leapt; more values are awaited before anything is done",
    ReasonCode.OFF_WRIST: "The wearable seems to be off the wrist",
    ReasonCode.LINK_LOST: "The wearable is out of reach",
    ReasonCode.WARMING_UP: "The signal has been good for {value}; nothing is done before {bound}",
    ReasonCode.BROKEN_NUMBER: "A number was broken, so nothing was done",
    ReasonCode.SETTLING_IN: "It is {value} since lights-out; nothing is done in the first {bound}",
    ReasonCode.HELD: "The watch is on hold",
    ReasonCode.AWAKE_MARKED: "The sleeper said: awake",
    ReasonCode.AWAKE_UPRIGHT: "The sleeper is up",
    ReasonCode.AWAKE_LIKELY: "The sleeper was probably awake for {value} before it began (awake means {bound})",
    ReasonCode.MODE_SHAM: "Tonight is a comparison night: nothing is done",
    ReasonCode.MODE_WATCH_ONLY: "Tonight Vigil only watches",
    ReasonCode.NIGHT_OVER: "The night is over",
    ReasonCode.CAP_EPISODE: "Nudges in this episode: {value}; the limit is {bound}",
    ReasonCode.CAP_HOUR: "Nudges in the last hour: {value}; the limit is {bound}",
    ReasonCode.CAP_NIGHT: "Nudges in the last 18 hours: {value}; the limit is {bound}",
    ReasonCode.CAP_ENERGY: "Outputs would have been on for {value} in all; the limit is {bound}",
    ReasonCode.LEDGER_UNREADABLE: "The record of earlier nudges cannot be read, so the limit counts as reached",
    ReasonCode.NOT_LOWEST_FIRST: "Step {value} was asked for, but the first is always step {bound}",
    ReasonCode.STEP_TOO_HIGH: "Step {value} was asked for, but only step {bound} may come next",
    ReasonCode.LEVEL_CEILING: "Step {value} is above the highest allowed, {bound}",
    ReasonCode.PERMIT_PENDING: "Another nudge was allowed a moment ago",
    ReasonCode.NO_OUTPUT: "No output is ready",
    ReasonCode.PURPOSE_UNKNOWN: "The request had no known purpose",
    ReasonCode.CLOCK_DOUBTFUL: "The clock moved in a way that cannot be right",
    ReasonCode.STRENGTH_CEILING: "A strength of {value} was asked for; the highest allowed is {bound}",
    ReasonCode.HOUSE_TROUBLE: "The computer was not fit to act: its disk or its battery was low",
    ReasonCode.NIGHT_BEGUN: "Outputs are only tried by day, before a night has begun",
    ReasonCode.ENGINE_FAILED: "The part that looks for signs stood still, so nothing was done",
    ReasonCode.SMALLEST_FIRST: "The smallest step was given first: step {value}",
    ReasonCode.STEP_UP: "The next step was given: step {value}",
    ReasonCode.WITHIN_CAPS: "Nudges in the last hour with this one: {value}, within the limit of {bound}",
}
"""One sentence per code; a test holds that none is missing. `{value}` and `{bound}` carry their unit."""

_WHEN_NEGATIVE = {
    ReasonCode.HEART_SURGE: "The heart beat {value} below its running level (ordinary wobble: {bound})",
    ReasonCode.HEART_RISE: "The heart rate fell by {value} within half a minute (sudden means a rise of {bound})",
}
"""Sentences for a value below zero, where "minus twelve above" would be said."""

STATE_WORDS = {
    WatchState.BLIND: "blind",
    WatchState.SETTLING: "settling in",
    WatchState.WATCHING: "watching",
    WatchState.SUSPECTING: "looking closer",
    WatchState.NUDGING: "nudging",
    WatchState.OBSERVING: "observing the answer",
    WatchState.RESTING: "resting",
    WatchState.HELD: "on hold",
}

KIND_WORDS = {
    EpisodeKind.NIGHTMARE_LIKE: "signs of a nightmare",
    EpisodeKind.TERROR_LIKE: "a sudden arousal out of deep sleep",
    EpisodeKind.OUT_OF_BED: "getting up",
    EpisodeKind.AROUSAL: "an ordinary arousal",
    EpisodeKind.PERIODIC: "repeating breathing or leg events",
}

OUTPUT_WORDS = {Output.VIBRATION: "a vibration", Output.SOUND: "a sound", Output.LIGHT: "a light"}

ACTION_WORDS = {Action.NOTHING: "did nothing", Action.NUDGE: "gave a nudge"}


def _number(value: float | None, unit: Unit) -> str:
    if value is None:
        return "an unknown amount"
    digits, after = _SHOWN[unit]
    rounded = round(value, digits) or 0.0  # no "-0"
    return f"{rounded:.{digits}f}{after}"


def sentence(reason: Reason) -> str:
    """One reason as one sentence, without its full stop."""
    template = SENTENCES[reason.code]
    value = reason.value
    if value is not None and value < 0 and reason.code in _WHEN_NEGATIVE:
        template, value = _WHEN_NEGATIVE[reason.code], -value
    return template.format(
        value=_number(value, reason.unit),
        bound=_number(reason.bound, reason.unit),
    )


def sentences(reasons: Reasons) -> str:
    """Reasons as running text; empty for none."""
    return " ".join(f"{sentence(reason)}." for reason in reasons)
