"""What a night would bring if nobody touched the sleeper: a frozen value, revised only forward when somebody does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TypeVar

from vigil.domain.sleep import AasmStage
from vigil.domain.units import EPOCH_S
from vigil.recordings.synthetic.distractors import Distractor
from vigil.recordings.synthetic.drives import Level, Move, Surge
from vigil.recordings.synthetic.episodes import Episode

DROWSY_EPOCHS = 2
"""Epochs of N1 on the way back to sleep after an awakening [A]."""


class TroubleKind(Enum):
    """What can be wrong with the wearable."""

    HEART_GAP = "heart gap"
    LINK = "link"
    OFF_WRIST = "off wrist"
    FROZEN = "frozen"
    MOVING = "moving"
    """heart rate lost for a while because the wrist moved: comes about in the sensor, never planned"""


@dataclass(frozen=True, slots=True)
class Trouble:
    """The wearable in trouble in the seconds after `from_s`, up to `to_s`."""

    kind: TroubleKind
    from_s: int
    to_s: int


@dataclass(frozen=True, slots=True)
class NightPlan:
    """One night as it would go.

    stages: of consecutive 30-s epochs from lights-out, before awakenings are laid over them.
    distractors: what is not a nightmare, ordinary arousals and turns among them.
    awakenings: spans [from_s, to_s) in which a nudge has woken the sleeper. responses: surges that nudges caused.
    shakes: vibrations, which the wrist carries and the sleeper does not make.
    battery_percent: charge at lights-out, falling by `battery_per_h`; None where the wearable does not say.
    """

    name: str
    stages: tuple[AasmStage, ...]
    episodes: tuple[Episode, ...] = ()
    distractors: tuple[Distractor, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    battery_percent: int | None = None
    battery_per_h: float = 1.5
    awakenings: tuple[tuple[int, int], ...] = ()
    responses: tuple[Surge, ...] = field(default=())
    response_moves: tuple[Move, ...] = field(default=())
    shakes: tuple[Move, ...] = field(default=())

    @property
    def length_s(self) -> int:
        """Seconds from lights-out to the end."""
        return len(self.stages) * EPOCH_S

    def awake_spans(self) -> tuple[tuple[int, int], ...]:
        """Spans of seconds laid over the stages as wake: after nightmares, out of bed, after nudges."""
        dreams = [(e.end_s, e.end_s + e.awake_s) for e in self.episodes if e.awake_s > 0]
        others = [(d.from_s, d.to_s) for d in self.distractors if d.awake]
        return (*dreams, *others, *self.awakenings)

    def scoring(self) -> tuple[AasmStage, ...]:
        """What a scorer would write: an epoch is wake if half of it or more is, and sleep comes back through N1."""
        scored = list(self.stages)
        for from_s, to_s in sorted(self.awake_spans()):
            first = (from_s + EPOCH_S // 2) // EPOCH_S
            last = (to_s + EPOCH_S // 2 - 1) // EPOCH_S
            for index in range(max(0, first), min(len(scored), last + 1 + DROWSY_EPOCHS)):
                drowsy = index > last and scored[index] is not AasmStage.WAKE
                scored[index] = AasmStage.N1 if drowsy else AasmStage.WAKE
        return tuple(scored)

    def surges(self) -> Iterable[Surge | Level]:
        """All that is added to the heart rate."""
        for episode in self.episodes:
            yield from episode.surges()
        for event in self.distractors:
            yield from event.surges
            yield from event.levels
        yield from self.responses

    def moves(self) -> list[Move]:
        """All movements of the sleeper, in order."""
        found = [move for episode in self.episodes for move in episode.moves()]
        found += [move for event in self.distractors for move in event.moves]
        return sorted((*found, *self.response_moves), key=lambda move: (move.at_s, move.mg))

    def episode_at(self, at_s: int) -> Episode | None:
        """The nightmare going on at this second, if any."""
        return next((e for e in self.episodes if e.onset_s <= at_s < e.end_s), None)

    def awake_at(self, at_s: int) -> bool:
        """Whether the sleeper is awake at this second."""
        if any(from_s <= at_s < to_s for from_s, to_s in self.awake_spans()):
            return True
        return self.stage_at(at_s) is AasmStage.WAKE

    def stage_at(self, at_s: int) -> AasmStage:
        """The stage before awakenings are laid over it; the last one after the end."""
        return self.stages[min(at_s // EPOCH_S, len(self.stages) - 1)]

    def answering(self, response: Surge) -> NightPlan:
        """The night after a nudge that was felt and changed nothing else."""
        return replace(self, responses=(*self.responses, response))

    def settled(self, at_s: int, fall_s: float) -> NightPlan:
        """The night in which the nightmare going on at `at_s` ends there. Without one, the same night."""
        return replace(
            self, episodes=tuple(e.ended(at_s, fall_s) if e.onset_s <= at_s < e.end_s else e for e in self.episodes)
        )

    def woken(self, from_s: int, to_s: int, moves: tuple[Move, ...]) -> NightPlan:
        """The night in which the sleeper is awake in [from_s, to_s): what needs sleep stops, or does not come."""
        over = NightPlan.settled(self, from_s, (to_s - from_s) / 8)
        return replace(
            over,
            episodes=tuple(e for e in over.episodes if not from_s <= e.onset_s < to_s),
            distractors=tuple(kept for d in over.distractors if (kept := _interrupted(d, from_s, to_s)) is not None),
            awakenings=(*over.awakenings, (from_s, to_s)),
            response_moves=(*over.response_moves, *moves),
        )


_Timed = TypeVar("_Timed", Surge, Move)


def _interrupted(event: Distractor, from_s: int, to_s: int) -> Distractor | None:
    """What is left of an event when the sleeper wakes at `from_s` until `to_s`; None for nothing."""
    if not event.asleep or event.to_s <= from_s or event.from_s >= to_s:
        return event
    if event.from_s >= from_s:
        return None

    def before(items: tuple[_Timed, ...], cut: Callable[[_Timed], _Timed]) -> tuple[_Timed, ...]:
        return tuple(cut(item) for item in items if item.at_s < from_s)

    surges = before(event.surges, lambda surge: surge.cut(from_s, surge.fall_s) if surge.hold_s else surge)
    moves = before(event.moves, lambda move: replace(move, length_s=min(move.length_s, from_s - move.at_s)))
    return replace(event, to_s=from_s, surges=surges, moves=moves)
