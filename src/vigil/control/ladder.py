"""How far the ladder of an output was climbed in one episode: one step at a time, each after a look at the answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from vigil.control.observed import Observed
from vigil.domain.guard_memory import is_whole
from vigil.domain.permits import PERMIT_LIFE_NS
from vigil.domain.plain import register
from vigil.domain.requests import Output
from vigil.domain.steps import LADDERS, Step, step_of


@register
@dataclass(slots=True)
class Climb:
    """How far the ladder was climbed in one episode.

    level: of the last permit, 0 before the first. permit: its serial number. issued_ns: when it was issued; from_ns:
    from when its answer is observed. taken, failed: what the output said of it. woke: the sleeper's mark since.
    train_ms: how long the train lasts. observed: what the body has done since.
    """

    episode: int = 0
    level: int = 0
    permit: int = 0
    issued_ns: int = 0
    from_ns: int = 0
    taken: bool = False
    failed: bool = False
    woke: bool = False
    train_ms: int = 0
    observed: Observed = field(default_factory=Observed)

    def take(self, at_ns: int) -> None:
        """The output took the permit; the answer counts from then, or from its issue if that instant cannot be."""
        self.taken = True
        possible = is_whole(at_ns, self.issued_ns, self.issued_ns + PERMIT_LIFE_NS)
        self.from_ns = at_ns if possible else self.issued_ns

    def next_step(self, output: Output, top_level: int) -> Step | None:
        """One step up; after a failure the same or a lower one, never stronger (reliability F10). None at the top."""
        level = min(self.level, len(LADDERS[output])) if self.failed else self.level + 1
        return step_of(output, level) if level <= top_level else None
