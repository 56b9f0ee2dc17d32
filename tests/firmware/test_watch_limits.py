"""The limits that the watch keeps by itself: whatever is sent, whatever breaks, the motor's own record is looked at."""

from __future__ import annotations

import bisect
import json
from itertools import pairwise

import pytest

from tests.firmware.node import needs_node, pulses, ran, scene

pytestmark = needs_node

Buzz = tuple[float, float, float]
"""Start and end in milliseconds, and strength from 0 to 1."""

BURST_MS, BURST_SPAN_MS = 6_000, 10_000
NIGHT_MS, NIGHT_SPAN_MS = 60_000, 18 * 3_600_000
ROUNDING_MS = 1e-3
"""Instants are floats in the stand-in."""


def most_within(buzzes: list[Buzz], span_ms: float) -> float:
    """The most vibration in any window of so long: one of the worst begins or ends with a pulse."""
    starts = [start for start, _, _ in buzzes]
    totals = [0.0]
    for begin in [edge for start, end, _ in buzzes for edge in (start, end - span_ms)]:
        first = max(bisect.bisect_left(starts, begin) - 1, 0)
        last = bisect.bisect_left(starts, begin + span_ms)
        totals.append(sum(max(0.0, min(e, begin + span_ms) - max(s, begin)) for s, e, _ in buzzes[first:last]))
    return max(totals)


def broken(buzzes: list[Buzz]) -> list[str]:
    """The limits that a record of the motor breaks."""
    found = {
        "length": any(end - start > 1000 + ROUNDING_MS for start, end, _ in buzzes),
        "strength": any(strength > 0.8 for _, _, strength in buzzes),
        "together": any(after[0] < before[1] - ROUNDING_MS for before, after in pairwise(buzzes)),
        "burst": most_within(buzzes, BURST_SPAN_MS) > BURST_MS + ROUNDING_MS,
        "night": most_within(buzzes, NIGHT_SPAN_MS) > NIGHT_MS + ROUNDING_MS,
    }
    return [name for name, is_broken in found.items() if is_broken]


def hostile(commands: int, seed: int, *twin: str) -> list[Buzz]:
    """What the motor did under random commands, restarts, clocks that were set, and damaged files."""
    extra = (json.dumps(twin),) if twin else ()
    result = ran("hostile", str(commands), str(seed), *extra)
    assert not result["motor"], "the motor is on after everything is over"
    return [(start, end, strength) for start, end, strength in result["buzzes"]]


def test_a_hundred_thousand_hostile_commands_break_no_limit() -> None:
    """And they come close, so that the limits are what held."""
    buzzes = hostile(100_000, 7)
    assert broken(buzzes) == []
    assert len(buzzes) > 10_000
    assert most_within(buzzes, BURST_SPAN_MS) > BURST_MS - 100
    assert most_within(buzzes, NIGHT_SPAN_MS) > NIGHT_MS - 1000


TWINS = [
    ("length", "limits.js", "PULSE_MS: 1000", "PULSE_MS: 1100"),
    ("strength", "limits.js", "STRENGTH: 80", "STRENGTH: 81"),
    ("burst", "limits.js", "BURST_MS: 6000", "BURST_MS: 6100"),
    ("burst", "limits.js", "BURST_SPAN_MS: 10000", "BURST_SPAN_MS: 7000"),
    ("night", "limits.js", "NIGHT_MS: 60000", "NIGHT_MS: 62000"),
    ("night", "limits.js", "NIGHT_SPAN_MS: 64800000", "NIGHT_SPAN_MS: 43200000"),
    ("night", "limits.js", "s.clock += L.TICK_MS;", "s.clock += wall - s.wall;"),
    ("night", "limits.js", "charge(s, L.NIGHT_MS);", ""),
    ("night", "app.js", "if (spend.set && save() && save()) spend.set = false;", ""),
    ("night", "app.js", "if (!save()) return;", ""),
]


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: f"{twin[0]}: {twin[2][:24]}")
def test_a_watch_without_one_of_its_limits_is_caught(twin: tuple[str, str, str, str]) -> None:
    """So the test above would notice, each of them."""
    limit, file, text, other = twin
    assert limit in broken(hostile(5_000, 7, file, text, other))


def test_a_pulse_is_given_as_asked() -> None:
    """Three hundred milliseconds at forty percent."""
    assert pulses("pulse") == [(300, 0.4)]


@pytest.mark.parametrize(
    "name", ["not_started", "just_started", "too_long", "no_length", "too_strong", "garbled", "full_disk"]
)
def test_what_may_not_be_given_is_not_given(name: str) -> None:
    """Refused whole: a command is never made shorter or softer, and without a record on file there is no pulse."""
    assert pulses(name) == []


def test_what_cannot_be_read_is_counted() -> None:
    """Each of 56 flipped bits, and each of seven lengths that are too short; whoever asks can read the count."""
    assert scene("garbled")["state"]["ignored"] == 56 + 7


def test_a_serial_is_obeyed_once() -> None:
    """The same command five times, and an older one after a newer one, are one pulse each."""
    assert pulses("repeated") == [(100, 0.4)]
    assert pulses("older") == [(100, 0.4)]


def test_serials_go_around() -> None:
    """Three hundred in a row are all obeyed."""
    assert len(pulses("around")) == 300


def test_ten_seconds_and_a_night_have_their_most() -> None:
    """Half a second every 0.6 s is refused in between; sixty seconds are the end of the night's."""
    assert most_within(scene("burst")["buzzes"], BURST_SPAN_MS) <= BURST_MS
    assert pulses("night") == [(1000, 0.8)] * 60


@pytest.mark.parametrize(
    ("name", "ran_ms"), [("still", 200), ("disconnect", 150), ("awake", 100), ("stop", 100), ("exit", 100)]
)
def test_what_ends_a_pulse_ends_it_at_once(name: str, ran_ms: int) -> None:
    """A second was asked for. After "awake", and an hour after "stop", the next is refused as well."""
    assert pulses(name) == [(ran_ms, 0.4)]
    assert not scene(name)["motor"]


def test_awake_holds_for_a_quarter_of_an_hour() -> None:
    """Then the watch may vibrate again."""
    assert pulses("awake_is_over") == [(200, 0.4)]


def test_an_alarm_rings_and_ours_stays_out_of_its_queue() -> None:
    """The firmware would give a second vibration after the first, whenever that is; so ours is refused meanwhile."""
    assert pulses("alarm") == [(400, 1), (300, 0.4)]


@pytest.mark.parametrize(
    ("name", "given", "then"),
    [
        ("restart", 60, [0]),
        ("restart_next_evening", 60, [1]),
        ("restart_clock_reset", 60, [0]),
        ("clock_set_forward", 60, [0]),
        ("files_unreadable", 0, [0, 1]),
        ("one_file_lost", 59, [1]),
        ("both_files_lost", 60, [0]),
        ("power_cut", 59, [0]),
    ],
)
def test_a_restart_keeps_what_was_spent(name: str, given: int, then: list[int]) -> None:
    """Of sixty seconds; a second that the file may have missed is taken as given. What is unreadable is spent."""
    counts = scene(name)["marked"]
    assert counts[0] == given
    assert [after - before for before, after in zip(counts[::2], counts[1::2], strict=True)] == then


def test_an_older_firmware_and_a_busy_radio_are_no_reason_to_fail() -> None:
    """An option that is not known is passed over; services that wait for a restart of the radio get it, once."""
    assert pulses("old_firmware") == [(300, 0.4)]
    busy = scene("busy_radio")
    assert busy["dropped"] == 1
    assert busy["sent"]
