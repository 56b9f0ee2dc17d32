"""YASA: stages from one EEG channel; its weights are in the package."""

from __future__ import annotations

import logging

from benchmarks.peers.session import Session


def main() -> None:
    """Stage the night, and its first half."""
    session = Session("yasa", "mne")
    yasa, mne = session.modules
    mne.set_log_level("ERROR")
    logging.disable(logging.WARNING)
    volts, hz = session.array("eeg"), session.note["eeg_hz"]

    def stages(seconds: int) -> list[str | None]:
        raw = mne.io.RawArray(volts[None, : seconds * hz], mne.create_info(["C4"], hz, "eeg"), verbose=False)
        found = yasa.SleepStaging(raw, eeg_name="C4").predict()
        return [str(stage) for stage in getattr(found, "hypno", found)]

    session.answer("stages of the night from one EEG channel", stages, answers="W, N1, N2, N3, REM", label_s=30)
    session.write()


if __name__ == "__main__":
    main()
