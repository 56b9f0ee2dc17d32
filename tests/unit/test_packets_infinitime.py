"""A PineTime with InfiniTime: heart rate when it changed, ten values of movement a second, an alert as pulse."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.codec_contract import check_codec
from vigil.devices.packets.arrival_seconds import ArrivalSeconds, range_of
from vigil.devices.packets.battery import BATTERY_LEVEL
from vigil.devices.packets.contract import Read, Subscribe, Unread, Write
from vigil.devices.packets.heart_rate import HEART_RATE_MEASUREMENT
from vigil.devices.packets.infinitime import ALERT_LEVEL, MOTION_VALUES, InfinitimeCodec, vectors_of
from vigil.domain.samples import Battery, HeartSample, Milligrams, MotionSummary
from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.signal.motion_rows import norm_of_range

ALL = frozenset({HEART_RATE_MEASUREMENT, BATTERY_LEVEL, MOTION_VALUES, ALERT_LEVEL})
VECTORS = st.tuples(*(st.integers(-32768, 32767) for _ in range(3)))


def packet(*vectors: tuple[int, int, int]) -> bytes:
    return b"".join(struct.pack("<3h", *vector) for vector in vectors)


def test_it_holds_to_the_contract() -> None:
    """Whatever bytes come."""
    examples = {
        HEART_RATE_MEASUREMENT: [b"\x00\x3d"],
        MOTION_VALUES: [packet((0, -512, 880)), packet((1, 2, 3), (4, 5, 6))],
        BATTERY_LEVEL: [b"\x40"],
    }
    check_codec(InfinitimeCodec, examples=examples)


def test_it_asks_for_what_there_is() -> None:
    """The alert is written to, never read."""
    expected = (
        Subscribe(HEART_RATE_MEASUREMENT),
        Read(BATTERY_LEVEL),
        Subscribe(BATTERY_LEVEL),
        Subscribe(MOTION_VALUES),
    )
    assert InfinitimeCodec().opening(ALL) == expected
    assert InfinitimeCodec().opening(frozenset({ALERT_LEVEL})) == ()


def test_heart_rate_and_battery_are_the_standards() -> None:
    """Two bytes, no beats; 0 while it does not measure is no heart rate."""
    codec = InfinitimeCodec()
    assert codec.hear(HEART_RATE_MEASUREMENT, b"\x00\x3d", 5) == (HeartSample(5, 610),)
    assert codec.hear(HEART_RATE_MEASUREMENT, b"\x00\x00", 6) == ()
    assert codec.hear(BATTERY_LEVEL, b"\x40", 7) == (Battery(7, 64),)


def test_one_g_is_a_thousand_milli_g() -> None:
    """The watch counts 1024 to a g."""
    assert vectors_of(packet((1024, -1024, 512)), 1024) == ((1000, -1000, 500),)


def test_a_second_of_values_is_one_row_when_it_is_over() -> None:
    """Ten values a hundred milliseconds apart; the first of the next second shows that it is over."""
    codec = InfinitimeCodec()
    start_ns = 70 * NS_PER_S
    told = [
        one
        for k in range(21)
        for one in codec.hear(MOTION_VALUES, packet((k % 10, 0, 1024 - k % 10)), start_ns + k * 100 * NS_PER_MS)
    ]
    expected = [
        MotionSummary(71 * NS_PER_S, 1000, 13, (0, 0, 991), (9, 0, 1000), (4, 0, 996)),
        MotionSummary(72 * NS_PER_S, 1000, 13, (0, 0, 991), (9, 0, 1000), (4, 0, 996)),
    ]
    assert told == expected


def test_a_still_second_with_one_value_is_a_row() -> None:
    """What repeats is not sent by the watch; a second without any value is not known."""
    codec = InfinitimeCodec()
    codec.hear(MOTION_VALUES, packet((0, 0, 1024)), 3 * NS_PER_S)
    assert codec.hear(MOTION_VALUES, packet((0, 0, 1024)), 9 * NS_PER_S) == (
        MotionSummary(4 * NS_PER_S, 1000, 0, (0, 0, 1000), (0, 0, 1000), (0, 0, 1000)),
    )


@pytest.mark.parametrize("length", [0, 1, 5, 7, 11, 13])
def test_what_is_no_whole_vector_is_not_used(length: int) -> None:
    """It is counted."""
    told = InfinitimeCodec().hear(MOTION_VALUES, bytes(length), 1)
    assert [type(one) for one in told] == [Unread]


def test_a_pulse_is_one_alert_without_waiting_for_an_answer() -> None:
    """At one strength; the characteristic knows no other way to be written."""
    codec = InfinitimeCodec()
    codec.opening(ALL)
    assert codec.pulse(500, 80) == codec.pulse(200, 25) == (Write(ALERT_LEVEL, b"\x01", response=False),)
    assert codec.pulse(0, 25) == codec.pulse(200, 0) == ()


def test_to_be_still_nothing_is_written() -> None:
    """Writing "no alert" would be one more alert: it vibrates too."""
    codec = InfinitimeCodec()
    codec.opening(ALL)
    assert codec.still() == ()


def test_without_the_alert_it_cannot_vibrate() -> None:
    """Nothing, and no guess."""
    codec = InfinitimeCodec()
    codec.opening(ALL - {ALERT_LEVEL})
    assert codec.pulse(200, 25) == ()


@given(st.lists(st.tuples(VECTORS, st.integers(0, 400 * NS_PER_MS)), max_size=60), st.integers(1, 7))
def test_however_values_come_their_seconds_are_the_same(values: list[tuple[Milligrams, int]], least: int) -> None:
    """One by one, or several at once: extremes and means are those of what came within each second."""
    at_ns, by_second = 0, dict[int, list[Milligrams]]()
    gathered, rows = ArrivalSeconds(least), list[MotionSummary]()
    for vector, step_ns in values:
        at_ns += step_ns
        by_second.setdefault(at_ns // NS_PER_S, []).append(vector)
        rows += gathered.hear([vector], at_ns)
    by_second.pop(at_ns // NS_PER_S, None)
    whole = [(second, list(zip(*came, strict=True))) for second, came in by_second.items() if len(came) >= least]
    assert [(row.at_ns, row.low_mg, row.high_mg) for row in rows] == [
        ((second + 1) * NS_PER_S, tuple(map(min, axes)), tuple(map(max, axes))) for second, axes in whole
    ]
    assert [row.mean_mg for row in rows] == [tuple(round(sum(axis) / len(axis)) for axis in axes) for _, axes in whole]


@given(VECTORS, VECTORS)
def test_the_range_is_the_one_the_engine_reckons_with(low: Milligrams, high: Milligrams) -> None:
    """Devices may not import it, so it is there twice."""
    assert range_of(low, high) == norm_of_range(low, high)
