"""Canonical lines and the chain of digests."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vigil.domain import permits
from vigil.domain.nudges import Action, Decision, Ledger, LedgerRow, Reason, ReasonCode, Unit, WatchState
from vigil.domain.permits import Permit
from vigil.domain.plain import dumps, loads
from vigil.domain.records import Held, NightBegan
from vigil.domain.requests import NudgeRequest, Output, Purpose
from vigil.domain.samples import BeatInterval, Contact, HeartSample, MotionSummary
from vigil.domain.units import NS_PER_MINUTE, NS_PER_S
from vigil.night.transcript import Chain, Transcript, canonical

ROW = LedgerRow("n", 1, "boot", 50, None, Purpose.NUDGE, 1, Output.SOUND, 1, 100)


def test_times_are_relative_to_the_beginning() -> None:
    """A night moved in time has the same lines, whatever the record."""
    reason = Reason(ReasonCode.EVIDENCE, 1 / 3, 1.0, Unit.SCORE)
    for make in (
        lambda t: HeartSample(t, 600),
        lambda t: BeatInterval(t, 1000, clean=False),
        lambda t: MotionSummary(t, 1000, 20, (1, 2, 3), (4, 5, 6), None, 7),
        lambda t: Contact(t, on=True),
        lambda t: Held(t, t + 5),
        Held,
        lambda t: Decision(t, WatchState.WATCHING, Action.NOTHING, (reason,)),
        lambda t: NightBegan(t, ledger=Ledger((ROW,))),
        lambda t: Decision(
            t,
            WatchState.NUDGING,
            Action.NUDGE,
            (reason,),
            1,
            Permit(
                key=permits._KEY,
                serial=2,
                request=NudgeRequest(Purpose.NUDGE, 1, Output.SOUND, 1, 5, 20),
                issued_ns=t,
            ),
        ),
    ):
        assert canonical(make(7), 0) == canonical(make(1007), 1000), make(7)


def test_every_field_is_in_the_line() -> None:
    """Two records that differ in anything have different lines."""
    whole = MotionSummary(5, 1000, 20, (1, 2, 3), (4, 5, 6), (7, 8, 9), 2)
    for field, other in (
        ("at_ns", 6),
        ("duration_ms", 30_000),
        ("range_mg", None),
        ("low_mg", (1, 2, 4)),
        ("high_mg", None),
        ("mean_mg", (0, 0, 0)),
        ("steps", None),
    ):
        changed = MotionSummary(**{**{f: getattr(whole, f) for f in MotionSummary.__slots__}, field: other})
        assert canonical(changed, 0) != canonical(whole, 0)


def test_floats_are_written_to_nine_digits() -> None:
    """A difference beyond them is no difference between nights."""
    line = canonical(Decision(0, WatchState.BLIND, Action.NOTHING, (Reason(ReasonCode.QUIET, 1 / 3),)), 0)
    assert "0.333333333," in line


def test_a_reason_is_written_in_full() -> None:
    """Code, value, bound and unit; a count stays a count, and what is absent is said to be."""
    assert canonical(Reason(ReasonCode.EVIDENCE, 1 / 3, 1.0, Unit.SCORE), 7) == "Reason(evidence,0.333333333,1,score)"
    assert canonical(Reason(ReasonCode.STEP_UP, 2, None), 7) == "Reason(step_up,2,None,)"


@given(st.lists(st.integers(0, 20), min_size=1, max_size=30), st.integers(0, 29))
def test_a_chain_survives_being_written_down(steps: list[int], cut: int) -> None:
    """Stopping anywhere and going on gives the same digest, and every line counts."""
    chain, resumed = Chain(), Chain()
    at_ns = 0
    for index, step in enumerate(steps):
        at_ns += step * 10 * NS_PER_S
        if index == cut:
            resumed = loads(dumps(resumed))
        chain.add(at_ns, f"line {index}")
        resumed.add(at_ns, f"line {index}")
    assert resumed.digest() == chain.digest()
    chain.add(at_ns, "one more")
    assert resumed.digest() != chain.digest()


def test_reading_a_digest_changes_nothing() -> None:
    """A digest may be taken in the middle of a minute."""
    asked, silent = Chain(), Chain()
    for second in (1, 2, 70):
        asked.add(second * NS_PER_S, str(second))
        silent.add(second * NS_PER_S, str(second))
        asked.digest()
    assert asked.digest() == silent.digest()


def test_the_minute_a_line_belongs_to_counts() -> None:
    """The same lines a minute later are another night."""
    early, late = Chain(), Chain()
    early.add(0, "x")
    late.add(NS_PER_MINUTE, "x")
    assert early.digest() != late.digest()


def test_inputs_and_outputs_have_chains_of_their_own() -> None:
    """What came in can be compared without what was said."""
    transcript = Transcript(0)
    before = transcript.outputs.digest()
    transcript.note_input(HeartSample(1, 600))
    assert transcript.outputs.digest() == before
    transcript.note_output(Decision(1, WatchState.BLIND, Action.NOTHING, (Reason(ReasonCode.NEVER_HEARD),)))
    assert transcript.outputs.digest() != before
