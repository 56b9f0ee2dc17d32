"""One recorded night measured: run once untouched at every threshold, then again from each onset with an episode added.

Nudges are shadow, settings as shipped, the profile that of the population (DESIGN section 6).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from vigil.domain.nudges import EpisodeKind
from vigil.domain.records import Input, NightBegan, NightEnded
from vigil.domain.samples import BeatInterval, HeartSample, MotionSummary
from vigil.domain.sleep import AasmStage, Stage
from vigil.domain.units import EPOCH_S, MS_PER_S, NS_PER_S, STEP_NS, STEP_S
from vigil.engine.parameters import CLOCK_MIN, Parameters
from vigil.evidence.records import AddedClass, Epoch, Happening, NightEvidence, Placement, Row4, Run
from vigil.recordings.added.episode import Kind, draw_episode
from vigil.recordings.added.untouched import Untouched
from vigil.recordings.recording import Recording
from vigil.run.evaluate_about import AboutNight
from vigil.run.evaluate_labels import SHORTEST_H, activity_of, oddities
from vigil.run.evaluate_pass import Pass, WholeNight, run_whole, run_window
from vigil.run.evaluate_placements import ARISING, DREAMING, WINDOW_NS, Onset, chosen_onsets, draw_onsets
from vigil.run.replay import inputs_of

FACTORS = tuple(2.0 ** (quarter / 4) for quarter in range(-16, 9))
"""Thresholds, as multiples of the shipped one: from a sixteenth to four times, in steps of the fourth root of 2."""

POOL_OF: dict[AddedClass, str] = {one: ARISING if one is AddedClass.TERROR else DREAMING for one in AddedClass}


@dataclass(frozen=True, slots=True)
class EvaluateWish:
    """placements: of each class in each scored night, 0 for none. seed: of everything drawn."""

    placements: int
    seed: int


def evaluate_night(
    recording: Recording, about: AboutNight, parameters: Parameters, factors: Sequence[float], wish: EvaluateWish
) -> NightEvidence:
    """Measure one night; raises InputError as the reader does. Bad labels are remarks, never an error."""
    inputs = list(inputs_of(recording))
    began_ns, ends_ns = recording.began.at_ns, inputs[-1].at_ns
    scoring = recording.scoring
    scored = scoring is not None and any(stage is not AasmStage.UNSCORED for stage in scoring)
    recorded_h = (ends_ns - began_ns) / NS_PER_S / 3600
    short = f"shorter than an hour ({recorded_h * 60:.0f} min)" if recorded_h < SHORTEST_H else None
    chance = random.Random(f"{wish.seed} {about.digest}")
    drawn: list[Onset] = []
    if scored and scoring is not None and short is None and wish.placements:
        drawn = draw_onsets(scoring, began_ns, ends_ns, wish.placements, chance)
    whole = run_whole(inputs, parameters, factors, {onset.at_ns for onset in drawn})
    runs = _runs(whole, factors, scoring, began_ns)
    epochs = _epochs(whole, scoring)
    movement, heart = [one.movement_g for one in whole.epochs], [one.heart_bpm for one in whole.epochs]
    return NightEvidence(
        name=about.name,
        path=about.path,
        source=about.source,
        person=about.person,
        digest=about.digest,
        seen=about.digest in parameters.provenance.nights,
        left_out=short,
        remarks=_remarks(recording, activity_of(movement, heart)),
        scored=scored,
        cadence_s=_cadence_s(recording.began),
        sensor=_sensor(inputs),
        ahi=about.ahi,
        epochs=epochs,
        clock=clock_rows(parameters, len(epochs)),
        recorded_h=recorded_h,
        blind_min=whole.blind_steps * STEP_S / 60,
        factors=tuple(factors),
        runs=runs,
        placements=_Placing(inputs, recording, parameters, whole, runs, wish, chance).all(drawn),
    )


@dataclass(frozen=True, slots=True)
class _Placing:
    """What adding episodes to one night needs."""

    inputs: Sequence[Input]
    recording: Recording
    parameters: Parameters
    whole: WholeNight
    runs: Sequence[Run]
    wish: EvaluateWish
    chance: random.Random

    def all(self, drawn: Sequence[Onset]) -> tuple[Placement, ...]:
        """Every class at every onset that can be used; none where the night is blind."""
        snapshots, began_ns = self.whole.snapshots, self.recording.began.at_ns
        usable = [one for one in drawn if one.at_ns in snapshots and snapshots[one.at_ns].watchable]
        if not usable:
            return ()
        # Labels count from zero, which is lights-out (see `Recording.scoring`).
        after = [record for record in self.inputs if not isinstance(record, NightBegan | NightEnded)]
        night = Untouched.of(after, began_ns, self.recording.scoring, self.chance)
        made: list[Placement] = []
        for onset in chosen_onsets(usable, self.wish.placements):
            made.extend(self._at(onset, added, night) for added in AddedClass if POOL_OF[added] == onset.pool)
        return tuple(made)

    def _at(self, onset: Onset, added: AddedClass, night: Untouched) -> Placement:
        began_ns = self.recording.began.at_ns
        episode = draw_episode(Kind(added.value), self.chance, night.rate_at(onset.at_ns))
        changed = night.with_episode(episode, onset.at_ns, onset.at_ns + WINDOW_NS, self.chance)
        one = Pass.resumed(self.whole.snapshots[onset.at_ns], self.parameters, began_ns)
        came = run_window(one, changed, onset.at_ns, WINDOW_NS)
        onset_s = (onset.at_ns - began_ns) / NS_PER_S
        until_s = onset_s + WINDOW_NS / NS_PER_S
        step = (onset.at_ns - began_ns) // STEP_NS
        return Placement(
            added=added,
            onset_s=onset_s,
            size_bpm=episode.size_bpm,
            stage=onset.stage,
            latency_s=tuple(None if first is None else first / NS_PER_S for first in came.first_ns),
            counts=tuple(not any(onset_s < one.t_s <= until_s for one in run.interventions) for run in self.runs),
            peak=came.peak,
            peak_untouched=max(self.whole.scores[step : step + WINDOW_NS // STEP_NS], default=0.0),
        )


def _runs(
    whole: WholeNight, factors: Sequence[float], scoring: Sequence[AasmStage] | None, began_ns: int
) -> tuple[Run, ...]:
    """What happened at each threshold, with the stage that was scored there."""
    interventions: list[list[Happening]] = [[] for _ in factors]
    suspicions: list[list[Happening]] = [[] for _ in factors]
    for noted in whole.noted:
        t_s = (noted.at_ns - began_ns) / NS_PER_S
        epoch = int(t_s // EPOCH_S)
        stage = scoring[epoch] if scoring is not None and epoch < len(scoring) else AasmStage.UNSCORED
        happening = Happening(
            t_s, None if stage is AasmStage.UNSCORED else stage, noted.kind or EpisodeKind.NIGHTMARE_LIKE
        )
        (interventions if noted.kind is None else suspicions)[noted.branch].append(happening)
    return tuple(Run(tuple(a), tuple(b)) for a, b in zip(interventions, suspicions, strict=True))


def _epochs(whole: WholeNight, scoring: Sequence[AasmStage] | None) -> tuple[Epoch, ...]:
    labels = scoring or ()
    return tuple(
        Epoch(
            labels[one.index] if one.index < len(labels) else AasmStage.UNSCORED,
            None if one.p is None or one.stage is Stage.UNSCORED else one.p.as_tuple(),
        )
        for one in whole.epochs
    )


def clock_rows(parameters: Parameters, count: int) -> tuple[Row4, ...]:
    """What the clock alone would say of each epoch: the parameters' table, its last row held."""
    table, bins = parameters.clock, (index * EPOCH_S // (60 * CLOCK_MIN) for index in range(count))
    return tuple(table[min(index, len(table) - 1)] for index in bins)


def _remarks(recording: Recording, activity: Sequence[float | None]) -> tuple[str, ...]:
    notes = recording.notes
    return (*oddities(recording.scoring, notes.left_out, activity), *notes.remarks)


def _cadence_s(began: NightBegan) -> float | None:
    return None if began.heart_cadence_ms is None else began.heart_cadence_ms / MS_PER_S


def _sensor(inputs: Sequence[Input]) -> str:
    """What was sensed, in words."""
    kinds = {type(record) for record in inputs}
    moved = any(isinstance(record, MotionSummary) and record.range_mg is not None for record in inputs)
    parts = [
        *(["beats"] if BeatInterval in kinds else []),
        *(["heart rate"] if HeartSample in kinds else []),
        *(["movement"] if moved else []),
        *(["steps"] if MotionSummary in kinds and not moved else []),
    ]
    return " and ".join(parts) or "nothing"
