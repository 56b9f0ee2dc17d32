"""Codecs against whatever comes: hostile packets in bulk, and beats that are put back where they were."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.campaigns.packets import FACTORIES, Factory, hostile_packets, one_seed
from tests.codec_contract import MOST_HELD, Held, check_codec, weight
from tests.honest_packets import HONEST
from vigil.devices.packets.beat_times import WAIT_NS, BeatTimes
from vigil.devices.packets.contract import Codec, Heard, Read, Unread, Wish, Write, uuid_of
from vigil.devices.packets.heart_rate import HEART_RATE_MEASUREMENT, HeartRateCodec
from vigil.devices.packets.polar_clock import DeviceClock
from vigil.domain.samples import BeatInterval, HeartSample, Quality
from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.signal.heart import HeartTracker

NOON = 40_000 * NS_PER_S


@pytest.mark.parametrize("factory", FACTORIES)
def test_every_codec_keeps_the_contract(factory: Factory) -> None:
    """Honest packets broken, noise, every length: no exception, no flood, no future, no growth, twice the same."""
    check_codec(factory, examples=HONEST, packets=400, most_records=40)


@pytest.mark.parametrize("seed", range(900, 900 + len(FACTORIES)))
def test_a_dose_of_the_campaign_finds_nothing(seed: int) -> None:
    """Two million of them run by themselves: `python -m tests.campaigns.packets`."""
    found = one_seed(seed, 2500)
    assert found.violations == ()
    assert found.packets == 2500
    assert 0 < found.unread < found.records


@pytest.mark.nightly
@pytest.mark.timeout(4 * 3600)
def test_the_campaign_finds_nothing() -> None:
    """The campaign, whole: every codec in its turn, two processes at a time."""
    found = hostile_packets()
    assert found.violations == ()
    assert found.codecs == len(FACTORIES)
    assert found.held_most <= MOST_HELD


# -- the contract sees what breaks it ------------------------------------------------------------------------------


class Broken(HeartRateCodec):
    """A codec that breaks one promise once its packet has three bytes or more."""

    def __init__(self, told: object) -> None:
        super().__init__()
        self.told = told

    def hear(self, characteristic: str, data: bytes, at_ns: int) -> tuple[Heard | Wish, ...]:
        if len(data) < 3:
            return ()
        if isinstance(self.told, Exception):
            raise self.told
        return self.told(at_ns) if callable(self.told) else self.told  # type: ignore[return-value]  # broken on purpose


BREAKS: dict[str, object] = {
    "it raised": ValueError("cut off"),
    "not a tuple": [Unread(HEART_RATE_MEASUREMENT, "")],
    "99 records": lambda at_ns: (HeartSample(at_ns, 600),) * 99,
    "of the future": lambda at_ns: (HeartSample(at_ns + 1, 600),),
    "goes back": lambda at_ns: (HeartSample(at_ns, 600), HeartSample(at_ns - 1, 600)),
    "out of range": lambda at_ns: (BeatInterval(at_ns, 0),),
    "no full, lower-case UUID": (Read("2A19"),),
    "longer than any value": (Write(uuid_of(0x2A06), bytes(513)),),
    "3 at ": (3,),
}


@pytest.mark.parametrize("why", BREAKS)
def test_a_codec_that_breaks_a_promise_is_found(why: str) -> None:
    """Else the contract would hold nothing."""
    with pytest.raises(AssertionError, match=why):
        check_codec(partial(Broken, BREAKS[why]))


def test_a_codec_that_keeps_every_packet_is_found() -> None:
    """A night has thirty thousand of them."""
    hoard: list[bytes] = []

    class Hoarder(HeartRateCodec):
        def __init__(self) -> None:
            super().__init__()
            self.kept = hoard

        def hear(self, characteristic: str, data: bytes, at_ns: int) -> tuple[Heard | Wish, ...]:
            self.kept.append(data)
            return ()

    with pytest.raises(AssertionError, match="it holds"):
        check_codec(Hoarder)
    hoard.clear()


def test_a_codec_that_asks_for_what_is_not_there_is_found() -> None:
    """A strap without a battery would be given up for it."""

    class Greedy(HeartRateCodec):
        def opening(self, offered: frozenset[str]) -> tuple[Wish, ...]:
            return (Read(uuid_of(0x2A19)),)

    with pytest.raises(AssertionError, match="not offered"):
        check_codec(Greedy)


def test_weight_counts_what_is_held_in_any_container() -> None:
    """Bytes by their length, and nothing twice."""
    inner = [1, 2, 3]
    assert weight([b"1234", inner, inner]) == 1 + 5 + 4
    assert weight(Held(HeartRateCodec(), (HEART_RATE_MEASUREMENT,)).codec) < 20


# -- time -----------------------------------------------------------------------------------------------------------

beats = st.lists(st.tuples(st.integers(0, 65_535), st.booleans()), max_size=20)
packets = st.lists(st.tuples(st.integers(0, 8000), beats), max_size=30)


@given(packets)
def test_beats_are_never_of_the_future_and_never_go_back(
    given_packets: list[tuple[int, list[tuple[int, bool]]]],
) -> None:
    """Whatever intervals come, whenever."""
    times, at_ns, last_ns = BeatTimes(), NOON, -1
    for step_ms, intervals in given_packets:
        at_ns += step_ms * NS_PER_MS
        told = times.place(tuple(intervals), at_ns)
        assert [beat.rr_ms for beat in told] == [rr_ms for rr_ms, _ in intervals]
        for beat, (_, sure) in zip(told, intervals, strict=True):
            assert last_ns <= beat.at_ns <= at_ns
            assert sure or not beat.clean
            last_ns = beat.at_ns


@given(st.lists(st.integers(400, 1500), min_size=40, max_size=80), st.integers(0, 10**6))
def test_beats_of_a_strap_are_put_back_where_they_were(intervals: list[int], seed: int) -> None:
    """Sent once a second with a jitter of 200 ms: within the second that a packet waits, and hardly one doubted."""
    ends = [10_000 + sum(intervals[: i + 1]) for i in range(len(intervals))]
    told: list[BeatInterval] = []
    times, tick = BeatTimes(), 10_000
    while len(told) < len(ends):
        tick += 1000
        due = sum(1 for end in ends if end <= tick)
        arrival = tick + 20 + (seed * tick) % 200
        told += times.place(tuple((rr_ms, True) for rr_ms in intervals[len(told) : due]), arrival * NS_PER_MS)
    assert all(0 <= beat.at_ns / NS_PER_MS - end <= 1220 for beat, end in zip(told, ends, strict=True))
    assert sum(not beat.clean for beat in told[1:]) <= 3


@pytest.mark.parametrize("bpm", [45, 69, 86, 115, 150])
def test_every_beat_is_taken_in_turns_of_a_second_if_it_is_put_off(bpm: int) -> None:
    """Also of a heart that races: a beat that comes too late for its turn would fall on the next one."""
    chance = random.Random(bpm)
    times, tracker, ahead = BeatTimes(), HeartTracker(), list[BeatInterval]()
    end_ms = 0
    for second in range(1, 600):
        over = []
        while end_ms <= 1000 * second:
            rr_ms = round(60_000 / bpm * chance.uniform(0.9, 1.1))
            end_ms += rr_ms
            over.append((rr_ms, True))
        arrival_ms = 1000 * second + 400 + chance.randrange(20, 150)
        ahead += times.place(tuple(over), arrival_ms * NS_PER_MS)
        # The turn of this second is over: what is due is handed in, and what is older has come too late for it.
        turn_ns = 1000 * (second + 1) * NS_PER_MS
        ready = [beat for beat in ahead if beat.at_ns + WAIT_NS <= turn_ns]
        ahead = [beat for beat in ahead if beat.at_ns + WAIT_NS > turn_ns]
        assert all(beat.at_ns + WAIT_NS > turn_ns - NS_PER_S for beat in ready)
        faults = [tracker.take_beat(replace(beat, at_ns=beat.at_ns + WAIT_NS)) for beat in ready]
        assert not any(faults) or second < 5
    assert tracker.look(600 * NS_PER_S).quality is Quality.GOOD


@given(st.lists(st.tuples(st.integers(0, 2**62), st.integers(1, 512), st.integers(0, 10 * NS_PER_S)), max_size=20))
def test_samples_are_never_of_the_future_and_blocks_never_go_back(frames: list[tuple[int, int, int]]) -> None:
    """Whatever the wearable's clock shows."""
    clock, at_ns, before_ns = DeviceClock(20 * NS_PER_MS), NOON, -(2**63)
    for device_ns, count, step_ns in frames:
        at_ns += step_ns
        placed = clock.place(device_ns or None, count, at_ns)
        if placed is None:
            continue
        first_ns, period_ns = placed
        assert period_ns > 0
        assert before_ns <= first_ns
        assert first_ns + (count - 1) * period_ns <= at_ns
        before_ns = first_ns


def test_codecs_are_what_the_contract_calls_codecs() -> None:
    """As the type checker sees it."""
    made: list[Codec] = [factory() for factory in FACTORIES]
    assert len(made) == len(FACTORIES)
