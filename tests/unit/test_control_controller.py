"""What is decided at each look, and why: a night told in looks of five seconds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hostile_night import BROKEN, HOUR, MINUTE, S
from vigil.control.controller import Controller
from vigil.control.view import View
from vigil.control.watch_state import WatchEvent
from vigil.domain.nudges import Action, Decision, EpisodeKind, Ledger, Reason, ReasonCode, Suspicion, Unit, WatchState
from vigil.domain.plain import dumps, loads
from vigil.domain.records import (
    ClockStepped,
    Held,
    Input,
    LinkLost,
    LinkRegained,
    Mark,
    Marked,
    Mode,
    NightBegan,
    NightEnded,
    OutputAcknowledged,
    OutputFailed,
    Released,
    Restarted,
    Tick,
)
from vigil.domain.requests import Output
from vigil.domain.samples import Quality
from vigil.domain.settings import CapSettings, Room, Settings

NOW = 100 * HOUR
STEP = 5 * S
SURGE = Reason(ReasonCode.HEART_SURGE, 14.0, 3.0, Unit.BPM)
STANDS = Reason(ReasonCode.EVIDENCE, 1.2, 1.0, Unit.SCORE)
BOTH = (Output.VIBRATION, Output.SOUND)


def suspicion(episode: int = 1, kind: EpisodeKind = EpisodeKind.NIGHTMARE_LIKE) -> Suspicion:
    """A suspicion that was raised a while ago."""
    return Suspicion(episode, kind, NOW - MINUTE, NOW - MINUTE, 1.2, (STANDS,))


@dataclass
class Night:
    """A controller three hours into an ordinary night, and the decisions it returned."""

    settings: Settings = field(default_factory=lambda: Settings(top_level=4))
    mode: Mode = Mode.ON
    at_ns: int = NOW
    said: list[Decision] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.controller = Controller.with_settings(self.settings)
        self.note(NightBegan(self.at_ns - 3 * HOUR, self.mode, "tonight", "this boot", heart_cadence_ms=5_000))

    def note(self, event: Input) -> None:
        self.controller.note(event)

    def view(self, **seen: Any) -> View:
        """A view with nothing going on in it."""
        at_ns = self.at_ns
        ordinary = View(at_ns, False, Quality.GOOD, 2_000, at_ns - HOUR, None, 0, 0.05, False, 14.0, 2.0, (SURGE,))
        return replace(ordinary, **seen)

    def look(self, dream: Suspicion | None = None, **seen: Any) -> Decision | None:
        """One look, and five seconds go by."""
        decision = self.controller.look(self.view(suspicion=dream, **seen))
        self.at_ns += STEP
        if decision is not None:
            self.said.append(decision)
        return decision

    def looks(self, count: int, dream: Suspicion | None = None, **seen: Any) -> list[Decision]:
        """Several looks; the decisions among them."""
        return [decision for _ in range(count) if (decision := self.look(dream, **seen)) is not None]

    def answered(self, dream: Suspicion, seconds: int) -> list[Decision]:
        """The output takes the last permit, and the body is looked at for so long."""
        self.acknowledge()
        return self.looks(seconds // 5, dream)

    def acknowledge(self) -> None:
        permit = next(one.permit for one in reversed(self.said) if one.permit is not None)
        self.note(OutputAcknowledged(self.at_ns - STEP, permit.serial))

    @property
    def state(self) -> WatchState:
        return self.controller.state


def must(decision: Decision | None) -> Decision:
    """A decision that must have been returned."""
    assert decision is not None
    return decision


def codes(decision: Decision | None) -> list[ReasonCode]:
    return [reason.code for reason in must(decision).reasons]


def levels(decisions: list[Decision]) -> list[int]:
    return [one.permit.request.level for one in decisions if one.permit is not None]


def test_it_starts_blind_and_must_be_shown_good_data() -> None:
    """Before the first heart rate there is nothing to go by, and that is the decision."""
    night = Night()
    assert night.state is WatchState.BLIND
    unheard = night.look(heart_quality=Quality.NEVER, heart_age_ms=None, good_since_ns=None)
    assert (codes(unheard), night.state) == ([ReasonCode.NEVER_HEARD], WatchState.BLIND)
    warming = night.look(good_since_ns=night.at_ns)
    assert (codes(warming), night.state) == ([ReasonCode.WARMING_UP, ReasonCode.HEART_SURGE], WatchState.SETTLING)
    assert codes(night.look()) == [ReasonCode.QUIET, ReasonCode.HEART_SURGE]
    assert night.said[-1].state is WatchState.WATCHING


def test_settling_in_lasts_from_lights_out_for_the_minutes_set() -> None:
    """The first half hour is shown as such, with how much of it has passed."""
    night = Night(Settings(settle_min=40))
    night.note(NightBegan(night.at_ns - 20 * MINUTE, Mode.ON, "tonight", "this boot"))
    settling = must(night.look(suspicion()))
    reason = settling.reasons[0]
    assert (reason.code, reason.value, reason.bound) == (ReasonCode.SETTLING_IN, 20, 40)
    assert settling.state is WatchState.SETTLING


QUALITIES = (
    (Quality.STALE, ReasonCode.DATA_STALE),
    (Quality.FLAT, ReasonCode.DATA_FLAT),
    (Quality.DOUBLED, ReasonCode.DATA_DOUBLED),
    (Quality.BAD, ReasonCode.DATA_BAD),
    (Quality.OFF_WRIST, ReasonCode.OFF_WRIST),
    (Quality.LINK_LOST, ReasonCode.LINK_LOST),
)


@pytest.mark.parametrize(("quality", "code"), QUALITIES)
def test_lost_data_blind_at_once_whatever_was_going_on(quality: Quality, code: ReasonCode) -> None:
    """A suspicion, a nudge or an answer under way is dropped when the data cannot be believed."""
    for looks in range(3):
        night = Night()
        dream = suspicion()
        night.looks(looks, dream)
        blind = night.look(dream, heart_quality=quality, heart_age_ms=40_000, good_since_ns=None)
        assert (codes(blind), must(blind).state) == ([code], WatchState.BLIND)


def test_a_stale_decision_says_how_old_and_how_old_is_too_old() -> None:
    """The age and its limit are in the reason."""
    night = Night()
    reason = must(night.look(heart_quality=Quality.STALE, heart_age_ms=40_000)).reasons[0]
    assert (reason.value, reason.bound, reason.unit) == (40.0, 15.0, Unit.SECONDS)


def test_a_nightmare_is_nudged_with_the_smallest_step_first() -> None:
    """The first nudge is the lowest step of the first output, with its reasons and the evidence."""
    night = Night()
    decision = must(night.look(suspicion()))
    permit = decision.permit
    assert permit is not None
    assert (permit.request.output, permit.request.level, permit.request.episode) == (Output.VIBRATION, 1, 1)
    assert (decision.action, decision.state, decision.episode) == (Action.NUDGE, WatchState.NUDGING, 1)
    expected = [ReasonCode.SMALLEST_FIRST, ReasonCode.WITHIN_CAPS, ReasonCode.HEART_SURGE, ReasonCode.EVIDENCE]
    assert codes(decision) == expected
    assert [(one.value, one.bound) for one in decision.reasons[:2]] == [(1, 4), (1, 4)]


def test_steps_go_up_one_at_a_time_each_after_a_full_look_at_the_answer() -> None:
    """With no change after thirty seconds comes the next step, until the ladder ends."""
    night = Night(Settings(top_level=3, caps=CapSettings(per_episode=4)))
    dream = suspicion()
    night.look(dream)
    for _ in range(3):
        assert levels(night.answered(dream, 25)) == []
        night.look(dream)
    assert levels(night.said) == [1, 2, 3]
    steps = [one for one in night.said if one.action is Action.NUDGE]
    assert all(later.at_ns - earlier.at_ns >= 30 * S for earlier, later in pairwise(steps))
    assert [one.code for one in steps[1].reasons[:3]] == [
        ReasonCode.UNCHANGED,
        ReasonCode.STEP_UP,
        ReasonCode.WITHIN_CAPS,
    ]
    assert (night.state, codes(night.said[-1])[:3]) == (
        WatchState.RESTING,
        [ReasonCode.UNCHANGED, ReasonCode.LADDER_ENDED, ReasonCode.RECOVERING],
    )


def test_after_the_ladder_it_rests_until_the_suspicion_is_gone_however_long_that_takes() -> None:
    """Recovery ends the rest, no clock does; the next episode starts at the lowest step."""
    night = Night(Settings(top_level=1))
    dream = suspicion()
    night.look(dream)
    night.answered(dream, 35)
    assert night.state is WatchState.RESTING
    assert levels(night.looks(12 * 60, dream)) == []
    assert night.state is WatchState.RESTING
    assert codes(night.look()) == [ReasonCode.QUIET, ReasonCode.HEART_SURGE]
    assert levels([must(night.look(suspicion(2)))]) == [1]


def test_a_new_episode_right_after_another_is_watched_anew() -> None:
    """Where one suspicion follows another without a pause, the rest ends with the first."""
    night = Night(Settings(top_level=1))
    night.look(suspicion(1))
    night.answered(suspicion(1), 35)
    decision = must(night.look(suspicion(2)))
    assert (decision.action, decision.episode) == (Action.NUDGE, 2)


def test_a_body_that_settled_ends_the_ladder() -> None:
    """When the suspicion clears, nothing more is done, and the answer is kept."""
    night = Night()
    night.look(suspicion())
    night.answered(suspicion(), 10)
    settled = must(night.look())
    assert (codes(settled)[0], settled.state, settled.episode) == (ReasonCode.SETTLED, WatchState.RESTING, 1)
    assert (settled.reasons[0].value, settled.reasons[0].bound) == (15.0, 30)
    assert must(night.look()).state is WatchState.WATCHING


def test_another_episode_during_the_answer_means_that_the_first_has_settled() -> None:
    """The answer to one nudge is not read off another episode."""
    night = Night()
    night.look(suspicion(1))
    night.answered(suspicion(1), 10)
    assert codes(night.look(suspicion(2)))[0] is ReasonCode.SETTLED
    assert levels([must(night.look(suspicion(2)))]) == [1]


@pytest.mark.parametrize(
    ("seen", "mark"),
    [({"p_wake": 0.9}, None), ({"p_wake": 1}, None), ({"upright": True}, None), ({}, Mark.AWAKE), ({}, Mark.BAD_DREAM)],
)
def test_a_sleeper_who_woke_is_left_alone(seen: dict[str, Any], mark: Mark | None) -> None:
    """Awake, upright or by the sleeper's own mark: the ladder ends and the answer is kept."""
    night = Night()
    dream = suspicion()
    night.look(dream)
    night.answered(dream, 10)
    if mark is not None:
        night.note(Marked(night.at_ns, mark))
    woke = must(night.look(dream, **seen))
    assert (codes(woke)[0], woke.state) == (ReasonCode.WOKE, WatchState.RESTING)
    assert codes(night.look(dream))[0] is ReasonCode.RECOVERING
    assert levels(night.looks(60, dream)) == []


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (EpisodeKind.TERROR_LIKE, ReasonCode.LOOKS_LIKE_TERROR),
        (EpisodeKind.OUT_OF_BED, ReasonCode.LOOKS_LIKE_OUT_OF_BED),
        (EpisodeKind.AROUSAL, ReasonCode.LOOKS_LIKE_AROUSAL),
        (EpisodeKind.PERIODIC, ReasonCode.LOOKS_LIKE_PERIODIC),
    ],
)
def test_what_is_no_nightmare_is_never_nudged(kind: EpisodeKind, code: ReasonCode) -> None:
    """Told apart and left alone, with what it looks like as the reason; renamed a nightmare, it is nudged."""
    night = Night()
    decisions = night.looks(120, suspicion(1, kind))
    assert levels(decisions) == []
    assert (codes(decisions[0])[0], decisions[0].state) == (code, WatchState.SUSPECTING)
    assert levels([must(night.look(suspicion(1)))]) == [1]


def test_a_suspicion_that_clears_without_a_nudge_is_watched_on() -> None:
    """Nothing was done and nothing is owed."""
    night = Night()
    night.look(suspicion(1, EpisodeKind.AROUSAL))
    assert (codes(night.look())[0], night.state) == (ReasonCode.QUIET, WatchState.WATCHING)


@pytest.mark.parametrize(
    ("mode", "nudging", "code"),
    [
        (Mode.SHAM, True, ReasonCode.MODE_SHAM),
        (Mode.WATCH_ONLY, True, ReasonCode.MODE_WATCH_ONLY),
        (Mode.ON, False, ReasonCode.MODE_WATCH_ONLY),
    ],
)
def test_a_night_not_for_nudging_is_watched_in_full_and_asks_for_nothing(
    mode: Mode, nudging: bool, code: ReasonCode
) -> None:
    """The suspicion is followed and kept with the reason why nothing was done; the guard is never asked."""
    night = Night(Settings(nudging=nudging), mode)
    decisions = night.looks(100, suspicion())
    assert levels(decisions) == []
    assert (codes(decisions[0])[0], night.state) == (code, WatchState.RESTING)
    assert night.controller.guard.memory.serial == 0
    assert must(night.look()).state is WatchState.WATCHING


def test_a_permit_nobody_acknowledged_counts_as_given_and_is_observed() -> None:
    """It may have happened, so the body's answer is looked at before anything else."""
    night = Night()
    dream = suspicion()
    night.look(dream)
    assert codes(night.look(dream))[0] is ReasonCode.OBSERVING_ANSWER
    assert levels(night.looks(4, dream)) == []
    assert levels(night.looks(2, dream)) == [2]


def test_before_a_permit_has_run_out_nothing_is_decided_about_it() -> None:
    """A look within its two seconds waits."""
    night = Night()
    dream = suspicion()
    night.look(dream)
    night.at_ns += S - STEP
    waiting = must(night.look(dream))
    assert (codes(waiting)[0], waiting.state) == (ReasonCode.PERMIT_PENDING, WatchState.NUDGING)


def test_an_output_that_failed_gives_way_to_the_next_at_the_same_step() -> None:
    """Nothing was felt, so the next usable output takes the same step at once, and the failed one is not used again."""
    night = Night(Settings(top_level=4, outputs=BOTH, room=Room.ALONE, caps=CapSettings(per_episode=4)))
    dream = suspicion()
    first = must(night.look(dream)).permit
    assert first is not None
    night.note(OutputFailed(night.at_ns - S, first.serial, Output.VIBRATION))
    second = must(night.look(dream)).permit
    assert second is not None
    assert (second.request.output, second.request.level) == (Output.SOUND, 1)
    night.answered(dream, 25)
    third = must(night.look(dream)).permit
    assert third is not None
    assert (third.request.output, third.request.level) == (Output.SOUND, 2)


def test_an_output_that_failed_after_it_took_the_permit_is_observed_first() -> None:
    """What may have been felt is looked at; then another output follows, no stronger."""
    night = Night(Settings(top_level=4, outputs=BOTH, room=Room.ALONE))
    dream = suspicion()
    first = must(night.look(dream)).permit
    assert first is not None
    night.acknowledge()
    night.note(OutputFailed(night.at_ns, first.serial, Output.VIBRATION))
    assert levels(night.looks(5, dream)) == []
    second = must(night.look(dream)).permit
    assert second is not None
    assert (second.request.output, second.request.level) == (Output.SOUND, 1)


def test_the_failure_of_another_permit_is_the_guards_business_only() -> None:
    """An old failure does not end what is going on."""
    night = Night(Settings(top_level=4, outputs=BOTH, room=Room.ALONE))
    dream = suspicion()
    night.look(dream)
    night.note(OutputFailed(night.at_ns, 99, Output.SOUND))
    night.note(OutputAcknowledged(night.at_ns, 98))
    assert not night.controller.climb.taken
    assert codes(night.look(dream))[0] is ReasonCode.OBSERVING_ANSWER


@pytest.mark.parametrize("outputs", [(), (Output.VIBRATION,)])
def test_without_a_usable_output_it_only_watches(outputs: tuple[Output, ...]) -> None:
    """None set, or none left: the episode is followed to its end."""
    night = Night(Settings(outputs=outputs))
    night.note(OutputFailed(night.at_ns, 7, Output.VIBRATION))
    decision = must(night.look(suspicion()))
    assert (codes(decision)[:2], decision.state) == (
        [ReasonCode.NO_OUTPUT, ReasonCode.RECOVERING],
        WatchState.RESTING,
    )


def test_a_refusal_is_a_decision_with_the_guards_reasons() -> None:
    """What the guard will not allow is kept with its numbers, and asked again while the suspicion stands."""
    night = Night(Settings(caps=CapSettings(per_hour=1)))
    night.look(suspicion(1))
    night.answered(suspicion(1), 10)
    night.looks(2)
    refused = must(night.look(suspicion(2)))
    assert (refused.action, refused.state) == (Action.NOTHING, WatchState.SUSPECTING)
    assert [(one.code, one.value, one.bound) for one in refused.reasons[:1]] == [(ReasonCode.CAP_HOUR, 1, 1)]
    assert night.look(suspicion(2)) is None
    night.at_ns += HOUR
    assert levels([must(night.look(suspicion(2)))]) == [1]


def test_a_sleeper_awake_before_it_began_is_not_nudged() -> None:
    """Signs that came out of waking are refused for as long as they stand."""
    night = Night()
    decisions = night.looks(30, suspicion(), awake_before_onset_ms=120_000)
    assert [codes(one)[0] for one in decisions] == [ReasonCode.AWAKE_LIKELY]


def test_a_hold_is_shown_at_the_next_look_and_ends_through_blindness() -> None:
    """Held is its own state; released, nothing is done for five minutes, and the ladder begins anew."""
    night = Night()
    dream = suspicion()
    night.look(dream)
    night.note(Held(night.at_ns))
    held = must(night.look(dream))
    assert (codes(held), held.state) == ([ReasonCode.HELD], WatchState.HELD)
    assert night.look(dream) is None
    night.note(Released(night.at_ns))
    warming = must(night.look(dream))
    assert (codes(warming)[0], warming.state) == (ReasonCode.WARMING_UP, WatchState.SETTLING)
    night.at_ns += 5 * MINUTE
    assert levels([must(night.look(dream))]) == [1]


def test_stop_is_a_hold_without_an_end() -> None:
    """After the sleeper said stop there is nothing more until it is released."""
    night = Night()
    night.note(Marked(night.at_ns, Mark.STOP))
    decisions = night.looks(12 * 60, suspicion())
    assert [codes(one) for one in decisions] == [[ReasonCode.HELD]]


def test_a_broken_look_during_a_hold_is_blind_and_then_held_again() -> None:
    """A number that cannot be read ends no hold."""
    night = Night()
    night.note(Held(night.at_ns))
    night.look()
    assert must(night.look(p_wake=math.nan)).state is WatchState.BLIND
    assert must(night.look(suspicion())).state is WatchState.HELD


@pytest.mark.parametrize("event", [ClockStepped, LinkRegained, Restarted])
def test_whatever_interrupts_the_look_at_the_answer_begins_the_ladder_anew(event: Any) -> None:
    """After a clock step, a reconnection or a restart it settles for five minutes, and starts at the lowest step."""
    night = Night()
    dream = suspicion()
    night.look(dream)
    night.answered(dream, 30)
    assert levels(night.said) == [1, 2]
    extra = {ClockStepped: (3_600_000,), LinkRegained: (), Restarted: ("this boot",)}[event]
    night.note(event(night.at_ns, *extra))
    settling = must(night.look(dream))
    assert (codes(settling)[0], settling.state) == (ReasonCode.WARMING_UP, WatchState.SETTLING)
    assert levels(night.looks(59, dream)) == []
    assert levels(night.looks(2, dream)) == [1]


def test_an_episode_that_was_rested_from_is_not_taken_up_again_after_blindness() -> None:
    """Losing the data for a while gives no second ladder to an episode that had its own."""
    night = Night(Settings(top_level=1))
    dream = suspicion()
    night.look(dream)
    night.answered(dream, 35)
    night.look(dream, heart_quality=Quality.BAD)
    back = must(night.look(dream))
    assert (codes(back)[0], back.state) == (ReasonCode.RECOVERING, WatchState.RESTING)


def test_a_lost_link_blinds_even_if_the_caller_calls_the_data_good() -> None:
    """The guard knows of the link itself."""
    night = Night()
    night.note(LinkLost(night.at_ns))
    assert codes(night.look(suspicion())) == [ReasonCode.LINK_LOST]


def test_a_decision_comes_when_something_changed_and_at_every_epochs_end() -> None:
    """The same state, action and reasons are said once, and again at the end of an epoch."""
    night = Night()
    assert night.look() is not None
    assert night.look() is None
    assert night.look(evidence=(replace(SURGE, value=3.0),)) is None
    assert codes(night.look(epoch_end=True)) == [ReasonCode.QUIET, ReasonCode.HEART_SURGE]
    assert codes(night.look(evidence=())) == [ReasonCode.QUIET]


def test_two_nudges_for_the_same_reasons_are_both_returned() -> None:
    """A permit that nobody is told of would be lost."""
    night = Night(Settings(outputs=BOTH, room=Room.ALONE))
    dream = suspicion()
    first = must(night.look(dream))
    assert first.permit is not None
    night.note(OutputFailed(night.at_ns, first.permit.serial, Output.VIBRATION))
    second = must(night.look(dream))
    assert codes(first) == codes(second)
    assert second.permit is not None
    assert second.permit.serial == first.permit.serial + 1


def test_after_the_night_nothing_is_decided() -> None:
    """The end of the night ends the looks."""
    night = Night()
    night.look(suspicion())
    night.note(NightEnded(night.at_ns))
    assert night.looks(5, suspicion(), epoch_end=True) == []
    assert night.controller.stand_still(night.at_ns, epoch_end=True) is None
    assert night.state is WatchState.BLIND


@pytest.mark.parametrize(
    "broken",
    [
        *({"p_wake": value} for value in (True, math.nan, math.inf, -0.1, 1.1, "0.5")),
        *({"at_ns": value} for value in BROKEN),
        *({"heart_age_ms": value} for value in BROKEN),
        *({"awake_before_onset_ms": value} for value in BROKEN),
        {"good_since_ns": math.nan},
        {"upright": None},
        {"heart_quality": "good"},
        {"suspicion": "a dream"},
        {"suspicion": replace(suspicion(), episode=True)},
        {"suspicion": replace(suspicion(), episode=0)},
        {"suspicion": replace(suspicion(), kind="nightmare_like")},  # type: ignore[arg-type]
    ],
)
def test_a_broken_number_blinds_and_nothing_is_raised(broken: dict[str, Any]) -> None:
    """A detector that throws out nonsense is not believed, and the decision says so at a whole instant."""
    night = Night()
    night.look(suspicion())
    decision = must(night.controller.look(night.view(**{"suspicion": suspicion(), **broken})))
    assert (codes(decision), decision.state) == ([ReasonCode.BROKEN_NUMBER], WatchState.BLIND)
    assert type(decision.at_ns) is int


def test_time_that_goes_back_blinds() -> None:
    """A look before the last one is not believed."""
    night = Night()
    night.look()
    night.at_ns -= HOUR
    assert codes(night.look(suspicion())) == [ReasonCode.CLOCK_DOUBTFUL]


def test_a_controller_brought_back_decides_the_same() -> None:
    """Saved in the middle of a ladder and brought back, it goes on as if nothing had been."""
    night = Night(Settings(top_level=4, outputs=BOTH, room=Room.ALONE, caps=CapSettings(per_episode=4)))
    other = Night(night.settings)
    dream = suspicion()
    for count in range(40):
        assert night.look(dream) == other.look(dream)
        if count == 10:
            other.controller = loads(dumps(other.controller))
    assert levels(night.said) == levels(other.said) == [1, 2, 3, 4]


@given(st.data())
def test_every_decision_has_a_reason_and_a_permit_exactly_when_it_nudges(data: st.DataObject) -> None:
    """Whatever is seen and told, in any order, no decision is without a reason and no table is left."""
    night = Night(
        Settings(
            top_level=4, outputs=BOTH, room=Room.ALONE, caps=CapSettings(per_episode=4, per_hour=6, per_18_hours=12)
        ),
        data.draw(st.sampled_from(Mode)),
    )
    for _ in range(data.draw(st.integers(5, 40))):
        told: tuple[Input, ...] = (
            Tick(night.at_ns),
            Held(night.at_ns, night.at_ns + MINUTE),
            Released(night.at_ns),
            Marked(night.at_ns, data.draw(st.sampled_from((Mark.AWAKE, Mark.BAD_DREAM)))),
            LinkLost(night.at_ns),
            LinkRegained(night.at_ns),
            OutputAcknowledged(night.at_ns, night.controller.climb.permit),
            OutputFailed(night.at_ns, night.controller.climb.permit, data.draw(st.sampled_from(BOTH))),
            Restarted(night.at_ns, "this boot", ledger=Ledger(tuple(night.controller.guard.memory.rows))),
        )
        night.note(data.draw(st.sampled_from((*told, *[told[0]] * 20))))
        dream = data.draw(st.sampled_from((None, suspicion(1), suspicion(1), suspicion(2, EpisodeKind.AROUSAL))))
        night.at_ns += data.draw(st.sampled_from((0, 0, 10 * STEP, 7 * MINUTE)))
        quality = data.draw(st.sampled_from((*[Quality.GOOD] * 12, Quality.BAD)))
        night.look(dream, heart_quality=quality, p_wake=data.draw(st.sampled_from((None, 0.1, 0.1, 0.95))))
    for decision in night.said:
        assert decision.reasons
        assert (decision.permit is not None) == (decision.action is Action.NUDGE)
        assert len(codes(decision)) == len(set(codes(decision)))


def _is_quiet(controller: Controller, view: View) -> bool:
    evidence = tuple(reason.code for reason in view.evidence)
    return controller.is_quiet(view.facts, view.p_wake, evidence)


def test_only_a_look_that_repeats_what_was_told_is_quiet() -> None:
    """The short question is answered yes on an ordinary look, and no before the first one and after the last."""
    night = Night()
    assert not _is_quiet(night.controller, night.view())
    night.looks(3)
    assert night.state is WatchState.WATCHING
    assert _is_quiet(night.controller, night.view())
    assert not _is_quiet(night.controller, night.view(evidence=(SURGE, STANDS)))
    night.note(NightEnded(night.at_ns))
    assert not _is_quiet(night.controller, night.view())


@pytest.mark.parametrize(
    "broken",
    [
        {"p_wake": math.nan},
        {"p_wake": True},
        {"p_wake": 1.5},
        {"at_ns": math.nan},
        {"heart_age_ms": math.nan},
        {"heart_age_ms": None},
        {"good_since_ns": None},
        {"good_since_ns": math.inf},
        {"awake_before_onset_ms": math.nan},
        {"upright": None},
        {"heart_quality": Quality.STALE},
        {"heart_quality": "good"},
    ],
)
def test_a_broken_number_or_poor_data_is_never_quiet(broken: dict[str, Any]) -> None:
    """Whatever must be told, or blinds, is shown to the full look."""
    night = Night()
    night.looks(3)
    assert not _is_quiet(night.controller, night.view(**broken))


@given(st.data())
def test_where_a_look_is_quiet_the_full_one_says_nothing_and_changes_nothing(data: st.DataObject) -> None:
    """The short way and the long way of a look agree, whatever was seen and told before."""
    night = Night()
    night.looks(2)
    for _ in range(data.draw(st.integers(1, 25))):
        at_ns = night.at_ns
        told: tuple[Input, ...] = (LinkLost(at_ns), LinkRegained(at_ns), Held(at_ns, at_ns + MINUTE), Released(at_ns))
        night.note(data.draw(st.sampled_from((*told, *[Tick(at_ns)] * 20))))
        dream = data.draw(st.sampled_from((*[None] * 6, suspicion(1), suspicion(2, EpisodeKind.AROUSAL))))
        night.at_ns += data.draw(st.sampled_from((*[0] * 8, 10 * STEP, 7 * MINUTE, -STEP)))
        seen = {
            "heart_quality": data.draw(st.sampled_from((*[Quality.GOOD] * 12, Quality.BAD))),
            "p_wake": data.draw(st.sampled_from((None, 0.1, 0.1, 0.95, *BROKEN))),
            "heart_age_ms": data.draw(st.sampled_from((*[2_000] * 12, *BROKEN))),
            "evidence": data.draw(st.sampled_from(((SURGE,), (SURGE,), (SURGE, STANDS)))),
        }
        asked = loads(dumps(night.controller))
        quiet = dream is None and _is_quiet(asked, night.view(**seen))
        decision = night.look(dream, **seen)
        if quiet:
            assert decision is None
            assert dumps(asked) == dumps(night.controller)


def test_a_state_that_cannot_follow_is_an_error_and_changes_nothing() -> None:
    """A wrong step is a fault of the program, not of the data."""
    night = Night()
    with pytest.raises(ValueError, match="permitted"):
        night.controller._go(WatchEvent.PERMITTED)
    assert night.state is WatchState.BLIND


@pytest.mark.parametrize(("observe_s", "looks"), [(20, 5), (30, 6), (60, 12)])
def test_an_answer_is_awaited_until_its_echo_is_over(observe_s: int, looks: int) -> None:
    """A train of 2.2 s is answered by the heart for 20 s more: only then can nothing have changed."""
    night = Night(Settings(top_level=4, observe_s=observe_s))
    dream = suspicion()
    night.look(dream)
    assert levels(night.answered(dream, 5 * (looks - 1))) == []
    unchanged = must(night.look(dream))
    assert levels([unchanged]) == [2]
    bound = next(one.bound for one in unchanged.reasons if one.code is ReasonCode.UNCHANGED)
    assert bound == max(observe_s, 22.2)


STANDS_UP, LOWER, DOWN = 14.0, 12.0, 9.0
"""How far a heart stands above its level: as it did at the nudge, more than seven tenths of that, and less."""


def seen(night: Night, surges: Sequence[float | None]) -> list[Decision]:
    """Looks at a dream that goes on by its signs, while the heart stands so far above its level."""
    return [one for surge in surges if (one := night.look(suspicion(), surge_bpm=surge)) is not None]


def nudged() -> Night:
    """A night whose first nudge was just taken."""
    night = Night(Settings(top_level=4))
    night.look(suspicion())
    night.acknowledge()
    return night


def test_while_the_heart_comes_down_the_answer_is_looked_at_for_up_to_a_minute() -> None:
    """A heart that is coming down needs no stronger nudge yet; how long it will be looked at is said."""
    night = nudged()
    said = seen(night, [STANDS_UP] * 5 + [LOWER] * 6)
    assert levels(said) == []
    observing = must(night.look(suspicion(), surge_bpm=LOWER, epoch_end=True))
    assert levels([observing]) == [2]
    unchanged = observing.reasons[0]
    assert (unchanged.code, unchanged.value, unchanged.bound) == (ReasonCode.UNCHANGED, 60.0, 60)


def test_a_heart_that_is_not_known_now_is_no_leave_to_nudge() -> None:
    """The suspicion stands from before, and a leap is not borne out yet: nothing is done, and nothing is lost."""
    night = Night()
    doubtful = must(night.look(suspicion(), surge_bpm=None))
    assert (doubtful.action, doubtful.reasons[0].code) == (Action.NOTHING, ReasonCode.DATA_DOUBTFUL)
    assert night.state is WatchState.SUSPECTING
    assert levels([must(night.look(suspicion()))]) == [1]


def test_an_engine_that_fails_leaves_what_was_going_on() -> None:
    """Blind, said once and at every epoch's end; a hold stays one, and after the night nothing is said."""
    night = nudged()
    failed = must(night.controller.stand_still(night.at_ns, epoch_end=False))
    assert (failed.state, failed.action) == (WatchState.BLIND, Action.NOTHING)
    assert codes(failed) == [ReasonCode.ENGINE_FAILED]
    assert night.controller.stand_still(night.at_ns + STEP, epoch_end=False) is None
    assert must(night.controller.stand_still(night.at_ns + STEP, epoch_end=True)).action is Action.NOTHING
    night.note(NightEnded(night.at_ns + 2 * STEP))
    assert night.controller.stand_still(night.at_ns + 3 * STEP, epoch_end=True) is None


def test_how_long_it_will_be_looked_at_is_said() -> None:
    """Half a minute at first, a minute once the heart comes down."""
    night = nudged()
    for surge, bound in ((LOWER, 30), (LOWER, 30), (LOWER, 30), (LOWER, 30), (LOWER, 30), (LOWER, 60)):
        observing = must(night.look(suspicion(), surge_bpm=surge, epoch_end=True)).reasons[0]
        assert (observing.code, observing.bound) == (ReasonCode.OBSERVING_ANSWER, bound)


def test_a_heart_that_came_down_was_settling_though_its_signs_still_stand() -> None:
    """Signs are slow to go: after a minute the ladder ends, and it rests until they have gone."""
    night = nudged()
    assert levels(seen(night, [STANDS_UP] * 4 + [DOWN] * 8)) == []
    settled = night.said[-1]
    assert (codes(settled)[0], settled.state) == (ReasonCode.SETTLED, WatchState.RESTING)
    assert (settled.reasons[0].value, settled.reasons[0].bound) == (60.0, 60)
    assert levels(night.looks(200, suspicion())) == []
    assert must(night.look()).state is WatchState.WATCHING


def test_a_heart_as_high_as_ever_is_stepped_up_for_as_soon_as_the_echo_is_over() -> None:
    """It went down for a while and came back: the dream goes on."""
    night = nudged()
    assert levels(seen(night, [DOWN] * 7)) == []
    assert levels(seen(night, [STANDS_UP])) == [2]


def test_the_rise_of_one_who_wakes_counts_too() -> None:
    """A heart that jumped and came down again was woken or settled, though it stands as high as at the nudge."""
    night = nudged()
    assert levels(seen(night, [STANDS_UP, 20.0, 28.0, 28.0, 26.0, *[STANDS_UP] * 7])) == []
    assert codes(night.said[-1])[0] is ReasonCode.SETTLED


@pytest.mark.parametrize("unknown", [None, math.nan, math.inf, True, "14"])
def test_a_heart_that_is_not_known_is_no_leave_to_step_up(unknown: Any) -> None:
    """After a minute it rests, and claims neither that the body settled nor that nothing changed."""
    night = nudged()
    assert levels(seen(night, [unknown] * 12)) == []
    assert (codes(night.said[-1])[0], night.state) == (ReasonCode.RECOVERING, WatchState.RESTING)


def test_a_sleeper_who_turns_over_after_the_nudge_has_woken() -> None:
    """Movement for ten seconds on end ends the ladder; a twitch does not."""
    night = nudged()
    night.look(suspicion(), moving_s=2.0)
    night.look(suspicion(), moving_s=7.0)
    assert night.state is WatchState.OBSERVING
    woke = must(night.look(suspicion(), moving_s=12.0))
    assert (codes(woke)[0], woke.state) == (ReasonCode.WOKE, WatchState.RESTING)
    assert levels(night.looks(60, suspicion())) == []


def test_a_dreamer_who_moves_as_before_is_not_taken_for_awake() -> None:
    """A strong nightmare moves too: what counts is more of it than before the nudge."""
    night = Night(Settings(top_level=4))
    night.look(suspicion(), moving_s=30.0)
    night.acknowledge()
    for moving_s in (22.0, 26.0, 30.0, 33.0, 30.0, 34.0):
        night.look(suspicion(), moving_s=moving_s)
    assert levels(night.said) == [1, 2]


@given(st.data())
def test_an_answer_is_never_decided_within_its_echo_nor_looked_at_beyond_a_minute(data: st.DataObject) -> None:
    """Whatever heart and arm do, and whenever the output said that it took the permit."""
    night = Night(Settings(top_level=4, observe_s=data.draw(st.integers(20, 60)), caps=CapSettings(per_episode=4)))
    night.look(suspicion())
    for _ in range(4):
        climb = night.controller.climb
        night.note(OutputAcknowledged(climb.issued_ns + data.draw(st.integers(0, 2 * S)), climb.permit))
        heart = st.sampled_from((DOWN, LOWER, STANDS_UP, STANDS_UP, 20.0, None, math.nan))
        decision, observed_s = None, 0.0
        while night.state in (WatchState.NUDGING, WatchState.OBSERVING) and (decision is None or not decision.permit):
            observed_s = (night.at_ns - climb.from_ns) / S
            moving_s = data.draw(st.sampled_from((0.0, 2.0, 7.0, 12.0)))
            decision = night.look(suspicion(), surge_bpm=data.draw(heart), moving_s=moving_s)
            assert observed_s <= 60
        if decision is None or decision.permit is None:
            assert night.state is WatchState.RESTING
            return
        assert ReasonCode.UNCHANGED in codes(decision)
        assert observed_s >= max(night.settings.observe_s if observed_s <= 55 else 55, climb.train_ms / 1000 + 20)


def test_a_sleeper_who_settles_or_wakes_within_the_echo_is_seen_at_once() -> None:
    """Good news need not wait."""
    for seen, code in (({}, ReasonCode.SETTLED), ({"p_wake": 0.95, "dream": suspicion()}, ReasonCode.WOKE)):
        night = Night(Settings(top_level=4))
        night.look(suspicion())
        night.acknowledge()
        assert codes(night.look(**seen))[0] is code  # type: ignore[arg-type]  # fields of a view
