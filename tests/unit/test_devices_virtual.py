"""Virtual wearables without a radio: the codecs read what they send, and they fail as scripted."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigil.devices.packets.banglejs import BanglejsCodec, command_of, crc8
from vigil.devices.packets.contract import Codec, DeviceTime, Heard, Read, Subscribe, Unread, Wish, Write, uuid_of
from vigil.devices.packets.heart_rate import HeartRateCodec
from vigil.devices.packets.polar import PolarCodec
from vigil.devices.virtual.faults import HELD_BACK, Fault, FaultKind, FaultScript, Packet
from vigil.devices.virtual.model import Identity, WearableModel
from vigil.devices.virtual.motor import Motor
from vigil.devices.virtual.polar import CONTROL, DATA, MEASUREMENT_SERVICE, PolarModel
from vigil.devices.virtual.strap import BATTERY_LEVEL, LOCATION, StrapModel, measurement
from vigil.devices.virtual.vitals import Vitals, resting
from vigil.devices.virtual.watch import BUTTON, COMMAND, HEART, MOTION, STATE, WatchModel, checksum
from vigil.domain.records import Mark, Marked
from vigil.domain.samples import AccelerationBlock, Battery, BeatInterval, Contact, HeartSample, MotionSummary
from vigil.domain.units import NS_PER_MINUTE, NS_PER_S

WHO = Identity("F0:00:00:00:00:01", b"one")
HOUR_NS = 60 * NS_PER_MINUTE


def varied(elapsed_ns: int) -> Vitals:
    """A body whose every figure changes."""
    second = elapsed_ns // NS_PER_S
    low, high, mean = (-(second % 500), -3, 900), (second % 500, 3, 1100), (0, 1, 1000)
    bpm = 50 + second % 7
    return Vitals(bpm, (1000, 990), True, 100 - second // 60 % 100, low, high, mean)


def conversation(model: WearableModel, codec: Codec, seconds: int) -> list[Heard]:
    """Let a codec and a wearable talk, every wish done at once, each second's packets heard as they come."""
    offered = frozenset(row.uuid for service in model.services for row in service.characteristics)
    heard: list[Heard] = []
    now_ns = 0

    def do(said: tuple[Heard | Wish, ...]) -> None:
        for one in said:
            match one:
                case Write():
                    listen(model.write(one.characteristic, one.data, now_ns))
                case Read():
                    listen((Packet(one.characteristic, model.read(one.characteristic)),))
                case Subscribe():
                    pass
                case _:
                    heard.append(one)

    def listen(packets: tuple[Packet, ...]) -> None:
        for packet in packets:
            do(codec.hear(packet.characteristic, packet.data, now_ns))

    model.connected()
    wishes = codec.opening(offered)
    assert not isinstance(wishes, str)
    do(wishes)
    for second in range(1, seconds + 1):
        now_ns = second * NS_PER_S
        listen(model.due(now_ns))
    return heard


def of(heard: list[Heard], kind: type) -> list[object]:
    """What was heard of one kind."""
    return [one for one in heard if isinstance(one, kind)]


def test_a_strap_is_read_as_it_was_measured() -> None:
    """Heart rates and intervals of two minutes arrive as fed, and nothing is unread."""
    heard = conversation(StrapModel(WHO, varied), HeartRateCodec(), 120)
    assert not of(heard, Unread)
    assert [one.bpm_x10 for one in heard if isinstance(one, HeartSample)] == [
        10 * varied(second * NS_PER_S).bpm for second in range(1, 121)
    ]
    intervals = [one.rr_ms for one in heard if isinstance(one, BeatInterval)]
    assert len(intervals) > 200
    assert set(intervals) <= {999, 1000, 1001, 989, 990, 991}
    assert [one.percent for one in heard if isinstance(one, Battery)][:2] == [100, 99]


@given(
    st.integers(0, 0xFFFF),
    st.lists(st.integers(0, 10**6), max_size=30),
    st.sampled_from([None, True, False]),
)
def test_a_measurement_fits_a_packet_whatever_was_measured(bpm: int, rr_ms: list[int], contact: bool | None) -> None:
    """At most 20 bytes and an unsigned value each, as the smallest MTU and the standard ask."""
    data = measurement(Vitals(bpm, tuple(rr_ms), contact))
    assert len(data) <= 3 + 18
    assert bool(data[0] & 0x01) == (bpm > 255)
    assert (data[0] & 0x06) == {None: 0, True: 6, False: 4}[contact]


def test_a_strap_answers_what_is_read() -> None:
    """Its place is the chest, its battery what was last measured, and nothing else has a value."""
    strap = StrapModel(WHO, varied)
    strap.due(5 * NS_PER_MINUTE)
    assert strap.read(LOCATION) == b"\x01"
    assert strap.read(BATTERY_LEVEL) == bytes([95])
    assert strap.read(uuid_of(0x2A00)) == b""
    assert strap.write(BATTERY_LEVEL, b"", 0) == ()


def test_a_watch_is_read_as_it_was_measured() -> None:
    """Heart rate and exact extremes of movement, each second; battery and contact when they change."""
    heard = conversation(WatchModel(WHO, varied), BanglejsCodec(), 120)
    assert not of(heard, Unread)
    assert len(of(heard, HeartSample)) == 120
    moved = [one for one in heard if isinstance(one, MotionSummary)]
    assert [(one.low_mg, one.high_mg, one.mean_mg) for one in moved] == [
        (fed.low_mg, fed.high_mg, fed.mean_mg) for fed in (varied(s * NS_PER_S) for s in range(1, 121))
    ]
    assert [one.percent for one in heard if isinstance(one, Battery)] == [100, 99, 98]
    assert [one.on for one in heard if isinstance(one, Contact)] == [True]


def test_a_watch_that_is_taken_off_tells_no_heart_rate() -> None:
    """Not worn: no heart packets, and the state says so at once."""

    def feeder(elapsed_ns: int) -> Vitals:
        return replace(resting(elapsed_ns), contact=elapsed_ns < 5 * NS_PER_S)

    heard = conversation(WatchModel(WHO, feeder), BanglejsCodec(), 10)
    assert len(of(heard, HeartSample)) == 4
    assert [one.on for one in heard if isinstance(one, Contact)] == [True, False]


@pytest.mark.parametrize("mark", list(Mark))
def test_a_press_is_told_three_times_and_means_once(mark: Mark) -> None:
    """A press goes out three times with one sequence, and is one mark."""

    def feeder(elapsed_ns: int) -> Vitals:
        return replace(resting(elapsed_ns), mark=mark if elapsed_ns == 3 * NS_PER_S else None)

    watch = WatchModel(WHO, feeder)
    told = [p for s in range(1, 10) for p in watch.due(s * NS_PER_S) if p.characteristic == BUTTON]
    assert len(told) == 3
    assert len(set(told)) == 1
    heard = conversation(WatchModel(WHO, feeder), BanglejsCodec(), 10)
    assert [one.mark for one in heard if isinstance(one, Marked)] == [mark]


def test_a_pulse_that_is_asked_for_is_felt() -> None:
    """What the codec writes is given as asked, once, with its instant; and the state tells of it."""
    felt: list[tuple[int, int]] = []
    watch = WatchModel(WHO, felt=lambda ms, percent: felt.append((ms, percent)))
    codec = BanglejsCodec()
    conversation(watch, codec, 20)
    writes = codec.pulse(300, 25)
    assert not isinstance(writes, str)
    (write,) = writes
    (state,) = watch.write(write.characteristic, write.data, 20 * NS_PER_S)
    watch.write(write.characteristic, write.data, 30 * NS_PER_S)
    assert felt == [(300, 25)]
    assert [(b.at_ns, b.duration_ms, b.strength_percent) for b in watch.motor.given] == [(20 * NS_PER_S, 300, 25)]
    assert watch.motor.refused == [(30 * NS_PER_S, "done")]
    assert state.characteristic == STATE
    codec.hear(STATE, state.data, 20 * NS_PER_S)
    assert codec.state is not None
    assert codec.state.left_ms == 59_700


def test_a_watch_counts_what_it_cannot_read() -> None:
    """A wrong length, version, checksum or command vibrates nothing and is counted in the state."""
    watch = WatchModel(WHO)
    good = command_of(1, 1, 300, 25)
    for bad in (b"", good[:-1], b"\x20" + good[1:], good[:-1] + bytes([good[-1] ^ 1]), command_of(7, 1, 300, 25)):
        watch.write(COMMAND, bad, 60 * NS_PER_S)
    assert watch.motor.given == []
    assert watch.read(STATE)[5:7] == b"\x05\x00"
    assert watch.write(HEART, good, 60 * NS_PER_S) == ()


@given(st.binary(max_size=12))
def test_the_checksum_is_the_one_the_codec_writes(data: bytes) -> None:
    """Two ways of counting the same remainder agree."""
    assert checksum(data) == crc8(data)


LATER = 60 * NS_PER_S


@pytest.mark.parametrize(
    ("serial", "duration_ms", "strength", "at_ns", "why"),
    [
        (0, 300, 25, LATER, "done"),
        (128, 300, 25, LATER, "done"),
        (1, 49, 25, LATER, "length"),
        (1, 1001, 25, LATER, "length"),
        (1, 300, 0, LATER, "strength"),
        (1, 300, 81, LATER, "strength"),
        (1, 300, 25, 9 * NS_PER_S, "busy"),
        (127, 1000, 80, LATER, ""),
        (1, 50, 1, 10 * NS_PER_S, ""),
    ],
)
def test_the_motor_refuses_what_the_table_says(
    serial: int, duration_ms: int, strength: int, at_ns: int, why: str
) -> None:
    """Each limit of the README, on both sides of its edge."""
    motor = Motor()
    given_ = motor.ask(serial, duration_ms, strength, at_ns)
    assert (given_ is None) == bool(why)
    assert [word for _, word in motor.refused] == ([why] if why else [])


def test_a_refused_serial_is_never_done_later() -> None:
    """A pulse that was refused stays refused, though the reason has gone."""
    motor = Motor()
    assert motor.ask(1, 300, 25, NS_PER_S) is None
    assert motor.ask(1, 300, 25, LATER) is None
    assert motor.ask(2, 300, 25, LATER) is not None


def test_one_pulse_at_a_time_and_still_ends_it() -> None:
    """A second pulse waits for the end of the first, unless that was ended."""
    motor = Motor()
    assert motor.ask(1, 1000, 25, LATER)
    assert motor.ask(2, 300, 25, LATER + NS_PER_S // 2) is None
    motor.still(LATER + NS_PER_S // 2)
    assert motor.ask(3, 300, 25, LATER + NS_PER_S // 2)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3000), st.integers(50, 1000)), min_size=50, max_size=200))
def test_no_stream_of_wishes_passes_the_burst_or_the_night(wishes: list[tuple[int, int]]) -> None:
    """Never more than 6 s that ended within 10 s, nor 60 s within 18 h."""
    motor, at_ns = Motor(), LATER
    for serial, (gap_ms, duration_ms) in enumerate(wishes, start=1):
        at_ns += gap_ms * 1_000_000
        motor.ask(serial % 256, duration_ms, 25, at_ns)
    assert sum(b.duration_ms for b in motor.given) <= 60_000
    for first in motor.given:
        burst = [b for b in motor.given if 0 <= b.at_ns - first.at_ns < 4 * NS_PER_S]
        assert sum(b.duration_ms for b in burst) <= 6000
    assert motor.left_ms(at_ns) == 60_000 - sum(b.duration_ms for b in motor.given)
    assert motor.left_ms(at_ns + 19 * HOUR_NS) == 60_000


def test_a_hand_on_the_watch_holds_the_motor() -> None:
    """Awake holds for a quarter of an hour, stop for good; a bad dream ends a pulse and holds nothing."""
    motor = Motor()
    motor.press(Mark.BAD_DREAM, LATER)
    assert motor.ask(1, 300, 25, LATER)
    motor.press(Mark.AWAKE, LATER + NS_PER_S)
    assert motor.ask(2, 300, 25, LATER + 15 * NS_PER_MINUTE) is None
    assert motor.ask(3, 300, 25, LATER + NS_PER_S + 15 * NS_PER_MINUTE)
    motor.press(Mark.STOP, LATER + HOUR_NS)
    assert motor.ask(4, 300, 25, LATER + 20 * HOUR_NS) is None


def test_a_polar_strap_streams_what_it_was_set_to() -> None:
    """The codec's own conversation starts 50 Hz, and ten minutes of it are whole and contiguous."""
    heard = conversation(PolarModel(WHO, varied), PolarCodec(), 600)
    assert not of(heard, Unread)
    blocks = [one for one in heard if isinstance(one, AccelerationBlock)]
    samples = sum(len(one.mg) for one in blocks)
    assert 600 * 50 - 36 <= samples <= 600 * 50
    times = [one.device_ns for one in heard if isinstance(one, DeviceTime)]
    assert {b - a for a, b in pairwise(times)} == {36 * NS_PER_S // 50}
    assert len(of(heard, HeartSample)) == 600


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (bytes((1, 2)), 0),
        (bytes((2, 2, 0, 1, 50, 0)), 0),
        (bytes((2, 2, 0, 1, 33, 0)), 5),
        (bytes((2, 2)), 5),
        (bytes((3, 2)), 0),
        (bytes((9, 2)), 1),
        (bytes((2, 0)), 2),
    ],
)
def test_a_polar_strap_answers_every_command(command: bytes, status: int) -> None:
    """A reply names the command and measurement, and the status of the specification."""
    (reply,) = PolarModel(WHO).write(CONTROL, command, 0)
    assert reply.characteristic == CONTROL
    assert reply.data[:4] == bytes((0xF0, *command[:2], status))


def test_a_polar_strap_forgets_its_stream_with_the_connection() -> None:
    """Started twice is refused; after a new connection nothing streams until it is asked again."""
    strap = PolarModel(WHO)
    start = bytes((2, 2, 0, 1, 50, 0))
    strap.write(CONTROL, start, 0)
    assert strap.write(CONTROL, start, 0)[0].data[3] == 6
    assert any(p.characteristic == DATA for p in strap.due(NS_PER_S))
    strap.connected()
    assert not any(p.characteristic == DATA for p in strap.due(2 * NS_PER_S))
    assert strap.read(CONTROL)[0] == 0x0F
    assert strap.write(DATA, start, 0) == ()
    assert strap.services[-1].uuid == MEASUREMENT_SERVICE


def sent(kind: FaultKind, seconds: int = 10, model: type[WearableModel] = StrapModel) -> list[tuple[int, bytes]]:
    """What goes out while a fault lasts from second 3 to second 6, as (second, bytes)."""
    one = model(WHO, varied, [Fault(kind, 3 * NS_PER_S, 6 * NS_PER_S)], seed=1)
    return [(s, p.data) for s in range(1, seconds) for p in one.due(s * NS_PER_S)]


WHOLE = [(second, measurement(varied(second * NS_PER_S))) for second in range(1, 10)]


def test_a_stall_is_silence() -> None:
    """Nothing is sent while it lasts, and nothing of it later."""
    assert sent(FaultKind.STALL) == [row for row in WHOLE if not 3 <= row[0] < 6]


def test_a_frozen_value_is_measured_over_and_over() -> None:
    """The value of the fault's first second is sent until it ends."""
    values = sent(FaultKind.FROZEN)
    assert [data for second, data in values if 3 <= second < 6] == [WHOLE[2][1]] * 3
    assert [row for row in values if not 3 <= row[0] < 6] == [row for row in WHOLE if not 3 <= row[0] < 6]


def test_a_body_lives_on_while_its_wearable_is_frozen() -> None:
    """What a body shows once and never again, as its beats, is frozen too, and the body is asked all the same."""
    shown = iter(range(50, 70))
    script = FaultScript([Fault(FaultKind.FROZEN, 2, 5)])
    values = [script.measured(lambda _ns: Vitals(bpm=next(shown)), elapsed_ns).bpm for elapsed_ns in range(7)]
    assert values == [50, 51, 52, 52, 52, 55, 56]


def test_a_burst_is_late_and_complete() -> None:
    """Everything that was held back comes at once and in order, when it ends."""
    values = sent(FaultKind.BURST)
    assert [second for second, _ in values] == [1, 2, 6, 6, 6, 6, 7, 8, 9]
    assert [data for _, data in values] == [data for _, data in WHOLE]


def test_a_burst_holds_a_bounded_number_of_packets() -> None:
    """A burst of hours keeps the newest."""
    script = FaultScript([Fault(FaultKind.BURST, 0, 10)])
    for number in range(HELD_BACK + 5):
        assert script.sent([Packet(MOTION, number.to_bytes(2, "big"))], 5) == ()
    released = script.sent([], 10)
    assert len(released) == HELD_BACK
    assert released[0].data == b"\x00\x05"


def test_duplicates_are_exact() -> None:
    """Each packet comes twice while it lasts."""
    assert [second for second, _ in sent(FaultKind.DUPLICATES)] == [1, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9]


def test_garbage_is_seeded() -> None:
    """Bytes that mean nothing, of up to twenty, the same with the same seed."""
    first, second = sent(FaultKind.GARBAGE), sent(FaultKind.GARBAGE)
    assert first == second
    assert first != WHOLE
    assert all(len(data) <= 20 for _, data in first)


def test_contact_that_is_lost_takes_the_heart_rate_along() -> None:
    """Without skin there is no heart rate, and the wearable says why, if it can."""
    assert [data for second, data in sent(FaultKind.CONTACT_LOST) if second == 4] == [b"\x04\x00"]
    blind = StrapModel(WHO, lambda _: Vitals(60, contact=None), [Fault(FaultKind.CONTACT_LOST, 0, NS_PER_S)])
    assert blind.due(0)[0].data == b"\x00\x00"


def test_a_falling_battery_is_empty_at_the_end() -> None:
    """It falls from what it was to nothing, never upwards."""
    script = FaultScript([Fault(FaultKind.BATTERY_FALLING, 0, 100)])
    levels = [script.measured(resting, at).battery_percent for at in range(0, 101, 10)]
    assert levels == [100, 90, 80, 70, 60, 50, 40, 30, 20, 10, 100]


def test_a_link_breaks_once_at_the_beginning_of_a_fault() -> None:
    """A drop or a disappearance breaks the link in the period in which it begins, and in no other."""
    for kind in (FaultKind.DROP, FaultKind.OUT_OF_RANGE):
        script = FaultScript([Fault(kind, 5, 9)])
        assert [at for at in range(12) if script.breaks(at - 1, at)] == [5]
    assert not FaultScript([Fault(FaultKind.STALL, 5, 9)]).breaks(0, 10)
