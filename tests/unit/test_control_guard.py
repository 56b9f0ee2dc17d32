"""How much may be done: each test changes one thing in an ordinary night and names the rule that then refuses."""

from __future__ import annotations

import copy
import math
import pickle
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hostile_night import BROKEN, HOUR, MINUTE, S, caps, raw
from vigil.control.guard import (
    CEILINGS,
    DURATION_CEILING_MS,
    STRENGTH_CEILING,
    Facts,
    Guard,
    Refusal,
)
from vigil.domain.errors import PermitError
from vigil.domain.guard_memory import NIGHT_NS
from vigil.domain.nudges import Ledger, LedgerRow, ReasonCode
from vigil.domain.permits import Permit
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
    OutputFailed,
    OutputProbed,
    Released,
    Restarted,
    Resumed,
    Tick,
)
from vigil.domain.requests import NudgeRequest, Output, Purpose
from vigil.domain.samples import Contact, HeartSample, Quality
from vigil.domain.settings import CapSettings
from vigil.domain.steps import LADDERS
from vigil.domain.troubles import FORBIDDING, Trouble, TroubleKind

NOW = 100 * HOUR
BEGAN = NightBegan(NOW - 3 * HOUR, night="tonight", boot_id="this boot", heart_cadence_ms=5_000)
REQUEST = NudgeRequest(Purpose.NUDGE, 1, Output.VIBRATION, 1, 2_000, 25)


def facts(at_ns: int = NOW, **other: Any) -> Facts:
    """Facts with nothing wrong in them."""
    return replace(Facts(at_ns, Quality.GOOD, 4_000, at_ns - HOUR, 0, False), **other)


def a_guard(began: NightBegan = BEGAN, settings: CapSettings | None = None, **other: Any) -> Guard:
    """The guard of an ordinary night, three hours after lights-out."""
    made = {"settle_min": 30, "top_level": 4, "armed": True, **other}
    one = Guard.with_caps(settings or caps(), **made)
    one.note(began)
    return one


def row(minutes_ago: float, permit: int = 1, **other: Any) -> LedgerRow:
    """A nudge of this boot, so many minutes before NOW."""
    at_ns = NOW - round(minutes_ago * MINUTE)
    made = LedgerRow("before", permit, "this boot", at_ns, None, Purpose.NUDGE, 9, Output.VIBRATION, 1, 1_000)
    return replace(made, **other)


def codes(answer: Permit | Refusal) -> list[ReasonCode]:
    """The reason codes of a refusal; none for a permit."""
    return [reason.code for reason in answer.reasons] if isinstance(answer, Refusal) else []


def given_permit(guard: Guard, at_ns: int = NOW, **other: Any) -> Permit:
    """A permit that must be given."""
    answer = guard.ask(replace(REQUEST, **other), facts(at_ns))
    assert isinstance(answer, Permit), codes(answer)
    return answer


def test_an_ordinary_first_nudge_is_permitted() -> None:
    """With nothing against it, the smallest nudge is permitted, exactly as asked."""
    permit = given_permit(a_guard())
    assert (permit.serial, permit.request, permit.issued_ns) == (1, REQUEST, NOW)


def test_a_permit_acts_once_within_two_seconds_and_cannot_be_copied() -> None:
    """A permit is used once, not late, and there is never a second one of it."""
    guard = a_guard()
    permit = given_permit(guard)
    for make in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(PermitError):
            make(permit)
    assert permit.redeem(NOW + 1) == REQUEST
    with pytest.raises(PermitError, match="already used"):
        permit.redeem(NOW + 1)
    late = given_permit(guard, NOW + MINUTE)
    with pytest.raises(PermitError, match="not good"):
        late.redeem(NOW + MINUTE + 2 * S)


TOLD: tuple[tuple[str, tuple[Input, ...], ReasonCode], ...] = (
    ("held", (Held(NOW),), ReasonCode.HELD),
    ("held until later", (Held(NOW, NOW + 1),), ReasonCode.HELD),
    ("held until a broken instant", (Held(NOW, math.nan),), ReasonCode.HELD),  # type: ignore[arg-type]
    ("held twice, the longer counts", (Held(NOW, NOW + 9), Held(NOW, NOW)), ReasonCode.HELD),
    ("stop", (Marked(NOW, Mark.STOP),), ReasonCode.HELD),
    ("stop, then a short hold", (Marked(NOW, Mark.STOP), Held(NOW, NOW)), ReasonCode.HELD),
    ("stop at a broken instant", (Marked(math.nan, Mark.STOP),), ReasonCode.HELD),  # type: ignore[arg-type]
    ("marked awake", (Marked(NOW - 15 * MINUTE + 1, Mark.AWAKE),), ReasonCode.AWAKE_MARKED),
    ("awake, and then a bad dream", (Marked(NOW, Mark.AWAKE), Marked(NOW, Mark.BAD_DREAM)), ReasonCode.AWAKE_MARKED),
    ("a bad dream", (Marked(NOW - 15 * MINUTE + 1, Mark.BAD_DREAM),), ReasonCode.AWAKE_MARKED),
    ("off the wrist", (Contact(NOW, False),), ReasonCode.OFF_WRIST),
    ("contact unclear", (Contact(NOW, "yes"),), ReasonCode.OFF_WRIST),  # type: ignore[arg-type]
    ("on the wrist again", (Contact(NOW - HOUR, False), Contact(NOW - 5 * MINUTE + 1, True)), ReasonCode.WARMING_UP),
    ("link lost", (LinkLost(NOW - HOUR),), ReasonCode.LINK_LOST),
    ("link regained", (LinkRegained(NOW - 5 * MINUTE + 1),), ReasonCode.WARMING_UP),
    ("resumed", (Resumed(NOW - 5 * MINUTE + 1, 9_000),), ReasonCode.WARMING_UP),
    ("clock step", (ClockStepped(NOW - 5 * MINUTE + 1, 9_000),), ReasonCode.WARMING_UP),
    ("restarted", (Restarted(NOW - 5 * MINUTE + 1, "this boot"),), ReasonCode.WARMING_UP),
    ("output failed", (OutputFailed(NOW, 1, Output.VIBRATION),), ReasonCode.NO_OUTPUT),
    ("failed twice", (OutputFailed(NOW, 1, Output.VIBRATION),) * 2, ReasonCode.NO_OUTPUT),
    ("probed false", (OutputProbed(NOW, Output.VIBRATION, False),), ReasonCode.NO_OUTPUT),
    (
        "probed true after failing",
        (OutputFailed(NOW, 1, Output.VIBRATION), OutputProbed(NOW, Output.VIBRATION, True)),
        ReasonCode.NO_OUTPUT,
    ),
    ("out of reach", (OutputFailed(NOW, 1, Output.VIBRATION, unreached=True),), ReasonCode.NO_OUTPUT),
    (
        "failed, then out of reach and found",
        (
            OutputFailed(NOW, 1, Output.VIBRATION),
            OutputFailed(NOW, 1, Output.VIBRATION, unreached=True),
            OutputProbed(NOW, Output.VIBRATION, True),
        ),
        ReasonCode.NO_OUTPUT,
    ),
    (
        "out of reach, then failed, then found",
        (
            OutputFailed(NOW, 1, Output.VIBRATION, unreached=True),
            OutputFailed(NOW, 1, Output.VIBRATION),
            OutputProbed(NOW, Output.VIBRATION, True),
        ),
        ReasonCode.NO_OUTPUT,
    ),
    (
        "out of reach, and another found",
        (OutputFailed(NOW, 1, Output.VIBRATION, unreached=True), OutputProbed(NOW, Output.SOUND, True)),
        ReasonCode.NO_OUTPUT,
    ),
    (
        "out of reach, unclear",
        (
            OutputFailed(NOW, 1, Output.VIBRATION, unreached="yes"),  # type: ignore[arg-type]  # broken
            OutputProbed(NOW, Output.VIBRATION, True),
        ),
        ReasonCode.NO_OUTPUT,
    ),
    (
        "out of reach, found unclearly",
        (
            OutputFailed(NOW, 1, Output.VIBRATION, unreached=True),
            OutputProbed(NOW, Output.VIBRATION, "yes"),  # type: ignore[arg-type]  # broken
            OutputProbed(NOW, Output.VIBRATION, True),
        ),
        ReasonCode.NO_OUTPUT,
    ),
    ("night over", (NightEnded(NOW),), ReasonCode.NIGHT_OVER),
    *((kind.value, (Trouble(NOW - HOUR, kind),), ReasonCode.HOUSE_TROUBLE) for kind in sorted(FORBIDDING, key=str)),
    (
        "one of two troubles over",
        (
            Trouble(NOW - HOUR, TroubleKind.DISK_FULL),
            Trouble(NOW - HOUR, TroubleKind.DISK_LOW),
            Trouble(NOW, TroubleKind.DISK_FULL, over=True),
        ),
        ReasonCode.HOUSE_TROUBLE,
    ),
    (
        "trouble perhaps over",
        (Trouble(NOW, TroubleKind.DISK_FULL), Trouble(NOW, TroubleKind.DISK_FULL, over=1)),  # type: ignore[arg-type]
        ReasonCode.HOUSE_TROUBLE,
    ),
    ("a trouble of no kind", (Trouble(NOW, "disk_full"),), ReasonCode.HOUSE_TROUBLE),  # type: ignore[arg-type]
    ("a trouble of nothing", (Trouble(NOW, None),), ReasonCode.HOUSE_TROUBLE),  # type: ignore[arg-type]
    ("a store set aside", (Trouble(NOW - HOUR, TroubleKind.STORE_DAMAGED),), ReasonCode.LEDGER_UNREADABLE),
    (
        "a store set aside, and a new one",
        (Trouble(NOW - HOUR, TroubleKind.STORE_DAMAGED), Restarted(NOW - 10 * MINUTE, "this boot")),
        ReasonCode.LEDGER_UNREADABLE,
    ),
    ("a broken trouble", (Trouble(NOW, []),) * 2, ReasonCode.HOUSE_TROUBLE),  # type: ignore[arg-type]
    (
        "a trouble of no kind, another over",
        (Trouble(NOW, []), Trouble(NOW, [], over=True), Trouble(NOW, TroubleKind.DISK_LOW, over=True)),  # type: ignore[arg-type]
        ReasonCode.HOUSE_TROUBLE,
    ),
    ("just released", (Held(NOW - HOUR), Released(NOW - 5 * MINUTE + 1)), ReasonCode.WARMING_UP),
    ("time went on", (Held(NOW + 1, NOW),), ReasonCode.CLOCK_DOUBTFUL),
)


@pytest.mark.parametrize(("events", "code"), [case[1:] for case in TOLD], ids=[case[0] for case in TOLD])
def test_what_the_guard_was_told_refuses(events: tuple[Input, ...], code: ReasonCode) -> None:
    """One input that forbids a nudge is enough, whatever the caller's facts say."""
    guard = a_guard()
    for event in events:
        guard.note(event)
    assert codes(guard.ask(REQUEST, facts())) == [code]


OVER: tuple[tuple[str, tuple[Input, ...]], ...] = (
    ("hold ran out", (Held(NOW - MINUTE, NOW),)),
    ("released", (Held(NOW - HOUR), Released(NOW - 5 * MINUTE))),
    ("released after stop", (Marked(NOW - HOUR, Mark.STOP), Released(NOW - 5 * MINUTE))),
    ("marked awake a while ago", (Marked(NOW - 15 * MINUTE, Mark.AWAKE),)),
    ("awake, then released", (Marked(NOW - 6 * MINUTE, Mark.AWAKE), Released(NOW - 5 * MINUTE))),
    ("back on the wrist", (Contact(NOW - HOUR, False), Contact(NOW - 5 * MINUTE, True))),
    ("on the wrist, said twice", (Contact(NOW, True), Contact(NOW, True))),
    ("warm again", (LinkLost(NOW - HOUR), LinkRegained(NOW - 5 * MINUTE))),
    ("another output failed", (OutputFailed(NOW, 1, Output.SOUND),)),
    ("room on the disk again", (Trouble(NOW, TroubleKind.DISK_LOW), Trouble(NOW, TroubleKind.DISK_LOW, over=True))),
    ("a zone changed", (Trouble(NOW, TroubleKind.ZONE_CHANGED, 60), Trouble(NOW, TroubleKind.ENGINE_SLOW, 250))),
    ("back after staying down", (Trouble(NOW, TroubleKind.HOUSE_DOWN, 4),)),
    ("probed true", (OutputProbed(NOW, Output.VIBRATION, True),)),
    (
        "out of reach twice, then found",
        (
            *(OutputFailed(NOW, 1, Output.VIBRATION, unreached=True),) * 2,
            OutputFailed(NOW, 1, Output.SOUND, unreached=True),
            OutputProbed(NOW, Output.VIBRATION, True),
        ),
    ),
    ("a mark nobody knows", (Marked(NOW, "?"),)),  # type: ignore[arg-type]
    ("what is not its business", (Tick(NOW + HOUR), HeartSample(NOW + HOUR, 600))),
)


@pytest.mark.parametrize("events", [case[1] for case in OVER], ids=[case[0] for case in OVER])
def test_what_is_over_refuses_no_more(events: tuple[Input, ...]) -> None:
    """A guard that never says yes again would be of no use."""
    guard = a_guard()
    for event in events:
        guard.note(event)
    given_permit(guard)


FACTS: tuple[tuple[str, dict[str, Any], ReasonCode], ...] = (
    *((quality.value, {"heart_quality": quality}, code) for quality, code in (
        (Quality.NEVER, ReasonCode.NEVER_HEARD),
        (Quality.STALE, ReasonCode.DATA_STALE),
        (Quality.FLAT, ReasonCode.DATA_FLAT),
        (Quality.DOUBLED, ReasonCode.DATA_DOUBLED),
        (Quality.BAD, ReasonCode.DATA_BAD),
        (Quality.OFF_WRIST, ReasonCode.OFF_WRIST),
        (Quality.LINK_LOST, ReasonCode.LINK_LOST),
    )),
    ("older than three cadences", {"heart_age_ms": 15_001}, ReasonCode.DATA_STALE),
    ("an age that cannot be", {"heart_age_ms": -1}, ReasonCode.BROKEN_NUMBER),
    ("awake for less than no time", {"awake_before_onset_ms": -1}, ReasonCode.BROKEN_NUMBER),
    ("good for too short", {"good_since_ns": NOW - 5 * MINUTE + 1}, ReasonCode.WARMING_UP),
    ("good since tomorrow", {"good_since_ns": NOW + HOUR}, ReasonCode.WARMING_UP),
    ("not good at all", {"good_since_ns": None}, ReasonCode.WARMING_UP),
    ("upright", {"upright": True}, ReasonCode.AWAKE_UPRIGHT),
    ("awake before it began", {"awake_before_onset_ms": 90_000}, ReasonCode.AWAKE_LIKELY),
    ("time goes back", {"at_ns": NOW - 3 * HOUR - 1}, ReasonCode.CLOCK_DOUBTFUL),
    ("time jumps ahead", {"at_ns": NOW + 23 * HOUR + 1}, ReasonCode.CLOCK_DOUBTFUL),
)  # fmt: skip


@pytest.mark.parametrize(("changed", "code"), [case[1:] for case in FACTS], ids=[case[0] for case in FACTS])
def test_one_fact_against_it_refuses(changed: dict[str, Any], code: ReasonCode) -> None:
    """Poor data, a doubtful clock or a waking sleeper: one alone is enough, and it is the reason given."""
    assert codes(a_guard().ask(REQUEST, facts(**changed))) == [code]


@pytest.mark.parametrize(
    ("cadence_ms", "limit_ms"),
    [
        (5_000, 15_000),
        (1_000, 10_000),
        (1, 10_000),
        (60_000, 180_000),
        (600_000, 180_000),
        (None, 180_000),
        (-1, 180_000),
    ],
)
def test_fresh_means_three_cadences_of_the_source(cadence_ms: int | None, limit_ms: int) -> None:
    """What is old for a chest strap is fresh for a watch that sends a value a minute."""
    for age_ms, expected in ((limit_ms, []), (limit_ms + 1, [ReasonCode.DATA_STALE])):
        guard = a_guard(replace(BEGAN, heart_cadence_ms=cadence_ms))
        assert codes(guard.ask(REQUEST, facts(heart_age_ms=age_ms))) == expected


@pytest.mark.parametrize(
    "changed",
    [
        {"at_ns": NOW + 23 * HOUR, "good_since_ns": NOW},
        {"heart_age_ms": 0},
        {"heart_age_ms": 15_000},
        {"good_since_ns": NOW - 5 * MINUTE},
        {"good_since_ns": 0},
        {"awake_before_onset_ms": 89_999},
    ],
)
def test_a_fact_that_is_just_good_enough_is_good_enough(changed: dict[str, Any]) -> None:
    """A bound that refused what it names as allowed would cost nights in which nothing is wrong."""
    assert codes(a_guard().ask(REQUEST, facts(**changed))) == []


def test_half_an_hour_after_lights_out_is_enough() -> None:
    """From that instant on, and with a longer wait from its own."""
    given_permit(a_guard(replace(BEGAN, at_ns=NOW - 30 * MINUTE)))
    given_permit(a_guard(replace(BEGAN, at_ns=NOW - 30 * MINUTE), settle_min=0))
    given_permit(a_guard(replace(BEGAN, at_ns=NOW - 45 * MINUTE), settle_min=45))


def numbers(answer: Permit | Refusal) -> list[tuple[ReasonCode, float | None, float | None, str]]:
    """The reasons of a refusal with what they say in numbers."""
    assert isinstance(answer, Refusal)
    return [(one.code, one.value, one.bound, one.unit.value) for one in answer.reasons]


def test_every_refusal_says_what_was_against_what() -> None:
    """The morning tells a person in numbers why nothing was done, so they are the true ones, in their unit."""
    guard = a_guard(replace(BEGAN, at_ns=NOW - 12 * MINUTE), caps(per_episode=1, per_hour=-1, per_18_hours=0))
    told = numbers(
        guard.ask(
            replace(REQUEST, level=5, duration_ms=61_000, strength_percent=99),
            facts(heart_age_ms=20_000, good_since_ns=NOW - 90 * S, awake_before_onset_ms=95_000),
        )
    )
    assert told == [
        (ReasonCode.LEVEL_CEILING, 5, 4, ""),
        (ReasonCode.STRENGTH_CEILING, 99, 80, "%"),
        (ReasonCode.CAP_NIGHT, 0, 0, ""),
        (ReasonCode.CAP_HOUR, 0, 0, ""),
        (ReasonCode.CAP_ENERGY, 61, 6, "s"),
        (ReasonCode.SETTLING_IN, 12, 30, "min"),
        (ReasonCode.DATA_STALE, 20, 15, "s"),
        (ReasonCode.WARMING_UP, 90, 300, "s"),
        (ReasonCode.AWAKE_LIKELY, 95, 90, "s"),
        (ReasonCode.NOT_LOWEST_FIRST, 5, 1, ""),
    ]


def test_a_refusal_counts_what_was_given() -> None:
    """Within a night: so many of so many, and the step that would have been next."""
    guard = a_guard(BEGAN, caps(per_episode=2, per_hour=2, per_18_hours=2, energised_s=5))
    given_permit(guard, NOW)
    given_permit(guard, NOW + MINUTE, level=2)
    assert numbers(guard.ask(replace(REQUEST, level=4), facts(NOW + 2 * MINUTE))) == [
        (ReasonCode.CAP_NIGHT, 2, 2, ""),
        (ReasonCode.CAP_EPISODE, 2, 2, ""),
        (ReasonCode.CAP_HOUR, 2, 2, ""),
        (ReasonCode.CAP_ENERGY, 6, 5, "s"),
        (ReasonCode.STEP_TOO_HIGH, 4, 3, ""),
    ]


def test_without_numbers_a_refusal_has_none() -> None:
    """Time before lights-out and data never good are no numbers."""
    guard = Guard.with_caps(caps(), 30, 4, True)
    guard.note(Restarted(NOW - 1, "this boot"))
    told = numbers(guard.ask(REQUEST, facts(heart_quality=Quality.NEVER, heart_age_ms=None, good_since_ns=None)))
    assert told == [
        (ReasonCode.MODE_WATCH_ONLY, None, None, ""),
        (ReasonCode.SETTLING_IN, 0, 30, "min"),
        (ReasonCode.NEVER_HEARD, None, None, ""),
        (ReasonCode.WARMING_UP, 0, 300, "s"),
    ]


def test_a_stale_reason_carries_its_age_and_its_limit() -> None:
    """The morning can say how old the last heart rate was."""
    answer = a_guard().ask(REQUEST, facts(heart_age_ms=21_000, heart_quality=Quality.STALE))
    assert isinstance(answer, Refusal)
    assert [(one.value, one.bound, one.unit.value) for one in answer.reasons] == [(21.0, 15.0, "s")]


REQUESTS: tuple[tuple[str, dict[str, Any], ReasonCode], ...] = (
    ("not the lowest first", {"level": 2}, ReasonCode.NOT_LOWEST_FIRST),
    ("too long", {"duration_ms": 6_001}, ReasonCode.CAP_ENERGY),
    ("too long a sound", {"duration_ms": 6_001, "output": Output.SOUND, "strength_percent": 20}, ReasonCode.CAP_ENERGY),
    ("too long a light", {"duration_ms": 6_001, "output": Output.LIGHT, "strength_percent": 5}, ReasonCode.CAP_ENERGY),
    ("too strong", {"strength_percent": 81}, ReasonCode.STRENGTH_CEILING),
    ("too loud", {"strength_percent": 51, "output": Output.SOUND}, ReasonCode.STRENGTH_CEILING),
    ("too bright", {"strength_percent": 21, "output": Output.LIGHT}, ReasonCode.STRENGTH_CEILING),
    ("a strength that nobody said", {"strength_percent": 0}, ReasonCode.BROKEN_NUMBER),
    ("a purpose nobody knows", {"purpose": "nudge"}, ReasonCode.PURPOSE_UNKNOWN),
    ("an output nobody knows", {"output": "vibration"}, ReasonCode.NO_OUTPUT),
    ("no level", {"level": 0}, ReasonCode.BROKEN_NUMBER),
    ("no duration", {"duration_ms": 0}, ReasonCode.BROKEN_NUMBER),
)


@pytest.mark.parametrize(("changed", "code"), [case[1:] for case in REQUESTS], ids=[case[0] for case in REQUESTS])
def test_one_wrong_in_the_request_refuses(changed: dict[str, Any], code: ReasonCode) -> None:
    """What is asked for must itself be within bounds."""
    assert codes(a_guard().ask(replace(REQUEST, **changed), facts())) == [code]


@pytest.mark.parametrize(
    ("began", "other", "code"),
    [
        (replace(BEGAN, mode=Mode.SHAM), {}, ReasonCode.MODE_SHAM),
        (replace(BEGAN, mode=Mode.WATCH_ONLY), {}, ReasonCode.MODE_WATCH_ONLY),
        (BEGAN, {"armed": False}, ReasonCode.MODE_WATCH_ONLY),
        (BEGAN, {"armed": 1}, ReasonCode.MODE_WATCH_ONLY),
        (replace(BEGAN, ledger=Ledger(readable=False)), {}, ReasonCode.LEDGER_UNREADABLE),
        (replace(BEGAN, at_ns=NOW - 30 * MINUTE + 1), {}, ReasonCode.SETTLING_IN),
        (replace(BEGAN, at_ns=NOW - 45 * MINUTE + 1), {"settle_min": 45}, ReasonCode.SETTLING_IN),
        (replace(BEGAN, at_ns=NOW - 30 * MINUTE + 1), {"settle_min": 0}, ReasonCode.SETTLING_IN),
        (BEGAN, {"settle_min": math.nan}, ReasonCode.SETTLING_IN),
        (BEGAN, {"settle_min": -1}, ReasonCode.SETTLING_IN),
        (BEGAN, {"top_level": 0}, ReasonCode.LEVEL_CEILING),
        (BEGAN, {"top_level": None}, ReasonCode.LEVEL_CEILING),
        (BEGAN, {"settings": caps(per_episode=0)}, ReasonCode.CAP_EPISODE),
        (BEGAN, {"settings": caps(per_hour=None)}, ReasonCode.CAP_HOUR),
        (BEGAN, {"settings": caps(per_18_hours=math.nan)}, ReasonCode.CAP_NIGHT),
        (BEGAN, {"settings": caps(energised_s=1)}, ReasonCode.CAP_ENERGY),
        (BEGAN, {"settings": caps(energised_s=True)}, ReasonCode.CAP_ENERGY),
    ],
)
def test_one_thing_about_the_night_refuses(began: NightBegan, other: dict[str, Any], code: ReasonCode) -> None:
    """Mode, ledger, lights-out and settings forbid a nudge alone; a setting that is broken allows nothing."""
    assert codes(a_guard(began, **other).ask(REQUEST, facts())) == [code]


def test_before_lights_out_nothing_is_permitted() -> None:
    """A guard that was told nothing of the night refuses."""
    guard = Guard.with_caps(caps(), 30, 4, True)
    assert ReasonCode.SETTLING_IN in codes(guard.ask(REQUEST, facts()))


def test_a_broken_lights_out_is_no_lights_out() -> None:
    """Without an instant of lights-out the night never begins for the guard."""
    broken: Any = replace(BEGAN, at_ns=math.nan)  # type: ignore[arg-type]
    assert ReasonCode.SETTLING_IN in codes(a_guard(broken).ask(REQUEST, facts()))


@pytest.mark.parametrize("mode", ["on", None, math.nan])
def test_a_mode_nobody_knows_is_to_watch_only(mode: Any) -> None:
    """A broken mode forbids, and a second lights-out does not make it good."""
    guard = a_guard(replace(BEGAN, mode=mode))
    guard.note(replace(BEGAN, at_ns=NOW - 2 * HOUR))
    assert codes(guard.ask(REQUEST, facts())) == [ReasonCode.MODE_WATCH_ONLY]


def test_a_second_lights_out_believes_no_older_data() -> None:
    """What was stale for the source that was declared first stays so."""
    guard = a_guard()
    guard.note(replace(BEGAN, at_ns=NOW - 2 * HOUR, heart_cadence_ms=None))
    assert codes(guard.ask(REQUEST, facts(heart_age_ms=15_001))) == [ReasonCode.DATA_STALE]
    given_permit(guard)


def test_a_second_lights_out_can_only_be_stricter() -> None:
    """It settles anew and forgets neither a hold nor that the night is not for nudging."""
    guard = a_guard(replace(BEGAN, mode=Mode.SHAM))
    guard.note(Marked(NOW - HOUR, Mark.STOP))
    guard.note(replace(BEGAN, at_ns=NOW - MINUTE))
    expected = [ReasonCode.MODE_SHAM, ReasonCode.HELD, ReasonCode.SETTLING_IN, ReasonCode.WARMING_UP]
    assert codes(guard.ask(REQUEST, facts())) == expected


def test_every_reason_is_given_the_longest_lasting_first() -> None:
    """A refusal does not stop at the first rule."""
    guard = a_guard(replace(BEGAN, mode=Mode.WATCH_ONLY))
    guard.note(Held(NOW))
    answer = guard.ask(replace(REQUEST, level=3), facts(heart_quality=Quality.FLAT, upright=True))
    assert codes(answer) == [
        ReasonCode.MODE_WATCH_ONLY,
        ReasonCode.HELD,
        ReasonCode.DATA_FLAT,
        ReasonCode.AWAKE_UPRIGHT,
        ReasonCode.NOT_LOWEST_FIRST,
    ]


def test_an_episode_goes_up_one_step_at_a_time_and_ends_at_its_cap() -> None:
    """The next level is at most one higher, and the fifth nudge of an episode is refused."""
    guard = a_guard()
    for number, level in enumerate((1, 2, 3, 4)):
        at_ns = NOW + number * MINUTE
        too_high = guard.ask(replace(REQUEST, level=level + 1), facts(at_ns))
        assert set(codes(too_high)) & {ReasonCode.NOT_LOWEST_FIRST, ReasonCode.STEP_TOO_HIGH, ReasonCode.LEVEL_CEILING}
        given_permit(guard, at_ns, level=level)
    assert codes(guard.ask(replace(REQUEST, level=4), facts(NOW + HOUR // 2))) == [ReasonCode.CAP_EPISODE]


def test_another_episode_begins_at_the_lowest_step() -> None:
    """What was reached in one episode gives no leave in the next, and none when the first is taken up again."""
    guard = a_guard()
    given_permit(guard, NOW)
    given_permit(guard, NOW + MINUTE, level=2)
    other = replace(REQUEST, episode=2, level=2)
    assert codes(guard.ask(other, facts(NOW + 2 * MINUTE))) == [ReasonCode.NOT_LOWEST_FIRST]
    given_permit(guard, NOW + 2 * MINUTE, episode=2)
    again = replace(REQUEST, level=3)
    assert codes(guard.ask(again, facts(NOW + 3 * MINUTE))) == [ReasonCode.NOT_LOWEST_FIRST]


def test_after_a_failure_the_next_is_not_stronger() -> None:
    """A nudge that failed was perhaps not felt, so the step after it is the same one."""
    guard = a_guard()
    given_permit(guard, NOW)
    permit = given_permit(guard, NOW + MINUTE, level=2)
    guard.note(OutputFailed(NOW + MINUTE, permit.serial, Output.VIBRATION))
    stronger = replace(REQUEST, level=3, output=Output.SOUND)
    assert codes(guard.ask(stronger, facts(NOW + 2 * MINUTE))) == [ReasonCode.STEP_TOO_HIGH]
    given_permit(guard, NOW + 2 * MINUTE, level=2, output=Output.SOUND)


def test_one_permit_is_out_at_a_time() -> None:
    """Within two seconds of a permit there is no other, used or not."""
    guard = a_guard()
    given_permit(guard)
    assert codes(guard.ask(REQUEST, facts(NOW + 2 * S - 1))) == [ReasonCode.PERMIT_PENDING]
    given_permit(guard, NOW + 2 * S)


@pytest.mark.parametrize("output", list(Output))
def test_every_output_has_a_highest_level(output: Output) -> None:
    """No settings lift an output over its ceiling, which is where its ladder ends."""
    guard = a_guard(top_level=99)
    top = len(LADDERS[output])
    for level in range(1, top + 1):
        strength = LADDERS[output][level - 1].strength_percent
        given_permit(guard, NOW + level * MINUTE, level=level, output=output, strength_percent=strength)
    above = replace(REQUEST, level=top + 1, output=output, strength_percent=1)
    assert ReasonCode.LEVEL_CEILING in codes(guard.ask(above, facts(NOW + 10 * MINUTE)))


@pytest.mark.parametrize("output", list(Output))
def test_no_ladder_goes_over_its_ceilings(output: Output) -> None:
    """What the ladder may ask for at its highest is just what the guard allows, step by step: nothing in vain."""
    strengths = tuple(step.strength_percent for step in LADDERS[output])
    assert strengths == STRENGTH_CEILING[output] == tuple(sorted(set(strengths)))
    assert max(step.duration_ms for step in LADDERS[output]) <= DURATION_CEILING_MS[output]


UNDATED: tuple[tuple[str, tuple[Input, ...], int, ReasonCode], ...] = (
    ("resumed", (Resumed(math.nan, 9),), 5 * MINUTE, ReasonCode.WARMING_UP),  # type: ignore[arg-type]
    ("clock step", (ClockStepped(2**61, 9),), 5 * MINUTE, ReasonCode.WARMING_UP),
    ("link regained", (LinkRegained(True),), 5 * MINUTE, ReasonCode.WARMING_UP),
    ("put on", (Contact(NOW, False), Contact(1.5, True)), 5 * MINUTE, ReasonCode.WARMING_UP),  # type: ignore[arg-type]
    ("awake", (Marked(math.nan, Mark.AWAKE),), 15 * MINUTE, ReasonCode.AWAKE_MARKED),  # type: ignore[arg-type]
)


@pytest.mark.parametrize(
    ("events", "wait_ns", "code"), [case[1:] for case in UNDATED], ids=[case[0] for case in UNDATED]
)
def test_what_has_no_instant_happened_at_the_next_that_is_believed(
    events: tuple[Input, ...], wait_ns: int, code: ReasonCode
) -> None:
    """A broken instant makes no wait shorter: it is counted from the first time that can be trusted again."""
    guard = a_guard()
    for event in events:
        guard.note(event)
    later = NOW + 2 * HOUR
    for at_ns in (later, later + wait_ns - 1):
        assert code in codes(guard.ask(REQUEST, facts(at_ns)))
    given_permit(guard, later + wait_ns)


@pytest.mark.parametrize("at_ns", [math.nan, None, 2**61])
@pytest.mark.parametrize("start", [BEGAN, Restarted(NOW, "this boot"), Restarted(NOW, "the next boot")])
def test_a_start_without_an_instant_cannot_tell_when_a_nudge_was(start: NightBegan | Restarted, at_ns: Any) -> None:
    """Its ledger has no place on the clock, so the budget counts as spent, and all waits begin when time is known."""
    guard = a_guard()
    guard.note(replace(start, at_ns=at_ns))
    reasons = codes(guard.ask(REQUEST, facts(NOW + MINUTE)))
    assert reasons[0] is ReasonCode.LEDGER_UNREADABLE
    assert ReasonCode.WARMING_UP in reasons
    assert (ReasonCode.SETTLING_IN in reasons) is (type(start) is NightBegan)
    assert codes(guard.ask(REQUEST, facts(NOW + HOUR))) == [ReasonCode.LEDGER_UNREADABLE]


# -- tests by day ---------------------------------------------------------------------------------------------------

TEST = replace(REQUEST, purpose=Purpose.TEST)
NO_FACTS = Facts(NOW, Quality.NEVER, None, None, 0, upright=True)


def a_day(*rows: LedgerRow, **other: Any) -> Guard:
    """A guard by day, not armed, to which the ledger was shown."""
    one = Guard.with_caps(other.pop("settings", caps()), 30, other.pop("top_level", 4), False)
    one.note(Restarted(NOW - 1, "this boot", ledger=Ledger(rows), **other))
    return one


def test_an_output_is_tried_by_day_without_a_wearable_and_without_being_armed() -> None:
    """Somebody who is awake and asks for it feels the first step, whatever the night's settings are."""
    answer = a_day().ask(TEST, NO_FACTS)
    assert isinstance(answer, Permit)
    assert (answer.serial, answer.request, answer.issued_ns) == (1, TEST, NOW)


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (BEGAN, ReasonCode.NIGHT_BEGUN),
        (replace(BEGAN, mode=Mode.WATCH_ONLY), ReasonCode.NIGHT_BEGUN),
        (replace(BEGAN, at_ns=math.nan), ReasonCode.NIGHT_BEGUN),  # type: ignore[arg-type]
        (NightEnded(NOW), ReasonCode.NIGHT_BEGUN),
        (Held(NOW), ReasonCode.HELD),
        (Held(NOW, NOW + 1), ReasonCode.HELD),
        (Marked(NOW, Mark.STOP), ReasonCode.HELD),
        (OutputFailed(NOW, 1, Output.VIBRATION), ReasonCode.NO_OUTPUT),
        (Restarted(NOW, "this boot", ledger=Ledger(readable=False)), ReasonCode.LEDGER_UNREADABLE),
    ],
)
def test_what_forbids_a_test_by_day(event: Input, code: ReasonCode) -> None:
    """Once a night has begun nothing is tried; stop is stop, and what cannot be counted is not done."""
    guard = a_day()
    guard.note(event)
    assert codes(guard.ask(TEST, NO_FACTS)) == [code]


def test_a_guard_that_was_shown_no_ledger_tries_nothing() -> None:
    """By day too, not to know what was spent is to have spent it."""
    guard = Guard.with_caps(caps(), 30, 4, False)
    assert codes(guard.ask(TEST, NO_FACTS)) == [ReasonCode.LEDGER_UNREADABLE]


@pytest.mark.parametrize("at_ns", [NOW - 2, NOW + 27 * HOUR])
def test_the_clock_by_day_is_believed_no_more_than_by_night(at_ns: int) -> None:
    """A permit of an instant that cannot be would count for nothing."""
    assert codes(a_day().ask(TEST, replace(NO_FACTS, at_ns=at_ns))) == [ReasonCode.CLOCK_DOUBTFUL]


def test_a_crash_lets_no_second_test_run_into_the_first() -> None:
    """The permit that is out stands in the ledger, so one that came back knows of it."""
    guard = a_day(row(0, 1, night="", purpose=Purpose.TEST))
    assert codes(guard.ask(TEST, replace(NO_FACTS, at_ns=NOW + S))) == [ReasonCode.PERMIT_PENDING]
    assert isinstance(guard.ask(TEST, replace(NO_FACTS, at_ns=NOW + 2 * S)), Permit)


def test_a_reboot_between_day_and_night_leaves_no_permit_in_the_future() -> None:
    """What was tried on the clock of another boot keeps no night silent."""
    guard = a_day()
    assert isinstance(guard.ask(TEST, NO_FACTS), Permit)
    guard.armed = True
    guard.note(replace(BEGAN, at_ns=HOUR, boot_id="the next boot"))
    given_permit(guard, 2 * HOUR)


def test_a_hold_that_ran_out_forbids_no_test() -> None:
    """A hold of the night before does not keep the day quiet."""
    guard = a_day()
    guard.note(Held(NOW - HOUR, NOW))
    assert isinstance(guard.ask(TEST, NO_FACTS), Permit)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"level": 2}, ReasonCode.NOT_LOWEST_FIRST),
        ({"strength_percent": 81}, ReasonCode.STRENGTH_CEILING),
        ({"duration_ms": 6_001}, ReasonCode.CAP_ENERGY),
    ],
)
def test_a_test_goes_up_the_same_ladder(changed: dict[str, Any], code: ReasonCode) -> None:
    """Being awake is no leave for more than a sleeper may get."""
    assert codes(a_day().ask(replace(TEST, **changed), NO_FACTS)) == [code]
    assert ReasonCode.LEVEL_CEILING in codes(a_day(top_level=1).ask(replace(TEST, level=2), NO_FACTS))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row(0.5, n, purpose=Purpose.TEST) for n in range(23)], []),
        ([row(0.5, n, purpose=Purpose.TEST) for n in range(24)], [ReasonCode.CAP_HOUR]),
        ([row(0.5, n) for n in range(24)], [ReasonCode.CAP_HOUR]),
        ([row(60, n, purpose=Purpose.TEST) for n in range(24)], [ReasonCode.CAP_HOUR]),
        ([row(60.1, n, purpose=Purpose.TEST) for n in range(24)], []),
        ([row(60 + n, n, purpose=Purpose.TEST) for n in range(48)], [ReasonCode.CAP_NIGHT]),
        ([row(61 + n, n, purpose=Purpose.TEST) for n in range(47)], []),
        ([row(70, 1, duration_ms=238_000)], []),
        ([row(70, 1, duration_ms=238_001)], [ReasonCode.CAP_ENERGY]),
        ([row(70, n, night="", episode=1, purpose=Purpose.TEST) for n in range(4)], [ReasonCode.CAP_EPISODE]),
    ],
)
def test_tests_have_a_row_of_caps_of_their_own(rows: list[LedgerRow], expected: list[ReasonCode]) -> None:
    """Twenty-four an hour, forty-eight and four minutes in eighteen hours, four a go; a night's nudges count too."""
    assert codes(a_day(*rows, settings=caps(0, 0, 0, 0)).ask(TEST, NO_FACTS)) == expected


def test_nothing_tried_by_day_counts_for_the_night() -> None:
    """Whoever tries the outputs in the evening is kept company in the night all the same."""
    tried = tuple(row(40 + n, n, purpose=Purpose.TEST, duration_ms=5_000) for n in range(48))
    guard = a_guard(replace(BEGAN, ledger=Ledger(tried)), caps(4, 6, 12, 60))
    for number in range(4):
        given_permit(guard, NOW + number * MINUTE)
    assert guard.within_caps(NOW + 4 * MINUTE).value == 4


def test_a_guard_that_tried_by_day_begins_its_night_at_the_lowest_step() -> None:
    """Steps climbed by day are no leave to begin higher, and their permits keep their numbers."""
    guard = a_day()
    for level in (1, 2, 3):
        assert isinstance(guard.ask(replace(TEST, level=level), replace(NO_FACTS, at_ns=NOW + level * MINUTE)), Permit)
    guard.armed = True
    guard.note(replace(BEGAN, at_ns=NOW + HOUR))
    later = NOW + 2 * HOUR
    assert codes(guard.ask(replace(REQUEST, level=2), facts(later))) == [ReasonCode.NOT_LOWEST_FIRST]
    assert given_permit(guard, later).serial == 4


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row(59.9, n) for n in range(5)], []),
        ([row(60, n) for n in range(6)], [ReasonCode.CAP_HOUR]),
        ([row(60.1, n) for n in range(6)], []),
        ([row(30, n, duration_ms=0) for n in range(5)], []),
        ([row(100 + 80 * n, n) for n in range(11)], []),
        ([row(90 * (n + 1), n) for n in range(12)], [ReasonCode.CAP_NIGHT]),
        ([row(18 * 60.1, n) for n in range(12)], []),
        ([row(70, 1, duration_ms=58_000)], []),
        ([row(70, 1, duration_ms=58_001)], [ReasonCode.CAP_ENERGY]),
        ([row(18 * 60.1, 1, duration_ms=60_000)], []),
        ([row(61 + n, n, night="tonight", episode=1) for n in range(4)], [ReasonCode.CAP_EPISODE]),
        ([row(61 + n, n, episode=1) for n in range(4)], []),
    ],
)
def test_the_ceilings_hold_over_nights_of_one_boot(rows: list[LedgerRow], expected: list[ReasonCode]) -> None:
    """Six an hour, twelve and sixty seconds in eighteen hours, four an episode, whatever the settings say."""
    guard = a_guard(BEGAN, caps(99, 99, 99, 99))
    guard.note(Restarted(NOW - 10 * MINUTE, "this boot", ledger=Ledger(tuple(rows))))
    assert codes(guard.ask(REQUEST, facts())) == expected


@pytest.mark.parametrize(
    ("code", "lower"),
    [
        (ReasonCode.CAP_EPISODE, caps(per_episode=2)),
        (ReasonCode.CAP_HOUR, caps(per_hour=2)),
        (ReasonCode.CAP_NIGHT, caps(per_18_hours=2)),
        (ReasonCode.CAP_ENERGY, caps(energised_s=5)),
    ],
)
def test_settings_lower_the_caps(code: ReasonCode, lower: CapSettings) -> None:
    """With a cap of two, or five seconds, the third nudge of two seconds is refused."""
    guard = a_guard(BEGAN, lower)
    given_permit(guard, NOW)
    given_permit(guard, NOW + MINUTE)
    assert codes(guard.ask(REQUEST, facts(NOW + 2 * MINUTE))) == [code]


OTHER_BOOT = [row(-1000, n, boot_id="an earlier boot", wall_ms=10**12 - n * 3_600_000) for n in range(6)]
SANE = {"wall_ms": 10**12 + 3 * 3_600_000, "wall_sane": True}


@pytest.mark.parametrize(
    ("told", "rows", "expected"),
    [
        ({}, OTHER_BOOT, [ReasonCode.CAP_HOUR]),
        (SANE, OTHER_BOOT, []),
        ({**SANE, "wall_sane": False}, OTHER_BOOT, [ReasonCode.CAP_HOUR]),
        ({**SANE, "wall_sane": 1}, OTHER_BOOT, [ReasonCode.CAP_HOUR]),
        ({**SANE, "wall_ms": None}, OTHER_BOOT, [ReasonCode.CAP_HOUR]),
        ({**SANE, "wall_ms": 1.0e12}, OTHER_BOOT, [ReasonCode.CAP_HOUR]),
        (SANE, [replace(one, wall_ms=None) for one in OTHER_BOOT], [ReasonCode.CAP_HOUR]),
        ({**SANE, "wall_ms": 0}, OTHER_BOOT, [ReasonCode.CAP_HOUR]),
        (
            {**SANE, "boot_id": ""},
            [replace(one, boot_id="", wall_ms=None) for one in OTHER_BOOT],
            [ReasonCode.CAP_HOUR],
        ),
        (
            {**SANE, "boot_id": ""},
            [replace(one, boot_id="", wall_ms=None, at_ns=NOW - 2 * HOUR) for one in OTHER_BOOT],
            [ReasonCode.CAP_HOUR],
        ),
        ({}, [row(-1000, n) for n in range(6)], [ReasonCode.CAP_HOUR]),
    ],
    ids=[
        "another boot counts as now",
        "a sane wall clock proves when it was",
        "a doubtful wall clock proves nothing",
        "sane must be said",
        "an unknown wall clock proves nothing",
        "a broken wall clock proves nothing",
        "an unknown row proves nothing",
        "rows from the future count as now",
        "an unnamed boot is another boot",
        "even where its clock would fit",
        "rows of this boot from the future count as now",
    ],
)
def test_rows_of_earlier_boots(told: dict[str, Any], rows: list[LedgerRow], expected: list[ReasonCode]) -> None:
    """What cannot be told counts as now, the instant at which the ledger was read."""
    guard = a_guard()
    guard.hindrances(facts())
    guard.note(Restarted(**{"at_ns": NOW, "boot_id": "this boot", "ledger": Ledger(tuple(rows)), **told}))
    assert codes(guard.ask(REQUEST, facts(NOW + 10 * MINUTE))) == expected


@pytest.mark.parametrize(
    "ledger",
    [
        Ledger(readable=False),
        Ledger((row(9, wall_ms=1.5),)),
        Ledger((row(9, duration_ms=-1),)),
        Ledger((row(9, at_ns=None),)),
        Ledger((row(9, permit=True),)),
        Ledger((row(9, night=None),)),
        Ledger((row(9, boot_id=7),)),
        Ledger(("a row",)),  # type: ignore[arg-type]
        Ledger([row(9)]),  # type: ignore[arg-type]
        raw(Ledger, rows=(), readable=1),
        None,
    ],
)
def test_a_ledger_that_cannot_be_read_spends_the_budget_for_the_night(ledger: Any) -> None:
    """Not to know what was spent is to have spent it; a later ledger does not make it good."""
    guard = a_guard(replace(BEGAN, ledger=ledger))
    guard.note(Restarted(NOW - HOUR, "this boot", ledger=Ledger()))
    assert codes(guard.ask(REQUEST, facts())) == [ReasonCode.LEDGER_UNREADABLE]


@pytest.mark.parametrize("began", [replace(BEGAN, night=None), replace(BEGAN, boot_id=3)])  # type: ignore[arg-type]
def test_a_night_without_a_name_has_no_ledger(began: NightBegan) -> None:
    """Rows that cannot be told apart cannot be counted."""
    assert codes(a_guard(began).ask(REQUEST, facts())) == [ReasonCode.LEDGER_UNREADABLE]


def test_a_restart_forgets_no_permit_and_counts_none_twice() -> None:
    """The permits it remembers and the rows of the ledger are united by night, permit and boot."""
    guard = a_guard()
    for number in range(3):
        given_permit(guard, NOW + number * MINUTE)
    kept = [one for one in guard.memory.rows if one.permit != 2]
    guard.note(Restarted(NOW + HOUR, "this boot", ledger=Ledger((*kept, row(50, 7, night="tonight")))))
    assert sorted(one.permit for one in guard.memory.rows) == [1, 2, 3, 7]
    assert given_permit(guard, NOW + 2 * HOUR, episode=2).serial == 8


def test_a_ledger_cannot_make_a_permit_of_this_boot_older() -> None:
    """Of two instants within one boot the later stands."""
    guard = a_guard()
    given_permit(guard)
    older = [replace(one, at_ns=0) for one in guard.memory.rows]
    guard.note(Restarted(NOW + MINUTE, "this boot", ledger=Ledger(tuple(older))))
    assert [one.at_ns for one in guard.memory.rows] == [NOW]


def test_rows_of_nights_long_past_are_not_kept() -> None:
    """The memory does not grow with the years."""
    rows = (row(18 * 60.1, 1), row(18 * 60, 2), row(30 * 60, 3, night="tonight"))
    guard = a_guard(replace(BEGAN, at_ns=NOW, ledger=Ledger(rows)))
    assert [one.permit for one in guard.memory.rows] == [2, 3]
    assert NOW - guard.memory.rows[0].at_ns == NIGHT_NS


def test_after_a_restart_the_ladder_begins_anew() -> None:
    """Nobody looked at the answer while Vigil was away."""
    guard = a_guard()
    given_permit(guard)
    guard.note(Restarted(NOW + MINUTE, "this boot"))
    later = facts(NOW + HOUR)
    assert codes(guard.ask(replace(REQUEST, level=2), later)) == [ReasonCode.NOT_LOWEST_FIRST]


def test_a_reboot_keeps_the_night_on_the_new_clock() -> None:
    """The clock starts anew; holds last as long as they would have, and what was given counts as now."""
    guard = a_guard()
    for number in range(6):
        given_permit(guard, NOW + number * MINUTE, episode=number + 1)
    at_ns = NOW + 5 * MINUTE
    guard.note(Marked(at_ns, Mark.AWAKE))
    guard.note(Held(at_ns, at_ns + 20 * MINUTE))
    guard.note(Restarted(30 * S, "the next boot"))
    cases: tuple[tuple[int, list[ReasonCode]], ...] = (
        (6 * MINUTE, [ReasonCode.CAP_HOUR, ReasonCode.HELD, ReasonCode.AWAKE_MARKED]),
        (20 * MINUTE, [ReasonCode.CAP_HOUR, ReasonCode.HELD]),
        (21 * MINUTE, [ReasonCode.CAP_HOUR]),
        (HOUR + MINUTE, []),
    )
    for since_ns, expected in cases:
        asked = replace(REQUEST, episode=9)
        assert codes(guard.ask(asked, facts(since_ns, good_since_ns=0))) == expected


def test_a_reboot_with_an_absurd_clock_silences_the_night() -> None:
    """A new clock far ahead of the old one is not believed."""
    guard = a_guard()
    guard.note(Restarted(NOW + 1000 * HOUR, "the next boot"))
    assert codes(guard.ask(REQUEST, facts(NOW + 1001 * HOUR))) == [ReasonCode.CLOCK_DOUBTFUL]


def test_an_absurd_clock_once_does_not_poison_the_night() -> None:
    """A refusal for a doubtful clock leaves the guard as it was."""
    guard = a_guard()
    before = dumps(guard)
    for at_ns in (NOW + 1000 * HOUR, 2**62, 2**80, -(2**62), NOW - 4 * HOUR):
        assert isinstance(guard.ask(REQUEST, facts(at_ns, good_since_ns=0)), Refusal)
    assert dumps(guard) == before
    given_permit(guard)


@pytest.mark.parametrize("at_ns", [NOW, *BROKEN])
def test_before_any_start_no_input_raises_or_opens_anything(at_ns: Any) -> None:
    """Whatever is heard before Vigil has begun, the first word is still that no ledger was shown."""
    guard = Guard.with_caps(caps(), 30, 4, True)
    for event in (
        OutputFailed(at_ns, 0, Output.SOUND),
        Held(at_ns, at_ns),
        Released(at_ns),
        Marked(at_ns, Mark.AWAKE),
        LinkLost(at_ns),
        LinkRegained(at_ns),
        Contact(at_ns, False),
        Contact(at_ns, True),
        Resumed(at_ns, at_ns),
        ClockStepped(at_ns, at_ns),
        OutputProbed(at_ns, Output.LIGHT, at_ns),
        Trouble(at_ns, at_ns),
    ):
        guard.note(event)
        for request in (REQUEST, replace(REQUEST, purpose=Purpose.TEST)):
            assert ReasonCode.LEDGER_UNREADABLE in codes(guard.ask(request, facts()))
        assert loads(dumps(guard)) == guard


ANYTHING = st.one_of(
    st.sampled_from(BROKEN),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    st.booleans(),
    st.sampled_from(Quality),
    st.sampled_from(Output),
)


@given(name=st.sampled_from([one.name for one in fields(Facts)]), value=ANYTHING)
def test_no_value_of_a_fact_raises_or_slips_through(name: str, value: Any) -> None:
    """Whatever stands in for a fact, the guard answers, and says yes only to a whole and right one."""
    answer = a_guard().ask(REQUEST, replace(facts(), **{name: value}))
    if isinstance(answer, Permit):
        whole = type(value) is int and name not in {"heart_quality", "upright"}
        assert whole or value in (Quality.GOOD, False)
    else:
        assert answer.reasons


@given(name=st.sampled_from([one.name for one in fields(NudgeRequest)]), value=ANYTHING)
def test_no_value_of_a_request_raises_or_slips_through(name: str, value: Any) -> None:
    """Whatever is asked, the guard answers, and says yes only to whole numbers and known outputs."""
    answer = a_guard().ask(replace(REQUEST, **{name: value}), facts())
    if isinstance(answer, Permit):
        assert type(value) is int or isinstance(value, Output)
        assert answer.request.duration_ms <= 6_000
    else:
        assert answer.reasons


@given(value=ANYTHING, name=st.sampled_from(["per_episode", "per_hour", "per_18_hours", "energised_s"]))
def test_no_value_of_a_cap_raises_it(name: str, value: Any) -> None:
    """Under any setting whatever, the ceilings are the most there is."""
    guard = a_guard(BEGAN, caps(**{name: value}))
    count = 0
    for episode in range(1, 20):
        asked = replace(REQUEST, episode=episode, duration_ms=6_000)
        count += isinstance(guard.ask(asked, facts(NOW + episode * MINUTE)), Permit)
    assert count <= CEILINGS[Purpose.NUDGE].per_hour


@pytest.mark.parametrize("nothing", [None, "a nudge", 7, math.nan, REQUEST])
def test_what_is_no_request_or_no_fact_is_refused(nothing: Any) -> None:
    """Foreign objects are refused as broken."""
    if nothing is not REQUEST:
        assert codes(a_guard().ask(nothing, facts())) == [ReasonCode.BROKEN_NUMBER]
    assert codes(a_guard().ask(REQUEST, nothing)) == [ReasonCode.BROKEN_NUMBER]


def test_data_never_heard_have_no_age_and_are_not_broken() -> None:
    """Before the first heart rate the reason is that there was none."""
    answer = a_guard().ask(REQUEST, facts(heart_quality=Quality.NEVER, heart_age_ms=None, good_since_ns=None))
    assert codes(answer) == [ReasonCode.NEVER_HEARD, ReasonCode.WARMING_UP]
    assert codes(a_guard().ask(REQUEST, facts(heart_age_ms=None))) == [ReasonCode.BROKEN_NUMBER]


def test_hindrances_name_what_stands_in_the_way_and_move_only_time() -> None:
    """The controller learns why from the guard, without asking for anything; a doubtful instant moves nothing."""
    guard = a_guard()
    guard.note(Held(NOW, NOW + MINUTE))
    before = dumps(guard)
    assert [one.code for one in guard.hindrances(facts())] == [ReasonCode.HELD]
    assert [one.code for one in guard.hindrances(facts(2**80))] == [ReasonCode.BROKEN_NUMBER]
    assert [one.code for one in guard.hindrances(facts(NOW - 1))] == [ReasonCode.CLOCK_DOUBTFUL]
    assert dumps(guard) == before
    assert guard.hindrances(facts(NOW + MINUTE)) == ()
    assert [one.code for one in guard.hindrances(facts(NOW))] == [ReasonCode.CLOCK_DOUBTFUL]


def test_hindrances_name_night_and_data_the_longest_lasting_first() -> None:
    """Whatever alone forbids everything is named: hold, half an hour, link, wrist, age, warmth."""
    guard = a_guard(replace(BEGAN, at_ns=NOW - MINUTE))
    for event in (Held(NOW), LinkLost(NOW), Contact(NOW, False)):
        guard.note(event)
    found = guard.hindrances(facts(heart_quality=Quality.STALE, heart_age_ms=20_000))
    assert [one.code for one in found] == [
        ReasonCode.HELD,
        ReasonCode.SETTLING_IN,
        ReasonCode.LINK_LOST,
        ReasonCode.OFF_WRIST,
        ReasonCode.DATA_STALE,
        ReasonCode.WARMING_UP,
    ]


def test_the_hour_is_counted_for_the_reasons_of_a_nudge() -> None:
    """With a permit given, the hour has had one, within its limit."""
    guard = a_guard(BEGAN, caps(per_hour=3))
    given_permit(guard)
    reason = guard.within_caps(NOW)
    assert (reason.code, reason.value, reason.bound) == (ReasonCode.WITHIN_CAPS, 1, 3)


def test_a_guard_brought_back_is_the_same_guard() -> None:
    """What was saved answers as what was saved from."""
    guard = a_guard()
    given_permit(guard)
    guard.note(OutputFailed(NOW, 1, Output.SOUND))
    again = loads(dumps(guard))
    assert again == guard
    second = facts(NOW + MINUTE)
    assert again.ask(replace(REQUEST, level=2), second) == guard.ask(replace(REQUEST, level=2), second)


@pytest.mark.parametrize(("output", "most"), [(Output.VIBRATION, 25), (Output.SOUND, 20), (Output.LIGHT, 5)])
def test_the_first_step_is_a_weak_one(output: Output, most: int) -> None:
    """The lowest level at the highest strength is not the smallest nudge."""
    strong = replace(REQUEST, level=1, output=output, strength_percent=most + 1)
    assert numbers(a_guard().ask(strong, facts())) == [(ReasonCode.STRENGTH_CEILING, most + 1, most, "%")]
    assert isinstance(a_guard().ask(replace(strong, strength_percent=most), facts()), Permit)
