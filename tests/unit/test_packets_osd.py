"""A watch that is a data source of OpenSeizureDetector: what of it can be believed, and how often it is said."""

from __future__ import annotations

import struct

import pytest

from tests.codec_contract import check_codec
from vigil.devices.packets.battery import BATTERY_LEVEL
from vigil.devices.packets.contract import Read, Subscribe, Unread
from vigil.devices.packets.heart_rate import HEART_RATE_MEASUREMENT
from vigil.devices.packets.open_seizure_detector import (
    ACCELERATION,
    CHARGE,
    FORMAT,
    SERVICE,
    OpenSeizureDetectorCodec,
)
from vigil.domain.samples import Battery, HeartSample, MotionSummary
from vigil.domain.units import NS_PER_MS, NS_PER_S

ALL = frozenset({ACCELERATION, CHARGE, FORMAT, HEART_RATE_MEASUREMENT})
EVERY_NS = 120 * NS_PER_MS
"""Three values at 25 Hz."""


def packet(*vectors: tuple[int, int, int]) -> bytes:
    """As the app for Bangle.js sends it: 20 bytes, whatever they hold."""
    return b"".join(struct.pack("<3h", *vector) for vector in vectors).ljust(20, b"\x07")


STILL = packet((5, -480, 870), (6, -481, 869), (4, -479, 872))


def opened() -> OpenSeizureDetectorCodec:
    codec = OpenSeizureDetectorCodec()
    codec.opening(ALL)
    codec.hear(FORMAT, b"\x03", 0)
    return codec


def test_it_holds_to_the_contract() -> None:
    """Whatever bytes come."""
    examples = {
        ACCELERATION: [STILL, STILL[:18], bytes(20)],
        FORMAT: [b"\x00", b"\x01", b"\x03"],
        CHARGE: [b"\x40"],
        HEART_RATE_MEASUREMENT: [b"\x06\x3d", b"\x06\x00"],
    }
    check_codec(OpenSeizureDetectorCodec, tuple(sorted({*ALL, BATTERY_LEVEL})), examples=examples)


def test_movement_is_asked_for_once_its_format_is_known() -> None:
    """And not at all if it is none that can be used."""
    codec = OpenSeizureDetectorCodec()
    asked = codec.opening(ALL)
    assert asked == (Subscribe(HEART_RATE_MEASUREMENT), Read(FORMAT), Read(CHARGE), Subscribe(CHARGE))
    assert codec.hear(FORMAT, b"\x03", 1) == (Subscribe(ACCELERATION),)
    codec.opening(ALL - {ACCELERATION})
    assert codec.hear(FORMAT, b"\x03", 1) == ()
    assert SERVICE not in ALL


@pytest.mark.parametrize("code", [0, 1])
def test_the_size_of_movement_alone_is_not_taken(code: int) -> None:
    """A wrist that turns has a constant one: a sleeper would look stiller than they are. It says what to do, once."""
    codec = OpenSeizureDetectorCodec()
    codec.opening(ALL)
    (told,) = codec.hear(FORMAT, bytes((code,)), 1)
    assert isinstance(told, Unread)
    assert "choose the format with x, y and z" in told.why
    assert codec.hear(FORMAT, bytes((code,)), 2) == ()


@pytest.mark.parametrize("data", [b"", b"\x02", b"\xff", b"\x03\x03"])
def test_a_format_that_is_not_known_is_not_guessed(data: bytes) -> None:
    """Nothing is subscribed to."""
    (told,) = opened().hear(FORMAT, data, 1)
    assert isinstance(told, Unread)


def test_a_second_of_movement_is_one_row() -> None:
    """Two bytes at the end of each packet mean nothing; a packet without them is read alike."""
    for data in (STILL, STILL[:18]):
        codec = opened()
        told = [one for k in range(10) for one in codec.hear(ACCELERATION, data, 5 * NS_PER_S + k * EVERY_NS)]
        assert told == [MotionSummary(6 * NS_PER_S, 1000, 4, (4, -481, 869), (6, -479, 872), (5, -480, 870))]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (packet((0, 0, 0), (0, 0, 0), (0, 0, 0)), "zeros"),
        (packet((7, 8, 9), (10, 11, 12), (13, 14, 15)), "a counter"),
        (packet((32766, 32767, -32768), (-32767, -32766, -32765), (-32764, -32763, -32762)), "a counter"),
    ],
)
def test_what_no_sensor_measures_is_not_movement(data: bytes, why: str) -> None:
    """Versions 0.14 and 0.20 of the app for Bangle.js send such; said once, not eight times a second."""
    codec = opened()
    told = [one for k in range(30) for one in codec.hear(ACCELERATION, data, k * EVERY_NS)]
    assert [type(one) for one in told] == [Unread]
    assert isinstance(told[0], Unread)
    assert why in told[0].why


def test_a_heart_rate_is_told_once_a_second() -> None:
    """It comes with every packet, whether it is new or not; 0 is none."""
    codec = opened()
    told = [one for k in range(26) for one in codec.hear(HEART_RATE_MEASUREMENT, b"\x06\x3d", NS_PER_S + k * EVERY_NS)]
    assert [type(one) for one in told] == [HeartSample] * 3
    assert codec.hear(HEART_RATE_MEASUREMENT, b"\x06\x00", 10 * NS_PER_S) == ()


def test_its_contact_bits_are_not_believed() -> None:
    """They are constant."""
    told = opened().hear(HEART_RATE_MEASUREMENT, b"\x04\x3d", 1)
    assert told == (HeartSample(1, 610),)


def test_the_charge_is_told_when_it_changed() -> None:
    """It comes eight times a second; in its own service or the standard one."""
    codec = opened()
    told = [one for at, percent in enumerate((60, 60, 60, 59)) for one in codec.hear(CHARGE, bytes((percent,)), at)]
    assert told == [Battery(0, 60), Battery(3, 59)]
    assert codec.hear(BATTERY_LEVEL, b"\x3b", 9) == ()
    assert codec.hear(CHARGE, b"\x65", 10) == (Unread(CHARGE, "it says that the battery holds 101 percent"),)


def test_it_cannot_be_asked_to_vibrate() -> None:
    """The alarm state that a phone writes is no pulse."""
    codec = opened()
    assert codec.pulse(300, 40) == codec.still() == ()
