"""Keepers: how a running night gets into a store."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from typing import Any

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

COMMIT_EVERY_S = 0.5
"""At real speed each second is made durable as it ends; at the speed of a demonstration many seconds share a commit."""

MOST_KEPT = 500_000
"""Records of one night: more than a day of beats, heart rate and movement each second. They are held until the night
is over, up to 600 bytes each; more is no night to keep."""


class LiveKeeper:
    """Writes a night down while it happens, and a nudge into the ledger before it is given.

    bar_nights: the night's threshold, kept beside it from the start, so that a night that never ends teaches too.
    """

    def __init__(self, database: Database, *, kind: str, source: str, bar_nights: float | None = None) -> None:
        self._writer = NightWriter(database)
        self._nights = Nights(database)
        self._ledger = LedgerStore(database)
        self._kind = kind
        self._source = source
        self._bar_nights = bar_nights
        self._committed = 0.0
        self._before: list[Input | NightOutput] = []
        self._begun = False

    def begin(self, began: NightBegan) -> None:
        """See `Keeper`; what was heard before lights-out is kept too."""
        key = self._writer.begin(began, format=self._source, kind=self._kind)
        if self._bar_nights is not None:
            self._nights.add_summary(key, json.dumps({"bar_nights": self._bar_nights}))
        self._begun = True
        for record in self._before:
            self._writer.add(record)

    def add(self, record: Input | NightOutput) -> None:
        """See `Keeper`."""
        if self._begun:
            self._writer.add(record)
        else:
            self._before.append(record)

    def commit(self) -> None:
        """See `Keeper`; at most about twice a second of the world's time."""
        now = time.monotonic()
        if self._begun and now - self._committed >= COMMIT_EVERY_S:
            self._committed = now
            self._writer.commit()

    def spend(self, row: LedgerRow) -> None:
        """See `Keeper`."""
        self._ledger.append(row)

    def finish(self, report: NightReport, facts: Mapping[str, Any]) -> None:
        """The night is over: everything is made durable, with its digests and `facts` about it; raises StoreError."""
        self._writer.commit()
        learned = {} if self._bar_nights is None else {"figures": figures_of(report, self._bar_nights)}
        _sign(self._nights, self._writer.night, report, {**facts, **learned})


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
