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
from vigil.control.guard import CEILINGS, Facts, Guard, Refusal
from vigil.control.ladder import LADDERS
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

NOW = 100 * HOUR
BEGAN = NightBegan(NOW - 3 * HOUR, night="tonight", boot_id="this boot", heart_cadence_ms=5_000)
REQUEST = NudgeRequest(Purpose.NUDGE, 1, Output.VIBRATION, 1, 2_000)


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
    ("off the wrist", (Contact(NOW, False),), ReasonCode.OFF_WRIST),
    ("contact unclear", (Contact(NOW, "yes"),), ReasonCode.OFF_WRIST),  # type: ignore[arg-type]
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
    ("night over", (NightEnded(NOW),), ReasonCode.NIGHT_OVER),
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
    ("released", (Held(NOW), Released(NOW))),
    ("released after stop", (Marked(NOW, Mark.STOP), Released(NOW))),
    ("marked awake a while ago", (Marked(NOW - 15 * MINUTE, Mark.AWAKE),)),
    ("a bad dream after all", (Marked(NOW, Mark.AWAKE), Marked(NOW, Mark.BAD_DREAM))),
    ("awake, then released", (Marked(NOW, Mark.AWAKE), Released(NOW))),
    ("back on the wrist", (Contact(NOW, False), Contact(NOW, True))),
    ("warm again", (LinkLost(NOW - HOUR), LinkRegained(NOW - 5 * MINUTE))),
    ("another output failed", (OutputFailed(NOW, 1, Output.SOUND),)),
    ("probed true", (OutputProbed(NOW, Output.VIBRATION, True),)),
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
    [(5_000, 15_000), (1_000, 10_000), (60_000, 180_000), (600_000, 180_000), (None, 180_000), (-1, 180_000)],
)
def test_fresh_means_three_cadences_of_the_source(cadence_ms: int | None, limit_ms: int) -> None:
    """What is old for a chest strap is fresh for a watch that sends a value a minute."""
    for age_ms, expected in ((limit_ms, []), (limit_ms + 1, [ReasonCode.DATA_STALE])):
        guard = a_guard(replace(BEGAN, heart_cadence_ms=cadence_ms))
        assert codes(guard.ask(REQUEST, facts(heart_age_ms=age_ms))) == expected


def test_a_stale_reason_carries_its_age_and_its_limit() -> None:
    """The morning can say how old the last heart rate was."""
    answer = a_guard().ask(REQUEST, facts(heart_age_ms=21_000, heart_quality=Quality.STALE))
    assert isinstance(answer, Refusal)
    assert [(one.value, one.bound, one.unit.value) for one in answer.reasons] == [(21.0, 15.0, "s")]


REQUESTS: tuple[tuple[str, dict[str, Any], ReasonCode], ...] = (
    ("not the lowest first", {"level": 2}, ReasonCode.NOT_LOWEST_FIRST),
    ("too long", {"duration_ms": 6_001}, ReasonCode.CAP_ENERGY),
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
        given_permit(guard, NOW + level * MINUTE, level=level, output=output)
    answer = guard.ask(replace(REQUEST, level=top + 1, output=output), facts(NOW + 10 * MINUTE))
    assert ReasonCode.LEVEL_CEILING in codes(answer)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row(59.9, n) for n in range(5)], []),
        ([row(60, n) for n in range(6)], [ReasonCode.CAP_HOUR]),
        ([row(60.1, n) for n in range(6)], []),
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
