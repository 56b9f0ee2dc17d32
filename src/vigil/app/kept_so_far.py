"""A night that was interrupted, as far as it was kept: everything that is needed to go on with it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from vigil.app.home import Shelf
from vigil.app.stored_night import began_of
from vigil.domain.errors import SnapshotError
from vigil.domain.nudges import Ledger
from vigil.domain.plain import dumps, loads
from vigil.domain.records import (
    ClockStepped,
    Held,
    Input,
    Mode,
    NightBegan,
    NightEnded,
    OutputAcknowledged,
    Released,
    Restarted,
)
from vigil.domain.requests import NudgeRequest
from vigil.domain.settings import Profile, Settings
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.run.replay import Outfit
from vigil.store.database import Database
from vigil.store.night_reader import NightReader
from vigil.store.nights import NightRow, Nights
from vigil.store.stored import OUTPUTS, StoredDecision

GOES_ON_S = 6 * 3600
"""A night that was interrupted longer ago than this is over: what comes is another one. Our choice."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """What had begun when the night was cut off, and was not over: a stop, troubles of the house."""

    held: bool
    troubles: frozenset[TroubleKind]

    @classmethod
    def of(cls, inputs: Iterable[Input]) -> Lasting:
        """After these inputs."""
        held, troubles = False, set[TroubleKind]()
        for record in inputs:
            if isinstance(record, Held | Released):
                held = isinstance(record, Held)
            elif isinstance(record, Trouble):
                (troubles.discard if record.over else troubles.add)(record.kind)
        return cls(held, frozenset(troubles))


@dataclass(frozen=True, slots=True)
class KeptSoFar:
    """given: nudges that were really given, with the instant at which they were acknowledged.

    boot_id: of the computer's last start that the night knows. last_ns: the last instant that was kept. whole: nothing
    of it is damaged or missing.
    """

    row: NightRow
    began: NightBegan
    inputs: tuple[Input, ...]
    given: tuple[tuple[int, NudgeRequest], ...]
    boot_id: str
    last_ns: int
    outfit: Outfit
    whole: bool = True

    @property
    def last_wall_ms(self) -> int | None:
        """What the wall clock said at the last instant; None unless that is proven.

        Proven it is if it was sane at every start of the night and nothing that was kept, or may be missing, says that
        it stepped: a wrong reading here would make the pause that is over look longer than it was.
        """
        began = self.began
        if began.wall_ms is None or not self.whole or not all(_keeps_wall(record) for record in self.inputs):
            return None
        return began.wall_ms + (self.last_ns - began.at_ns) // NS_PER_MS

    @property
    def shift_ns(self) -> int:
        """How far the night's time was ahead of the boot clock when it was cut off."""
        return next((record.shift_ns for record in reversed(self.inputs) if isinstance(record, Restarted)), 0)

    @property
    def stepped(self) -> bool:
        """Whether the wall clock stepped in this night, or may have."""
        return not self.whole or any(isinstance(record, ClockStepped) for record in self.inputs)

    @property
    def lasting(self) -> Lasting:
        """What was not over yet."""
        return Lasting.of(self.inputs)

    @property
    def nothing(self) -> bool:
        """Whether it was cut off before anything of it was kept but its name."""
        return self.last_ns == self.began.at_ns and len(self.inputs) == 1 and not self.boot_id

    @property
    def over(self) -> bool:
        """Whether it came to its end."""
        return any(isinstance(record, NightEnded) for record in self.inputs)


def _keeps_wall(record: Input) -> bool:
    if isinstance(record, NightBegan | Restarted):
        return record.wall_sane
    return not isinstance(record, ClockStepped)


def ran_with(outfit: Outfit) -> dict[str, str]:
    """What is kept of a night's outfit, so that it can be gone on with under the same settings."""
    return {"settings": dumps(outfit.settings), "profile": dumps(outfit.profile)}


def kept_so_far(database: Database, row: NightRow, outfit: Outfit) -> KeptSoFar:
    """The night of a row; `outfit` gives the parameters, and the rest where the night's own cannot be read.

    Damaged minutes are left out. Raises StoreError if nothing can be read.
    """
    inputs: list[Input] = []
    allowed: dict[int, NudgeRequest] = {}
    given: list[tuple[int, NudgeRequest]] = []
    began, boot_id, last_ns = began_of(row), "", row.began_ns
    reader = NightReader(database)
    for record in reader.records(row.key, gaps=True):
        last_ns = max(last_ns, record.at_ns)
        if isinstance(record, StoredDecision) and record.permit is not None:
            allowed[record.permit.serial] = record.permit.request
        if isinstance(record, OUTPUTS):
            continue
        if isinstance(record, NightBegan):
            began = record
        if isinstance(record, NightBegan | Restarted):
            boot_id = record.boot_id
        elif isinstance(record, OutputAcknowledged) and not record.shadow and record.permit in allowed:
            given.append((record.at_ns, allowed[record.permit]))
        inputs.append(record)
    if not any(isinstance(record, NightBegan) for record in inputs):
        began = NightBegan(row.began_ns, Mode.WATCH_ONLY, row.name, wall_ms=row.wall_ms, zone_min=row.zone_min)
        inputs.insert(0, began)
    outfit = _outfit(Nights(database).summary(row.key), outfit)
    whole = not reader.damaged_minutes(row.key)
    return KeptSoFar(row, began, tuple(inputs), tuple(given), boot_id, last_ns, outfit, whole)


def what_it_ran_with(text: str | None) -> tuple[Settings, Profile] | None:
    """What `ran_with` kept beside a night, from its summary; None where it cannot be read."""
    try:
        facts: Any = json.loads(text or "{}")
        settings, profile = (loads(facts["ran_with"][name]) for name in ("settings", "profile"))
    except (ValueError, KeyError, TypeError, SnapshotError):
        return None
    return (settings, profile) if isinstance(settings, Settings) and isinstance(profile, Profile) else None


def _outfit(text: str | None, outfit: Outfit) -> Outfit:
    """As the night was begun with; what cannot be read is the cautious one: the same, and nothing is nudged."""
    found = what_it_ran_with(text) or (Settings(nudging=False), outfit.profile)
    return Outfit(outfit.parameters, *found)


def interrupted(rows: Iterable[NightRow], wall_ms: int) -> NightRow | None:
    """The last of these nights, if it was never closed and ended not long ago by the wall clock."""
    last = max(rows, key=lambda row: row.key, default=None)
    if last is None or last.outputs_digest or last.wall_ms is None or not last.intact:
        return None
    since_s = (wall_ms - last.wall_ms) / 1000 - (last.duration_s or 0)
    return last if 0 <= since_s <= GOES_ON_S else None


def newest_wall_ms(database: Database) -> int | None:
    """When the last night began, as far as that was known: the wall clock cannot be before it. Raises StoreError."""
    last = max(Nights(database).nights(), key=lambda row: row.key, default=None)
    return None if last is None else last.wall_ms


def spent_in(shelf: Shelf, ledger: Ledger, night: str) -> Ledger:
    """What of a store's recent ledger counts against a night's caps; one that cannot be read stays so.

    A person's own: everything, from whichever night. A simulated sleeper's: this night only, since in its life every
    night comes a day after the one before, whatever the clocks here say; rows of any other shelf touch nobody.
    """
    if shelf is Shelf.OWN:
        return ledger
    return replace(ledger, rows=tuple(row for row in ledger.rows if row.night == night))


def elapsed_s(kept: KeptSoFar) -> float:
    """Seconds from lights-out to the last instant that was kept."""
    return (kept.last_ns - kept.began.at_ns) / NS_PER_S
