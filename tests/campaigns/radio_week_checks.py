"""What must hold of a night over the virtual radio; the script of faults is the truth, the guard is not trusted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.campaigns.radio_week_faults import BREAKING, HINDERING, SILENCING, Dealt, S, Worn
from tests.campaigns.radio_week_kept import Left, Train
from vigil.devices.virtual.faults import FaultKind
from vigil.domain.nudges import LedgerRow
from vigil.domain.settings import CapSettings
from vigil.domain.units import EPOCH_S
from vigil.night.account_events import AccountEvent, AccountKind

MINUTE = 60 * S
BACK_S = 30.0
"""Recording is back so soon after a wearable is there again (reliability D5)."""

LONGEST_BACK_S = 110.0
"""After a wearable that would not be talked to: the longest pause with its jitter, 75 s, a look and a call of 10 s
each, and as much again for another wearable that holds the adapter."""

NOTICED_S = 17.0
"""Silence is noticed within 12 s (reliability F2), and acted on at the next step of 5 s."""

AFTER_S = 75.0
"""What was wrong with values is remembered for a minute, and looked at in steps."""

SURE_S = 15.0
"""A silence of this length is surely noticed."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What the morning must say of a kind of fault: one of `kinds`, begun so many seconds after it."""

    kinds: frozenset[AccountKind]
    after_s: tuple[float, float]


_LOST = frozenset({AccountKind.LINK_LOST})
_VALUES = frozenset({AccountKind.BAD, AccountKind.DOUBLED, AccountKind.FLAT})

TOLD: dict[FaultKind, Telling] = {
    **dict.fromkeys(BREAKING, Telling(_LOST, (-0.5, 2.0))),
    **dict.fromkeys(SILENCING, Telling(_LOST, (9.0, 13.0))),
    FaultKind.CONTACT_LOST: Telling(frozenset({AccountKind.OFF_WRIST}), (1.0, 8.0)),
    FaultKind.FROZEN: Telling(_VALUES, (0.0, 330.0)),
    FaultKind.GARBAGE: Telling(frozenset({AccountKind.BAD, AccountKind.OFF_WRIST}), (0.0, 60.0)),
    FaultKind.DUPLICATES: Telling(_VALUES, (0.0, 60.0)),
}
"""Of a fault of the sensor. Times: F1 and F2 of the reliability rules, the step of 5 s, the limits of `hygiene`."""

_POOR = _VALUES | {AccountKind.STALE, AccountKind.OFF_WRIST}

ALLOWED: dict[FaultKind, frozenset[AccountKind]] = {
    **dict.fromkeys(BREAKING | SILENCING, frozenset({AccountKind.LINK_LOST, AccountKind.STALE})),
    FaultKind.BURST: _LOST | _POOR - {AccountKind.OFF_WRIST, AccountKind.FLAT},
    FaultKind.CONTACT_LOST: frozenset({AccountKind.OFF_WRIST, AccountKind.STALE}),
    FaultKind.FROZEN: _VALUES,
    FaultKind.GARBAGE: _POOR,
    FaultKind.DUPLICATES: _VALUES,
}
"""What a fault of the sensor may be told as; anything else has no cause."""

DRAINING = frozenset({FaultKind.BATTERY_FALLING, FaultKind.GARBAGE})
"""Faults of either wearable for which a battery may be told to be low: what only vibrates has one as well."""

OF_OUTPUT = frozenset({AccountKind.OUTPUT_FAILED, AccountKind.OUTPUT_NOT_READY, AccountKind.OUTPUT_AWAY})
HOLDING = BREAKING | SILENCING | {FaultKind.WRITE_REFUSED, FaultKind.WRITE_HANGS, FaultKind.GARBAGE}
"""Faults of the watch for which a vibration may fail."""


def wrong_with(night: Left, earlier: Sequence[tuple[int, Train]], caps: CapSettings) -> list[str]:
    """Every rule that was broken. earlier: trains of the nights before, with their instants in the week's time."""
    checks: tuple[Iterator[str], ...] = (
        _trains(night, earlier, caps),
        _told(night),
        _causes(night, caps),
        _battery(night),
        _blind(night),
        _back(night),
    )
    return [f"{night.name}: {line}" for check in checks for line in check]


def back_s(night: Left, one: Dealt) -> float | None:
    """Seconds from when a wearable was there again to the first that was kept of it; None: the night ended first."""
    at_ns = night.heard.back_ns(one.worn, one.there_ns)
    if at_ns is None:
        return None if night.end_ns - one.there_ns < LONGEST_BACK_S * S else (night.end_ns - one.there_ns) / S
    return (at_ns - one.there_ns) / S


def _back(night: Left) -> Iterator[str]:
    for one in night.dealt:
        taken_s, most_s = back_s(night, one), LONGEST_BACK_S if one.kind in HINDERING else BACK_S
        if taken_s is not None and taken_s > most_s:
            yield f"{one.name} was over at {_s(night, one.there_ns)}, and recording was back {taken_s:.1f} s later"


# -- what the motor gave ---------------------------------------------------------------------------------------


def _trains(night: Left, earlier: Sequence[tuple[int, Train]], caps: CapSettings) -> Iterator[str]:
    before = list(earlier)
    rows = list(night.rows)
    for number, train in enumerate(night.trains):
        row = _row_of(train, rows)
        week_ns = night.night_ns + train.at_ns - night.zero_ns
        checks = {
            "a ledger row before it": row is not None and train.rows - night.rows_before > number,
            "pulses of a train": len(train.pulses) <= 6 and all(p.duration_ms <= 500 for p in train.pulses),
            "the first half hour": train.at_ns - night.zero_ns >= 30 * MINUTE,
            "five minutes after a reconnection": all(
                not 0 <= train.at_ns - at_ns < 5 * MINUTE for at_ns in night.heard.regained
            ),
            **_caps(week_ns, train, before, caps),
            **_signal(night, train),
        }
        yield from (
            f"the train at {_s(night, train.at_ns)} broke: {name}" for name, holds in checks.items() if not holds
        )
        before.append((week_ns, train))
    for episode in {row.episode for row in night.rows}:
        if sum(row.episode == episode for row in night.rows) > caps.per_episode:
            yield f"more trains than the cap of an episode in episode {episode}"


def _row_of(train: Train, rows: list[LedgerRow]) -> LedgerRow | None:
    """The row that allowed a train, taken out of those that are left."""
    found = next((row for row in rows if 0 <= train.at_ns - row.at_ns <= 15 * S), None)
    if found is not None:
        rows.remove(found)
    return found


def _caps(week_ns: int, train: Train, before: Sequence[tuple[int, Train]], caps: CapSettings) -> dict[str, bool]:
    night = [one for at_ns, one in before if week_ns - at_ns <= 18 * 60 * MINUTE]
    hour = [one for at_ns, one in before if week_ns - at_ns <= 60 * MINUTE]
    vibrated_ms = sum(pulse.duration_ms for one in (*night, train) for pulse in one.pulses)
    return {
        "the cap of a night": len(night) < min(12, caps.per_18_hours),
        "the cap of an hour": len(hour) < min(6, caps.per_hour),
        "the energised time": vibrated_ms <= 1000 * min(60, caps.energised_s),
    }


def _signal(night: Left, train: Train) -> dict[str, bool]:
    """Nothing while the sensor cannot be believed, by the script of its faults."""
    return {
        f"{one.kind.name} of the strap at {_s(night, one.from_ns)}": False
        for one in night.on(Worn.STRAP)
        if (from_ns := blind_from(one)) is not None
        and any(from_ns <= pulse.at_ns < _proven_ns(one) for pulse in train.pulses)
    }


def blind_from(one: Dealt) -> int | None:
    """From when on nothing may be done for a fault of the sensor; None: never."""
    if one.kind in BREAKING:
        return one.from_ns + 2 * S
    after_s = {
        FaultKind.STALL: NOTICED_S,
        FaultKind.BURST: NOTICED_S,
        FaultKind.CONTACT_LOST: 8.0,
        FaultKind.FROZEN: 330.0,
        FaultKind.GARBAGE: 30.0,
        FaultKind.DUPLICATES: 30.0,
    }.get(one.kind)
    sure = after_s is not None and one.length_s >= max(SURE_S, after_s)
    return one.from_ns + round((after_s or 0) * S) if sure else None


def _proven_ns(one: Dealt) -> int:
    """New data has to prove itself for five minutes (DESIGN section 5)."""
    return one.there_ns + 5 * MINUTE


# -- what the morning says -------------------------------------------------------------------------------------


def _told(night: Left) -> Iterator[str]:
    for one in night.on(Worn.STRAP):
        telling = TOLD.get(one.kind)
        if telling is None or (one.kind in SILENCING and one.length_s < SURE_S):
            continue
        first_ns, last_ns = (one.from_ns + round(s * S) for s in telling.after_s)
        events = [event for event in night.account.events if event.kind in telling.kinds]
        if last_ns < night.end_ns and not any(first_ns <= night.ns(event.from_s) <= last_ns for event in events):
            began = [f"{(night.ns(event.from_s) - one.from_ns) / S:.1f}" for event in events]
            yield f"{one.name} at {_s(night, one.from_ns)} is not told in time; such began {began} s after it"
        within = [event for event in events if one.from_ns <= night.ns(event.from_s) <= one.until_ns]
        if one.kind in SILENCING and len(within) > 1:
            yield f"{one.name} at {_s(night, one.from_ns)} is told as {len(within)} losses, and was one silence"
        over_ns = _over_ns(one)
        for event in events:
            to_ns = night.end_ns if event.to_s is None else night.ns(event.to_s)
            if one.from_ns <= night.ns(event.from_s) <= one.until_ns and to_ns > over_ns:
                yield f"{one.name} at {_s(night, one.from_ns)} is told to last until {_s(night, to_ns)}"


def _over_ns(one: Dealt) -> int:
    """When nothing of it can be told any more."""
    if one.kind in HINDERING:
        return one.there_ns + round(LONGEST_BACK_S * S)
    return one.there_ns + round(max(BACK_S, AFTER_S) * S)


def _causes(night: Left, caps: CapSettings) -> Iterator[str]:
    for event in night.account.events:
        at_ns = night.ns(event.from_s)
        if event.kind is AccountKind.LIMIT_REACHED:
            caused = _is_spent(night, at_ns, caps)
        elif event.kind is AccountKind.NO_OUTPUT:  # one that failed is not used again that night
            caused = any(e.kind in OF_OUTPUT and e.from_s <= event.from_s for e in night.account.events)
        elif event.kind is AccountKind.WEARABLE_BATTERY:
            caused = any(_lasts(one, at_ns) and one.kind in DRAINING for one in night.dealt)
        elif event.kind in OF_OUTPUT:
            caused = any(_lasts(one, at_ns) and one.kind in HOLDING for one in night.on(Worn.WATCH))
        else:
            caused = any(_lasts(one, at_ns) and event.kind in ALLOWED.get(one.kind, ()) for one in night.on(Worn.STRAP))
        if not caused:
            yield f"told without a cause: {_plain(event)}"


def _lasts(one: Dealt, at_ns: int) -> bool:
    return one.from_ns - S <= at_ns <= _over_ns(one)


def _is_spent(night: Left, at_ns: int, caps: CapSettings) -> bool:
    """Whether a limit can have been reached: as many rows as it allows, or hardly any vibration left of it."""
    rows = [row for row in night.rows if row.at_ns <= at_ns + 5 * S]
    hour = [row for row in rows if at_ns - row.at_ns <= 60 * MINUTE]
    episode = [row for row in rows if row.episode == rows[-1].episode]
    spent_s = sum(row.duration_ms for row in rows) / 1000
    return (
        len(hour) >= caps.per_hour
        or len(rows) + night.rows_before >= caps.per_18_hours
        or len(episode) >= caps.per_episode
        or spent_s > caps.energised_s - 6
    )


def _battery(night: Left) -> Iterator[str]:
    """The least charge that either wearable said is what is told, from when it was low."""
    said = [event for event in night.account.events if event.kind is AccountKind.WEARABLE_BATTERY]
    least = min((percent for _, percent in night.heard.batteries), default=100)
    expected = [least] if least <= 15 else []
    if [event.number for event in said] != expected:
        yield f"the battery's least was {least} percent, told: {[_plain(event) for event in said]}"
    for one in night.dealt:
        within = [p for at_ns, p in night.heard.batteries if one.from_ns <= at_ns < one.until_ns]
        if one.kind is FaultKind.BATTERY_FALLING and one.until_ns < night.end_ns and min(within, default=100) > 10:
            yield f"the battery of the {one.worn.value} that fell at {_s(night, one.from_ns)} was heard as {within}"


# -- what was watched ------------------------------------------------------------------------------------------


def _blind(night: Left) -> Iterator[str]:
    """No epoch inside a fault, or before new data is proven, counts as watched; none far from any counts as blind."""
    faults = [(from_ns, _proven_ns(one)) for one in night.on(Worn.STRAP) if (from_ns := blind_from(one)) is not None]
    touched = [(one.from_ns, _over_ns(one) + 11 * MINUTE) for one in night.on(Worn.STRAP)]
    for epoch in night.epochs:
        to_ns = night.zero_ns + (epoch.index + 1) * EPOCH_S * S
        from_ns = to_ns - EPOCH_S * S
        inside = any(a <= from_ns and to_ns <= b for a, b in faults)
        far = from_ns - night.zero_ns >= 11 * MINUTE and not any(a < to_ns and from_ns < b for a, b in touched)
        if inside and epoch.watched_s:
            yield f"{epoch.watched_s} s of the epoch at {_s(night, from_ns)} count as watched inside a fault"
        if far and epoch.watched_s < EPOCH_S:
            yield f"{EPOCH_S - epoch.watched_s} s of the epoch at {_s(night, from_ns)} are blind without a cause"


def _s(night: Left, at_ns: int) -> str:
    return f"{(at_ns - night.zero_ns) / S:.0f} s"


def _plain(event: AccountEvent) -> str:
    to = "the end" if event.to_s is None else f"{event.to_s:.1f} s"
    return f"{event.kind.value} from {event.from_s:.1f} s to {to}, {event.number} {event.about} {event.why}".strip()
