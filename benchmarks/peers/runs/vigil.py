"""Vigil: the same night from arrays at once, and second by second as a live night goes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.night import recording
from benchmarks.peers.session import EPOCH_S, Session
from benchmarks.peers.synthetic_night import beats_of
from vigil.app.wiring import packaged_parameters
from vigil.domain.records import Input, NightBegan, NightEnded, Tick
from vigil.domain.samples import AccelerationBlock, BeatInterval
from vigil.domain.units import NS_PER_S
from vigil.night.night_watch import NightWatch
from vigil.night.report import NightReport
from vigil.run.hands import Hands
from vigil.run.ports import NoKeeper
from vigil.run.replay import Outfit, replay
from vigil.run.runner import NightRunner
from vigil.signal.motion import SecondsReducer


@dataclass(frozen=True, slots=True)
class Arrays:
    """The night as read. mg: (n, 3) milli-g at `hz`."""

    mg: NDArray[np.int16]
    beats: list[BeatInterval]
    hz: int

    def until(self, seconds: int) -> Arrays:
        """Its first so many seconds."""
        return Arrays(
            self.mg[: seconds * self.hz],
            [beat for beat in self.beats if beat.at_ns <= seconds * NS_PER_S],
            self.hz,
        )

    def seconds(self) -> Iterator[tuple[AccelerationBlock, list[BeatInterval]]]:
        """Second by second: the acceleration in it, and the beats known by its end."""
        beats = deque(self.beats)
        period_ns = NS_PER_S // self.hz
        for second in range(len(self.mg) // self.hz):
            heard = []
            while beats and beats[0].at_ns <= (second + 1) * NS_PER_S:
                heard.append(beats.popleft())
            block = self.mg[second * self.hz : (second + 1) * self.hz]
            yield AccelerationBlock(second * NS_PER_S, period_ns, block), heard


def replayed(night: Arrays) -> NightReport:
    """The night as a recording through the engine, control and transcript."""
    return replay(recording(night.mg, night.beats), Outfit(packaged_parameters()))


def live(night: Arrays) -> NightReport:
    """The night as it comes: a second of samples, then a tick."""
    runner = NightRunner(NightWatch(packaged_parameters()), NoKeeper(), Hands.shadows())
    runner.deliver(NightBegan(0, night="bench"))
    reducer = SecondsReducer()
    ends_ns = 0
    for block, beats in night.seconds():
        ends_ns += NS_PER_S
        heard: list[Input] = [*reducer.push(block), *beats]
        heard.sort(key=_instant)
        for record in heard:
            runner.deliver(record)
        runner.deliver(Tick(ends_ns))
    runner.deliver(NightEnded(ends_ns))
    return runner.report()


def _instant(record: Input) -> int:
    return record.at_ns


def stages(report: NightReport) -> list[str | None]:
    """The stage of each epoch as it was given at its end."""
    return [epoch.stage.value for epoch in report.epochs]


def main(argv: Sequence[str] | None = None) -> None:
    """Replay the night and its first half, and live it once more."""
    session = Session("vigil", argv=argv)
    night = Arrays(session.array("motion"), beats_of(session.array("beats")), session.note["motion_hz"])
    session.answer(
        "the night from raw acceleration and beats, through all of Vigil",
        lambda seconds: stages(replayed(night.until(seconds))),
        answers="wake, light, deep, REM",
        label_s=EPOCH_S,
    )
    lived = session.live("lived second by second", lambda: live(night))
    same = lived.digests == replayed(night).digests
    session.notes.append(f"live and replay say {'the same, to the bit' if same else 'DIFFERENT things'}")
    session.write()


if __name__ == "__main__":
    main()
