"""The figures of a night that its diary shows, read off what it said, and kept beside it so that a year is quick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from vigil.app.night_figures import awake_after
from vigil.domain.guard_memory import is_whole
from vigil.domain.nudges import EpisodeKind, ReasonCode
from vigil.domain.sleep import ASLEEP, Stage
from vigil.night.report import NightReport
from vigil.recovery.diary import Nudged, SleepFigures

VERSION = 1
"""Of the figures kept beside a night; others are made anew."""

AWAKE_EPOCHS = 2
"""Awake for a minute or longer counts as an awakening [A]; the same as after a nudge (`night_figures.py`)."""


def diary_of(report: NightReport) -> dict[str, Any]:
    """The figures as they are kept: minutes, and counts. asleep_min, waso_min, awakenings: None without any sleep."""
    slept, nudged = _sleep(report), _nudged(report)
    return {
        "version": VERSION,
        "asleep_min": None if slept is None else slept.asleep_min,
        "waso_min": None if slept is None else slept.waso_min,
        "awakenings": None if slept is None else slept.awakenings,
        "watched_min": round(report.watched_min, 2),
        "blind_min": round(report.blind_min, 2),
        "noticed": sum(row.kind is EpisodeKind.NIGHTMARE_LIKE for row in report.suspicions),
        "nudges": nudged.nudges,
        "episodes": nudged.episodes,
        "settled": nudged.settled,
        "unchanged": nudged.unchanged,
        "woke": nudged.woke,
    }


def diary_fits(figures: Any) -> bool:
    """Whether these are figures as `diary_of` makes them; what came back from elsewhere need not be."""
    if not isinstance(figures, dict) or set(figures) != _NAMES or figures["version"] != VERSION:
        return False
    slept = [figures[name] for name in _SLEEP]
    return (
        all(is_whole(figures[name], 0) for name in _COUNTS)
        and all(_is_minutes(figures[name]) for name in ("watched_min", "blind_min"))
        and (
            slept == [None] * len(slept) or (_is_minutes(slept[0]) and _is_minutes(slept[1]) and is_whole(slept[2], 0))
        )
    )


def sleep_of(figures: Mapping[str, Any]) -> SleepFigures | None:
    """The sleep in figures that fit."""
    return None if figures["asleep_min"] is None else SleepFigures(*(figures[name] for name in _SLEEP))


def nudged_of(figures: Mapping[str, Any]) -> Nudged:
    """What was done, in figures that fit."""
    return Nudged(*(figures[name] for name in _NUDGED))


_SLEEP = ("asleep_min", "waso_min", "awakenings")
_NUDGED = ("nudges", "episodes", "settled", "unchanged", "woke")
_COUNTS = ("noticed", *_NUDGED)
_NAMES = {"version", "watched_min", "blind_min", *_SLEEP, *_COUNTS}


def _is_minutes(value: Any) -> bool:
    return type(value) in {int, float} and 0 <= value < float("inf")


def _sleep(report: NightReport) -> SleepFigures | None:
    if report.summary.sol_min is None:
        return None
    stages = [epoch.stage for epoch in report.epochs]
    return SleepFigures(report.summary.tst_min, report.summary.waso_min, _awakenings(stages))


def _awakenings(stages: Sequence[Stage]) -> int:
    """Runs of wake of a minute or longer between the first and the last sleep."""
    asleep = [index for index, stage in enumerate(stages) if stage in ASLEEP]
    runs = groupby(stages[asleep[0] : asleep[-1]])
    return sum(stage is Stage.WAKE and sum(1 for _ in run) >= AWAKE_EPOCHS for stage, run in runs)


def _nudged(report: NightReport) -> Nudged:
    """Nudges that were really given, and what came of each episode: waking counts first, then settling."""
    given = [row for row in report.nudges if not row.shadow]
    last_s = {row.episode: row.t_s for row in given}
    codes = {(one.episode, reason.code) for one in report.decisions for reason in one.reasons}
    woke = {
        episode
        for episode, t_s in last_s.items()
        if (episode, ReasonCode.WOKE) in codes or awake_after(report.epochs, t_s)
    }
    settled = {episode for episode in last_s if (episode, ReasonCode.SETTLED) in codes} - woke
    return Nudged(len(given), len(last_s), len(settled), len(last_s) - len(settled) - len(woke), len(woke))
