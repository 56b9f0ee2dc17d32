"""The ladder of each output: what a step is, from the least to the most that is ever asked for.

The model is the best documented ladder of vibrations given in sleep, that of Night Shift (mission 2.9): a train of
single pulses, one every other second, six of them, lowest strength first, one step up if the body does not answer. Ours
varies it, each number our own choice: a pulse a second, fewer pulses on the lower steps, because a train wakes as a
single pulse some 15 to 25 dB stronger would (mission 5.4), and trains so short that three whole ladders of vibration
stay within the 60 s of a night (DESIGN section 5). Sound is a soft tone that comes and goes slowly. Light is one steady
glow: it never flashes. The guard holds ceilings of its own (`guard.STRENGTH_CEILING`, step by step, and
`guard.DURATION_CEILING_MS`).
"""

from __future__ import annotations

from dataclasses import dataclass

from vigil.domain.requests import Output
from vigil.domain.units import NS_PER_MINUTE


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `pulses` pulses of `on_ms` with `off_ms` between them, at `strength_percent` of what the output can."""

    level: int
    pulses: int
    on_ms: int
    off_ms: int
    strength_percent: int

    @property
    def duration_ms(self) -> int:
        """Length of the whole train in milliseconds, its pauses between pulses counted as output too."""
        return self.pulses * self.on_ms + (self.pulses - 1) * self.off_ms


LADDERS: dict[Output, tuple[Step, ...]] = {
    Output.VIBRATION: (
        # Half the pulses of Night Shift at first and all six only at the top; short pulses, then as long as the pause.
        Step(level=1, pulses=3, on_ms=200, off_ms=800, strength_percent=25),
        Step(level=2, pulses=4, on_ms=300, off_ms=700, strength_percent=40),
        Step(level=3, pulses=5, on_ms=400, off_ms=600, strength_percent=60),
        Step(level=4, pulses=6, on_ms=500, off_ms=500, strength_percent=80),
    ),
    Output.SOUND: (
        # Strengths are of the volume the person tried and allowed at setup, never of what the loudspeaker can.
        Step(level=1, pulses=2, on_ms=1000, off_ms=1000, strength_percent=20),
        Step(level=2, pulses=2, on_ms=1500, off_ms=1000, strength_percent=35),
        Step(level=3, pulses=3, on_ms=1200, off_ms=700, strength_percent=50),
    ),
    Output.LIGHT: (
        # One pulse: a glow that comes and goes once. Anything that blinks could harm, and startles.
        Step(level=1, pulses=1, on_ms=4000, off_ms=0, strength_percent=5),
        Step(level=2, pulses=1, on_ms=5000, off_ms=0, strength_percent=10),
        Step(level=3, pulses=1, on_ms=5000, off_ms=0, strength_percent=20),
    ),
}


ECHO_S = 20
"""Seconds after a train in which its expected echo is seen: a few beats a minute for 10 to 20 s (mission 5.4). A rise
within them is no escalation."""

SHAKEN_S = 5
"""Seconds after a train for which the wrist's own movement is not believed: an actuator runs out, and a wearable's rows
come late. Our choice."""


def step_of(output: Output, level: int) -> Step | None:
    """The step of an output at a level counted from 1, or None where its ladder has no such step."""
    ladder = LADDERS[output]
    return ladder[level - 1] if 1 <= level <= len(ladder) else None


LATE: tuple[tuple[int, int], ...] = ((5 * 60 * NS_PER_MINUTE, 70), (3 * 60 * NS_PER_MINUTE, 85))
"""So long after lights-out a step is given at so many percent of its strength: the threshold of waking falls as sleep
accumulates (Rechtschaffen 1966, mission 5.4). The sizes are our choice."""


def strength_at(step: Step, since_lights_out_ns: int) -> int:
    """The strength of a step so long after lights-out, in percent, at least 1: lower late in the night."""
    percent = next((percent for from_ns, percent in LATE if since_lights_out_ns >= from_ns), 100)
    return max(1, step.strength_percent * percent // 100)
