"""NeuroKit2: R peaks, and heart-rate variability of the last five minutes at the end of every epoch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.session import Session

EPOCH_S, WINDOW_S = 30, 300
EVERY = 120
"""Of the windows, one in so many for all of its measures: for every window they would take minutes."""


def main() -> None:
    """Variability of the night and of its first half, from the ECG."""
    session = Session("neurokit2")
    (nk,) = session.modules
    millivolts, hz = session.array("ecg"), session.note["ecg_hz"]

    def peaks(first_s: int, last_s: int) -> NDArray[np.int64]:
        _, found = nk.ecg_peaks(millivolts[first_s * hz : last_s * hz], sampling_rate=hz)
        return np.asarray(found["ECG_R_Peaks"], dtype=np.int64)

    def window(of: NDArray[np.int64], end_s: int) -> NDArray[np.int64]:
        return of[(of >= (end_s - WINDOW_S) * hz) & (of < end_s * hz)]

    def answer(seconds: int) -> list[str | None]:
        found = peaks(0, seconds)
        unknown: list[str | None] = [None] * (WINDOW_S // EPOCH_S - 1)
        ends = range(WINDOW_S, seconds + 1, EPOCH_S)
        return unknown + [_rmssd(nk.hrv_time(window(found, end), sampling_rate=hz)) for end in ends]

    middle = session.seconds // 2
    session.answer(
        "R peaks of the night, time-domain HRV of each 5 min",
        answer,
        answers="RMSSD of the last 5 min, whole ms",
        label_s=EPOCH_S,
        one_more=lambda: nk.hrv_time(peaks(middle - WINDOW_S, middle), sampling_rate=hz),
    )
    found = session.time("R peaks of the night alone", lambda: peaks(0, session.seconds))
    ends = range(WINDOW_S, session.seconds + 1, EPOCH_S)
    some = ends[::EVERY]
    session.time(
        "all its HRV measures of each 5 min",
        lambda: [nk.hrv(window(found, end), sampling_rate=hz) for end in some],
        share=len(some) / len(ends),
    )
    session.write()


def _rmssd(measures: Any) -> str | None:
    value = float(measures["HRV_RMSSD"].iloc[0])
    return str(round(value)) if math.isfinite(value) else None


if __name__ == "__main__":
    main()
