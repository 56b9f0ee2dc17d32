"""A night as EDF+, for the tools of sleep laboratories. Lossy: for what comes back exactly, write a night folder.

Signals: "HR" (bpm, 1 Hz, steps of 0.1; 0 = not known), "Movement" (g, 1 Hz, peak-to-peak range of the second, or of the
longer window that was known then; negative = not known), and "ACC X", "ACC Y", "ACC Z" (g) where raw acceleration was
given. Value k is what was known k seconds after lights-out, so that a reader cannot see ahead. Not kept: heart
rates between whole seconds, contact, battery, steps, position, and everything from before lights-out.

Annotations: `Sleep stage W|N1|N2|N3|R|?` per epoch, and `group/label key=value` for the rest (ecosystem 9).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import edfio
import numpy as np

from vigil.domain.nudges import Decision
from vigil.domain.records import EpochScored, NightBegan, NightOutput, QualityNote, SuspicionCleared, SuspicionRaised
from vigil.domain.sleep import AasmStage, Stage
from vigil.domain.units import EPOCH_S, NS_PER_S
from vigil.recordings.recording import Item
from vigil.recordings.writers.edf_tracks import Int16, Tracks, gather
from vigil.recordings.writers.whole import whole_file

STAGE_OF_OWN = {
    Stage.WAKE: AasmStage.WAKE,
    Stage.LIGHT: AasmStage.N2,
    Stage.DEEP: AasmStage.N3,
    Stage.REM: AasmStage.REM,
    Stage.UNSCORED: AasmStage.UNSCORED,
}
"""Vigil does not tell N1 from N2: its light sleep is written as N2."""

DIGITAL = (-32_768, 32_767)
TENTHS, THOUSANDTHS = (-3276.8, 3276.7), (-32.768, 32.767)
"""Physical ranges over which one digital step is exactly 0.1 and 0.001."""

Note = tuple[float, float | None, str]


def write_edf(
    path: Path,
    *,
    began: NightBegan,
    items: Iterable[Item],
    outputs: Iterable[NightOutput] = (),
    scoring: Sequence[AasmStage] | None = None,
    beats: bool = False,
    keep_date: bool = False,
) -> None:
    """Write one night as the EDF+ file `path`, whole or not at all.

    outputs: what Vigil said; suspicions, nudges and quality become annotations, and its own epochs the hypnogram
    unless a `scoring` is given. beats: an annotation `rr <ms>` at each second beat. keep_date: write the date of
    lights-out; without it only the time of day, and neither patient nor recording says who or when. Raises InputError
    if `path` exists or cannot be written, and for what EDF cannot hold (see `edf_tracks.gather`).
    """
    with whole_file(path) as unfinished:
        tracks = gather(began, items)
        said = tuple(outputs)
        notes = sorted(_notes(tracks, said, scoring, beats=beats), key=lambda note: (note[0], note[2]))
        ends = [onset + (length or 0) for onset, length, _ in notes]
        seconds = max(1, tracks.last_s + 1, math.ceil(max(ends, default=0)))
        start = _local_start(began)
        night = edfio.Edf(
            _signals(tracks, seconds),
            annotations=[edfio.EdfAnnotation(*note) for note in notes],
            patient=edfio.Patient(),
            recording=edfio.Recording(startdate=start.date() if start and keep_date else None, equipment_code="Vigil"),
            starttime=start.time().replace(microsecond=0) if start else dt.time(0, 0, 0),
            data_record_duration=1.0,
        )
        night.write(unfinished)


def _local_start(began: NightBegan) -> dt.datetime | None:
    """Lights-out by the clock on the wall, or None without a clock."""
    if began.wall_ms is None:
        return None
    return dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(milliseconds=began.wall_ms, minutes=began.zone_min or 0)


def _signals(tracks: Tracks, seconds: int) -> list[edfio.EdfSignal]:
    signals = [
        _signal("HR", "bpm", 1, tracks.heart(seconds), TENTHS),
        _signal("Movement", "g", 1, tracks.motion(seconds), THOUSANDTHS),
    ]
    raw = tracks.acceleration(seconds)
    if raw is not None:
        rate, mg = raw
        signals += [_signal(f"ACC {axis}", "g", rate, mg[:, i], THOUSANDTHS) for i, axis in enumerate("XYZ")]
    return signals


def _signal(label: str, unit: str, rate: float, digital: Int16, span: tuple[float, float]) -> edfio.EdfSignal:
    return edfio.EdfSignal.from_digital(
        np.ascontiguousarray(digital),
        rate,
        label=label,
        physical_dimension=unit,
        physical_range=span,
        digital_range=DIGITAL,
    )


def _notes(
    tracks: Tracks, outputs: Sequence[NightOutput], scoring: Sequence[AasmStage] | None, *, beats: bool
) -> Iterator[Note]:
    """All annotations whose onset is not before lights-out."""
    if scoring is None:
        own = {o.index: STAGE_OF_OWN[o.stage] for o in outputs if isinstance(o, EpochScored)}
        stages: Iterable[tuple[int, AasmStage]] = own.items()
    else:
        stages = enumerate(scoring)
    for index, stage in stages:
        yield index * float(EPOCH_S), float(EPOCH_S), f"Sleep stage {stage.value}"
    if beats:
        for onset_s, rr_ms in tracks.beats:
            yield onset_s, None, f"rr {rr_ms}"
    cleared = {output.episode: output for output in outputs if isinstance(output, SuspicionCleared)}
    for output in outputs:
        onset_s = (output.at_ns - tracks.origin_ns) / NS_PER_S
        if onset_s >= 0:
            yield from _said(output, onset_s, cleared, tracks.shadow)


def _said(
    output: NightOutput, onset_s: float, cleared: dict[int, SuspicionCleared], shadow: dict[int, bool]
) -> Iterator[Note]:
    """What one output becomes: nothing, for most."""
    if isinstance(output, SuspicionRaised):
        it = output.suspicion
        over = cleared.get(it.episode)
        length = None if over is None else max(0.0, (over.at_ns - output.at_ns) / NS_PER_S)
        yield onset_s, length, f"suspicion/{it.kind.value} score={it.score:.2f} episode={it.episode}"
    elif isinstance(output, Decision) and output.permit is not None:
        request, serial = output.permit.request, output.permit.serial
        given = {True: " shadow=1", False: " shadow=0", None: ""}[shadow.get(serial)]
        what = f"nudge/{request.output.value} level={request.level} duration_ms={request.duration_ms}"
        yield onset_s, None, f"{what} episode={request.episode}{given}"
    elif isinstance(output, QualityNote):
        yield onset_s, None, f"quality/{output.quality.value} before={output.before.value}"
