"""What follows from the first evening and from this one, for whoever wires a night."""

from __future__ import annotations

from datetime import date

from vigil.app.evening_file import evening_of, read_taps
from vigil.app.home import Home
from vigil.app.setup_file import read_answers
from vigil.app.tonight import Tonight
from vigil.domain.errors import InputError
from vigil.interview.consequences import Known, Standing, consequences, unreadable
from vigil.interview.evening import Stricter, for_tonight, strictest


def standing(home: Home) -> Standing:
    """What the answers of the first evening lead to.

    It never raises: without answers, or with a file that cannot be read, Vigil only watches, and says why.
    """
    kept = read_answers(home.setup_file)
    return unreadable(f"{kept.trouble}.") if kept.trouble else consequences(kept.interview.answers)


def tonights_strictness(home: Home, local_date: date) -> Stricter:
    """How much stricter the night of that evening is (`evening_of` gives it); the strictest where it cannot be read."""
    try:
        return for_tonight(read_taps(home.evening_file, local_date))
    except InputError:
        return strictest()


def as_said(home: Home, tonight: Tonight, wall_ms: int) -> Tonight:
    """Tonight, stricter where the person's own answers ask for it; a simulated sleeper needs no setting up."""
    known, taps = standing(home), tonights_strictness(home, evening_of(wall_ms))
    return tonight.stricter(None if known.known is Known.NOTHING else known, taps)
