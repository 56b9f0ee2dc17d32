"""The one night that every tool gets: what a simulated sleeper's strap, electrodes and wrist would have given.

Beats, stages and movement are those of the product's own simulated sleeper (no nightmare, once out of bed; a chest
strap, raw acceleration at 50 Hz); an ECG is drawn beat by beat and an EEG channel stage by stage. The right size,
roughly the right look: it measures cost and steadiness, never accuracy.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vigil.domain.samples import AccelerationBlock, BeatInterval
from vigil.domain.sleep import AasmStage
from vigil.domain.units import EPOCH_S, MS_PER_S, NS_PER_S
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.recording import recording
from vigil.recordings.synthetic.sensor import CHEST_STRAP

Floats = NDArray[np.float64]

MOTION_HZ, ECG_HZ, EEG_HZ = 50, 130, 100

ECG_WAVES_MS_MV = ((-170.0, 25.0, 0.12), (-26.0, 8.0, -0.10), (0.0, 9.0, 1.10), (28.0, 9.0, -0.20), (270.0, 45.0, 0.28))
"""P, Q, R, S, T: milliseconds from the R peak, width (one sigma) and size; the usual look of lead II [A]."""

ECG_NOISE_MV = 0.02

SLOW_HZ, ALPHA_HZ, SPINDLE_HZ = (0.5, 2.0), (8.0, 12.0), (12.0, 15.0)
EEG_UV = {
    AasmStage.WAKE: (12.0, 3.0, 18.0, 1.0),
    AasmStage.N1: (12.0, 6.0, 7.0, 2.0),
    AasmStage.N2: (12.0, 18.0, 3.0, 8.0),
    AasmStage.N3: (12.0, 55.0, 2.0, 4.0),
    AasmStage.REM: (11.0, 4.0, 4.0, 1.0),
    AasmStage.UNSCORED: (12.0, 3.0, 3.0, 1.0),
}
"""RMS in microvolts of background, slow waves, alpha and spindles [A]: that the stages differ is all that matters."""


@dataclass(frozen=True, slots=True)
class NightNote:
    """What `night.json` says of the arrays beside it."""

    seed: int
    seconds: int
    motion_hz: int = MOTION_HZ
    ecg_hz: int = ECG_HZ
    eeg_hz: int = EEG_HZ


def write_night(folder: Path, seed: int, hours: float) -> NightNote:
    """Make the night and write it down; the same arrays for the same seed and length.

    `motion.npy` int16 (n, 3) milli-g; `beats.npy` int64 (m, 3): nanoseconds from lights-out, interval in ms, 1 if
    clean; `ecg.npy` float64 millivolts; `eeg.npy` float64 volts; `night.json`. Raises OSError if it cannot be written.
    """
    lived = recording(
        seed, plan=named_plan("bathroom", seed, hours=hours), sensor=CHEST_STRAP, hours=hours, raw_hz=MOTION_HZ
    )
    seconds = len(lived.scoring or ()) * EPOCH_S
    blocks, beats = [], []
    for item in lived.items():
        if isinstance(item, AccelerationBlock):
            blocks.append(item.mg)
        elif isinstance(item, BeatInterval):
            beats.append((item.at_ns, item.rr_ms, int(item.clean)))
    rows = np.array(beats, dtype=np.int64)
    rng = np.random.default_rng(seed)
    np.save(folder / "motion.npy", np.concatenate(blocks))
    np.save(folder / "beats.npy", rows)
    np.save(folder / "ecg.npy", ecg(rng, rows[:, 0] / NS_PER_S, seconds))
    np.save(folder / "eeg.npy", eeg(rng, lived.scoring or ()))
    note = NightNote(seed, seconds)
    (folder / "night.json").write_text(json.dumps(asdict(note)) + "\n", encoding="utf-8")
    return note


def beats_of(rows: NDArray[np.int64]) -> list[BeatInterval]:
    """`beats.npy` as records."""
    return [BeatInterval(at_ns, rr_ms, bool(clean)) for at_ns, rr_ms, clean in rows.tolist()]


def ecg(rng: np.random.Generator, beats_s: Floats, seconds: int) -> Floats:
    """One lead in millivolts at 130 Hz: five waves around each beat, and noise."""
    millivolts = rng.normal(0, ECG_NOISE_MV, seconds * ECG_HZ)
    around = np.arange(-ECG_HZ // 3, ECG_HZ // 2)
    index = np.rint(beats_s * ECG_HZ).astype(np.int64)[:, None] + around
    from_beat_ms = (index / ECG_HZ - beats_s[:, None]) * MS_PER_S
    for at_ms, width_ms, size_mv in ECG_WAVES_MS_MV:
        wave = size_mv * np.exp(-0.5 * ((from_beat_ms - at_ms) / width_ms) ** 2)
        inside = (index >= 0) & (index < len(millivolts))
        np.add.at(millivolts, index[inside], wave[inside])
    return millivolts


def eeg(rng: np.random.Generator, stages: tuple[AasmStage, ...]) -> Floats:
    """One channel in volts at 100 Hz: pink background and three bands, each as strong as the stage has it."""
    count = len(stages) * EPOCH_S * EEG_HZ
    volts = np.zeros(count)
    for part, band in enumerate((None, SLOW_HZ, ALPHA_HZ, SPINDLE_HZ)):
        sizes_uv = np.array([EEG_UV[stage][part] for stage in stages])
        volts += _coloured(rng, count, band) * np.repeat(sizes_uv * 1e-6, EPOCH_S * EEG_HZ)
    return volts


def _coloured(rng: np.random.Generator, count: int, band_hz: tuple[float, float] | None) -> Floats:
    """Noise of unit RMS: of one band, or falling as one over the frequency."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    hz = np.fft.rfftfreq(count, 1 / EEG_HZ)
    if band_hz is None:
        spectrum[1:] /= np.sqrt(hz[1:])
    else:
        spectrum[(hz < band_hz[0]) | (hz > band_hz[1])] = 0
    spectrum[0] = 0
    noise = np.fft.irfft(spectrum, count)
    unit: Floats = noise / noise.std()
    return unit
