"""Keepers: how a running night gets into a store."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from vigil.app.diary_figures import diary_of
from vigil.app.night_figures import figures_of
from vigil.domain.nudges import LedgerRow
from vigil.domain.records import Input, NightBegan, NightOutput
from vigil.night.report import NightReport
from vigil.recordings.recording import Recording
from vigil.store.database import Database
from vigil.store.erase import forget
from vigil.store.ledger import LedgerStore
from vigil.store.night_writer import NightWriter
from vigil.store.nights import NightRow, Nights
from vigil.store.quarantine import renew

COMMIT_EVERY_S = 0.5
"""At real speed each second is made durable as it ends; at the speed of a demonstration many seconds share a commit."""

MOST_KEPT = 500_000
"""Records of one night: more than a day of beats, heart rate and movement each second. They are held until the night
is over, up to 600 bytes each; more is no night to keep."""


class LiveKeeper:
    """Writes a night down while it happens, and a nudge into the ledger before it is given.

    beside: facts kept beside the night from its start, so that one that never ends teaches too (its threshold,
    "bar_nights"), and one that is interrupted can be gone on with, or be lived through again ("ran_with"). now_s: the
    world's own seconds. stamp: what a database that is damaged meanwhile is set aside as.
    """

    def __init__(
        self,
        database: Database,
        *,
        kind: str,
        source: str,
        beside: Mapping[str, Any] | None = None,
        now_s: Callable[[], float] = time.monotonic,
        stamp: Callable[[], str] = lambda: time.strftime("%Y-%m-%d-%H%M"),
    ) -> None:
        self._database = database
        self._stamp = stamp
        self._adrift = False
        self._doubted = False
        self._writer = NightWriter(database)
        self._nights = Nights(database)
        self._ledger = LedgerStore(database)
        self._kind = kind
        self._source = source
        self._beside = dict(beside or {})
        self._now_s = now_s
        self._committed = -math.inf
        self._before: list[Input | NightOutput] = []
        self._begun = False
        self._night = ""

    def begin(self, began: NightBegan) -> None:
        """See `Keeper`; what was heard before lights-out is kept too."""
        self._note_beside(self._writer.begin(began, format=self._source, kind=self._kind))
        self._begun = True
        for record in self._before:
            self._writer.add(record)

    def _note_beside(self, key: int) -> None:
        if self._beside:
            self._nights.add_summary(key, json.dumps(self._beside))

    def mend(self) -> bool:
        """SQLite called the database damaged: look, and go on in a fresh one; whether it was set aside.

        One that is found sound is only opened anew; if it is called damaged again before anything could be kept in it,
        it is set aside all the same. Nothing of it is deleted, and what was not durable yet goes into the fresh one.
        Raises StoreError, and may then be tried again.
        """
        if not self._adrift:
            self._adrift = renew(self._database, self._stamp(), surely=self._doubted) is not None
            self._doubted = not self._adrift
        if self._adrift and self._begun:
            self._note_beside(self._writer.carry_on(self._database))
        aside, self._adrift = self._adrift, False
        return aside

    def resume(self, key: int, night: str) -> None:
        """Go on with a night that was begun before; raises StoreError."""
        self._writer.resume(key)
        self._night, self._begun = night, True

    def add(self, record: Input | NightOutput) -> None:
        """See `Keeper`."""
        if self._begun:
            self._writer.add(record)
        else:
            self._before.append(record)

    def commit(self) -> None:
        """See `Keeper`; at most about twice a second of the world's time."""
        now = self._now_s()
        if self._begun and now - self._committed >= COMMIT_EVERY_S:
            self._writer.commit()
            self._doubted = False
            self._committed = now  # what could not be made durable is tried again at once

    def spend(self, row: LedgerRow) -> None:
        """See `Keeper`."""
        self._ledger.append(row)
        self._night = row.night

    def outcome(self, permit: int, text: str, at_ns: int) -> None:
        """See `Keeper`; only of what this run wrote down."""
        self._ledger.outcome(self._night, permit, text, at_ns)

    def finish(self, report: NightReport, facts: Mapping[str, Any]) -> None:
        """The night is over: everything is made durable, with its digests and `facts` about it; raises StoreError."""
        self._writer.commit()
        bar_nights = self._beside.get("bar_nights")
        learned = {} if bar_nights is None else {"figures": figures_of(report, bar_nights)}
        told = {**self._beside, **facts, **learned, "diary": diary_of(report)}
        _sign(self._nights, self._writer.night, report, told)


class ReplayKeeper:
    """Holds a replayed night until its end, so that a night that cannot be read to its end leaves nothing behind."""

    def __init__(self) -> None:
        self._records: list[Input | NightOutput] = []
        self._began: NightBegan | None = None
        self.too_long = False

    def begin(self, began: NightBegan) -> None:
        """See `Keeper`."""
        self._began = began

    def add(self, record: Input | NightOutput) -> None:
        """See `Keeper`; a night that is too long is let go, so that memory stays bounded."""
        if self.too_long:
            return
        self._records.append(record)
        if len(self._records) > MOST_KEPT:
            self.too_long = True
            self._records.clear()

    def commit(self) -> None:
        """See `Keeper`; nothing is durable before `store`."""

    def spend(self, row: LedgerRow) -> None:
        """See `Keeper`; a shadow nudge spends nothing."""

    def outcome(self, permit: int, text: str, at_ns: int) -> None:
        """See `Keeper`."""

    def store(self, database: Database, recording: Recording, report: NightReport, facts: Mapping[str, Any]) -> str:
        """Put the night into a store, whole or not at all, in place of an earlier replay of it; returns its name.

        Raises StoreError. Returns "" for a night that was too long to keep.
        """
        if self._began is None or self.too_long:
            return ""
        path, nights = str(recording.path.absolute()), Nights(database)
        for row in earlier(nights, path, recording.night):
            forget(database, row.key)
        with database.atomic():
            writer = NightWriter(database)
            key = writer.begin(self._began, path=path, format=recording.format, kind="shadow")
            for record in self._records:
                writer.add(record)
            writer.commit()
            _sign(nights, key, report, facts)
        return nights.row(key).name


def earlier(nights: Nights, path: str, name: str) -> list[NightRow]:
    """Stored nights that came from the same path under the same name, a "-2" added by the store aside."""
    given = re.compile(re.escape(name) + r"(-\d+)?")
    return [row for row in nights.nights() if row.path == path and given.fullmatch(row.name)]


def _sign(nights: Nights, key: int, report: NightReport, facts: Mapping[str, Any]) -> None:
    digests = dict(report.digests)
    nights.set_digests(key, digests["inputs"], digests["outputs"])
    nights.add_summary(key, json.dumps({**facts, "digests": digests}, ensure_ascii=False))
