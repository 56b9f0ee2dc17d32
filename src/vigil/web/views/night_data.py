"""A night as its drawing in the browser takes it: columns of whole numbers, times in seconds from lights-out."""

from __future__ import annotations

from typing import Any

from vigil.app.night_lanes import blind_stretches
from vigil.domain.records import EpochScored
from vigil.domain.sleep import Stage
from vigil.domain.units import EPOCH_S
from vigil.web.views.night_seen import NightSeen, baseline, events, heart_range
from vigil.web.views.poster import KIND_TOKENS, ROWS, STAGE_TOKENS
from vigil.web.views.poster_labels import wanted
from vigil.web.words import Words

FORMAT, VERSION = "vigil-night-drawing", 1

LETTERS = {Stage.WAKE: "w", Stage.REM: "r", Stage.LIGHT: "l", Stage.DEEP: "d", Stage.UNSCORED: "-"}
"""A letter an epoch; one that is not kept is as one that was not scored."""


def night_data(seen: NightSeen, t: Words) -> dict[str, Any]:
    """Everything that is drawn.

    lights_out_s: seconds of the day at lights-out by the night's own clock, or None. heart: `HeartLine`, 0 where
    nothing was heard. Of epochs: a letter each; p in percent, in the order of `rows`; base in bpm, 0 for none;
    movement in hundredths of g. halves: `Words.halves`.
    """
    out = seen.stored.clock.lights_out
    report = seen.stored.report
    return {
        "format": FORMAT,
        "version": VERSION,
        "end_s": round(seen.end_s),
        "epoch_s": EPOCH_S,
        "lights_out_s": None if out is None else out.hour * 3600 + out.minute * 60 + out.second,
        "halves": t.halves,
        "rows": [{"stage": LETTERS[s], "token": STAGE_TOKENS[s], "words": t(f"night.stage_{s.value}")} for s in ROWS],
        "heart": {"step_s": seen.heart.step_s, "bpm": seen.heart.bpm},
        "heart_range": [round(bpm) for bpm in heart_range(seen) or ()],
        **_columns(seen),
        "blind": [[round(a), round(b)] for a, b in blind_stretches(seen.epochs)],
        "suspicions": [
            {"from_s": round(row.from_s), "to_s": round(row.to_s), "token": KIND_TOKENS[row.kind]}
            for row in report.suspicions
        ],
        "nudges": [round(row.t_s) for row in report.nudges],
        "events": [round(one.t_s) for one in events(seen, t)],
        "labels": [{"t_s": round(one.t_s), "words": one.words, "token": one.token} for one in wanted(seen, t)],
        "words": {
            name: t(f"night.{name}") for name in ("no_heart", "heart", "movement", "why_failed", "why_all", "close")
        },
    }


def _columns(seen: NightSeen) -> dict[str, Any]:
    """Of every epoch of the axis, whether it is kept or not."""
    kept = {epoch.index: epoch for epoch in seen.epochs}
    middles = {epoch.index: value for epoch, value in zip(seen.epochs, baseline(seen.epochs), strict=True)}
    every = range(round(seen.end_s / EPOCH_S))
    return {
        "stages": "".join(LETTERS[kept[index].stage] if index in kept else "-" for index in every),
        "p": [_shares(kept.get(index)) for index in every],
        "base": [round(middles.get(index) or 0) for index in every],
        "movement": [round(100 * ((kept[index].movement_g if index in kept else 0) or 0)) for index in every],
    }


def _shares(epoch: EpochScored | None) -> list[int]:
    """In percent, in the order of `ROWS`; nothing where none are known."""
    if epoch is None or epoch.p is None:
        return []
    by_stage = {Stage.WAKE: epoch.p.wake, Stage.REM: epoch.p.rem, Stage.LIGHT: epoch.p.light, Stage.DEEP: epoch.p.deep}
    return [round(100 * by_stage[stage]) for stage in ROWS]
