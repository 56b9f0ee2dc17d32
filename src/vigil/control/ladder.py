"""The ladder of each output: what a step is, from the least to the most that is ever asked for.

The model is the best documented ladder of vibrations given in sleep, that of Night Shift (mission 2.9): a train of
single pulses, one every other second, six of them, lowest strength first, one step up if the body does not answer. Ours
varies it, each number our own choice: a pulse a second, fewer pulses on the lower steps, because a train wakes as a
single pulse some 15 to 25 dB stronger would (mission 5.4), and trains so short that three whole ladders of vibration
stay within the 60 s of a night (DESIGN section 5). Sound is a soft tone that comes and goes slowly. Light is one steady
glow: it never flashes. The guard holds ceilings of its own (`guard.LEVEL_CEILING`, `guard.DURATION_CEILING_MS`).
"""

from __future__ import annotations

from dataclasses import dataclass

from vigil.domain.guard_memory import is_whole
from vigil.domain.permits import PERMIT_LIFE_NS
from vigil.domain.plain import register
from vigil.domain.requests import Output


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


def step_of(output: Output, level: int) -> Step | None:
    """The step of an output at a level counted from 1, or None where its ladder has no such step."""
    ladder = LADDERS[output]
    return ladder[level - 1] if 1 <= level <= len(ladder) else None


@register
@dataclass(slots=True)
class Climb:
    """How far the ladder was climbed in one episode.

    level: of the last permit, 0 before the first. permit: its serial number. issued_ns: when it was issued; from_ns:
    from when its answer is observed. taken, failed: what the output said of it. woke: the sleeper's mark since.
    """

    episode: int = 0
    level: int = 0
    permit: int = 0
    issued_ns: int = 0
    from_ns: int = 0
    taken: bool = False
    failed: bool = False
    woke: bool = False

    def take(self, at_ns: int) -> None:
        """The output took the permit; the answer counts from then, or from its issue if that instant cannot be."""
        self.taken = True
        possible = is_whole(at_ns, self.issued_ns, self.issued_ns + PERMIT_LIFE_NS)
        self.from_ns = at_ns if possible else self.issued_ns

    def next_step(self, output: Output, top_level: int) -> Step | None:
        """One step up; after a failure the same or a lower one, never stronger (reliability F10). None at the top."""
        level = min(self.level, len(LADDERS[output])) if self.failed else self.level + 1
        return step_of(output, level) if level <= top_level else None
