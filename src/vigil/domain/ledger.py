"""What a ledger says on the clock of now: which of its rows can be believed, and when they happened.

Everything that cannot be told counts against the budget: a row of another boot, or from the future, happened now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from vigil.domain.nudges import Ledger, LedgerRow
from vigil.domain.records import NightBegan, Restarted
from vigil.domain.units import MAX_INSTANT_NS, NS_PER_MS


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
    """When a row happened, on the clock of `event`, which came at `now_ns`; never later than that (DESIGN section 5).

    A row of the same boot keeps its instant. One of another boot counts as now, unless the event says that its wall
    clock is sane and both wall clocks are known.
    """
    if event.boot_id != "" and row.boot_id == event.boot_id:
        return min(row.at_ns, now_ns)
    wall_ms, row_ms = event.wall_ms, row.wall_ms
    if event.wall_sane is True and type(wall_ms) is int and is_whole(wall_ms) and row_ms is not None:
        return min(now_ns - (wall_ms - row_ms) * NS_PER_MS, now_ns)
    return now_ns


def united(rows: Iterable[LedgerRow], event: NightBegan | Restarted, now_ns: int, *, rebooted: bool) -> list[LedgerRow]:
    """The rows already known and those of a readable ledger, one per (night, permit, boot_id), each placed on the clock.

    After a reboot the known rows count as now, except where the ledger can prove when they were; within one boot the
    later of two instants stands.
    """
    known = {(row.night, row.permit, row.boot_id): replace(row, at_ns=now_ns) if rebooted else row for row in rows}
    for row in event.ledger.rows:
        key, at_ns = (row.night, row.permit, row.boot_id), placed_ns(row, event, now_ns)
        if rebooted or key not in known or known[key].at_ns < at_ns:
            known[key] = replace(row, at_ns=at_ns)
    return list(known.values())
