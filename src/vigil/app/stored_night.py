"""Nights read back from the stores: found by name, and made into the report they had."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, cast, get_args

from vigil.app.clock_words import NightClock
from vigil.app.home import Shelf
from vigil.app.wiring import OpenShelf
from vigil.domain.answers import Answer
from vigil.domain.errors import NotFoundError, StoreError
from vigil.domain.nudges import Decision
from vigil.domain.permits import Permit
from vigil.domain.records import EpochScored, NightBegan, NightClosed, NightOutput, OutputAcknowledged
from vigil.domain.units import EPOCH_S, NS_PER_S
from vigil.night.account import AccountMaker
from vigil.night.account_events import Account
from vigil.night.report import NightReport, ReportBuilder
from vigil.recordings.recording import LeftOut
from vigil.store.answers import Answers
from vigil.store.night_reader import NightReader
from vigil.store.nights import NightRow, Nights
from vigil.store.stored import OUTPUTS, Stored, StoredDecision

NEAR = 5

SAID = get_args(NightOutput)


@dataclass(frozen=True, slots=True)
class StoredNight:
    """One night as the store has it.

    facts: what was noted beside it when it was kept ("left_out", "remarks", "known", "digests").
    damaged: minutes, or an answer, that cannot be believed and are left out, in words. answer: of its morning.
    account: what went wrong in it.
    """

    shelf: Shelf
    row: NightRow
    report: NightReport
    account: Account
    clock: NightClock
    facts: dict[str, Any] = field(default_factory=dict)
    damaged: tuple[str, ...] = ()
    answer: Answer | None = None

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Rows of the recording that were not used."""
        rows = self.facts.get("left_out")
        fits = (
            [row for row in rows if isinstance(row, dict) and set(row) == _LEFT_OUT] if isinstance(rows, list) else []
        )
        return tuple(LeftOut(**row) for row in fits)


def find(shelves: Sequence[OpenShelf], name: str) -> tuple[OpenShelf, NightRow]:
    """The night of that name in the first store that has it; raises NotFoundError naming near ones of all of them.

    A name in full goes before the beginning of a longer one.
    """
    rows = [(each, row) for each in shelves for row in Nights(each.database).nights()]
    whole = [found for found in rows if found[1].name == name]
    begun = [found for found in rows if found[1].name.startswith(name)]
    if whole or len(begun) == 1:
        return (whole or begun)[0]
    names = list(dict.fromkeys(row.name for _, row in rows))
    raise NotFoundError(_not_found(name, list(dict.fromkeys(row.name for _, row in begun)), names))


def _not_found(name: str, begun: Sequence[str], names: Sequence[str]) -> str:
    if not names:
        return f"no night is called {name!r}: no night is kept yet; to see one: vigil demo"
    if begun:
        return f"{len(begun)} nights begin with {name!r} ({_some(begun)}); write more of the name"
    near = difflib.get_close_matches(name, names, n=NEAR, cutoff=0.4)
    words = f"near it: {_some(near)}" if near else f"there are: {_some(names)}"
    return f"no night is called {name!r}; {words}; for all of them: vigil nights"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NEAR]) + (", ..." if len(names) > NEAR else "")


def read(shelf: OpenShelf, row: NightRow, see: Callable[[Stored], None] = lambda _: None) -> StoredNight:
    """A night with its report; damaged minutes are left out and named. Raises StoreError if nothing can be read.

    see: is shown every record as it goes by, for who wants more of the night than its report.
    """
    reader = NightReader(shelf.database)
    builder = ReportBuilder(row.name)
    maker = AccountMaker(row.began_ns)
    for stored in reader.records(row.key, gaps=True):
        see(stored)
        record = as_decision(stored) if isinstance(stored, StoredDecision) else stored
        maker.add(record)
        if isinstance(record, OutputAcknowledged):
            builder.acknowledge(record)
        elif isinstance(record, SAID):
            builder.add(record)
    builder.closed = builder.closed or _unfinished(row, builder.epochs)
    facts = facts_of(Nights(shelf.database).summary(row.key))
    damaged = [str(minute) for minute in reader.damaged_minutes(row.key)]
    try:
        answer = Answers(shelf.database).get(row.key)
    except StoreError:
        answer = None
        damaged.append("the morning's answer")
    return StoredNight(
        shelf=shelf.shelf,
        row=row,
        account=maker.build(builder.closed),
        report=builder.build(_digests(facts)),
        clock=NightClock.of(began_of(row)),
        facts=facts,
        damaged=tuple(damaged),
        answer=answer,
    )


def as_decision(stored: StoredDecision) -> Decision:
    """A stored decision as the record it was, with what its permit allowed in the permit's place: it opens nothing."""
    permit = cast("Permit | None", stored.permit)
    return Decision(stored.at_ns, stored.state, stored.action, stored.reasons, stored.episode, permit)


def outputs(shelf: OpenShelf, row: NightRow) -> Iterator[NightOutput]:
    """Everything a night said, in order; damaged minutes are left out."""
    for record in NightReader(shelf.database).records(row.key, gaps=True):
        if isinstance(record, StoredDecision):
            yield as_decision(record)
        elif isinstance(record, OUTPUTS):
            yield record


def began_of(row: NightRow) -> NightBegan:
    """As much of a night's lights-out as its row knows."""
    return NightBegan(row.began_ns, night=row.name, wall_ms=row.wall_ms, zone_min=row.zone_min)


def _unfinished(row: NightRow, epochs: Sequence[EpochScored]) -> NightClosed:
    """The account of a night that never came to its end: what its epochs add up to."""
    watched = sum(epoch.watched_s for epoch in epochs)
    end_ns = row.began_ns + (row.duration_s or 0) * NS_PER_S
    return NightClosed(end_ns, row.began_ns, watched, len(epochs) * EPOCH_S - watched, 0, ())


def facts_of(text: str | None) -> dict[str, Any]:
    """What was noted beside a night; what came back from elsewhere (`vigil restore`) need not be what was expected."""
    if text is None:
        return {}
    facts = json.loads(text)
    return facts if isinstance(facts, dict) else {}


def _digests(facts: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    found = facts.get("digests")
    return tuple((str(name), str(value)) for name, value in found.items()) if isinstance(found, dict) else ()


_LEFT_OUT = {each.name for each in fields(LeftOut)}
