"""The band of a simulated night: what a sleeper's body shows, and what becomes of it before Vigil hears it."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tests.campaigns.year_faults import Fault, Planned
from tests.campaigns.year_world import S, World
from vigil.domain.records import Event, LinkLost, LinkRegained, Mark, Marked, NightBegan, Sample
from vigil.domain.requests import Output
from vigil.domain.samples import Battery, Contact, HeartSample, MotionSummary
from vigil.recordings.synthetic.sleeper import SimulatedSleeper
from vigil.signal.motion_rows import MotionBin, norm_of_range

SIGNAL = frozenset(
    {Fault.DROP_OUT, Fault.HANG, Fault.LINK, Fault.DOUBLED, Fault.LATE, Fault.IMPOSSIBLE, Fault.FLAT, Fault.OFF_WRIST}
)
"""Faults that change what is heard, second by second."""

_SILENCES = frozenset({Fault.HANG, Fault.LINK})
_NO_HEART = frozenset({Fault.DROP_OUT, Fault.OFF_WRIST})
IMPOSSIBLE_X10 = (9_999, 0, -40, 2**40)
TWICE_NS = S // 10
HALF_MINUTE_S = 30


@dataclass(slots=True)
class Band:
    """What is heard of a sleeper from the true instant of lights-out on, through the faults of the night.

    folds: it tells of movement every half minute, not every second. Asked in true time by `heard`; a `Source` of one
    process's life stands in front of it (`year_life`).
    """

    world: World
    sleeper: SimulatedSleeper
    lights_ns: int
    faults: Sequence[Planned]
    now_s: int = 0
    waiting: list[tuple[int, int, Sample | Event]] = field(default_factory=list)
    numbered: int = 0
    held_x10: int | None = None
    linked: bool = True
    worn: bool = True
    told: tuple[bool, bool] = (True, True)
    folds: bool = False
    moved: list[MotionSummary] = field(default_factory=list)
    at: dict[int, Fault] = field(init=False)
    edges: dict[int, list[Sample | Event]] = field(init=False)

    def __post_init__(self) -> None:
        self.at, self.edges = {}, {}
        for fault in self.faults:
            first, last = int(fault.from_s), int(fault.to_s)
            if fault.kind in SIGNAL:
                self.at.update(dict.fromkeys(range(first + 1, last + 1), fault.kind))
            for second, record in _edges(fault, first, last):
                self.edges.setdefault(second, []).append(record)

    def heard(self, elapsed_ns: int) -> list[Sample | Event]:
        """Everything that arrives up to `elapsed_ns` after lights-out and was not asked for before, as it arrives."""
        until_s = elapsed_ns // S
        arriving: list[Sample | Event] = []
        while self.now_s < until_s:
            self.now_s += 1
            self._second(self.now_s, arriving)
        return arriving

    def feel(self, output: Output, level: int, duration_ms: int, true_ns: int) -> None:
        """The sleeper feels an output."""
        self.sleeper.feel(output, level, duration_ms, true_ns - self.lights_ns)

    def _second(self, second: int, arriving: list[Sample | Event]) -> None:
        found = self.sleeper.until(second * S)
        if self.folds:
            found = self._fold(second, found)
        fault = self.at.get(second)
        asleep = self._asleep(second)
        if fault is not None:
            found = self._through(fault, second, found)
        while self.waiting and self.waiting[0][0] <= second:
            found.append(heapq.heappop(self.waiting)[2])
        for edge in self.edges.get(second, ()):
            self._turn(edge)
            if not isinstance(edge, _STATES):
                found.append(edge)
        if not asleep:
            arriving += [*found, *self.says(second)]

    def _fold(self, second: int, found: list[Sample | Event]) -> list[Sample | Event]:
        """A band that tells of movement every half minute."""
        self.moved += [row for row in found if isinstance(row, MotionSummary)]
        kept: list[Sample | Event] = [row for row in found if not isinstance(row, MotionSummary)]
        if second % HALF_MINUTE_S == 0 and self.moved:
            kept.append(folded(self.moved))
            self.moved = []
        return kept

    def _turn(self, edge: Sample | Event) -> None:
        if isinstance(edge, LinkLost | LinkRegained):
            self.linked = isinstance(edge, LinkRegained)
        elif isinstance(edge, Contact):
            self.worn = edge.on

    def says(self, second: int) -> list[Sample | Event]:
        """Where link and contact stand, if that was not told yet: whoever connects anew hears it, too."""
        (linked, worn), self.told = self.told, (self.linked, self.worn)
        link = LinkRegained(second * S) if self.linked else LinkLost(second * S)
        return [
            *([link] if linked is not self.linked else []),
            *([Contact(second * S, on=self.worn)] if worn is not self.worn else []),
        ]

    def _asleep(self, second: int) -> bool:
        true_ns = self.lights_ns + second * S
        return any(from_ns < true_ns <= to_ns for from_ns, to_ns in self.world.slept)

    def _through(self, fault: Fault, second: int, found: list[Sample | Event]) -> list[Sample | Event]:
        """What a fault leaves of a second."""
        if fault in _SILENCES:
            return []
        kept: list[Sample | Event] = []
        for record in found:
            if not isinstance(record, HeartSample):
                kept.append(record)
            elif fault not in _NO_HEART:
                kept += self._heart(fault, second, record)
        return kept

    def _heart(self, fault: Fault, second: int, sample: HeartSample) -> list[Sample | Event]:
        if fault is Fault.FLAT and self.at.get(second - 1) is not Fault.FLAT:
            self.held_x10 = None
        match fault:
            case Fault.DOUBLED:
                return [sample, replace(sample, at_ns=sample.at_ns + TWICE_NS)]
            case Fault.IMPOSSIBLE if second % 3:
                return [replace(sample, bpm_x10=IMPOSSIBLE_X10[second % 4])]
            case Fault.FLAT:
                self.held_x10 = sample.bpm_x10 if self.held_x10 is None else self.held_x10
                return [replace(sample, bpm_x10=self.held_x10)]
            case Fault.LATE if second % 2:
                self.numbered += 1
                heapq.heappush(self.waiting, (second + 2 + second % 17, self.numbered, sample))
                return []
            case _:
                return [sample]


def folded(rows: list[MotionSummary]) -> MotionSummary:
    """Rows of movement, one after the other, as one."""
    length_ms = sum(row.duration_ms for row in rows)
    every = MotionBin.of(rows)
    low, high = every.low_mg or (0, 0, 0), every.high_mg or (0, 0, 0)
    x, y, z = (pull // every.pull_ms for pull in every.pull_mg_ms)
    steps = sum(row.steps or 0 for row in rows)
    return MotionSummary(rows[-1].at_ns, length_ms, norm_of_range(low, high), low, high, (x, y, z), steps)


_STATES = (LinkLost, LinkRegained, Contact)


def _edges(fault: Planned, first: int, last: int) -> list[tuple[int, Sample | Event]]:
    """What is said at the beginning and the end of a fault."""
    match fault.kind:
        case Fault.LINK:
            return [(first + 1, LinkLost((first + 1) * S)), (last + 1, LinkRegained((last + 1) * S))]
        case Fault.OFF_WRIST:
            return [(first + 1, Contact((first + 1) * S, on=False)), (last + 1, Contact((last + 1) * S, on=True))]
        case Fault.BAND_BATTERY:
            return [(first + 1, Battery((first + 1) * S, fault.value))]
        case Fault.MARK_AWAKE:
            return [(first + 1, Marked((first + 1) * S, Mark.AWAKE))]
        case Fault.MARK_BAD_DREAM:
            return [(first + 1, Marked((first + 1) * S, Mark.BAD_DREAM))]
        case _:
            return []


@dataclass(slots=True)
class LifeSource:
    """The band as one life of the night process hears it: a `Source`, in the night's own time.

    late_ns: by how much the night's own time since its lights-out is behind the true one since the person's.
    heard: everything that was handed over, with the instant until which it was asked for; what a process that comes
    back throws away is not among it.
    """

    band: Band
    night: NightBegan
    late_ns: int
    length_ns: int
    throw_away: bool
    heard: list[tuple[int, Sample | Event]]

    def began(self) -> NightBegan:
        """See `Source`."""
        return replace(self.night, at_ns=0)

    def due(self, elapsed_ns: int) -> Sequence[Sample | Event]:
        """See `Source`."""
        told = self.band.told
        found = self.band.heard(elapsed_ns + self.late_ns)
        if self.throw_away:
            self.throw_away, self.band.told = False, told
            return []
        moved: list[Sample | Event] = [replace(record, at_ns=record.at_ns - self.late_ns) for record in found]
        zero_ns = self.night.at_ns
        self.heard += [
            (zero_ns + elapsed_ns, replace(record, at_ns=zero_ns + record.at_ns))
            for record in moved
            if not isinstance(record, MotionSummary)
        ]
        return moved

    @property
    def ends_ns(self) -> int | None:
        """See `Source`."""
        return self.length_ns - self.late_ns
