"""Reasons in sentences. The only place where a reason becomes prose, so that no two pages say it differently.

Words are plain, short and never alarming: they are read by somebody who was just woken by a dream.
"""

from __future__ import annotations

from collections.abc import Sequence

from vigil.domain.nudges import Action, EpisodeKind, Reason, ReasonCode, Reasons, Unit, WatchState
from vigil.domain.requests import Output

_SHOWN = {
    Unit.NONE: (1, 0, ""),
    Unit.BPM: (1, 0, " beats a minute"),
    Unit.SECONDS: (1, 0, " s"),
    Unit.MINUTES: (1, 0, " min"),
    Unit.G: (1, 2, " g"),
    Unit.PROBABILITY: (100, 0, " %"),
    Unit.PERCENT: (1, 0, " %"),
    Unit.SCORE: (1, 2, ""),
}
"""How a number of each unit is shown: times what, with how many decimals, and what comes after."""

SENTENCES: dict[ReasonCode, str] = {
    ReasonCode.QUIET: "Nothing out of the ordinary",
    ReasonCode.EVIDENCE: "The signs came to {value} times what makes Vigil look closer",
    ReasonCode.HEART_SURGE: "Your heart was {value} faster than in the minutes before (its usual swing is {bare})",
    ReasonCode.HEART_RISE: "Your heart sped up by {value} within half a minute (sudden means {bare})",
    ReasonCode.STAGE_REM: "Dreaming sleep was {value} likely",
    ReasonCode.STAGE_DEEP: "Deep sleep was {value} likely",
    ReasonCode.STAGE_WAKE: "Being awake was {value} likely",
    ReasonCode.MOVEMENT: "You moved ({value})",
    ReasonCode.STEPS: "Steps in the last minute: {value}",
    ReasonCode.REPEATING: "Your heart rate rose {value} times in ten minutes ({bound} or more count as repeating)",
    ReasonCode.LOOKS_LIKE_TERROR: "It looked like a sudden half-waking out of deep sleep; those are left alone",
    ReasonCode.LOOKS_LIKE_OUT_OF_BED: "It looked like getting up; that is left alone",
    ReasonCode.LOOKS_LIKE_AROUSAL: "It looked like an ordinary turn or half-waking; those are left alone",
    ReasonCode.LOOKS_LIKE_PERIODIC: (
        "It looked like repeated half-wakings, as from breathing or legs; those are left alone"
    ),
    ReasonCode.OBSERVING_ANSWER: "Waiting for your body's answer: {value} of {bound}",
    ReasonCode.SETTLED: "Your body settled",
    ReasonCode.UNCHANGED: "Nothing had changed {value} after the last nudge",
    ReasonCode.WOKE: "You seem to have woken",
    ReasonCode.RECOVERING: "Waiting until your body has recovered, before a new episode can begin",
    ReasonCode.LADDER_ENDED: "Every step allowed was tried; the last was step {value}",
    ReasonCode.NEVER_HEARD: "No heart rate has come yet",
    ReasonCode.DATA_STALE: "The last heart rate is {value} old (fresh means within {bound})",
    ReasonCode.DATA_FLAT: "The heart rate has not changed for too long to be real",
    ReasonCode.DATA_DOUBLED: "The sensor sends its values twice",
    ReasonCode.DATA_BAD: "Too many impossible values came in the last minute",
    ReasonCode.DATA_DOUBTFUL: "The heart rate may have jumped; Vigil waits for more values before it does anything",
    ReasonCode.OFF_WRIST: "The wearable seems to be off your wrist",
    ReasonCode.LINK_LOST: "The wearable is out of reach",
    ReasonCode.WARMING_UP: "The signal has been good for {value}; nothing is done before {bound}",
    ReasonCode.BROKEN_NUMBER: "A number was broken, so nothing was done",
    ReasonCode.SETTLING_IN: "It is {value} since lights-out; nothing is done in the first {bound}",
    ReasonCode.HELD: "Nudging is stopped",
    ReasonCode.AWAKE_MARKED: "You said: awake",
    ReasonCode.AWAKE_UPRIGHT: "You are up",
    ReasonCode.AWAKE_LIKELY: "You were probably awake for {value} before it began ({bound} or more count as awake)",
    ReasonCode.MODE_SHAM: "Tonight is a comparison night: nothing is done",
    ReasonCode.MODE_WATCH_ONLY: "Tonight Vigil only watches",
    ReasonCode.NIGHT_OVER: "The night is over",
    ReasonCode.CAP_EPISODE: "Nudges in this episode: {value}; the limit is {bound}",
    ReasonCode.CAP_HOUR: "Nudges in the last hour: {value}; the limit is {bound}",
    ReasonCode.CAP_NIGHT: "Nudges in the last 18 hours: {value}; the limit is {bound}",
    ReasonCode.CAP_ENERGY: "With this one, nudges would have lasted {value} in all; the limit is {bound}",
    ReasonCode.LEDGER_UNREADABLE: "The record of earlier nudges cannot be read, so the limit counts as reached",
    ReasonCode.NOT_LOWEST_FIRST: "Step {value} was asked for, but the first is always step {bound}",
    ReasonCode.STEP_TOO_HIGH: "Step {value} was asked for, but only step {bound} may come next",
    ReasonCode.LEVEL_CEILING: "Step {value} is above the highest allowed, {bound}",
    ReasonCode.PERMIT_PENDING: "Another nudge was allowed a moment ago",
    ReasonCode.NO_OUTPUT: "Nothing is ready to nudge with",
    ReasonCode.PURPOSE_UNKNOWN: "The request had no known purpose",
    ReasonCode.CLOCK_DOUBTFUL: "The clock moved in a way that cannot be right",
    ReasonCode.STRENGTH_CEILING: "A strength of {value} was asked for; the highest allowed is {bound}",
    ReasonCode.HOUSE_TROUBLE: "The computer was not fit to act: its disk or its battery was low",
    ReasonCode.NIGHT_BEGUN: "Nudges are only tried by day, before a night has begun",
    ReasonCode.ENGINE_FAILED: "The part that looks for signs stood still, so nothing was done",
    ReasonCode.SMALLEST_FIRST: "The smallest step was given first: step {value}",
    ReasonCode.STEP_UP: "The next step was given: step {value}",
    ReasonCode.WITHIN_CAPS: "Nudges in the last hour, with this one: {value}; the limit is {bound}",
}
"""One sentence per code; a test holds that none is missing. `{value}` and `{bound}` carry their unit, `{bare}` is the
bound without it."""

_BELOW = {
    ReasonCode.HEART_SURGE: (0, "Your heart was {value} slower than in the minutes before (its usual swing is {bare})"),
    ReasonCode.HEART_RISE: (0, "Your heart slowed by {value} within half a minute (sudden means a rise of {bare})"),
    ReasonCode.MOVEMENT: (0.025, "You hardly moved ({value})"),
}
"""Sentences for a value below a bound. 0.02 g and less is the noise of a wrist sensor at rest. Our choice."""

STATE_WORDS = {
    WatchState.BLIND: "without good signal",
    WatchState.SETTLING: "settling in",
    WatchState.WATCHING: "watching",
    WatchState.SUSPECTING: "looking closer",
    WatchState.NUDGING: "nudging",
    WatchState.OBSERVING: "after a nudge",
    WatchState.RESTING: "resting",
    WatchState.HELD: "nudging stopped",
}

KIND_WORDS = {
    EpisodeKind.NIGHTMARE_LIKE: "signs of a nightmare",
    EpisodeKind.TERROR_LIKE: "a sudden half-waking out of deep sleep",
    EpisodeKind.OUT_OF_BED: "getting up",
    EpisodeKind.AROUSAL: "an ordinary half-waking",
    EpisodeKind.PERIODIC: "repeated half-wakings",
}

OUTPUT_WORDS = {Output.VIBRATION: "a vibration", Output.SOUND: "a sound", Output.LIGHT: "a light"}

ACTION_WORDS = {Action.NOTHING: "did nothing", Action.NUDGE: "gave a nudge"}


def sentence(reason: Reason) -> str:
    """One reason as one sentence, without its full stop."""
    return _said(_template(reason), (reason,))


def sentences(*decisions: Reasons) -> str:
    """Reasons as running text; empty for none. Of several decisions each is said once, its numbers as a range."""
    alike: dict[str, list[Reason]] = {}
    for reasons in decisions:
        for reason in reasons:
            alike.setdefault(_template(reason), []).append(reason)
    return " ".join(f"{_said(template, found)}." for template, found in alike.items())


def _template(reason: Reason) -> str:
    bound, below = _BELOW.get(reason.code, (0.0, ""))
    return below if reason.value is not None and _rounded(reason.value, reason.unit) < bound else SENTENCES[reason.code]


def _said(template: str, alike: Sequence[Reason]) -> str:
    value = _range([one.value for one in alike], alike[0].unit)
    bound = _range([one.bound for one in alike], alike[0].unit)
    return template.format(value="".join(value), bound="".join(bound), bare=bound[0])


def _range(numbers: Sequence[float | None], unit: Unit) -> tuple[str, str]:
    """One number, or the lowest and the highest of several, and their unit; the sentence says "below" itself."""
    known = sorted({abs(_rounded(number, unit)) for number in numbers if number is not None})
    if not known:
        return "an unknown amount", ""
    _, digits, after = _SHOWN[unit]
    ends = known if len(known) == 1 else (known[0], known[-1])
    return " to ".join(f"{end:.{digits}f}" for end in ends), after.replace("beats", "beat") if known == [1] else after


def _rounded(number: float, unit: Unit) -> float:
    times, digits, _ = _SHOWN[unit]
    return round(number * times, digits)
