"""Spans of a night in which nothing ran: Vigil was away, or the computer was. They are blind, whatever came before."""

from __future__ import annotations

from vigil.domain.guard_memory import is_whole
from vigil.domain.records import Input, Restarted, Resumed
from vigil.domain.units import NS_PER_MS


def stood_still(record: Input, last_ns: int) -> tuple[int, int] | None:
    """The span before `record` in which nothing ran, as `gap_before`; None where it ends no such span."""
    return gap_before(record, last_ns) if isinstance(record, Restarted | Resumed) else None


def gap_before(record: Restarted | Resumed, last_ns: int) -> tuple[int, int]:
    """The span (from_ns, until_ns] in which nothing ran.

    last_ns: the latest instant of the night before it. A restart is blind since then, or since it says that it was; a
    computer that slept, for as long as it says, and never longer than since then. A length that is no number counts in
    full.
    """
    said: object = record.since_ns if isinstance(record, Restarted) else record.asleep_ms
    if isinstance(said, int) and isinstance(record, Restarted) and is_whole(said, last_ns, record.at_ns):
        return said, record.at_ns
    if isinstance(said, int) and isinstance(record, Resumed) and is_whole(said, 0):
        return max(last_ns, record.at_ns - said * NS_PER_MS), record.at_ns
    return last_ns, record.at_ns
