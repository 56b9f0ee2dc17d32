"""The tables of the evidence, as rows of words, the same in the report and on the page: how sleep is staged."""

from __future__ import annotations

from dataclasses import dataclass

from vigil.app.evidence.shown import UNKNOWN, Json, at, minutes, number, percent

STAGE_WORDS = {"wake": "wake", "nrem": "NREM", "light": "light", "deep": "deep", "rem": "REM"}

SCHEMES = {"wake_nrem_rem": "wake / NREM / REM", "four_class": "wake / light / deep / REM"}

MEASURE_WORDS = {
    "tst": "total sleep time",
    "waso": "wake after sleep onset",
    "sol": "sleep-onset latency",
    "rem": "REM",
}


@dataclass(frozen=True, slots=True)
class Table:
    """title: what it tells. head: of each column. rows: as many cells as the head. note: what must be known, or ''."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def staging(part: Json) -> Table:
    """How well, and how much of that needs no watching."""
    rows = []
    for key, words in SCHEMES.items():
        scheme = at(part, f"staging.{key}")
        median = scheme["median_person"]
        rows.append((words, number(scheme["kappa"]), percent(scheme["accuracy"]), number(median["kappa"])))
    for key, words in (
        ("clock_only", "clock only, three classes"),
        ("clock_only_four", "clock only, four classes"),
        ("always_nrem", "always NREM, three classes"),
    ):
        base = at(part, f"staging.{key}")
        rows.append((words, number(base["kappa"]), percent(base["accuracy"]), UNKNOWN))
    unsaid = percent(part["staging"]["unsaid"])
    note = (
        f"Epochs together; beside them the median of the people. Without data, so not staged: {unsaid} of the epochs."
    )
    return Table("Agreement with the scorer", ("", "κ", "accuracy", "κ of the median person"), tuple(rows), note)


def classes(part: Json) -> Table:
    """Each class against the others."""
    rows = []
    for key in SCHEMES:
        scheme = at(part, f"staging.{key}")
        for name in scheme["classes"]:
            cells = (percent(scheme[f"{name}_{one}"]) for one in ("sensitivity", "precision"))
            kind = "" if key == "wake_nrem_rem" else " (of four)"
            rows.append((STAGE_WORDS[name] + kind, *cells, number(scheme[f"{name}_f1"])))
    return Table("By class", ("class", "sensitivity", "precision", "F1"), tuple(rows))


def confusion(part: Json, key: str) -> Table:
    """Epochs: rows scored, columns said."""
    scheme = at(part, f"staging.{key}")
    rows = []
    for name, counts in zip(scheme["classes"], scheme["confusion"], strict=True):
        total = sum(counts)
        cells = (f"{count} ({100 * count / total:.0f} %)" if total else UNKNOWN for count in counts)
        rows.append((f"scored {STAGE_WORDS[name]}", *cells))
    head = ("", *(f"said {STAGE_WORDS[name]}" for name in scheme["classes"]))
    return Table(f"Confusion, {SCHEMES[key]}", head, tuple(rows))


def calibration(part: Json) -> Table:
    """Whether the probabilities mean what they say."""
    rows = []
    for key, words in SCHEMES.items():
        figures = at(part, f"staging.{key}.calibration")
        rows.append((words, *(number(figures[one]) for one in ("ece", "log_loss", "brier"))))
    note = "All three are 0 at best. Expected calibration error is classwise; Brier's score goes from 0 to 2."
    return Table("Calibration", ("", "calibration error", "log-loss", "Brier"), tuple(rows), note)


def sleep_minutes(part: Json) -> Table:
    """Bias and limits of agreement."""
    rows = []
    for key, words in MEASURE_WORDS.items():
        one = at(part, f"staging.minutes.{key}")
        scored, said = (minutes(one[name]) for name in ("scored_mean", "said_mean"))
        rows.append((words, scored, said, minutes(one["bias"]), limits_words(one)))
    note = (
        "Said less scored. Where the difference depends on the minutes scored, bias or limits are a line over them "
        "(Bland & Altman 1999, as in Menghini 2021). In part such a line is what any guess does that leans to the mean."
    )
    head = ("", "scored, mean", "said, mean", "bias", "limits of agreement")
    return Table("Minutes of sleep a night", head, tuple(rows), note)


def limits_words(one: Json) -> str:
    """The limits of agreement of a measure: two numbers, or a line where they depend on what was scored."""
    if one["bias"]["value"] is None:
        return UNKNOWN
    if not one["proportional"] and not one["heteroscedastic"]:
        return f"{minutes(one['lower'])}, {minutes(one['upper'])}"
    middle = f"{one['intercept']['value']:.0f} {_times(one['slope'])}" if one["proportional"] else "bias"
    if one["heteroscedastic"]:
        spread = f"2.46 ({one['spread_intercept']['value']:.1f} {_times(one['spread_slope'])})"
    else:
        spread = f"{1.96 * one['residual_sd']['value']:.0f} min"
    return f"{middle} ± {spread}"


def _times(slope: Json) -> str:
    value = slope["value"]
    return f"{'-' if value < 0 else '+'} {abs(value):.2f} x scored"
