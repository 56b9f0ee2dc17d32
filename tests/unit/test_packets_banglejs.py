"""Vigil's app on a Bangle.js 2: what is heard of it, and what is asked of it. `tests/firmware` runs the app itself."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.codec_contract import check_codec
from vigil.devices.packets.banglejs import (
    BUTTON,
    COMMAND,
    HEART,
    HELD,
    LEAST_CONFIDENCE,
    MOTION,
    NO_APP,
    NOT_KNOWN,
    NOT_WITHIN,
    RUNS,
    SILENCED,
    SPENT,
    STATE,
    STOPPED,
    BanglejsCodec,
    command_of,
    crc8,
)
from vigil.devices.packets.contract import Read, Subscribe, Unread, Write
from vigil.domain.records import Mark, Marked
from vigil.domain.requests import Output
from vigil.domain.samples import Battery, Contact, HeartSample, MotionSummary
from vigil.domain.steps import LADDERS

ALL = frozenset({HEART, MOTION, STATE, BUTTON, COMMAND})


def heart(sequence: int = 1, bpm_x10: int = 610, confidence: int = 90) -> bytes:
    return struct.pack("<BBHB", 0x10, sequence, bpm_x10, confidence)


def motion(
    sequence: int = 1, count: int = 12, numbers: tuple[int, ...] = (-5, 0, 980, 15, 30, 1020, 4, 9, 1001)
) -> bytes:
    return struct.pack("<BB9h", 0x10 | count, sequence, *numbers)


def state(worn: int = 255, flags: int = RUNS, serial: int = 0, left_ms: int = 60_000, battery: int = 71) -> bytes:
    return struct.pack("<BBBBBHH", 0x10, battery, worn, flags, serial, 0, left_ms // 10)


def button(kind: int, sequence: int = 1) -> bytes:
    return bytes((0x10, kind, sequence))


def linked(**said: int) -> BanglejsCodec:
    """A codec that has read the watch's state."""
    codec = BanglejsCodec()
    codec.opening(ALL)
    codec.hear(STATE, state(**said), 0)
    return codec


def asked(codec: BanglejsCodec, ms: int = 300, strength: int = 40) -> tuple[Write, ...]:
    """What is written for a pulse that the watch would give."""
    writes = codec.pulse(ms, strength)
    assert not isinstance(writes, str)
    return writes


def test_it_holds_to_the_contract() -> None:
    """Whatever bytes come."""
    examples = {HEART: [heart()], MOTION: [motion()], STATE: [state(), state(1, RUNS | HELD)], BUTTON: [button(1)]}
    check_codec(BanglejsCodec, examples=examples)


def test_it_asks_for_what_there_is_and_for_the_state_first() -> None:
    """A watch without the app has none of it; a service that only this computer knows by name asks for nothing."""
    wishes = BanglejsCodec().opening(ALL)
    assert not isinstance(wishes, str)
    assert wishes[:2] == (Read(STATE), Subscribe(STATE))
    assert {wish.characteristic for wish in wishes} == ALL - {COMMAND}
    assert BanglejsCodec().opening(frozenset()) == NO_APP
    assert BanglejsCodec().opening(frozenset({HEART})) == (Subscribe(HEART),)


def test_a_heart_rate_is_heard_in_tenths() -> None:
    """Known when it came."""
    assert linked().hear(HEART, heart(bpm_x10=583), 77) == (HeartSample(77, 583),)


@pytest.mark.parametrize(("confidence", "heard"), [(0, 0), (LEAST_CONFIDENCE - 1, 0), (LEAST_CONFIDENCE, 1), (100, 1)])
def test_a_rate_the_watch_doubts_is_left_out(confidence: int, heard: int) -> None:
    """So that doubt becomes silence, and silence forbids."""
    assert len(linked().hear(HEART, heart(confidence=confidence), 1)) == heard


def test_no_heart_rate_is_none() -> None:
    """The firmware sends 0 while it searches, with any confidence."""
    assert linked().hear(HEART, heart(bpm_x10=0, confidence=100), 1) == ()


def test_a_second_of_movement_keeps_its_extremes() -> None:
    """The range is the norm of the three peak-to-peak ranges: 20, 30, 40."""
    expected = MotionSummary(9, 1000, 54, (-5, 0, 980), (15, 30, 1020), (4, 9, 1001))
    assert linked().hear(MOTION, motion(), 9) == (expected,)


@pytest.mark.parametrize(("count", "rows"), [(0, 0), (4, 0), (5, 1), (15, 1)])
def test_a_second_with_few_samples_is_no_row(count: int, rows: int) -> None:
    """It would miss movement; that is no fault of the packet, and does not count as one."""
    assert len(linked().hear(MOTION, motion(count=count), 1)) == rows


def test_a_packet_that_comes_twice_is_passed_on_once() -> None:
    """And the next with the same numbers is another one; sequences go around."""
    codec = linked()
    for kind, made in ((HEART, heart), (MOTION, motion)):
        lengths = [len(codec.hear(kind, made(sequence), 1)) for sequence in (255, 255, 0, 0, 1)]
        assert lengths == [1, 0, 1, 0, 1]


@pytest.mark.parametrize(
    ("characteristic", "data", "why"),
    [
        (HEART, heart()[:-1], "4 bytes and not 5"),
        (HEART, heart() + b"\0", "6 bytes and not 5"),
        (HEART, b"\x20" + heart()[1:], "version 2"),
        (HEART, heart(confidence=101), "101 percent"),
        (MOTION, motion(numbers=(5, 0, 0, 4, 9, 9, 4, 1, 1)), "between its extremes"),
        (MOTION, motion(numbers=(0, 0, 0, 9, 9, 9, 10, 1, 1)), "between its extremes"),
        (STATE, state(battery=101), "101 percent"),
        (BUTTON, button(9), "kind 9"),
        (COMMAND, b"\x10", "nothing was asked"),
    ],
)
def test_what_makes_no_sense_is_not_used(characteristic: str, data: bytes, why: str) -> None:
    """It is counted, with its reason."""
    told = linked().hear(characteristic, data, 1)
    assert [type(one) for one in told] == [Unread]
    assert isinstance(told[0], Unread)
    assert why in told[0].why


def test_battery_and_contact_are_told_when_they_change() -> None:
    """A state comes every minute; unknown contact is no change."""
    codec = BanglejsCodec()
    said = [state(255), state(1), state(1), state(255), state(1), state(0), state(0, battery=70)]
    told = [one for at, data in enumerate(said) for one in codec.hear(STATE, data, at)]
    assert told == [Battery(0, 71), Contact(1, on=True), Contact(5, on=False), Battery(6, 70)]


@pytest.mark.parametrize(("kind", "mark"), [(1, Mark.AWAKE), (2, Mark.STOP), (3, Mark.BAD_DREAM)])
def test_a_press_is_marked_once(kind: int, mark: Mark) -> None:
    """Each is sent three times; the same button pressed again is another press."""
    codec = linked()
    told = [one for at, n in enumerate((5, 5, 5, 6, 6)) for one in codec.hear(BUTTON, button(kind, n), at)]
    assert told == [Marked(0, mark), Marked(3, mark)]


def test_a_start_on_the_watch_marks_nothing() -> None:
    """Only the watch needs to know."""
    assert linked().hear(BUTTON, button(4), 1) == ()


def test_what_was_pressed_without_a_link_is_told_with_the_first_state() -> None:
    """And not again: whoever ended a stop on the page has ended it."""
    codec = BanglejsCodec()
    assert Marked(1, Mark.STOP) in codec.hear(STATE, state(flags=RUNS | STOPPED), 1)
    assert codec.hear(STATE, state(flags=RUNS | STOPPED), 2) == ()
    assert Marked(3, Mark.AWAKE) in BanglejsCodec().hear(STATE, state(flags=RUNS | HELD), 3)


def test_a_pulse_goes_on_from_the_watchs_last_serial() -> None:
    """Else the first pulses after a reconnection would be taken for repeats; confirmed, and with a checksum."""
    codec = linked(serial=254)
    serials = []
    for _ in range(3):
        (write,) = asked(codec)
        assert (write.characteristic, write.response) == (COMMAND, True)
        assert write.data[-1] == crc8(write.data[:-1])
        assert struct.unpack("<BBxHB", write.data[:-1]) == (0x10, 1, 300, 40)
        serials.append(write.data[2])
    assert serials == [255, 0, 1]


def test_a_state_on_its_way_does_not_set_the_serial_back() -> None:
    """One that was sent before the last two pulses; one that is ahead does count."""
    codec = linked(serial=7)
    codec.pulse(300, 40)
    codec.pulse(300, 40)
    codec.hear(STATE, state(serial=8), 1)
    assert asked(codec)[0].data[2] == 10
    codec.hear(STATE, state(serial=40), 2)
    assert asked(codec)[0].data[2] == 41


@pytest.mark.parametrize("step", LADDERS[Output.VIBRATION])
def test_every_step_of_the_ladder_is_within_what_the_watch_gives(step: object) -> None:
    """Each pulse of each of them."""
    on_ms, strength = (getattr(step, name) for name in ("on_ms", "strength_percent"))
    assert len(asked(linked(), on_ms, strength)) == 1


@pytest.mark.parametrize(("ms", "strength"), [(49, 40), (1001, 40), (-1, 40), (300, 0), (300, 81), (10**9, 10**9)])
def test_what_the_watch_would_refuse_is_not_asked(ms: int, strength: int) -> None:
    """Never shortened, never softened: nothing."""
    assert linked().pulse(ms, strength) == NOT_WITHIN


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"flags": 0}, "tap its screen"),
        ({"flags": RUNS | STOPPED}, "stopped by hand"),
        ({"flags": RUNS | HELD}, "awake"),
        ({"flags": RUNS | SPENT}, "memory of earlier pulses"),
        ({"flags": RUNS | SILENCED}, "Settings, Alerts"),
        ({"left_ms": 290}, "its most of 18 hours"),
    ],
)
def test_a_watch_that_gives_none_is_not_asked_and_says_why(said: dict[str, int], why: str) -> None:
    """Not started, stopped or awake by hand, its memory or its vibration off, or nothing left of the 18 hours."""
    codec = linked(**said)
    answer = codec.pulse(300, 40)
    assert isinstance(answer, str)
    assert why in answer
    assert len(codec.still()) == 1


def test_before_the_state_is_known_no_pulse_is_asked_for() -> None:
    """Its serial would be a guess."""
    codec = BanglejsCodec()
    codec.opening(ALL)
    assert codec.pulse(300, 40) == NOT_KNOWN


def test_still_can_always_be_asked_for() -> None:
    """It is confirmed; where there is nothing to write to, there is nothing to still."""
    assert linked(serial=9).still() == (Write(COMMAND, command_of(2, 9)),)
    codec = BanglejsCodec()
    codec.opening(ALL - {COMMAND})
    assert codec.still() == ()
    assert codec.pulse(300, 40) == NO_APP
    assert "firmware/banglejs/README.md" in NO_APP


@given(st.binary(max_size=12), st.integers(0, 7))
def test_the_checksum_finds_every_flipped_bit(data: bytes, bit: int) -> None:
    """In each byte of a command."""
    for at in range(len(data)):
        flipped = bytes((*data[:at], data[at] ^ 1 << bit, *data[at + 1 :]))
        assert crc8(flipped) != crc8(data)
