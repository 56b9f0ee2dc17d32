"""Where the watch stands, and every way from one state to the next, as one table.

How to read it: `TRANSITIONS[state, event]` is the state that follows; a pair that is not there cannot happen, and to
ask for it is an error in the program. The rules, in words:

- The watch starts BLIND and must be shown good data. Losing them blinds it from anywhere, whatever was going on.
- Good data lead to SETTLING, where it stays for the first minutes of the night and of every run of good data.
- Settled in, it is WATCHING. A suspicion makes it SUSPECTING; when that clears without a nudge, it watches again.
- A permit makes it NUDGING. Once the output took it, or could have taken it, it is OBSERVING the answer; if the output
  failed outright, nothing was felt and it is SUSPECTING again.
- An answer that the body settled, or that the sleeper woke, ends the ladder: RESTING. No change leads back to
  SUSPECTING for one step more, or to RESTING (stood down) where there is none or the night is not for nudging.
- RESTING lasts until the suspicion is gone: the body has recovered. No clock ends it.
- HELD comes from anywhere and leads back only through BLIND, where good data count from the start again.
- The end of the night blinds it for good.
"""

from __future__ import annotations

from enum import Enum

from vigil.domain.nudges import WatchState


class WatchEvent(Enum):
    """What moves the watch from one state to another."""

    DATA_GOOD = "data_good"
    DATA_LOST = "data_lost"
    SETTLED_IN = "settled_in"
    RAISED = "raised"
    CLEARED = "cleared"
    PERMITTED = "permitted"
    ACKNOWLEDGED = "acknowledged"
    UNCONFIRMED = "unconfirmed"
    """the permit ran out and nobody said that it was taken: possibly happened"""
    FAILED = "failed"
    ANSWER_SETTLED = "answer_settled"
    ANSWER_UNCHANGED = "answer_unchanged"
    ANSWER_WOKE = "answer_woke"
    STOOD_DOWN = "stood_down"
    """no step is left, or the night is not for nudging"""
    HELD = "held"
    RELEASED = "released"
    NIGHT_OVER = "night_over"


TRANSITIONS: dict[tuple[WatchState, WatchEvent], WatchState] = {
    (WatchState.BLIND, WatchEvent.DATA_GOOD): WatchState.SETTLING,
    (WatchState.SETTLING, WatchEvent.SETTLED_IN): WatchState.WATCHING,
    (WatchState.WATCHING, WatchEvent.RAISED): WatchState.SUSPECTING,
    (WatchState.SUSPECTING, WatchEvent.CLEARED): WatchState.WATCHING,
    (WatchState.SUSPECTING, WatchEvent.PERMITTED): WatchState.NUDGING,
    (WatchState.SUSPECTING, WatchEvent.STOOD_DOWN): WatchState.RESTING,
    (WatchState.NUDGING, WatchEvent.ACKNOWLEDGED): WatchState.OBSERVING,
    (WatchState.NUDGING, WatchEvent.UNCONFIRMED): WatchState.OBSERVING,
    (WatchState.NUDGING, WatchEvent.FAILED): WatchState.SUSPECTING,
    (WatchState.OBSERVING, WatchEvent.ANSWER_SETTLED): WatchState.RESTING,
    (WatchState.OBSERVING, WatchEvent.ANSWER_WOKE): WatchState.RESTING,
    (WatchState.OBSERVING, WatchEvent.ANSWER_UNCHANGED): WatchState.SUSPECTING,
    (WatchState.RESTING, WatchEvent.CLEARED): WatchState.WATCHING,
    (WatchState.HELD, WatchEvent.RELEASED): WatchState.BLIND,
    **{(state, WatchEvent.DATA_LOST): WatchState.BLIND for state in WatchState if state is not WatchState.HELD},
    **{(state, WatchEvent.HELD): WatchState.HELD for state in WatchState},
    **{(state, WatchEvent.NIGHT_OVER): WatchState.BLIND for state in WatchState},
}


def after(state: WatchState, event: WatchEvent) -> WatchState:
    """The state that follows; raises ValueError for a pair that cannot happen (a programming error)."""
    following = TRANSITIONS.get((state, event))
    if following is None:
        message = f"the watch cannot take '{event.value}' while it is {state.value}; its state was left as it was"
        raise ValueError(message)
    return following
