"""The page about wearables, from the catalogue: `python -m vigil.app.devices_page --out docs/devices.md`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from vigil.app.pairing import roles_of
from vigil.app.wearables_file import Role
from vigil.devices.catalogue import Buzz, Family, Sense, Tried
from vigil.devices.families import BUILT_IN
from vigil.domain.units import NS_PER_MINUTE, NS_PER_MS, NS_PER_S
from vigil.signal.heart import BEATS_RULE_NS
from vigil.signal.hygiene import (
    BEAT_CADENCE_NS,
    BEATS_LEAST_NS,
    RATE_LEAST_NS,
    UNKNOWN_CADENCE_NS,
    flat_limit_ns,
    stale_limit_ns,
)

HEAD = """\
# Wearables

Made from the catalogue by `python -m vigil.app.devices_page --out docs/devices.md`; do not edit by hand.

Which wearables Vigil can use, how far each is believed, and what each cannot do. The sensor and what vibrates are two
roles: one wearable can have both, or a strap senses and a watch vibrates, or a strap senses and the nudge is a sound or
a lamp. `vigil pair` says which are yours, `vigil devices` shows it.

**{tried}**
What is said of a real device comes from its documentation, its firmware's source, or its users; what holds is that its
packets are read as they are documented, and, where it says so, that a virtual device is kept through a night. If you
try one, tell us.
"""

LIMITS = """\
## How far a heart rate is believed

A value that is older than the freshness limit is not believed, and neither is one that has stayed the same for longer
than the frozen limit; nothing is nudged then. Both follow from how often the source sends a value:

- fresh: three times that, at least {fresh_least}, at most {fresh_most};
- not frozen: 72 times that, of a heart rate at least {flat_least}, at most {flat_most}; of beats, which no heart
  repeats to the millisecond, {flat_beats}.

Where beats come, they are used in place of the heart rate while one was accepted within {beats_rule}. Where nothing
fixes how often a value comes, it is learned from the first ones; until then it is taken to be {unknown}.
"""

ELSEWHERE = """\
## What does not work live

None of these was tried. Whatever can be told to broadcast its heart rate as a standard strap does is found as
*{strap}*.
Whether a broadcast lasts through a night is for you to see on a first night without nudges (`vigil pair`, then
`nudging = false` in the settings).

| wearable | why, and what there is |
| --- | --- |
{rows}

## Another wearable

A package of its own can add a row and a codec, without a change to Vigil: see
[the example](../examples/vigil-example-wearable/README.md). One that cannot be used is left out, and `vigil devices`
says why.
"""

NOT_LIVE = (
    (
        "Apple Watch",
        "It offers no heart rate service of its own; an app on its phone that passes the heart rate on as one is found "
        "as a strap (such as github.com/tankbottoms/HeartRateBroadcaster). It cannot be made to vibrate.",
    ),
    (
        "Fitbit",
        "Its watches do not advertise as heart rate monitors and hold one connection, to their own app "
        "(github.com/mogenson/fitbit-heart-rate-service). It cannot be made to vibrate.",
    ),
    (
        "Garmin watches, as they come",
        "They are silent until their own setting *Broadcast Heart Rate* is on (docs.tryterra.co, *BLE streaming "
        "requires broadcast mode*). They cannot be made to vibrate. Garmin's chest straps are straps like any other.",
    ),
    (
        "WHOOP",
        "With *Broadcast Heart Rate* on, its heart rate is a strap's. Its motor and its movement speak a protocol that "
        "is known only from taking it apart; that is for a package of its own, not for Vigil.",
    ),
)

_SPOKEN = {Role.SENSOR: "sensor", Role.VIBRATION: "vibration"}


def page() -> str:
    """The whole page, of the rows that come with Vigil."""
    strap = next(row.name for row in BUILT_IN if row.key == "heart-rate-strap")
    hardware = [row.name for row in BUILT_IN if row.tried is Tried.HARDWARE]
    tried = f"Tried on hardware: {', '.join(hardware)}." if hardware else "Nothing here was tried on hardware so far."
    rows = "\n".join(f"| {name} | {why} |" for name, why in NOT_LIVE)
    parts = [HEAD.format(tried=tried), *_table(), _limits(), *map(_section, BUILT_IN)]
    return "\n".join([*parts, ELSEWHERE.format(rows=rows, strap=strap)])


def duration_words(ns: int) -> str:
    """A length in seconds, or in minutes where those are whole and several."""
    if ns >= 2 * NS_PER_MINUTE and ns % NS_PER_MINUTE == 0:
        return f"{ns // NS_PER_MINUTE} min"
    return f"{ns / NS_PER_S:g} s"


def cadence_words(family: Family) -> str:
    """How often a heart rate comes."""
    if family.heart_cadence_ms is not None:
        return f"a heart rate every {duration_words(family.heart_cadence_ms * NS_PER_MS)}"
    if Sense.BEATS in family.senses:
        return "every beat; of a device that sends no beats, a heart rate as often as it likes"
    return "not fixed; learned from the first values"


def limits_words(family: Family) -> str:
    """The freshness and frozen limits, as the signal derives them."""
    if family.heart_cadence_ms is not None:
        return _limits_of(family.heart_cadence_ms * NS_PER_MS)
    learned = "those of the cadence that was learned"
    beats = _limits_of(BEAT_CADENCE_NS, BEATS_LEAST_NS)
    return f"{beats}; without beats {learned}" if Sense.BEATS in family.senses else learned


def _limits_of(cadence_ns: int, flat_least_ns: int = RATE_LEAST_NS) -> str:
    fresh, flat = stale_limit_ns(cadence_ns), flat_limit_ns(cadence_ns, flat_least_ns)
    return f"fresh for {duration_words(fresh)}, frozen after {duration_words(flat)}"


def _limits() -> str:
    longest = 24 * 60 * NS_PER_MINUTE
    return LIMITS.format(
        fresh_least=duration_words(stale_limit_ns(0)),
        fresh_most=duration_words(stale_limit_ns(longest)),
        flat_least=duration_words(flat_limit_ns(0)),
        flat_most=duration_words(flat_limit_ns(longest)),
        flat_beats=duration_words(flat_limit_ns(BEAT_CADENCE_NS, BEATS_LEAST_NS)),
        beats_rule=duration_words(BEATS_RULE_NS),
        unknown=duration_words(UNKNOWN_CADENCE_NS),
    )


def _table() -> Iterator[str]:
    yield "| wearable | can be | senses | vibrates | tried on |"
    yield "| --- | --- | --- | --- | --- |"
    for row in BUILT_IN:
        roles = ", ".join(_SPOKEN[role] for role in roles_of(row))
        vibrates = "no" if row.buzz is Buzz.NONE else row.buzz.value.removeprefix("vibrates ")
        yield f"| [{row.name}](#{anchor(row.name)}) | {roles} | {_senses(row)} | {vibrates} | {row.tried.value} |"
    yield ""


def _section(row: Family) -> str:
    lines = [
        ("recognised", _recognised(row)),
        ("senses", _senses(row)),
        ("how often", cadence_words(row)),
        ("believed", limits_words(row)),
        ("nudges", row.buzz.value),
        ("tried on", f"{row.tried.value}{'' if row.tried is Tried.HARDWARE else '; no hardware so far'}"),
        ("key", f"`{row.key}`"),
    ]
    told = "\n".join(f"- {name}: {words}" for name, words in lines)
    sources = "\n".join(f"- {what}: {_link(where)}" for what, where in row.sources)
    heading = row.name[:1].upper() + row.name[1:]
    return f"## {heading}\n\n{told}\n\n**Mind:** {row.caution}\n\nSources:\n\n{sources}\n"


def anchor(heading: str) -> str:
    """What a heading is linked by: lower-case, dashes for spaces, no punctuation (as GitHub does)."""
    kept = "".join(letter for letter in heading.lower() if letter.isalnum() or letter in " -")
    return kept.replace(" ", "-")


def _senses(row: Family) -> str:
    return ", ".join(sense.value for sense in Sense if sense in row.senses)


def _recognised(row: Family) -> str:
    if row.names:
        return "by its name, which begins with " + " or ".join(f"`{name}` (in any case)" for name in row.names)
    return "by the service it advertises, " + " or ".join(f"`{uuid}`" for uuid in row.services)


def _link(where: str) -> str:
    if where.startswith("https://"):
        return f"<{where}>"
    return f"[{where}](../{where})" if where.endswith(".md") else where


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page; returns 0. Raises OSError where the disk refuses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the page")
    chosen = parser.parse_args(arguments)
    chosen.out.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
