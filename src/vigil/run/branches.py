"""Several thresholds following one perception of a night, each with its own episodes, control, guard and shadow nudges.

Most steps are quiet at most thresholds: no suspicion, evidence below the bound, nothing in the way. Such a step would
change nothing in the detector or in control (a suspicion cannot be raised, and control would only say again that it
watches), so it is not shown to them. Where anything else is the case the whole of `night.deciding` runs; a test holds
that the branch at factor 1 gives exactly what `replay` gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from vigil.control.controller import Controller
from vigil.control.guard import Facts
from vigil.domain.nudges import EpisodeKind, WatchState
from vigil.domain.records import Input, OutputAcknowledged, SuspicionRaised
from vigil.domain.settings import Settings
from vigil.engine.engine import SleepEngine
from vigil.engine.episode_bounds import EpisodeBounds
from vigil.engine.follower import UPRIGHT_STEPS, Follower
from vigil.engine.parameters import Parameters
from vigil.engine.scene import Perceived
from vigil.night.deciding import decide


@dataclass(frozen=True, slots=True)
class Noted:
    """What came of one step at one threshold. kind: of a suspicion that was raised, None for an intervention."""

    branch: int
    at_ns: int
    kind: EpisodeKind | None


@dataclass(slots=True)
class Branch:
    """One threshold. bound: the score at which it raises a suspicion. nudged: the last episode it intervened in."""

    bound: float
    follower: Follower
    controller: Controller
    nudged: int = 0
    raised: int = 0

    def is_idle(self, score: float) -> bool:
        """Whether a step without hindrances and with this score changes nothing here."""
        detector = self.follower.detector
        return (
            score < self.bound
            and detector.suspicion is None
            and detector.armed
            and self.controller.state is WatchState.WATCHING
        )


@dataclass(slots=True)
class Branches:
    """The thresholds, in the order of the factors they were made of. left: those that nobody asks any more."""

    branches: list[Branch]
    left: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, parameters: Parameters, factors: Sequence[float], settings: Settings | None = None) -> Branches:
        """One branch a factor, with the shipped settings unless told otherwise."""
        bounds, chosen = EpisodeBounds.of(parameters.episodes), settings or Settings()
        return cls(
            [
                Branch(bounds.threshold * factor, Follower.of(bounds, factor), Controller.with_settings(chosen))
                for factor in factors
            ]
        )

    def note(self, record: Input) -> None:
        """Show an input to every guard; samples of heart and movement need not be shown."""
        for branch in self.branches:
            branch.controller.note(record)

    def look(self, perceived: Perceived, engine: SleepEngine, *, epoch_end: bool) -> list[Noted]:
        """Take one step at every threshold; the suspicions raised and interventions made, in order of the branches."""
        scene = perceived.scene
        hindered = self._hindered(perceived)
        noted: list[Noted] = []
        for index, branch in enumerate(self.branches):
            if (hindered or not branch.is_idle(scene.score)) and index not in self.left:
                _look(index, branch, perceived, engine, epoch_end, noted)
        return noted

    def _hindered(self, perceived: Perceived) -> bool:
        """Whether anything but caps stands in the way: the same for every branch, since all heard the same inputs."""
        heart = perceived.scene.heart
        upright = (perceived.scene.motion.steps_60 or 0) >= UPRIGHT_STEPS
        facts = Facts(perceived.scene.at_ns, heart.quality, heart.age_ms, heart.good_since_ns, 0, upright)
        return bool(self.branches and self.branches[0].controller.guard.hindrances(facts))


def _look(
    index: int, branch: Branch, perceived: Perceived, engine: SleepEngine, epoch_end: bool, noted: list[Noted]
) -> None:
    """One step of one branch in full; a permit is acknowledged in shadow one nanosecond later, as the runner does."""
    look = branch.follower.look(perceived, engine)
    for output in look.outputs:
        if isinstance(output, SuspicionRaised) and output.suspicion.episode != branch.raised:
            branch.raised = output.suspicion.episode
            noted.append(Noted(index, look.at_ns, output.suspicion.kind))
    decision = decide(branch.controller, look, epoch_end=epoch_end)
    if decision is None or decision.permit is None:
        return
    branch.controller.note(OutputAcknowledged(look.at_ns + 1, decision.permit.serial, shadow=True))
    if decision.permit.request.episode != branch.nudged:
        branch.nudged = decision.permit.request.episode
        noted.append(Noted(index, look.at_ns, None))
