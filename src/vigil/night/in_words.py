"""A night's report in plain words: short, exact, never alarming."""

from __future__ import annotations

from collections import Counter

from vigil.domain.explain import KIND_WORDS, sentences
from vigil.domain.nudges import EpisodeKind
from vigil.domain.samples import Quality, SampleFault
from vigil.domain.units import NS_PER_S, STEP_S
from vigil.night.report import NightReport, NightsReport, NudgeRow, Rate

_PLURAL = {
    EpisodeKind.NIGHTMARE_LIKE: "signs of a nightmare",
    EpisodeKind.TERROR_LIKE: "sudden half-wakings out of deep sleep",
    EpisodeKind.OUT_OF_BED: "times up",
    EpisodeKind.AROUSAL: "ordinary half-wakings",
    EpisodeKind.PERIODIC: "runs of repeated half-wakings",
}

QUALITY_WORDS = {
    Quality.GOOD: "good",
    Quality.NEVER: "no heart rate had come yet",
    Quality.STALE: "no fresh heart rate",
    Quality.FLAT: "a heart rate that did not change",
    Quality.DOUBLED: "values that came twice",
    Quality.BAD: "impossible values",
    Quality.OFF_WRIST: "off the wrist",
    Quality.LINK_LOST: "out of reach",
}

_FAULTS = {
    SampleFault.OUT_OF_RANGE.value: "that could not be real",
    SampleFault.DUPLICATE.value: "that came twice",
    SampleFault.LATE.value: "that came too late",
    SampleFault.DOUBTFUL_BEAT.value: "that the sensor itself doubted",
    SampleFault.JUMP.value: "that jumped and did not last",
}


def clock(seconds: float) -> str:
    """Seconds from lights-out as +h:mm."""
    minutes = int(seconds // 60)
    return f"+{minutes // 60}:{minutes % 60:02d}"


def duration(minutes: float) -> str:
    """Minutes as "7 h 12 min"."""
    whole = round(minutes)
    return f"{whole // 60} h {whole % 60:02d} min" if whole >= 60 else f"{whole} min"


def counted(count: int, noun: str) -> str:
    """A count with its noun: "1 night", "2 nights"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def night_in_words(report: NightReport, watched: str | None = None) -> list[str]:
    """The report as paragraphs: sleep, watch, suspicions, nudges, what was left out.

    watched: what the account says of the watch (`account_words.py`); without one, as the report alone knows it.
    """
    return [
        _sleep_words(report),
        watched or _watch_words(report),
        _suspicion_words(report),
        *_nudge_words(report),
        *_left_out_words(report),
    ]


def _sleep_words(report: NightReport) -> str:
    summary = report.summary
    if summary.sol_min is None:
        return f"In bed {duration(summary.tib_min)}. No sleep was scored."
    return (
        f"In bed {duration(summary.tib_min)}, asleep {duration(summary.tst_min)}, as far as heart rate and movement "
        f"tell: fell asleep after {duration(summary.sol_min)}, awake {duration(summary.waso_min)} in between. "
        f"Light {duration(summary.light_min)}, deep {duration(summary.deep_min)}, "
        f"dreaming (REM) {duration(summary.rem_min)}."
    )


def _watch_words(report: NightReport) -> str:
    words = f"Watched {duration(report.watched_min)}"
    if report.blind_min < 1:
        return f"{words}, the whole night." if report.watched_min >= 1 else "Too short to watch anything."
    why = _blind_reasons(report) or "waiting until it could be trusted"
    return f"{words}, {duration(report.blind_min)} without good signal ({why}). In that time nothing was done."


def _blind_reasons(report: NightReport) -> str:
    """The causes of blindness, the longest first; warming up after each is not a cause of its own."""
    seconds: Counter[Quality] = Counter()
    since, quality = report.began_ns, Quality.NEVER
    end_ns = report.began_ns + round((report.watched_min + report.blind_min) * 60 * NS_PER_S)
    for note in report.quality:
        seconds[quality] += (note.at_ns - since) // NS_PER_S
        since, quality = note.at_ns, note.quality
    seconds[quality] += (end_ns - since) // NS_PER_S
    causes = [cause for cause, lasted in seconds.most_common() if cause is not Quality.GOOD and lasted > STEP_S]
    return ", ".join(QUALITY_WORDS[cause] for cause in causes)


def _suspicion_words(report: NightReport) -> str:
    if not report.suspicions:
        return "Nothing looked like a nightmare."
    kinds = Counter(row.kind for row in report.suspicions)
    parts = [f"{count} x {KIND_WORDS[kind] if count == 1 else _PLURAL[kind]}" for kind, count in kinds.most_common()]
    return f"Episodes noticed: {', '.join(parts)}."


def _nudge_words(report: NightReport) -> list[str]:
    if not report.nudges:
        return ["No nudge was given."]
    verb = "would have been given" if report.nudges[0].shadow else "given"
    episodes = counted(len(report.interventions), "episode")
    head = f"Nudges {verb}: {len(report.nudges)}, in {episodes}."
    return [head, *(_nudge_line(row) for row in report.interventions)]


def _nudge_line(row: NudgeRow) -> str:
    return f"{clock(row.t_s)}  {row.output}, step {row.level}. {sentences(row.reasons)}"


def _left_out_words(report: NightReport) -> list[str]:
    if not report.left_out:
        return []
    parts = ", ".join(f"{count} {_FAULTS.get(name, name)}" for name, count in report.left_out)
    return [f"Values that were not used: {parts}."]


def nights_in_words(report: NightsReport) -> list[str]:
    """Many nights together."""
    tst, per_8h, blind = report.median_tst_min, report.interventions_per_8h_sleep, report.blind_share
    return [
        f"{counted(len(report.nights), 'night')}.",
        f"Median sleep {duration(tst)}." if tst is not None else "No sleep was scored.",
        _rate_words(per_8h) if per_8h is not None else "No nudges to count.",
        f"Without good signal {blind:.1%} of the time." if blind is not None else "No minutes to watch.",
    ]


def _rate_words(rate: Rate) -> str:
    return (
        f"Episodes nudged per 8 h of sleep: {rate.value:.2f} "
        f"({rate.n}; 95 % interval {rate.low:.2f} to {rate.high:.2f})."
    )
