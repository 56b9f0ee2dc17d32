"""What truly happened in a night, written down by the world and never by Vigil."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.campaigns.year_faults import Fault
from tests.campaigns.year_world import S
from vigil.domain.nudges import Decision
from vigil.domain.records import Event, NightBegan, Sample
from vigil.domain.requests import NudgeRequest


@dataclass(slots=True)
class Happened:
    """A fault that took effect. Instants are true; `to_ns` None: it goes on to the night's end. number: as its kind
    needs it: milliseconds of a step, minutes of a zone, the charge of a battery."""

    kind: Fault
    from_ns: int
    to_ns: int | None
    number: int = 0


@dataclass(slots=True)
class Life:
    """One process that lived a part of a night. shift_ns: true instants less those of the night.

    from_ns: of its `NightBegan` or `Restarted`. to_ns: up to where it got and what it kept. last_ns: up to where it
    got. In the night's own time. how: its end. damaged, down, unready: what it found when it began. gap_known: whether
    it knew how long nothing ran before it. undated: nudges of earlier boots counted as now, for want of a clock.
    """

    shift_ns: int
    from_ns: int
    boot_id: str
    to_ns: int
    last_ns: int
    how: str = "running"
    damaged: bool = False
    down: int = 0
    unready: tuple[str, ...] = ()
    gap_known: bool = True
    undated: bool = False


@dataclass(slots=True)
class Act:
    """What an output really did, in true time. written: its row was durable before it; over_ns: when it was off."""

    true_ns: int
    night: str
    serial: int
    request: NudgeRequest
    written: bool
    over_ns: int


@dataclass(slots=True)
class NightLog:
    """One stored night. heard: what each life was handed, with the turn it came in. failing: steps at which the
    detector failed, and how. acknowledged: inputs that a commit made durable; the store may never hold fewer.
    """

    name: str
    key: int
    lights_ns: int
    armed: bool
    lives: list[Life] = field(default_factory=list)
    heard: list[tuple[int, Sample | Event]] = field(default_factory=list)
    happened: list[Happened] = field(default_factory=list)
    failing: dict[int, str] = field(default_factory=dict)
    slow: list[int] = field(default_factory=list)
    holds: list[tuple[int, int | None]] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    acknowledged: int = 0
    added: int = 0
    slept_true: list[tuple[int, int]] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    ended_ns: int | None = None
    wrong: list[str] = field(default_factory=list)
    began: NightBegan | None = None

    @property
    def began_ns(self) -> int:
        """Of its `NightBegan`."""
        return self.lives[0].from_ns

    def in_night(self, true_ns: int) -> int:
        """A true instant in the night's own time: by the life that lived then, else by the next that did."""
        for life in self.lives:
            if true_ns <= life.last_ns + life.shift_ns:
                return true_ns - life.shift_ns
        return true_ns - self.lives[-1].shift_ns

    @property
    def slept(self) -> list[tuple[int, int]]:
        """When the computer slept, in the night's own time."""
        return [
            (self.in_night(from_ns), self.in_night(from_ns) + to_ns - from_ns) for from_ns, to_ns in self.slept_true
        ]

    def life_at(self, night_ns: int) -> Life | None:
        """The life that ran at an instant of the night, None between them."""
        return next((life for life in self.lives if life.from_ns <= night_ns <= life.last_ns), None)

    def life_truly_at(self, true_ns: int) -> Life | None:
        """The life that ran at a true instant, None between them."""
        return next((life for life in self.lives if life.from_ns <= true_ns - life.shift_ns <= life.last_ns), None)

    def seconds(self, night_ns: int) -> float:
        """Seconds from lights-out."""
        return (night_ns - self.began_ns) / S
