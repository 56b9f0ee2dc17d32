"""What the morning must say of a night, and nothing else: the account against what truly happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.campaigns.year_faults import Fault
from tests.campaigns.year_log import Happened, NightLog
from tests.campaigns.year_truth import Truth, off_from
from tests.campaigns.year_world import S
from vigil.domain.records import LinkLost, LinkRegained
from vigil.domain.samples import Battery, Quality
from vigil.night.account_events import Account, AccountEvent, AccountKind

NEAR_S, POLLED_S = 7.0, 64.0
TOLD_S = 30.0

CLOCK = frozenset({Fault.NTP, Fault.HOUR, Fault.DAY, Fault.YEAR_1970, Fault.NTP_SLIGHT})
ZONE = frozenset({Fault.SUMMER, Fault.WINTER, Fault.JOURNEY})
LASTING = {
    Fault.DISK_LOW: (AccountKind.DISK_LOW, POLLED_S),
    Fault.DISK_FULL: (AccountKind.DISK_FULL, NEAR_S),
    Fault.DISK_UNWRITABLE: (AccountKind.DISK_UNWRITABLE, NEAR_S),
    Fault.COMPUTER_BATTERY: (AccountKind.COMPUTER_BATTERY, POLLED_S),
}


@dataclass(frozen=True, slots=True)
class Expected:
    """An event that should be told. early_s, late_s: how much before or after may be said. must: or else it may be."""

    kind: AccountKind
    from_s: float
    to_s: float | None
    slack_s: float = NEAR_S
    must: bool = True
    number: int | None = None

    def fits(self, event: AccountEvent) -> bool:
        """Whether this is it."""
        begins = abs(event.from_s - self.from_s) <= self.slack_s
        if self.to_s is None or event.to_s is None:
            ends = self.to_s is event.to_s or not self.must
        else:
            ends = abs(event.to_s - self.to_s) <= self.slack_s
        counted = self.number is None or abs(event.number - self.number) <= max(2, abs(self.number) // 50)
        return event.kind is self.kind and begins and ends and counted


def alone(one: Happened, others: Sequence[Happened], seconds: float) -> bool:
    """Whether no other fault of the same clock came so near that both are told as one."""
    same = [other for other in others if other is not one and any({one.kind, other.kind} <= of for of in (CLOCK, ZONE))]
    return all(abs(other.from_ns - one.from_ns) > seconds * S for other in same)


def expected_of(
    log: NightLog, truth: Truth, happened: Sequence[Happened], holds: Sequence[tuple[int, int | None]]
) -> list[Expected]:
    """Everything that the morning should, or may, tell of a night."""
    return [
        *_of_lives(log),
        *_of_signal(log, truth),
        *_of_sleep(log),
        *(one for each in happened for one in _of_fault(log, each, happened)),
        *_of_holds(log, holds),
        *_of_outputs(log),
        *_of_detector(log),
    ]


def _of_lives(log: NightLog) -> Iterable[Expected]:
    # A process that died before it could keep anything has left nothing: it is part of a longer gap.
    kept = [*log.lives[:1], *(life for life in log.lives[1:] if life.to_ns >= life.from_ns)]
    for before, life in pairwise(kept):
        kind = AccountKind.RESTARTED if before.boot_id == life.boot_id else AccountKind.POWER_LOST
        from_s, to_s = log.seconds(before.to_ns), log.seconds(life.from_ns)
        truly_s = to_s - from_s + (life.shift_ns - before.shift_ns) / S
        number = round(truly_s) if life.gap_known else 0
        yield Expected(kind, from_s, to_s, number=number)
    for life in log.lives:
        at_s = log.seconds(life.from_ns)
        lasted = life.last_ns > life.from_ns + 2 * S
        if life.damaged:
            yield Expected(AccountKind.STORE_DAMAGED, at_s, at_s, must=lasted)
        if life.down:
            yield Expected(AccountKind.HOUSE_DOWN, at_s, at_s, number=life.down, must=lasted)
        for _ in life.unready:
            yield Expected(AccountKind.OUTPUT_NOT_READY, at_s, at_s, must=lasted)


def _of_signal(log: NightLog, truth: Truth) -> Iterable[Expected]:
    for quality, from_s, to_s in truth.stretches:
        if quality is not Quality.LINK_LOST:
            lasted = (log.seconds(log.ended_ns or 0) if to_s is None else to_s) - from_s
            must = lasted >= TOLD_S + NEAR_S and not _nothing_ran(log, from_s, to_s)
            yield Expected(AccountKind(quality.value), from_s, to_s, must=must)
    lost_s = None
    for _, record in log.heard:
        if isinstance(record, LinkLost) and lost_s is None:
            lost_s = log.seconds(record.at_ns)
        elif isinstance(record, LinkRegained) and lost_s is not None:
            yield Expected(AccountKind.LINK_LOST, lost_s, log.seconds(record.at_ns))
            lost_s = None
        elif isinstance(record, Battery) and record.percent <= 15:
            yield Expected(AccountKind.WEARABLE_BATTERY, log.seconds(record.at_ns), None)
    if lost_s is not None:
        yield Expected(AccountKind.LINK_LOST, lost_s, None)


def _nothing_ran(log: NightLog, from_s: float, to_s: float | None) -> bool:
    """Whether nothing ran in a part of a stretch: that part is told by its own cause."""
    gaps = [(before.to_ns, life.from_ns) for before, life in zip(log.lives, log.lives[1:], strict=False)]
    spans = [(log.seconds(a), log.seconds(b)) for a, b in (*gaps, *log.slept)]
    return any(a < (b_s if to_s is None else to_s) + NEAR_S and b_s + NEAR_S > from_s for a, b_s in spans)


def _of_sleep(log: NightLog) -> Iterable[Expected]:
    for (from_ns, to_ns), (_, woke_ns) in zip(log.slept, log.slept_true, strict=True):
        if to_ns - from_ns >= 2 * S:
            yield Expected(AccountKind.SLEPT, log.seconds(from_ns), log.seconds(to_ns), must=_went_on(log, woke_ns, 2))


def _of_fault(log: NightLog, one: Happened, others: Sequence[Happened]) -> Iterable[Expected]:
    from_s, to_s = _in_night(log, one.from_ns), None if one.to_ns is None else _in_night(log, one.to_ns)
    at_ns = max(one.from_ns, log.began_ns + log.lives[0].shift_ns)
    if one.kind in CLOCK:
        # Two steps within a turn are one; a step while nothing ran, or just before the end, is not seen.
        must = abs(one.number) >= 2_000 and _went_on(log, at_ns, 3) and alone(one, others, 3)
        if abs(one.number) >= 2_000:
            yield Expected(AccountKind.CLOCK_STEPPED, from_s, from_s, number=one.number, must=must)
    elif one.kind in ZONE:
        must = _went_on(log, at_ns, POLLED_S) and _ran_before(log, at_ns, POLLED_S) and alone(one, others, POLLED_S)
        yield Expected(AccountKind.ZONE_CHANGED, from_s, from_s, POLLED_S, number=one.number, must=must)
    elif one.kind in LASTING:
        kind, slack_s = LASTING[one.kind]
        from_s = max(0.0, from_s)
        must = _went_on(log, at_ns, slack_s) and one.to_ns is not None and one.to_ns - one.from_ns >= slack_s * S
        yield Expected(kind, from_s, to_s, slack_s, must=must)


def _of_holds(log: NightLog, holds: Sequence[tuple[int, int | None]]) -> Iterable[Expected]:
    """A stop that was pressed before a night, or before the process that lived it, is told from there on."""
    first, last = log.lives[0], log.lives[-1]
    for from_ns, to_ns in holds:
        since_ns = max(from_ns, first.from_ns + first.shift_ns)
        over = to_ns is None or to_ns >= last.to_ns + last.shift_ns
        if since_ns < last.to_ns + last.shift_ns and (to_ns is None or to_ns > since_ns):
            from_s, to_s = _in_night(log, since_ns), None if over else _in_night(log, to_ns or 0)
            yield Expected(AccountKind.STOPPED, from_s, to_s, must=_went_on(log, since_ns, 2))


def _of_outputs(log: NightLog) -> Iterable[Expected]:
    for true_ns in log.refused:
        at_s = _in_night(log, true_ns)
        must = _went_on(log, true_ns, 8)
        yield Expected(AccountKind.OUTPUT_FAILED, at_s, at_s, slack_s=9.0, must=must)


def _of_detector(log: NightLog) -> Iterable[Expected]:
    for at_ns in log.slow:
        at_s = log.seconds(at_ns)
        yield Expected(AccountKind.ENGINE_SLOW, at_s, at_s, must=False)
    off_ns = off_from(log)
    if off_ns < (log.ended_ns or 0):
        yield Expected(AccountKind.ENGINE_FAILED, log.seconds(off_ns), None, 40.0)
    for at_ns in log.failing:
        yield Expected(AccountKind.ENGINE_FAILED, log.seconds(at_ns), log.seconds(at_ns) + 5, 40.0, must=False)


def _in_night(log: NightLog, true_ns: int) -> float:
    return log.seconds(log.in_night(true_ns))


def _went_on(log: NightLog, true_ns: int, seconds: float) -> bool:
    """Whether one process ran from a true instant on for so long."""
    life = log.life_truly_at(true_ns)
    return life is not None and true_ns + round(seconds * S) <= life.to_ns + life.shift_ns


def _ran_before(log: NightLog, true_ns: int, seconds: float) -> bool:
    life = log.life_truly_at(true_ns)
    return life is not None and true_ns - round(seconds * S) >= life.from_ns + life.shift_ns


ANY_TIME = {
    AccountKind.LIMIT_REACHED: "signs beyond the limits",
    AccountKind.NO_OUTPUT: "outputs given up",
    AccountKind.LEDGER_UNREADABLE: "a damaged store",
}
"""What is told without an instant of its own; whether there was cause is asked of the whole night."""


def wrong_with_account(account: Account, expected: Sequence[Expected], causes: set[AccountKind]) -> list[str]:
    """What was not told although it should be, and what was told without a cause."""
    left, wrong = list(account.events), []
    for one in sorted(expected, key=lambda each: not each.must):
        found = next((event for event in left if one.fits(event)), None)
        if found is not None:
            left.remove(found)
        elif one.must:
            wrong.append(f"not told: {one} (told: {[e for e in account.events if e.kind is one.kind]})")
    for event in left:
        if event.kind in ANY_TIME and event.kind in causes:
            continue
        if any(one.kind is event.kind and _touches(one, event) for one in expected):
            continue
        wrong.append(f"told without a cause: {event}")
    return wrong


def _touches(one: Expected, event: AccountEvent) -> bool:
    """Whether an event lies within what may be told: several may be told of one cause that was interrupted."""
    ends = 10.0**6 if one.to_s is None else one.to_s
    return one.from_s - one.slack_s <= event.from_s <= ends + one.slack_s
