"""How a wearable is kept through a night, as a table: in which state what happens leads where, and after how long.

It is looked for again for as long as the night lasts. What differs is how long is waited before the next try: hardly
at all for one that was not heard, since looking is waiting; longer and longer, up to a minute, for one that is there
and will not be talked to (reliability F2); never longer than ten seconds for a radio that is not there, since nobody
says when it is back. So a wearable that is there again is listened to within half a minute (reliability D5); one that
was there all the time and refused, when its pause is over, a minute at most and its jitter, and the next try succeeds.
"""

from __future__ import annotations

from enum import Enum
from random import Random


class State(Enum):
    """Where a wearable stands."""

    LOOKING = "looking for it"
    JOINING = "connecting"
    LISTENING = "listening"
    PAUSING = "waiting to try again"


class Happening(Enum):
    """What can happen to it."""

    HEARD = "it was heard"
    UNHEARD = "it was not heard"
    NO_RADIO = "the radio did not work"
    JOINED = "it was connected"
    REFUSED = "it did not let itself be connected"
    LOST = "the connection broke"
    SILENT = "it stayed connected and said nothing"
    WAITED = "the pause is over"


TABLE: dict[tuple[State, Happening], State] = {
    (State.LOOKING, Happening.HEARD): State.JOINING,
    (State.LOOKING, Happening.UNHEARD): State.PAUSING,
    (State.LOOKING, Happening.NO_RADIO): State.PAUSING,
    (State.JOINING, Happening.JOINED): State.LISTENING,
    (State.JOINING, Happening.REFUSED): State.PAUSING,
    (State.LISTENING, Happening.LOST): State.PAUSING,
    (State.LISTENING, Happening.SILENT): State.PAUSING,
    (State.PAUSING, Happening.WAITED): State.LOOKING,
}
"""Everything that can happen in each state; there is nothing else."""

LOOK_S = 10.0
"""How long is listened for it at a time: ten of the slowest common advertising intervals, 1 s. Our choice."""

SILENT_S = 10.0
"""A connection that says nothing at all for this long has ended without saying so (reliability F2)."""

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S: dict[Happening, float] = {
    Happening.UNHEARD: 1.0,
    Happening.NO_RADIO: 10.0,
    Happening.REFUSED: 60.0,
    Happening.LOST: 1.0,
    Happening.SILENT: 1.0,
}
"""The longest pause after each; it doubles from `FIRST_PAUSE_S` with each failure of the same kind in a row."""

JITTER = 0.25
"""A pause is longer or shorter by up to this share, so that two who failed together do not go on failing together
(the usual cure; the share is our choice)."""


def after(state: State, happening: Happening) -> State:
    """The next state; raises KeyError for what cannot happen there."""
    return TABLE[state, happening]


def pause_s(happening: Happening, in_a_row: int, chance: Random) -> float:
    """Seconds to wait after `in_a_row` failures of this kind, 1 for the first."""
    doubled = FIRST_PAUSE_S * 2.0 ** min(in_a_row - 1, 10)
    return min(doubled, LONGEST_PAUSE_S[happening]) * (1 + JITTER * (2 * chance.random() - 1))
