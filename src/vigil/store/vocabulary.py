"""What the packing of a minute knows beforehand, so that it need not learn it anew every minute.

Two preset dictionaries of DEFLATE (RFC 1950, 2.3). VOCABULARY: typical records as JSON, the commonest last; it
halves what a minute's decisions and epochs take. OUTLINE: the columns of a minute of 60 heart rates and 60 motion
summaries a second apart. They are part of the file format: nobody may change a byte of them, or the nights that
were packed with them can no longer be read; better ones would be second ones, under a new version.
"""

from __future__ import annotations

_REASONS = (
    "held",
    "awake_marked",
    "awake_upright",
    "awake_likely",
    "mode_sham",
    "mode_watch_only",
    "night_over",
    "cap_episode",
    "cap_hour",
    "cap_night",
    "cap_energy",
    "ledger_unreadable",
    "not_lowest_first",
    "step_too_high",
    "permit_pending",
    "no_output",
    "clock_doubtful",
    "looks_like_terror",
    "looks_like_out_of_bed",
    "looks_like_arousal",
    "looks_like_periodic",
    "smallest_first",
    "step_up",
    "within_caps",
    "observing_answer",
    "settled",
    "unchanged",
    "woke",
    "recovering",
    "ladder_ended",
    "never_heard",
    "data_stale",
    "data_flat",
    "off_wrist",
    "link_lost",
    "warming_up",
    "settling_in",
    "repeating",
    "steps",
    "stage_wake",
    "stage_deep",
    "stage_rem",
    "movement",
    "heart_rise",
    "heart_surge",
    "evidence",
    "quiet",
)


def _record(name: str, fields: str) -> str:
    return '{"$record":["' + name + '",{' + fields + "}]}"


def _enum(name: str, value: str) -> str:
    return '{"$enum":["' + name + '","' + value + '"]}'


def _reason(code: str, value: str, bound: str, unit: str) -> str:
    fields = f'"code":{_enum("ReasonCode", code)},"value":{value},"bound":{bound},"unit":{_enum("Unit", unit)}'
    return _record("Reason", fields)


def _decision(state: str, reasons: str) -> str:
    fields = (
        f'"at_ns":000000000,"state":{_enum("WatchState", state)},"action":{_enum("Action", "nothing")},'
        f'"reasons":{{"$tuple":[{reasons}]}},"episode":null,"permit":null'
    )
    return _record("StoredDecision", fields)


def _epoch(stage: str) -> str:
    p = _record("StageProbabilities", '"wake":0.00,"light":0.9,"deep":0.0,"rem":0.0')
    fields = (
        f'"at_ns":30000000000,"index":1,"stage":{_enum("Stage", stage)},"p":{p},'
        '"heart_bpm":58.0,"movement_g":0.00,"watched_s":30'
    )
    return _record("EpochScored", fields)


def _suspicion() -> str:
    fields = (
        f'"episode":1,"kind":{_enum("EpisodeKind", "nightmare_like")},"onset_ns":0,"raised_ns":0,'
        '"score":1.0,"reasons":{"$tuple":['
    )
    cleared = f'"at_ns":0,"episode":1,"kind":{_enum("EpisodeKind", "arousal")},"onset_ns":0,"score":1.0,"reasons":'
    raised = _record("SuspicionRaised", '"at_ns":0,"suspicion":' + _record("Suspicion", fields))
    return raised + _record("SuspicionCleared", cleared)


def _quality() -> str:
    return _record(
        "QualityNote", f'"at_ns":0,"quality":{_enum("Quality", "good")},"before":{_enum("Quality", "stale")}'
    )


def _permit() -> str:
    request = _record(
        "NudgeRequest",
        f'"purpose":{_enum("Purpose", "nudge")},"episode":1,"output":{_enum("Output", "vibration")},'
        '"level":1,"duration_ms":1000',
    )
    return f'{_enum("Action", "nudge")}"permit":' + _record(
        "StoredPermit", f'"serial":1,"request":{request},"issued_ns":0'
    )


_UNITS = ("%", "probability", "g", "min", "s", "bpm", "score")

VOCABULARY = "".join(
    (
        ",".join(_REASONS),
        ",".join(_UNITS),
        _permit(),
        _quality(),
        _suspicion(),
        *(_decision(state, "") for state in ("blind", "settling", "resting", "observing", "nudging", "suspecting")),
        *(_epoch(stage) for stage in ("unscored", "wake", "deep", "rem", "light")),
        ",",
        _decision(
            "watching", ",".join((_reason("quiet", "null", "null", ""), _reason("evidence", "0.0", "1.0", "score")))
        ),
    )
).encode()

OUTLINE = b"".join(
    (
        b"\x01\x7c\x00\x00\x00",  # version, and how many records
        b"\x02\x7c" * 60,  # a heart rate, a motion summary with all but steps
        b"Q\x00\x00\x00\x00\x00\x00\x00\x00",
        b"I\x00\x00\x00\x00\x00\xca\x9a;B" + b"\x01" * 59,  # from 0, a second apart
        b"H\x44\x02B",
        b"I\x00\x00\x00\x00\x00\xca\x9a;B" + b"\x01" * 59,
        b"H\xe8\x03B" + b"\x00" * 59,  # each a second long
        b"h\x00\x00\x00\x00\xe8\x03B",
    )
)
