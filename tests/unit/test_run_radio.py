"""The radio as a night's source: in order, on the night's own time, and nothing twice."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import pytest

from vigil.devices.packets.beat_times import WAIT_NS
from vigil.devices.packets.contract import DeviceTime, Read, Subscribe, Unread, Write
from vigil.devices.packets.heart_rate import HEART_RATE_MEASUREMENT, HeartRateCodec
from vigil.domain.errors import DeviceError
from vigil.domain.records import LinkLost, LinkRegained, Mark, Marked, NightBegan
from vigil.domain.samples import (
    AccelerationBlock,
    Battery,
    BeatInterval,
    HeartSample,
    MotionSummary,
    Quality,
    SampleFault,
)
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.domain.units import NS_PER_S
from vigil.run.link_table import State
from vigil.run.ports import OutOfReachError
from vigil.run.radio import MOST_WAITING, ROW_WAIT_NS, Inbox, RadioBuzzer, RadioSource
from vigil.run.wearable import Joined, Parted, Said, Stranger, Wearable
from vigil.signal.heart import HeartTracker

S = NS_PER_S
ZERO = 1_000 * S


def source(*said: Said, shift_ns: int = 0) -> RadioSource:
    inbox = Inbox()
    for one in said:
        inbox.put(one)
    return RadioSource(NightBegan(ZERO), inbox, shift_ns)


def test_what_was_heard_is_due_in_order_and_once() -> None:
    """Up to the instant that is asked for; the rest waits."""
    heard = source(HeartSample(ZERO + 3 * S, 600), HeartSample(ZERO + S, 610), HeartSample(ZERO + 9 * S, 620))
    assert heard.due(5 * S) == [HeartSample(ZERO + S, 610), HeartSample(ZERO + 3 * S, 600)]
    assert heard.due(5 * S) == []
    assert heard.due(9 * S) == [HeartSample(ZERO + 9 * S, 620)]


def test_a_beat_that_is_known_late_belongs_to_the_next_turn() -> None:
    """If its instant has passed already it is moved to the first that has not, so that it is not left out as late."""
    inbox = Inbox()
    heard = RadioSource(NightBegan(ZERO), inbox)
    heard.due(5 * S)
    inbox.put(BeatInterval(ZERO + 3 * S, 900))
    inbox.put(BeatInterval(ZERO + 5 * S, 910))
    assert heard.due(8 * S) == [BeatInterval(ZERO + 5 * S + 1, 900), BeatInterval(ZERO + 5 * S + WAIT_NS, 910)]


@pytest.mark.parametrize("bpm", [69, 86, 115, 150])
def test_beats_of_a_strap_are_never_taken_for_doubles(bpm: int) -> None:
    """A measurement a second with one or two beats that are known when it comes: all of them are believed."""
    inbox, codec, track = Inbox(), HeartRateCodec(), HeartTracker()
    heard, count, beat_ms, seen = RadioSource(NightBegan(0), inbox), 0, 0, []
    for second in range(1, 600):
        rows = []
        while beat_ms + (rr_ms := 60_000 // bpm + 8 * (count % 7 - 3)) <= second * 1000:
            beat_ms, count = beat_ms + rr_ms, count + 1
            rows.append(round(rr_ms * 1.024))
        packet = bytes((0x16, bpm + second // 7 % 3)) + b"".join(row.to_bytes(2, "little") for row in rows)
        for said in codec.hear(HEART_RATE_MEASUREMENT, packet, second * S + 40_000_000):
            if not isinstance(said, Subscribe | Read | Write):
                inbox.put(said)
        for record in heard.due(second * S):
            if isinstance(record, BeatInterval):
                track.take_beat(record)
            elif isinstance(record, HeartSample):
                track.take_heart(record)
        if second > 60 and second % 5 == 0:
            seen.append(track.look(second * S).quality)
    assert SampleFault.DUPLICATE not in track.left_out
    assert set(seen) == {Quality.GOOD}


def test_acceleration_becomes_a_row_a_second() -> None:
    """At 25 Hz, in blocks that end within seconds."""
    mg = np.zeros((40, 3), np.int16)
    mg[:, 2] = 1000
    blocks = [AccelerationBlock(ZERO + index * 1600 * S // 1000, S // 25, mg) for index in range(3)]
    rows = source(*blocks).due(10 * S)
    assert all(isinstance(row, MotionSummary) for row in rows)
    assert [row.at_ns for row in rows] == [ZERO + k * S + ROW_WAIT_NS for k in (1, 2, 3, 4)]


def test_a_first_connection_is_no_return() -> None:
    """Only what was there and went away is lost, and only then is it back."""
    said = (Joined(ZERO + S), Parted(ZERO + 5 * S, "gone"), Parted(ZERO + 6 * S, "gone"), Joined(ZERO + 9 * S))
    assert source(*said).due(10 * S) == [LinkLost(ZERO + 5 * S), LinkRegained(ZERO + 9 * S)]


def test_a_packet_that_cannot_be_read_is_a_value_that_cannot_be() -> None:
    """So that many of them make the signal one that is not believed; an unknown stream of movement does not."""
    heard = source(Unread(HEART_RATE_MEASUREMENT, "too short"), Unread("fb005c82", "an unknown frame"))
    assert heard.due(S) == [HeartSample(ZERO + 1, 0)]


def test_another_band_and_a_clock_that_runs_off_are_told() -> None:
    """As troubles, in the night's own time."""
    times = [DeviceTime(ZERO + k * 60 * S, k * 60 * S * 999 // 1000) for k in range(120)]
    found = source(Stranger(ZERO + S), *times).due(8000 * S)
    assert found[0] == Trouble(ZERO + S, TroubleKind.OTHER_BAND)
    assert {one.kind for one in found if isinstance(one, Trouble)} == {TroubleKind.OTHER_BAND, TroubleKind.BAND_CLOCK}


def test_after_a_reboot_the_nights_own_time_goes_on() -> None:
    """What is stamped with the new boot clock is moved onto it."""
    assert source(HeartSample(S, 600), shift_ns=ZERO).due(2 * S) == [HeartSample(ZERO + S, 600)]


def test_a_mark_is_told_at_once_and_kept() -> None:
    """A stop on the wrist waits for no turn of the night."""
    pressed: list[Mark] = []
    inbox = Inbox(pressed.append)
    inbox.put(Marked(ZERO + S, Mark.STOP))
    inbox.beside(HeartSample(ZERO + S, 600))
    assert pressed == [Mark.STOP]
    assert RadioSource(NightBegan(ZERO), inbox).due(S) == [Marked(ZERO + S, Mark.STOP)]


def test_of_a_wearable_that_vibrates_only_what_matters_is_heard() -> None:
    """Its buttons, its battery once it is low, and its movement where the sensor has none; else nothing of it."""
    charges = (Battery(ZERO + S, 80), Battery(ZERO + S, 15))
    said = (HeartSample(ZERO + S, 600), Joined(ZERO + S), *charges, MotionSummary(ZERO + S, 1000, 5))
    for moves, kinds in ((False, ["Battery"]), (True, ["Battery", "MotionSummary"])):
        inbox = Inbox(moves=moves)
        for one in said:
            inbox.beside(one)
        assert [type(one).__name__ for one in inbox.take()] == kinds


def test_a_night_that_hangs_costs_no_memory() -> None:
    """The oldest is dropped."""
    inbox = Inbox()
    for second in range(MOST_WAITING + 5):
        inbox.put(HeartSample(second, 600))
    waiting = inbox.take()
    assert len(waiting) == MOST_WAITING
    assert waiting[0] == HeartSample(5, 600)


@dataclass(slots=True)
class Watch:
    """A wearable that vibrates, and its connection, as `RadioBuzzer` sees both; `breaks`: the link ends in a call."""

    state: State = State.LISTENING
    is_over: bool = False
    breaks: bool = False
    asked: list[str] = field(default_factory=list)

    @property
    def link(self) -> Watch:
        return self

    async def pulse(self, duration_ms: int, strength_percent: int) -> None:
        await self._ask(f"{duration_ms} ms, {strength_percent} percent")

    async def still(self) -> None:
        await self._ask("still")

    async def _ask(self, what: str) -> None:
        self.asked.append(what)
        self.is_over = self.breaks
        if self.breaks:
            message = "writing failed"
            raise DeviceError(message)


def buzzed(watch: Watch, *, still: bool = False) -> None:
    async def scenario() -> None:
        buzzer = RadioBuzzer("the watch", cast("Wearable", watch), asyncio.get_running_loop())
        await (buzzer.still() if still else buzzer.pulse(300, 25))

    asyncio.run(scenario())


@pytest.mark.parametrize("watch", [Watch(State.LOOKING), Watch(is_over=True), Watch(breaks=True)])
def test_a_watch_without_a_connection_is_out_of_reach(watch: Watch) -> None:
    """Also where the connection breaks while the pulse is asked for; and there is nothing to still then."""
    with pytest.raises(OutOfReachError, match=r"the watch (is|went) out of reach"):
        buzzed(watch)
    buzzed(watch, still=True)


def test_a_watch_that_refuses_is_not_out_of_reach() -> None:
    """Its connection stands: what it raises is its own."""
    watch = Watch()

    async def refuse(_what: str) -> None:
        message = "it was stopped by hand on the watch"
        raise DeviceError(message)

    buzzed(watch)
    assert watch.asked == ["300 ms, 25 percent"]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Watch, "_ask", lambda _self, what: refuse(what))
        for still in (False, True):
            with pytest.raises(DeviceError, match="stopped by hand") as caught:
                buzzed(watch, still=still)
            assert not isinstance(caught.value, OutOfReachError)
