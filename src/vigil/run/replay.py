"""A recorded night through the same engine, on the recording's own time; nudges are shadow."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from vigil.domain.records import Input, NightBegan, NightEnded, Tick
from vigil.domain.samples import AccelerationBlock
from vigil.domain.settings import Profile, Settings
from vigil.domain.units import EPOCH_NS, NS_PER_S, STEP_NS
from vigil.engine.parameters import Parameters
from vigil.night.gaps import stood_still
from vigil.night.night_watch import NightWatch
from vigil.night.report import NightReport
from vigil.recordings.recording import Item, Recording
from vigil.run.hands import Hands
from vigil.run.ports import Keeper, NoKeeper
from vigil.run.runner import Listener, NightRunner
from vigil.signal.motion import SecondsReducer

LONGEST_NIGHT_NS = 26 * 3600 * NS_PER_S
"""No night is longer; of a longer recording the first 26 h are used, so that no file can take memory without bound."""

Pace = Callable[[int], None]
"""Called with nanoseconds since lights-out as the night goes by; may wait."""


@dataclass(frozen=True, slots=True)
class Outfit:
    """What a night runs with."""

    parameters: Parameters
    settings: Settings = field(default_factory=Settings)
    profile: Profile = field(default_factory=Profile)


def inputs_of(recording: Recording) -> Iterator[Input]:
    """The recording as inputs: blocks reduced to one-second summaries, `NightBegan` in its place, `NightEnded` last.

    Ticks are not among them. Raises InputError as the reader does.
    """
    began, pending, ended = recording.began, True, False
    longest_ns = began.at_ns + LONGEST_NIGHT_NS
    ends_ns = longest_ns if recording.ends_ns is None else min(recording.ends_ns, longest_ns)
    last_ns = began.at_ns
    for record in _reduced(recording.items()):
        at_ns, kind = record.at_ns, type(record)
        if kind is NightBegan:
            continue
        if pending and at_ns >= began.at_ns:
            pending = False
            yield began
        if at_ns > ends_ns:
            if ends_ns == longest_ns:
                recording.notes.remarks.append("longer than 26 h; only the first 26 h were used")
            break
        yield record
        last_ns = max(last_ns, at_ns)
        ended = kind is NightEnded
    if pending:
        yield began
    if not ended:
        # Where the recording says nothing, the night ends with the epoch that holds its last sample.
        epochs = -(-(last_ns - began.at_ns) // EPOCH_NS)
        yield NightEnded(
            max(ends_ns, began.at_ns) if recording.ends_ns is not None else began.at_ns + epochs * EPOCH_NS
        )


def _reduced(items: Iterator[Item]) -> Iterator[Input]:
    """Items in order with acceleration blocks made into motion summaries, each where it became known.

    A block stands where its first sample does, so its summaries wait until whatever comes after has passed them.
    """
    reducer = SecondsReducer()
    waiting: deque[Input] = deque()
    for item in items:
        while waiting and waiting[0].at_ns <= item.at_ns:
            yield waiting.popleft()
        if isinstance(item, AccelerationBlock):
            waiting.extend(reducer.push(item))
        else:
            yield item
    yield from waiting
    yield from reducer.flush()


def replay(
    recording: Recording,
    outfit: Outfit,
    *,
    keeper: Keeper | None = None,
    listener: Listener | None = None,
    pace: Pace | None = None,
) -> NightReport:
    """Run a recorded night to its end and return its report; raises InputError as the reader does."""
    watch = NightWatch(outfit.parameters, outfit.settings, outfit.profile)
    hands = Hands.recorded() if recording.as_recorded else Hands.shadows()
    kept = keeper or NoKeeper()
    runner = NightRunner(watch, kept, hands, listener)
    for record in ticked(inputs_of(recording), pace):
        runner.deliver(record)
    kept.commit()
    return runner.report()


def ticked(inputs: Iterator[Input], pace: Pace | None = None) -> Iterator[Input]:
    """The same inputs with a tick at every step that passes between them, as a live night has them.

    While nothing ran there were none: a night that stood still says afterwards how long.
    """
    began_ns: int | None = None
    next_ns = latest_ns = 0
    for record in inputs:
        last_ns = record.at_ns if type(record) is NightEnded else record.at_ns - 1
        gap = stood_still(record, latest_ns)
        latest_ns = max(latest_ns, record.at_ns)
        if gap is not None:
            last_ns = min(last_ns, gap[0])
        while next_ns <= last_ns and began_ns is not None:
            if pace is not None:
                pace(next_ns - began_ns)
            yield Tick(next_ns)
            next_ns += STEP_NS
        if isinstance(record, NightBegan):
            began_ns, next_ns, latest_ns = record.at_ns, record.at_ns + STEP_NS, record.at_ns
        elif gap is not None:
            next_ns += max(0, -((next_ns - record.at_ns) // STEP_NS)) * STEP_NS
        yield record
