"""What the guard remembers: its permits, and what the inputs of the night told it. It trusts nobody else for these.

Whatever cannot be told counts against doing anything: a ledger row of another boot, or from the future, happened now;
an instant that is broken or goes back leaves the clock where it was, while the hold, failure or loss that came with it
counts all the same; what came without a believable instant happened at the next one that is believed. It stands here
because `control/guard.py`, which decides, imports nothing but the domain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from vigil.domain import records
from vigil.domain.nudges import Ledger, LedgerRow
from vigil.domain.plain import register
from vigil.domain.records import Mark, Mode, NightBegan, Restarted
from vigil.domain.requests import NudgeRequest, Output, Purpose
from vigil.domain.samples import Contact
from vigil.domain.troubles import FORBIDDING, Trouble, TroubleKind
from vigil.domain.units import MAX_INSTANT_NS, NS_PER_MINUTE, NS_PER_MS

HOUR_NS = 60 * NS_PER_MINUTE
NIGHT_NS = 18 * HOUR_NS
"""A night, for the caps, is any 18 hours on the boot clock (DESIGN section 5)."""

MAX_JUMP_NS = 26 * HOUR_NS
"""A clock further ahead of the last instant than this is broken: no gap within one night is that long. Our choice."""

FOREVER_NS = 2 * MAX_INSTANT_NS
"""Later than any instant, also after the clock was set anew by a reboot."""

UNDATED_NS = FOREVER_NS
"""The instant of what came without one: nothing remembered lies in the future, so time that goes on makes it now."""

FRESH_MS, FRESH_CADENCES, FRESHEST_MS = 10_000, 3, 180_000
"""A heart rate is fresh for three cadences of its source, at least 10 s and at most 180 s; the most where no cadence
was declared, since the signal learns it and the guard does not. Our choice after reliability F1 and DESIGN 2."""


def is_whole(value: object, low: int = -MAX_INSTANT_NS, high: int = MAX_INSTANT_NS) -> bool:
    """Whether `value` is an int (no bool, no other subclass) within [low, high]. False for NaN and all else."""
    return type(value) is int and low <= value <= high


def is_readable(ledger: Ledger) -> bool:
    """Whether a ledger was read, and every number in it is a number; never raises."""
    return (
        type(ledger) is Ledger
        and ledger.readable is True
        and type(ledger.rows) is tuple
        and all(_is_row(row) for row in ledger.rows)
    )


def _is_row(row: LedgerRow) -> bool:
    return (
        type(row) is LedgerRow
        and all(is_whole(number) for number in (row.at_ns, row.permit, row.episode))
        and is_whole(row.duration_ms, 0)
        and (row.wall_ms is None or is_whole(row.wall_ms))
        and isinstance(row.night, str)
        and isinstance(row.boot_id, str)
    )


def placed_ns(row: LedgerRow, event: NightBegan | Restarted, now_ns: int) -> int:
    """When a row happened on the clock of `event`, which came at `now_ns`; never later than that (DESIGN section 5).

    A row of the same boot keeps its instant. One of another boot counts as now, unless the event says that its wall
    clock is sane and both wall clocks are known.
    """
    if event.boot_id != "" and row.boot_id == event.boot_id:
        return min(row.at_ns, now_ns)
    wall_ms, row_ms = event.wall_ms, row.wall_ms
    if event.wall_sane is True and type(wall_ms) is int and is_whole(wall_ms) and row_ms is not None:
        return min(now_ns - (wall_ms - row_ms) * NS_PER_MS, now_ns)
    return now_ns


UNKNOWN_TROUBLE = TroubleKind.HOUSE_DOWN
"""What a trouble of no known kind counts as: one that nobody ever says is over. Our choice."""


def _no_later(at_ns: int | None, now_ns: int) -> int | None:
    return None if at_ns is None else min(at_ns, now_ns)


def _moved(at_ns: int | None, shift_ns: int) -> int | None:
    return None if at_ns is None else at_ns + shift_ns


@register
@dataclass(slots=True)
class GuardMemory:
    """Everything the guard remembers. Instants, those of `rows` too, are on the clock of `boot_id`.

    began_ns: lights-out, None before it. last_ns: the latest instant believed. warm_ns: the last start, reconnection,
    resume, clock step or release. fresh_ms: the oldest heart rate that is fresh. serial: of this night's last permit.
    episode, level: of the last permit since the last start, after which the ladder begins anew; one lower if it failed.
    unusable: not used again this night. away: were out of reach, and may be found again.
    spent: a ledger could not be read, so the budget counts as spent for the night; None before there was any.
    """

    mode: Mode | None = None
    night: str = ""
    boot_id: str = ""
    began_ns: int | None = None
    last_ns: int = 0
    warm_ns: int = 0
    fresh_ms: int = FRESHEST_MS
    rows: list[LedgerRow] = field(default_factory=list)
    serial: int = 0
    episode: int = 0
    level: int = 0
    held_until_ns: int | None = None
    awake_marked_ns: int | None = None
    unusable: list[Output] = field(default_factory=list)
    away: list[Output] = field(default_factory=list)
    linked: bool = True
    worn: bool = True
    troubles: list[TroubleKind] = field(default_factory=list)
    spent: bool | None = None
    over: bool = False

    def believes(self, at_ns: int) -> bool:
        """Whether time can have reached `at_ns`: not back, and not absurdly ahead. Before any start any may be."""
        return is_whole(at_ns) and (self.spent is None or 0 <= at_ns - self.last_ns <= MAX_JUMP_NS)

    def given(self, window_ns: int, now_ns: int) -> list[LedgerRow]:
        """The permits of the `window_ns` up to `now_ns`, both ends counted, but those tried by day, awake."""
        return [row for row in self.rows if now_ns - row.at_ns <= window_ns and row.purpose is not Purpose.TEST]

    def tried(self, window_ns: int, now_ns: int) -> list[LedgerRow]:
        """Every permit of the `window_ns` up to `now_ns`: whoever is awake feels the night's as well."""
        return [row for row in self.rows if now_ns - row.at_ns <= window_ns]

    def given_in(self, episode: int) -> list[LedgerRow]:
        """The permits of an episode of this night, those before a restart too."""
        return [row for row in self.rows if (row.night, row.episode) == (self.night, episode)]

    def issue(self, request: NudgeRequest, at_ns: int) -> int:
        """Remember a permit as a nudge given; returns its serial number, higher than any before in this night."""
        self.serial, self.episode, self.level = self.serial + 1, request.episode, request.level
        what = (request.purpose, request.episode, request.output, request.level, request.duration_ms)
        self.rows.append(LedgerRow(self.night, self.serial, self.boot_id, at_ns, None, *what))
        return self.serial

    def note(self, event: records.Input) -> None:
        """Take in an input; those that are not the guard's business are ignored. Never raises for its values."""
        handler = _HANDLERS.get(type(event))
        if handler is None:
            return
        if not isinstance(event, NightBegan | Restarted):  # a start may come with a clock of its own
            self._reach(event.at_ns)
        handler(self, event)

    def _reach(self, at_ns: int) -> None:
        """Time goes on to an instant, or stays at the last one believed where that cannot be."""
        if self.believes(at_ns):
            self.go_on_to(at_ns)

    def go_on_to(self, at_ns: int) -> None:
        """Time is at an instant that is believed; nothing that is remembered happened later than that."""
        self.last_ns, self.warm_ns = at_ns, min(self.warm_ns, at_ns)
        self.began_ns, self.awake_marked_ns = _no_later(self.began_ns, at_ns), _no_later(self.awake_marked_ns, at_ns)

    def _instant_of(self, event: records.Input) -> int:
        """When it happened: as late as can be, and at the next believed instant where its own cannot be."""
        return self.last_ns if is_whole(event.at_ns, high=self.last_ns) else UNDATED_NS

    def _begin(self, event: NightBegan) -> None:
        """Lights-out. A second one can only be stricter: it settles anew, and no hold, loss or budget is forgotten."""
        mode = event.mode if isinstance(event.mode, Mode) else Mode.WATCH_ONLY
        self.mode = mode if self.mode is None or self.mode is Mode.ON else self.mode
        if self.began_ns is None:
            if not is_whole(event.at_ns):
                return  # without an instant of lights-out nothing is ever allowed
            self.last_ns = event.at_ns
        self.night = event.night
        self._start(event)
        self.began_ns = self._instant_of(event)
        cadence_ms = event.heart_cadence_ms
        known = FRESH_CADENCES * cadence_ms if cadence_ms is not None and is_whole(cadence_ms, 1) else FRESHEST_MS
        self.fresh_ms = min(max(FRESH_MS, known), self.fresh_ms)

    def _start(self, event: NightBegan | Restarted) -> None:
        """Vigil starts, or comes back: it is warm only five minutes later, and the ladder begins at its lowest."""
        rebooted = event.boot_id == "" or event.boot_id != self.boot_id
        if rebooted:
            self._set_clock(event.at_ns)
        self.boot_id = event.boot_id
        self._reach(event.at_ns)
        self.warm_ns = self._instant_of(event)
        self.episode = self.level = 0
        placed = isinstance(self.night, str) and isinstance(self.boot_id, str) and self.warm_ns != UNDATED_NS
        self.spent = self.spent is True or not placed or not is_readable(event.ledger)
        if not self.spent:
            self._unite(event, rebooted=rebooted)

    def _set_clock(self, at_ns: int) -> None:
        """A new boot has a new clock: the time known to have passed is kept, and none is assumed to have passed since.

        Every permit counts as now, until the ledger proves when it was.
        """
        if is_whole(at_ns) and at_ns - self.last_ns <= MAX_JUMP_NS:
            shift_ns, self.last_ns = at_ns - self.last_ns, at_ns
            self.began_ns, self.held_until_ns = _moved(self.began_ns, shift_ns), _moved(self.held_until_ns, shift_ns)
            self.awake_marked_ns = _moved(self.awake_marked_ns, shift_ns)
        self.rows = [replace(row, at_ns=self.last_ns) for row in self.rows]

    def _unite(self, event: NightBegan | Restarted, *, rebooted: bool) -> None:
        """One row per (night, permit, boot_id); within one boot the later of two instants stands."""
        known = {(row.night, row.permit, row.boot_id): row for row in self.rows}
        for row in event.ledger.rows:
            key, at_ns = (row.night, row.permit, row.boot_id), placed_ns(row, event, self.last_ns)
            if rebooted or key not in known or known[key].at_ns < at_ns:
                known[key] = replace(row, at_ns=at_ns)
        self.rows = [row for row in known.values() if row.night == self.night or self.last_ns - row.at_ns <= NIGHT_NS]
        self.serial = max([self.serial, *(row.permit for row in self.rows if row.night == self.night)])

    def _warm_up(self, event: records.Input) -> None:
        self.warm_ns = self._instant_of(event)

    def _lose_link(self, _event: records.LinkLost) -> None:
        self.linked = False

    def _regain_link(self, event: records.LinkRegained) -> None:
        self._warm_up(event)
        self.linked = True

    def _wear(self, event: Contact) -> None:
        """Taking the watch off is *stop*: what is put on again is believed only after five good minutes."""
        if not self.worn:
            self._warm_up(event)
        self.worn = event.on is True

    def _hold(self, event: records.Held) -> None:
        until_ns = event.until_ns if event.until_ns is not None and is_whole(event.until_ns) else FOREVER_NS
        self.held_until_ns = until_ns if self.held_until_ns is None else max(self.held_until_ns, until_ns)

    def _release(self, event: records.Released) -> None:
        self._warm_up(event)  # whoever ended it is awake perhaps, and is given five minutes
        self.held_until_ns = self.awake_marked_ns = None

    def _mark(self, event: records.Marked) -> None:
        if event.mark is Mark.STOP:
            self.held_until_ns = FOREVER_NS
        elif event.mark in {Mark.AWAKE, Mark.BAD_DREAM}:  # whoever says so is awake
            self.awake_marked_ns = self._instant_of(event)

    def _probe(self, event: records.OutputProbed) -> None:
        self.away = [one for one in self.away if one is not event.output or event.ok is not True]
        lost = () if event.ok is True or event.output in self.unusable else (event.output,)
        self.unusable += lost

    def _fail(self, event: records.OutputFailed) -> None:
        """A nudge that failed counts as given, and was perhaps not felt: the next may be as strong, not stronger."""
        if event.permit == self.serial:
            self.level = max(0, self.level - 1)
        among = self.away if event.unreached is True else self.unusable
        among += () if event.output in among else (event.output,)

    def _trouble(self, event: Trouble) -> None:
        """What forbids acting lasts until it is said, truly, to be over."""
        named: object = event.kind
        if named is TroubleKind.STORE_DAMAGED:
            self.spent = True  # what was given before is in the file that was set aside (reliability F16)
        kind = named if isinstance(named, TroubleKind) else UNKNOWN_TROUBLE
        others = [one for one in self.troubles if one is not kind]
        if event.over is True:
            self.troubles = others if kind is named else self.troubles
        elif kind in FORBIDDING or kind is not named:
            self.troubles = [*others, kind]

    def _end(self, _event: records.NightEnded) -> None:
        self.over = True


_HANDLERS: dict[type, Callable[[GuardMemory, Any], None]] = {
    NightBegan: GuardMemory._begin,
    Restarted: GuardMemory._start,
    records.Resumed: GuardMemory._warm_up,
    records.ClockStepped: GuardMemory._warm_up,
    records.LinkLost: GuardMemory._lose_link,
    records.LinkRegained: GuardMemory._regain_link,
    Contact: GuardMemory._wear,
    records.Held: GuardMemory._hold,
    records.Released: GuardMemory._release,
    records.Marked: GuardMemory._mark,
    records.OutputProbed: GuardMemory._probe,
    records.OutputFailed: GuardMemory._fail,
    Trouble: GuardMemory._trouble,
    records.NightEnded: GuardMemory._end,
}
