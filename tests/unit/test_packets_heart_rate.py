"""The Heart Rate Service and the battery: what a strap says, and what it does not."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from bumble.profiles.heart_rate_service import HeartRateService

from tests.codec_contract import check_codec
from tests.honest_packets import HONEST
from vigil.devices.packets.battery import BATTERY_LEVEL, battery_of
from vigil.devices.packets.beat_times import MOST_BEHIND_NS, BeatTimes
from vigil.devices.packets.contract import Read, Subscribe, Unread, uuid_of
from vigil.devices.packets.heart_rate import (
    HEART_RATE_MEASUREMENT,
    HEART_RATE_SERVICE,
    MOST_INTERVALS,
    HeartRateCodec,
    Measurement,
    measurement_of,
)
from vigil.domain.samples import Battery, BeatInterval, Contact, HeartSample
from vigil.domain.units import NS_PER_MS, NS_PER_S

S = NS_PER_S
NOON = 40_000 * S
"""When the computer has run for a while."""


def heard(codec: HeartRateCodec, hexadecimal: str, at_ns: int) -> tuple[object, ...]:
    return codec.hear(HEART_RATE_MEASUREMENT, bytes.fromhex(hexadecimal), at_ns)


@pytest.mark.parametrize(
    ("bpm", "contact", "energy", "intervals"),
    list(
        product((0, 1, 72, 255, 256, 65535), (None, False, True), (None, 0, 65535), (None, (0.5,), (0.75, 1.25, 0.873)))
    ),
)
def test_every_combination_of_flags_is_read_as_another_library_writes_it(
    bpm: int, contact: bool | None, energy: int | None, intervals: tuple[float, ...] | None
) -> None:
    """Bumble's service, which is tested against real receivers, is the encoder."""
    data = bytes(HeartRateService.HeartRateMeasurement(bpm, contact, energy, intervals))
    said = measurement_of(data)
    assert isinstance(said, Measurement)
    assert (said.bpm, said.contact) == (bpm, contact)
    assert said.intervals_ms == tuple(round(1000 * int(one * 1024) / 1024) for one in intervals or ())


@pytest.mark.parametrize(
    ("packet", "bpm", "milliseconds"),
    [
        ("1048 2c03", 72, (793,)),
        ("1049 5e03 9603", 73, (842, 896)),
        ("1028 dc05", 40, (1465,)),
        ("10c3 3c01 3c01 3c01", 195, (309, 309, 309)),
        ("164d 1603", 77, (771,)),
    ],
)
def test_packets_that_people_have_published_are_read(packet: str, bpm: int, milliseconds: tuple[int, ...]) -> None:
    """Of Polar straps: devhide.com 50477232 (an H10, and worked examples) and e-learn.cn 1013198 (an H7)."""
    said = measurement_of(bytes.fromhex(packet))
    assert isinstance(said, Measurement)
    assert (said.bpm, said.intervals_ms) == (bpm, milliseconds)


@pytest.mark.parametrize(
    ("packet", "why"),
    [
        ("", "empty"),
        ("00", "cut off"),
        ("0148", "cut off"),
        ("0848", "cut off"),
        ("084801", "cut off"),
        ("1048 2c", "interval is cut off"),
        ("0048 2c03", "do not announce"),
        ("0048 00", "do not announce"),
        ("10 48" + "2c03" * (MOST_INTERVALS + 1), "more than can have come together"),
        ("00" * 513, "more than any value"),
    ],
)
def test_a_packet_of_the_wrong_length_is_left_unread_and_says_why(packet: str, why: str) -> None:
    """A wrong length means that nothing in it can be trusted, the rate neither."""
    (said,) = heard(HeartRateCodec(), packet, NOON)
    assert isinstance(said, Unread)
    assert why in said.why


def test_a_strap_gives_its_beats_and_its_rate_and_a_watch_its_rate_alone() -> None:
    """A watch's intervals are made from its rate: beats would be believed before it."""
    packet = bytes(HeartRateService.HeartRateMeasurement(70, None, None, (0.875,)))
    strap, watch = HeartRateCodec(), HeartRateCodec(beats=False)
    assert strap.hear(HEART_RATE_MEASUREMENT, packet, NOON) == (
        BeatInterval(NOON, 875, clean=False),
        HeartSample(NOON, 700),
    )
    assert watch.hear(HEART_RATE_MEASUREMENT, packet, NOON) == (HeartSample(NOON, 700),)


def test_a_rate_of_nought_is_no_heart_rate() -> None:
    """A sensor that searches sends it; taken as a value it would make the night's data bad."""
    assert heard(HeartRateCodec(), "0000", NOON) == ()


def test_an_impossible_rate_is_handed_on_to_be_counted() -> None:
    """Too many of them are how the night knows that the source is bad."""
    assert heard(HeartRateCodec(), "01ffff", NOON) == (HeartSample(NOON, 655350),)


def test_contact_is_told_when_it_changes_and_not_again() -> None:
    """First what it is, then what it becomes."""
    codec = HeartRateCodec()
    told = [heard(codec, packet, NOON + i * S) for i, packet in enumerate(["0648", "0648", "0400", "0400", "0400"])]
    told += [heard(codec, packet, NOON + i * S) for i, packet in enumerate(["0400", "0648", "0648"], 5)]
    contacts = [one for packet in told for one in packet if isinstance(one, Contact)]
    assert contacts == [Contact(NOON, on=True), Contact(NOON + 4 * S, on=False), Contact(NOON + 6 * S, on=True)]


def test_one_broken_packet_does_not_take_the_strap_off() -> None:
    """It would hold the night back for five minutes; two seconds of saying so do it."""
    codec = HeartRateCodec()
    for i, packet in enumerate(["0648", "0400", "0648", "0400", "0648", "0448"]):
        assert Contact(NOON + i * S, on=False) not in heard(codec, packet, NOON + i * S)


def test_a_strap_that_no_longer_knows_whether_it_is_worn_is_not_off_for_the_night() -> None:
    """Contact that was said to be lost is not lost any more once nobody says so (polar-ble-sdk #691)."""
    codec = HeartRateCodec()
    for i in range(4):
        heard(codec, "0400", NOON + i * S)
    assert heard(codec, "0048", NOON + 4 * S)[0] == Contact(NOON + 4 * S, on=True)
    assert heard(codec, "0048", NOON + 5 * S) == (HeartSample(NOON + 5 * S, 720),)


def test_contact_bits_without_the_feature_say_nothing() -> None:
    """Bit 1 means something only where bit 2 is set."""
    codec = HeartRateCodec()
    for packet in ("0048", "0248"):
        assert heard(codec, packet, NOON) == (HeartSample(NOON, 720),)


def test_contact_that_cannot_be_believed_is_not_told() -> None:
    """Optical armbands claim contact on a table."""
    codec = HeartRateCodec(contact=False)
    for i in range(5):
        assert heard(codec, "0448", NOON + i * S) == (HeartSample(NOON + i * S, 720),)


def test_beats_without_contact_are_doubted() -> None:
    """A loose electrode makes intervals of noise."""
    codec = HeartRateCodec()
    for i, flags in enumerate(("16", "16", "14")):
        beat = heard(codec, f"{flags}3c 0004", NOON + i * S)[0]
    assert beat == BeatInterval(NOON + 2 * S, 1000, clean=False)


def test_what_it_has_is_asked_for_and_nothing_else() -> None:
    """A strap without a battery service is a strap all the same."""
    codec = HeartRateCodec()
    assert codec.opening(frozenset({HEART_RATE_MEASUREMENT})) == (Subscribe(HEART_RATE_MEASUREMENT),)
    assert codec.opening(frozenset({BATTERY_LEVEL, HEART_RATE_MEASUREMENT, HEART_RATE_SERVICE})) == (
        Subscribe(HEART_RATE_MEASUREMENT),
        Read(BATTERY_LEVEL),
        Subscribe(BATTERY_LEVEL),
    )
    assert codec.opening(frozenset()) == codec.pulse(200, 25) == codec.still() == ()


def test_what_comes_from_elsewhere_is_left_unread() -> None:
    """Whoever sent it."""
    (said,) = HeartRateCodec().hear(uuid_of(0x2A38), b"\x01", NOON)
    assert isinstance(said, Unread)


@pytest.mark.parametrize("percent", range(256))
def test_a_battery_holds_nought_to_a_hundred_percent(percent: int) -> None:
    """More is an error of the wearable, and would hide that it runs out."""
    said = HeartRateCodec().hear(BATTERY_LEVEL, bytes([percent]), NOON)
    assert said == (Battery(NOON, percent),) if percent <= 100 else isinstance(said[0], Unread)


@pytest.mark.parametrize("data", [b"", b"\x32\x00"])
def test_a_battery_level_is_one_byte(data: bytes) -> None:
    """Two are something else."""
    assert isinstance(battery_of(data, NOON), Unread)


# -- when beats were ----------------------------------------------------------------------------------------------


def placed(times: BeatTimes, packets: list[tuple[int, list[int]]]) -> list[BeatInterval]:
    """Beats of packets given as (arrival in ms, intervals)."""
    return [
        beat
        for at_ms, intervals in packets
        for beat in times.place(tuple((rr_ms, True) for rr_ms in intervals), at_ms * NS_PER_MS)
    ]


def test_beats_keep_the_distances_that_the_strap_measured() -> None:
    """The jitter of the radio is not the heart's."""
    arrivals = (10_000, 11_030, 12_010, 13_090, 14_020)
    beats = placed(BeatTimes(), [(at, [1000]) for at in arrivals])
    steps = [(later.at_ns - beat.at_ns) // NS_PER_MS for beat, later in pairwise(beats)]
    assert steps == [1000] * 4
    assert [beat.clean for beat in beats] == [False, True, True, True, True]


def test_no_beat_is_later_than_its_packet() -> None:
    """The first came late, so that the next ones are early: they are pulled back."""
    beats = placed(BeatTimes(), [(10_500, [1000]), (11_000, [1000]), (12_000, [1000])])
    assert [beat.at_ns // NS_PER_MS for beat in beats] == [10_500, 11_000, 12_000]
    assert all(beat.clean for beat in beats[1:])


def test_several_beats_of_a_packet_lie_before_it() -> None:
    """The last one is just over, the others before it."""
    beats = placed(BeatTimes(), [(10_000, [600, 500, 400])])
    assert [beat.at_ns // NS_PER_MS for beat in beats] == [9_100, 9_600, 10_000]


def test_the_beat_after_a_gap_is_placed_anew_and_doubted() -> None:
    """Its interval is true, but the beat before it is not its neighbour."""
    gap_ms = MOST_BEHIND_NS // NS_PER_MS
    beats = placed(BeatTimes(), [(10_000, [1000]), (11_000, [1000]), (13_001 + gap_ms, [1000, 1000])])
    assert beats[2].at_ns // NS_PER_MS == 12_001 + gap_ms
    assert [beat.clean for beat in beats] == [False, True, False, True]


def test_packets_held_back_by_the_radio_lose_nothing() -> None:
    """Two seconds without a packet, then three at once: the beats are where they were."""
    calm = [(at, [1000]) for at in range(10_000, 15_000, 1000)]
    beats = placed(BeatTimes(), [*calm, (17_050, [1000]), (17_050, [1000]), (17_050, [1000])])
    assert [beat.at_ns // NS_PER_MS for beat in beats] == list(range(10_000, 18_000, 1000))
    assert all(beat.clean for beat in beats[1:])


def test_a_longer_jam_is_not_taken_for_a_racing_heart() -> None:
    """What was placed on the arrival leaves no room for the rest of the jam, which is doubted."""
    calm = [(at, [1000]) for at in range(10_000, 15_000, 1000)]
    beats = placed(BeatTimes(), [*calm, *[(20_000, [1000])] * 6])
    assert not any(beat.clean for beat in beats[5:])
    assert beats[-1].at_ns == 20_000 * NS_PER_MS


@pytest.mark.parametrize("ppm", [-300, -50, 50, 300])
def test_the_clock_of_a_strap_may_be_fast_or_slow_for_a_whole_night(ppm: int) -> None:
    """Eight hours at the worst a cheap crystal does: beats stay within a second of their arrival, none is doubted."""
    times = BeatTimes()
    true_ms = 10_000.0
    behind = []
    for _ in range(8 * 3600):
        true_ms += 1000 * (1 + ppm * 1e-6)
        (beat,) = times.place(((1000, True),), round(true_ms * NS_PER_MS))
        behind.append(round(true_ms * NS_PER_MS) - beat.at_ns)
        assert beat.clean or len(behind) == 1
    assert 0 <= min(behind) <= max(behind) < 50 * NS_PER_MS


@pytest.mark.parametrize("rr_ms", [1, 239, 3001, 64_000])
def test_an_interval_that_no_strap_can_follow_is_doubted(rr_ms: int) -> None:
    """And time goes neither ahead nor back for it."""
    beats = placed(BeatTimes(), [(10_000, [1000]), (11_000, [rr_ms]), (12_000, [1000])])
    assert not beats[1].clean
    assert 10_000 * NS_PER_MS <= beats[1].at_ns <= 11_000 * NS_PER_MS


@pytest.mark.parametrize(("beats", "contact"), list(product((True, False), repeat=2)))
def test_it_is_a_codec(beats: bool, contact: bool) -> None:
    """Whatever bytes come."""
    check_codec(lambda: HeartRateCodec(beats=beats, contact=contact), examples=HONEST, most_records=MOST_INTERVALS + 2)


def test_a_notification_that_comes_twice_has_its_beats_once() -> None:
    """After some reconnections every notification does; the rate is handed on twice, so that this shows."""
    codec, packet = HeartRateCodec(), bytes((0x10, 120, 0, 2, 8, 2))
    first = codec.hear(HEART_RATE_MEASUREMENT, packet, 10 * NS_PER_S)
    twin = codec.hear(HEART_RATE_MEASUREMENT, packet, 10 * NS_PER_S + 1_000_000)
    later = codec.hear(HEART_RATE_MEASUREMENT, packet, 11 * NS_PER_S)
    assert [type(one).__name__ for one in first] == ["BeatInterval", "BeatInterval", "HeartSample"]
    assert [type(one).__name__ for one in twin] == ["HeartSample"]
    assert [type(one).__name__ for one in later] == ["BeatInterval", "BeatInterval", "HeartSample"]
