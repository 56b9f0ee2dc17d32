"""The night's account in sentences: what happened, when, what Vigil did, and one thing to do (reliability section 6).

At most two sentences each, no codes, and no medical word for a technical fault. Several of a kind are told together.
Times are said by the night's own clock, which is handed in: seconds from lights-out to words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vigil.night.account_events import Account, AccountEvent, AccountKind
from vigil.night.account_tellings import CAUSE_WORDS, TELLINGS
from vigil.night.blindness import BlindCause
from vigil.night.in_words import duration

Clock = Callable[[float], str]

TOGETHER = 3
"""From so many of a kind on, they are told in one sentence. Our choice."""

LONGEST_WHY = 160
DAY_MS = 24 * 3600 * 1000


def account_sentences(account: Account, clock: Clock) -> list[str]:
    """Every event in words, in order of the first of its kind."""
    kinds: dict[tuple[AccountKind, str], list[AccountEvent]] = {}
    for event in account.events:
        kinds.setdefault((event.kind, event.about), []).append(event)
    return [line for events in kinds.values() for line in _lines(events, clock)]


def _lines(events: Sequence[AccountEvent], clock: Clock) -> list[str]:
    telling = TELLINGS[events[0].kind]
    if len(events) < TOGETHER:
        heads = [telling.one.format(**_of_one(event, clock)) for event in events]
    else:
        heads = [telling.many.format(**_of_many(events, clock))]
    return [f"{head}. {telling.then}." for head in heads]


def _of_one(event: AccountEvent, clock: Clock) -> dict[str, str]:
    return {"when": _when(event, clock), "number": _number(event), "about": event.about, "why": _why(event.why)}


def _of_many(events: Sequence[AccountEvent], clock: Clock) -> dict[str, str]:
    first, last = clock(events[0].from_s), clock(events[-1].from_s)
    lasted_s = sum(event.to_s - event.from_s for event in events if event.to_s is not None)
    return {
        "times": f"{len(events)} times",
        "span": f"at {first}" if first == last else f"between {first} and {last}",
        "lasted": lasted(lasted_s),
        "about": events[0].about,
        "why": _why(events[-1].why),
    }


def _when(event: AccountEvent, clock: Clock) -> str:
    begins = clock(event.from_s)
    if event.to_s is None:
        return f"from {begins} until the night ended"
    ends = clock(event.to_s)
    return f"at {begins}" if begins == ends or event.kind in _AT_ONCE else f"from {begins} to {ends}"


_AT_ONCE = frozenset({AccountKind.POWER_LOST, AccountKind.RESTARTED})
"""Said with their length rather than with their end."""


def _number(event: AccountEvent) -> str:
    match event.kind:
        case AccountKind.POWER_LOST | AccountKind.RESTARTED:
            return lasted(event.number) if event.number > 0 else "a time that nobody knows"
        case AccountKind.BAND_CLOCK:
            return lasted(abs(event.number) / 1000)
        case AccountKind.CLOCK_STEPPED:
            return _moved(event.number)
        case AccountKind.ZONE_CHANGED:
            return _moved(event.number * 60_000)
        case AccountKind.DISK_LOW:
            return f"{event.number} MB"
        case AccountKind.COMPUTER_BATTERY | AccountKind.WEARABLE_BATTERY:
            return f"{event.number} %"
        case _:
            return str(event.number)


def _moved(by_ms: int) -> str:
    if abs(by_ms) >= 2 * DAY_MS:
        return f"{'+' if by_ms > 0 else '-'}{abs(by_ms) // DAY_MS} days"
    return f"{'+' if by_ms > 0 else '-'}{lasted(abs(by_ms) / 1000)}"


def lasted(seconds: float) -> str:
    """Seconds as "6 s", "3 min", "1 h 20 min", "1 h"."""
    if seconds < 60:
        return f"{round(seconds)} s"
    return duration(seconds / 60).removesuffix(" 00 min")


def _why(clause: str) -> str:
    """What an output said, as one clause that is fit to be read: printable, short, and no word that only alarms."""
    clean = "".join(letter for letter in clause.replace("\n", " ") if letter.isprintable()).strip(" .;")
    if not clean or "error" in clean.lower():
        return "it gave no answer that could be understood"
    return clean[:LONGEST_WHY].replace(". ", "; ")


def blind_words(account: Account) -> str:
    """Watched and blind, and why, in one sentence or two; shown minutes add up to the minutes shown."""
    words = f"Watched {duration(account.watched_s / 60)}"
    if account.blind_s < 60:
        return f"{words}, the whole night." if account.watched_s >= 60 else "Too short to watch anything."
    blind = duration(sum(count for _, count in _whole_minutes(account)))
    return f"{words}, {blind} without good signal: {causes_words(account)}. In that time nothing was done."


def causes_words(account: Account) -> str:
    """Why it was blind, in whole minutes by cause, the longest first; nothing for less than a minute."""
    return ", ".join(f"{duration(count)} {CAUSE_WORDS[cause]}" for cause, count in _whole_minutes(account))


def _whole_minutes(account: Account) -> list[tuple[BlindCause, int]]:
    """Blind minutes by cause, rounded so that they add up to the rounded whole (largest remainders); none of nought."""
    spare = round(account.blind_s / 60) - sum(seconds // 60 for _, seconds in account.blind)
    ordered = sorted(account.blind, key=lambda row: -(row[1] % 60))
    up = {cause for cause, _ in ordered[: max(0, spare)]}
    minutes = [(cause, seconds // 60 + (cause in up)) for cause, seconds in account.blind]
    return [row for row in minutes if row[1]]
