"""Polar's sensors: the Heart Rate Service, and acceleration (and pulse intervals) from their measurement service.

The conversation at the control point: what can acceleration be set to; start it so; and if a minute goes by without
a frame, from the beginning: the sensor may have been on its charger, or have stopped by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vigil.devices.packets.beat_times import BeatTimes
from vigil.devices.packets.contract import MOST_BYTES, DeviceTime, Heard, Subscribe, Unread, Wish, Write
from vigil.devices.packets.heart_rate import HeartRateCodec
from vigil.devices.packets.polar_clock import DeviceClock
from vigil.devices.packets.polar_control import (
    ALREADY_RUNNING,
    CONTROL,
    DATA,
    FEATURES,
    GOOD,
    HOPELESS,
    REFUSALS,
    STREAMS,
    WANTED,
    Command,
    Reply,
    Setting,
    Stream,
    ask_settings,
    chosen,
    factor_of,
    reply_of,
    settings_of,
    start,
    stop,
)
from vigil.devices.packets.polar_frames import Frame, acceleration_of, frame_of, pulses_of
from vigil.domain.samples import AccelerationBlock
from vigil.domain.units import NS_PER_S

SILENT_NS = 60 * NS_PER_S
"""Without a frame for so long, acceleration is asked for again: a frame comes every second or two (polar-ble-sdk
#317). Our own choice."""

PULSES_BEHIND_NS = 15 * NS_PER_S
"""How far pulse intervals may lie behind their arrival: they come about five at a time (polar-ble-sdk #311), and the
slowest five take 8 s. The first come 25 s after the start (Polar BLE SDK, `documentation/products/PolarOH1.md`)."""


@dataclass(slots=True)
class PolarCodec:
    """An H10, H9, OH1 or Verity Sense.

    heart: how its Heart Rate Service is read. pulses: whether pulse intervals are streamed. They are not, unless asked
    for: while they are, the heart rate comes every 5 s or is 0, and stays at its last value during movement (Polar
    BLE SDK, `documentation/products/PolarVeritySense.md`), which is just when it is wanted.
    Pulse intervals come in batches, seconds after the pulses, and their times are the latest that their arrivals
    allow. Where they are streamed, the beats of the Heart Rate Service are not used: one source at a time.
    """

    heart: HeartRateCodec = field(default_factory=HeartRateCodec)
    pulses: bool = False
    times: BeatTimes = field(default_factory=lambda: BeatTimes(PULSES_BEHIND_NS))
    clock: DeviceClock = field(default_factory=lambda: DeviceClock(NS_PER_S // WANTED[Setting.RATE]))
    settings: dict[int, int] = field(default_factory=dict)
    factor: float | None = None
    measures: bool = False
    restarted: bool = False
    asked_ns: int | None = None

    def __post_init__(self) -> None:
        if self.pulses:
            self.heart.beats = False

    def opening(self, offered: frozenset[str]) -> tuple[Wish, ...]:
        """See `Codec`: heart rate and battery, then the measurement service if it is there."""
        wishes = self.heart.opening(offered)
        self.measures = CONTROL in offered and DATA in offered
        if not self.measures:
            return wishes
        pulses = (Write(CONTROL, start(Stream.PULSE_INTERVALS, {})),) if self.pulses else ()
        return (*wishes, Subscribe(CONTROL), Subscribe(DATA), _ask(), *pulses)

    def hear(self, characteristic: str, data: bytes, at_ns: int) -> tuple[Heard | Wish, ...]:
        """See `Codec`. A frame of acceleration is one block and one `DeviceTime`."""
        again = self._again(at_ns)
        if characteristic not in {CONTROL, DATA}:
            return (*self.heart.hear(characteristic, data, at_ns), *again)
        if len(data) > MOST_BYTES:
            return (Unread(characteristic, f"it has {len(data)} bytes, more than any value can have"), *again)
        return (*(self._answer(data) if characteristic == CONTROL else self._frame(data, at_ns)), *again)

    def pulse(self, duration_ms: int, strength_percent: int) -> tuple[Write, ...]:  # noqa: ARG002 — as the contract has it
        """See `Codec`: none of them vibrates."""
        return ()

    def still(self) -> tuple[Write, ...]:
        """See `Codec`."""
        return ()

    def _again(self, at_ns: int) -> tuple[Wish, ...]:
        """Ask anew if nothing came of it for a minute."""
        if self.asked_ns is None:
            self.asked_ns = at_ns
        if not self.measures or at_ns - self.asked_ns < SILENT_NS:
            return ()
        self.asked_ns = at_ns
        return (_ask(),)

    # -- the control point ----------------------------------------------------------------------------------

    def _answer(self, data: bytes) -> tuple[Heard | Wish, ...]:
        """What follows from an answer; other streams than our own are passed over."""
        if data and data[0] == FEATURES:
            return ()
        reply = reply_of(data)
        if isinstance(reply, str):
            return (Unread(CONTROL, reply),)
        running = reply.status == ALREADY_RUNNING and reply.command == Command.START
        if reply.status != GOOD and not running:
            self.measures = self.measures and not (reply.stream == Stream.ACCELERATION and reply.status in HOPELESS)
            return (Unread(CONTROL, REFUSALS.get(reply.status, f"it answers with status {reply.status}")),)
        if reply.stream != Stream.ACCELERATION:
            return ()
        return self._go_on(reply)

    def _go_on(self, reply: Reply) -> tuple[Heard | Wish, ...]:
        """The next step of starting acceleration."""
        if reply.command == Command.SETTINGS:
            return self._choose(reply)
        if reply.command == Command.STOP:
            return (_start(self.settings),) if self.settings else ()
        if reply.command != Command.START:
            return ()
        told = factor_of(reply.settings)
        if isinstance(told, str):
            return (Unread(CONTROL, told),)
        self.factor = self.factor if told is None else told
        return ()

    def _choose(self, reply: Reply) -> tuple[Heard | Wish, ...]:
        if reply.more:
            return (Unread(CONTROL, "its settings come in several parts"),)
        offered = settings_of(reply.settings)
        picked = offered if isinstance(offered, str) else chosen(offered)
        if isinstance(picked, str):
            return (Unread(CONTROL, picked),)
        self.settings = picked
        self.clock.period_ns = NS_PER_S // picked[Setting.RATE]
        return (_start(picked),)

    # -- the data -------------------------------------------------------------------------------------------

    def _frame(self, data: bytes, at_ns: int) -> tuple[Heard | Wish, ...]:
        frame = frame_of(data)
        if isinstance(frame, str):
            return (Unread(DATA, frame),)
        if frame.stream == Stream.ACCELERATION:
            return self._acceleration(frame, at_ns)
        if frame.stream != Stream.PULSE_INTERVALS or not self.pulses:
            # Another app may stream what it likes from the same sensor: that is no fault of the sensor's.
            return () if frame.stream in STREAMS else (Unread(DATA, f"there is no measurement {frame.stream}"),)
        found = pulses_of(frame)
        if isinstance(found, str):
            return (Unread(DATA, found),)
        return self.times.place(tuple(one for one in found if one[0]), at_ns)

    def _acceleration(self, frame: Frame, at_ns: int) -> tuple[Heard | Wish, ...]:
        mg = acceleration_of(frame, self.factor)
        if isinstance(mg, str):
            return (Unread(DATA, mg), *self._restart(frame))
        self.asked_ns = at_ns
        placed = self.clock.place(frame.device_ns, len(mg), at_ns)
        if placed is None:
            return (Unread(DATA, "it has more samples than can have been taken since the frame before"),)
        block = AccelerationBlock(*placed, mg)
        return (block,) if frame.device_ns is None else (block, DeviceTime(at_ns, frame.device_ns))

    def _restart(self, frame: Frame) -> tuple[Wish, ...]:
        """A stream that ran already has told nobody its factor: it is stopped, once, to be started and asked."""
        if self.factor is not None or self.restarted or frame.kind != 0x80 or not self.settings:
            return ()
        self.restarted = True
        return (Write(CONTROL, stop(Stream.ACCELERATION)),)


def polar_strap() -> PolarCodec:
    """An H10 or H9: beats and rate of the Heart Rate Service, contact, and acceleration where there is any."""
    return PolarCodec()


def polar_armband() -> PolarCodec:
    """An OH1 or a Verity Sense: the rate, once a second, and acceleration.

    Its contact is not used: it is "very unreliable", and there may be a rate though it is not worn (Polar BLE SDK,
    `documentation/products`).
    """
    return PolarCodec(HeartRateCodec(beats=False, contact=False))


def _ask() -> Write:
    return Write(CONTROL, ask_settings(Stream.ACCELERATION))


def _start(settings: dict[int, int]) -> Write:
    return Write(CONTROL, start(Stream.ACCELERATION, settings))
