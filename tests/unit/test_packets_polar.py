"""Polar's sensors: how acceleration is started, what its frames say and when, and what goes wrong."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest

from tests.codec_contract import check_codec
from tests.honest_packets import HONEST
from tests.polar_encoder import H10, VERITY_SENSE, delta_frame, pulse_frame, raw_frame, settings_reply
from vigil.devices.packets.battery import BATTERY_LEVEL
from vigil.devices.packets.contract import DeviceTime, Heard, Read, Subscribe, Unread, Wish, Write
from vigil.devices.packets.heart_rate import HEART_RATE_MEASUREMENT
from vigil.devices.packets.polar import SILENT_NS, PolarCodec, polar_armband, polar_strap
from vigil.devices.packets.polar_control import CONTROL, DATA, REFUSALS, chosen, factor_of, reply_of, settings_of
from vigil.domain.samples import AccelerationBlock, BeatInterval, Contact, HeartSample
from vigil.domain.units import NS_PER_MS, NS_PER_S

S = NS_PER_S
NOON = 40_000 * S
DEVICE = 599_616_000 * S
"""1 January 2019, when an H10 believes to have been put on (`TimeSystemExplained.md`)."""

ALL = frozenset({HEART_RATE_MEASUREMENT, BATTERY_LEVEL, CONTROL, DATA})
STARTED = bytes((0xF0, 2, 2, 0, 0))
ASK = Write(CONTROL, bytes((1, 2)))
FLAT = [(0, 0, 1000)] * 36


def running(codec: PolarCodec | None = None, settings: bytes = H10, reply: bytes = STARTED) -> PolarCodec:
    """A sensor whose acceleration was started."""
    codec = codec or polar_strap()
    codec.opening(ALL)
    codec.hear(CONTROL, settings, NOON)
    codec.hear(CONTROL, reply, NOON)
    return codec


def block_of(told: tuple[Heard | Wish, ...]) -> AccelerationBlock:
    (block,) = (one for one in told if isinstance(one, AccelerationBlock))
    return block


# -- how it is started --------------------------------------------------------------------------------------------


def test_it_begins_with_heart_and_battery_then_asks_what_acceleration_can_be() -> None:
    """In order: answers come only to who has subscribed."""
    assert polar_strap().opening(ALL) == (
        Subscribe(HEART_RATE_MEASUREMENT),
        Read(BATTERY_LEVEL),
        Subscribe(BATTERY_LEVEL),
        Subscribe(CONTROL),
        Subscribe(DATA),
        ASK,
    )


@pytest.mark.parametrize("missing", [CONTROL, DATA])
def test_without_the_measurement_service_it_is_a_strap(missing: str) -> None:
    """An H7 is read like any other, and nothing is asked of it later."""
    codec = polar_strap()
    assert {wish.characteristic for wish in codec.opening(ALL - {missing})} == {HEART_RATE_MEASUREMENT, BATTERY_LEVEL}
    for after in range(0, 200, 20):
        told = codec.hear(HEART_RATE_MEASUREMENT, b"\x00\x48", NOON + after * S)
        assert [type(one) for one in told] == [HeartSample]


@pytest.mark.parametrize(
    ("reply", "command"),
    [
        (H10, "02 02 00 01 3200 01 01 1000 02 01 0800"),
        (VERITY_SENSE, "02 02 00 01 3400 01 01 1000 02 01 0800 04 01 03"),
    ],
)
def test_every_setting_that_is_offered_is_written_back(reply: bytes, command: str) -> None:
    """The second is the command that owners have published for a Verity Sense (polar-ble-sdk #443), byte for byte."""
    codec = polar_strap()
    codec.opening(ALL)
    assert codec.hear(CONTROL, reply, NOON) == (Write(CONTROL, bytes.fromhex(command)),)


@pytest.mark.parametrize(
    ("rates", "hz"),
    [((25, 50, 100), 50), ((26, 52, 104), 52), ((200, 100), 100), ((25, 200), 25), ((10, 13, 200), 200), ((5, 13), 13)],
)
def test_the_rate_is_the_nearest_to_fifty_and_not_below_twenty_five(rates: tuple[int, ...], hz: int) -> None:
    """Unless there is nothing else."""
    assert chosen({0: rates}) == {0: hz}


@pytest.mark.parametrize("offered", [{}, {0: ()}, {0: (0,)}, {1: (16,)}])
def test_without_a_rate_nothing_is_started(offered: dict[int, tuple[int, ...]]) -> None:
    """And it is told."""
    assert chosen(offered) == "it offers no rate to measure acceleration at"


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (H10[:-1], "cut off"),
        (settings_reply([(9, 2, (1,))]), "unknown kind"),
        (H10 + b"\x00", "cut off"),
        (settings_reply([(0, 2, (50,))], more=1), "several parts"),
        (settings_reply([]), "no rate"),
        (b"\xf0\x01\x02", "no answer"),
        (b"", "no answer"),
    ],
)
def test_settings_that_cannot_be_read_start_nothing(reply: bytes, why: str) -> None:
    """And are told."""
    codec = polar_strap()
    codec.opening(ALL)
    (said,) = codec.hear(CONTROL, reply, NOON)
    assert isinstance(said, Unread)
    assert why in said.why


@pytest.mark.parametrize("status", [*REFUSALS, 200])
def test_a_refusal_is_told_in_words_and_running_already_is_none(status: int) -> None:
    """On the charger is what happens."""
    codec = polar_strap()
    codec.opening(ALL)
    told = codec.hear(CONTROL, bytes((0xF0, 2, 2, status)), NOON)
    if status == 6:
        assert told == ()
    else:
        assert told == (Unread(CONTROL, REFUSALS.get(status, "it answers with status 200")),)


def test_the_list_of_features_is_no_error() -> None:
    """Some read it on the way."""
    assert polar_strap().hear(CONTROL, bytes.fromhex("0f0500") + bytes(14), NOON) == ()


def test_after_a_minute_without_a_frame_it_asks_again() -> None:
    """It came off its charger, or stopped by itself; a night without movement would be half blind."""
    codec = running()
    rate = b"\x00\x48"
    assert codec.hear(HEART_RATE_MEASUREMENT, rate, NOON + SILENT_NS - 1) == (HeartSample(NOON + SILENT_NS - 1, 720),)
    assert codec.hear(HEART_RATE_MEASUREMENT, rate, NOON + SILENT_NS)[-1] == ASK
    assert ASK not in codec.hear(HEART_RATE_MEASUREMENT, rate, NOON + SILENT_NS + S)
    codec.hear(DATA, raw_frame(DEVICE, FLAT), NOON + 2 * SILENT_NS - S)
    assert ASK not in codec.hear(HEART_RATE_MEASUREMENT, rate, NOON + 2 * SILENT_NS + S)


def test_what_has_no_accelerometer_is_not_asked_for_ever() -> None:
    """An H9 says that it is not supported."""
    codec = polar_strap()
    codec.opening(ALL)
    codec.hear(CONTROL, bytes((0xF0, 1, 2, 3)), NOON)
    assert ASK not in codec.hear(HEART_RATE_MEASUREMENT, b"\x00\x48", NOON + 5 * SILENT_NS)


def test_a_stream_that_ran_already_is_restarted_once_for_its_factor() -> None:
    """Its frames are in a unit that only the reply to a start tells."""
    codec = running(polar_armband(), VERITY_SENSE, bytes((0xF0, 2, 2, 6)))
    data = delta_frame(DEVICE, [(0, 0, 4096)] * 5, [4], 0x80)
    told = codec.hear(DATA, data, NOON)
    assert told == (
        Unread(DATA, "its unit was not told when the stream started"),
        Write(CONTROL, bytes((3, 2))),
    )
    assert len(codec.hear(DATA, data, NOON)) == 1
    (again,) = codec.hear(CONTROL, bytes((0xF0, 3, 2, 0)), NOON)
    assert again == Write(CONTROL, bytes.fromhex("02 02 00 01 3400 01 01 1000 02 01 0800 04 01 03"))
    codec.hear(CONTROL, STARTED + b"\x05\x01" + struct.pack("<f", 1 / 4096), NOON)
    assert block_of(codec.hear(DATA, data, NOON)).mg.tolist() == [[0, 0, 1000]] * 5


@pytest.mark.parametrize("factor", [float("nan"), float("inf"), 0.0, -1.0, 1e9])
def test_a_factor_that_cannot_be_one_is_refused(factor: float) -> None:
    """Acceleration times it would be noise."""
    assert factor_of(b"\x05\x01" + struct.pack("<f", factor)) == "its factor is none that acceleration can have"
    codec = running(reply=STARTED + b"\x05\x01" + struct.pack("<f", factor))
    assert codec.factor is None


def test_a_reply_without_a_factor_has_none() -> None:
    """As an H10's has not; nor has one with a count of none."""
    assert factor_of(b"") is factor_of(b"\x05\x00") is None
    assert factor_of(b"\x05\x01\x00") == "its settings are cut off"
    assert settings_of(b"\x00\x02\x19\x00\x32\x00") == {0: (25, 50)}
    assert isinstance(reply_of(b"\xf1\x01\x02\x00"), str)


# -- when samples were --------------------------------------------------------------------------------------------


def frames(codec: PolarCodec, delays_ms: list[int], *, ppm: float = 0.0, count: int = 36) -> list[AccelerationBlock]:
    """Blocks of frames that come each with its delay, from a sensor at 50 Hz whose clock is off by `ppm`."""
    found = []
    for i, delay_ms in enumerate(delays_ms, 1):
        true_ns = i * count * 20 * NS_PER_MS
        device_ns = DEVICE + round(true_ns * (1 + ppm * 1e-6))
        found.append(
            block_of(codec.hear(DATA, raw_frame(device_ns, FLAT[:count]), NOON + true_ns + delay_ms * NS_PER_MS))
        )
    return found


def test_a_frame_is_a_block_that_ends_when_its_last_sample_was_taken() -> None:
    """And it tells the sensor's own clock beside ours."""
    told = running().hear(DATA, raw_frame(DEVICE, FLAT), NOON)
    block = block_of(told)
    assert block.mg.shape == (36, 3)
    assert (block.period_ns, block.at_ns) == (20 * NS_PER_MS, NOON - 35 * 20 * NS_PER_MS)
    assert told[1] == DeviceTime(NOON, DEVICE)


def test_the_delay_of_the_radio_does_not_move_samples() -> None:
    """The smallest delay of the last frames is taken off them all."""
    blocks = frames(running(), [50, 300, 80, 900, 50, 400])
    begins = [block.at_ns for block in blocks]
    assert [after - before for before, after in pairwise(begins)] == [36 * 20 * NS_PER_MS] * 5
    assert {block.period_ns for block in blocks} == {20 * NS_PER_MS}


@pytest.mark.parametrize("ppm", [-200, 200])
def test_a_sensors_clock_may_drift_all_night(ppm: int) -> None:
    """200 ppm are six seconds by the morning; samples stay where they were taken."""
    count = 36
    blocks = frames(running(), [60 + (i * 37) % 200 for i in range(4 * 3600)], ppm=ppm, count=count)
    for i, block in enumerate(blocks, 1):
        true_ns = NOON + (i * count - count + 1) * 20 * NS_PER_MS
        assert abs(block.at_ns - true_ns) < 280 * NS_PER_MS


@pytest.mark.parametrize("jump_s", [3600, -3600, -5, 86_400 * 365])
def test_a_clock_that_is_set_is_followed_at_once(jump_s: int) -> None:
    """Another app sets the sensor's time in the middle of the night."""
    codec = running()
    frames(codec, [100] * 10)
    for i in range(11, 15):
        at_ns = NOON + i * 720 * NS_PER_MS + 100 * NS_PER_MS
        block = block_of(codec.hear(DATA, raw_frame(DEVICE + i * 720 * NS_PER_MS + jump_s * S, FLAT), at_ns))
        assert at_ns - 720 * NS_PER_MS <= block.at_ns <= at_ns - 700 * NS_PER_MS


def test_more_samples_than_can_have_been_taken_are_left_unread() -> None:
    """Ten seconds of them at once, right after the frame before: no sensor did that."""
    codec = running()
    codec.hear(DATA, raw_frame(DEVICE, FLAT[:2]), NOON)
    (said,) = codec.hear(DATA, raw_frame(DEVICE + 1, FLAT), NOON + 1)
    assert said == Unread(DATA, "it has more samples than can have been taken since the frame before")


def test_a_frame_without_a_time_ends_on_its_arrival() -> None:
    """Some firmware sends none; then there is nothing to compare either."""
    told = running().hear(DATA, raw_frame(0, FLAT), NOON)
    assert block_of(told).at_ns == NOON - 35 * 20 * NS_PER_MS
    assert len(told) == 1


def test_a_stream_that_was_started_by_another_app_keeps_its_own_rate() -> None:
    """We chose 50 Hz, it runs at 200: after a few frames it is believed."""
    codec = running(reply=bytes((0xF0, 2, 2, 6)))
    for i in range(1, 8):
        block = block_of(codec.hear(DATA, raw_frame(DEVICE + i * 180 * NS_PER_MS, FLAT), NOON + i * 180 * NS_PER_MS))
    assert block.period_ns == 5 * NS_PER_MS


def test_a_lost_frame_does_not_stretch_the_next() -> None:
    """Its samples were taken as fast as ever."""
    codec = running()
    frames(codec, [100] * 3)
    block = block_of(codec.hear(DATA, raw_frame(DEVICE + 6 * 720 * NS_PER_MS, FLAT), NOON + 6 * 720 * NS_PER_MS))
    assert block.period_ns == 20 * NS_PER_MS


# -- the families -------------------------------------------------------------------------------------------------


def test_a_strap_gives_beats_and_an_armband_its_rate() -> None:
    """An armband's contact is not believed (`documentation/products/PolarVeritySense.md`)."""
    data = bytes.fromhex("163c0004")
    strap = [type(one) for one in polar_strap().hear(HEART_RATE_MEASUREMENT, data, NOON)]
    armband = [type(one) for one in polar_armband().hear(HEART_RATE_MEASUREMENT, data, NOON)]
    assert strap == [BeatInterval, Contact, HeartSample]
    assert armband == [HeartSample]


def test_pulse_intervals_are_streamed_only_where_they_are_wanted() -> None:
    """While they are, the heart rate stands still during movement."""
    assert Write(CONTROL, bytes((2, 3))) not in polar_armband().opening(ALL)
    assert polar_armband().opening(ALL)[-1] == ASK
    assert PolarCodec(pulses=True).opening(ALL)[-1] == Write(CONTROL, bytes((2, 3)))


def test_pulse_intervals_lie_before_their_arrival_and_keep_their_distances() -> None:
    """They come five at a time, seconds late; what the sensor doubts stays doubted."""
    codec = PolarCodec(pulses=True)
    codec.opening(ALL)
    beats: list[BeatInterval] = []
    for i in range(1, 5):
        batch = [(60, 1000, 8, 6)] * 4 + [(60, 1000, 8, 7)]
        told = codec.hear(DATA, pulse_frame(batch), NOON + i * 5 * S + (i % 2) * 300 * NS_PER_MS)
        beats += [one for one in told if isinstance(one, BeatInterval)]
        assert beats[-1].at_ns <= NOON + i * 5 * S + (i % 2) * 300 * NS_PER_MS
    distances = [(later.at_ns - beat.at_ns) // NS_PER_MS for beat, later in pairwise(beats[5:])]
    assert distances == [1000] * 14
    assert [beat.clean for beat in beats[5:10]] == [True] * 4 + [False]


def test_an_answer_about_another_stream_changes_nothing() -> None:
    """Pulse intervals that are refused are told; that they began is not news."""
    codec = running()
    assert codec.hear(CONTROL, bytes((0xF0, 2, 3, 0, 0)), NOON) == ()
    assert codec.hear(CONTROL, bytes((0xF0, 9, 2, 0, 0)), NOON) == ()
    assert codec.hear(CONTROL, bytes((0xF0, 2, 3, 12)), NOON) == (Unread(CONTROL, REFUSALS[12]),)


@pytest.mark.parametrize("stream", [0, 1, 3, 5, 6])
def test_what_another_app_streams_is_passed_over(stream: int) -> None:
    """An electrocardiogram that was started elsewhere is no reason not to believe the heart rate."""
    assert running().hear(DATA, bytes((stream,)) + bytes(20), NOON) == ()


def test_what_nothing_streams_is_left_unread() -> None:
    """It is no frame."""
    assert running().hear(DATA, b"\xff" + bytes(20), NOON) == (Unread(DATA, "there is no measurement 255"),)


def test_it_never_vibrates() -> None:
    """None of them can."""
    assert polar_strap().pulse(200, 25) == polar_strap().still() == ()


@pytest.mark.parametrize("factory", [polar_strap, polar_armband, lambda: PolarCodec(pulses=True)])
def test_it_is_a_codec(factory: type[PolarCodec]) -> None:
    """Whatever bytes come."""
    check_codec(factory, examples=HONEST, most_records=40)
