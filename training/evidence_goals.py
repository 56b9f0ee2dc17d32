"""The figures Vigil set out to reach, beside those it reaches. The goals stand in DESIGN section 8 and in the issue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vigil.app.evidence.shown import Format, Json, at, number, percent, seconds


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure and the bound it should keep: at least, or at most."""

    words: str
    figure: Json
    bound: float
    least: bool
    shown: Format

    def row(self) -> tuple[str, str, str, str]:
        """What, goal, measured, and whether it is reached by the value itself."""
        sign = "at least" if self.least else "at most"
        bound = self.shown({"value": self.bound, "low": None, "high": None, "n": 0})
        return self.words, f"{sign} {bound}", self.shown(self.figure), self._verdict()

    def _verdict(self) -> str:
        value = self.figure["value"]
        if value is None:
            return "not known"
        return "reached" if (value >= self.bound if self.least else value <= self.bound) else "not reached"


_STAGING: tuple[tuple[str, str, float, Format], ...] = (
    ("wake/NREM/REM, κ", "wake_nrem_rem.kappa", 0.60, number),
    ("wake/NREM/REM, accuracy", "wake_nrem_rem.accuracy", 0.82, percent),
    ("REM, F1", "wake_nrem_rem.rem_f1", 0.75, number),
    ("wake, sensitivity", "wake_nrem_rem.wake_sensitivity", 0.60, percent),
    ("four classes, κ", "four_class.kappa", 0.45, number),
)

_FOUND: tuple[tuple[str, str, float, bool, Format], ...] = (
    ("strong, within 120 s, at 0.5 a night", "strong.at_0_5.within_120_s", 0.95, True, percent),
    ("strong, median latency, at 0.5 a night", "strong.at_0_5.median_latency_s", 60.0, False, seconds),
    ("strong, within 300 s, at 0.1 a night", "strong.at_0_1.within_300_s", 0.85, True, percent),
    ("moderate, within 300 s, at 0.5 a night", "moderate.at_0_5.within_300_s", 0.60, True, percent),
)


def goals(run: Json, part: Json) -> list[Goal]:
    """Staging and sensitivity of the wrist recordings where those are told apart, else of all; then false nudges."""
    wrist = _source(run, lambda name: "walch" in name or "sleep-accel" in name) or part
    apnoea = _source(run, lambda name: "slpdb" in name)
    rows = [Goal(words, at(wrist, f"staging.{path}"), bound, True, shown) for words, path, bound, shown in _STAGING]
    rows += [
        Goal(words, at(wrist, f"added.{path}"), bound, least, shown) for words, path, bound, least, shown in _FOUND
    ]
    shipped = at(wrist, "false_alarms.as_shipped.nudges_per_8h_sleep")
    rows.append(Goal("false nudges a night, as shipped", shipped, 0.1, False, number))
    if apnoea is not None:
        rate = at(apnoea, "false_alarms.as_shipped.nudges_per_8h_sleep")
        rows.append(Goal("the same, sleepers with apnoea or leg movements", rate, 1.0, False, number))
    rows.append(
        Goal(
            "nights without stages, at 0.1 a night",
            at(part, "unscored.at_0_1.nudges_per_8h_recorded"),
            0.25,
            False,
            number,
        )
    )
    return rows


def _source(run: Json, wanted: Callable[[str], bool]) -> Json | None:
    return next((one for one in run["by_source"] if wanted(one["source"].lower())), None)
