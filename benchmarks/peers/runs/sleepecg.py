"""SleepECG: stages from heartbeats; its weights are in the package and run on Keras with torch."""

from __future__ import annotations

from datetime import time
from functools import cache
from typing import Any

from benchmarks.peers.session import Session

CLASSIFIER = "wrn-gru-mesa-weighted"


def main() -> None:
    """Stage the night, and its first half."""
    session = Session("sleepecg", "sleepecg.io.sleep_readers")
    sleepecg, readers = session.modules
    beats_s = session.array("beats")[:, 0] / 1e9
    millivolts, hz = session.array("ecg"), session.note["ecg_hz"]
    somebody = readers.SubjectData(age=40, gender=0)

    @cache
    def classifier() -> Any:
        return sleepecg.load_classifier(CLASSIFIER, "SleepECG")

    def stages(seconds: int) -> list[str | None]:
        record = sleepecg.SleepRecord(
            sleep_stage_duration=30,
            heartbeat_times=beats_s[beats_s < seconds],
            recording_start_time=time(23, 0),
            subject_data=somebody,
        )
        return [str(stage) for stage in sleepecg.stage(classifier(), record, return_mode="int").tolist()]

    session.answer("stages of the night from beats", stages, answers="wake, NREM, REM", label_s=30)
    session.time("R peaks of the night from ECG", lambda: sleepecg.detect_heartbeats(millivolts, hz))
    session.write()


if __name__ == "__main__":
    main()
