"""scikit-digital-health: the sleep window, and sleep or wake in each minute of it, from acceleration."""

from __future__ import annotations

import numpy as np

from benchmarks.peers.session import Session

BEGINS_S = 1_700_000_000 - 1_700_000_000 % 86_400 + 21 * 3600
"""It wants a time of day: the night begins at 21:00, so that it fits between noon and noon."""


def main() -> None:
    """Sleep and wake of the night and of its first half."""
    session = Session("skdh", "skdh.preprocessing", "skdh.sleep")
    _, preprocessing, sleep = session.modules
    hz = float(session.note["motion_hz"])
    g = session.array("motion") / 1000
    time_s = BEGINS_S + np.arange(len(g)) / hz

    def answer(seconds: int) -> list[str | None]:
        count = int(seconds * hz)
        time, accel = time_s[:count], g[:count]
        days = preprocessing.GetDayWindowIndices(bases=[12], periods=[24]).predict(time=time, fs=hz)
        process = sleep.Sleep(min_day_hours=0, save_per_minute_results=True)
        process.predict(**{**days, "time": time, "accel": accel, "fs": hz})
        minutes: list[str | None] = ["outside the sleep window"] * (seconds // 60)
        for asleep, (first, last) in zip(
            process.sleep_aux["rest predictions"], process.sleep_aux["tso indices"], strict=True
        ):
            minutes[first:last] = ["asleep" if minute else "awake" for minute in asleep[first:last]]
        return minutes

    session.answer(
        "sleep window, sleep and wake by minute, endpoints, from raw acceleration",
        answer,
        answers="asleep, awake, outside the sleep window",
        label_s=60,
    )
    session.notes.append("told to take days of less than 6 h; as it comes, it says nothing of half a night")
    session.write()


if __name__ == "__main__":
    main()
