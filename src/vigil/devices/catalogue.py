"""Which wearables Vigil knows: its own rows and those of other packages, and whose row a device is.

A row says how a family is recognised, what it senses and how often, and how it can nudge. `docs/devices.md` is made
from it. Another package adds rows by the entry point group `vigil.wearables`, each a `Family`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import metadata

from vigil.devices.families import BUILT_IN, HEART_RATE_SERVICE
from vigil.devices.family import Buzz, Family, Sense, Tried, wrong_with

__all__ = ["Buzz", "Family", "Known", "Sense", "Tried", "families", "family_of", "known", "recognised"]

GROUP = "vigil.wearables"
"""The entry point group by which another package adds rows."""

MOST_NAME = 248
"""The longest name a device can have, in bytes (Bluetooth Core 5.4, Vol 3, Part C, 12.1); a longer one is none."""


@dataclass(frozen=True, slots=True)
class Known:
    """Every row, Vigil's own first; and for each row of another package that cannot be used, why, in a sentence."""

    families: tuple[Family, ...]
    refused: tuple[str, ...] = ()


@cache
def known() -> Known:
    """The rows that come with Vigil and those of other packages; never raises, whatever those do when imported."""
    rows, refused = list(BUILT_IN), list[str]()
    try:
        points = sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name)
    except Exception as error:  # another package's own files may be broken; Vigil's rows are there all the same
        return Known(BUILT_IN, (f"Other packages could not be looked through ({type(error).__name__}).",))
    for point in points:
        row, wrong = _loaded(point)
        if row is not None and row.key not in {family.key for family in rows}:
            rows.append(row)
        else:
            why = wrong or "its key is another's"
            refused.append(f"The wearable {point.name} of another package was left out: {why}.")
    return Known(tuple(rows), tuple(refused))


def _loaded(point: metadata.EntryPoint) -> tuple[Family | None, str]:
    """A row of another package, or why there is none."""
    try:
        row: object = point.load()
        wrong = wrong_with(row)
    except (Exception, SystemExit) as error:  # what a stranger's module does when it is imported is its own
        return None, f"it could not be imported ({type(error).__name__})"
    return (row, "") if isinstance(row, Family) and not wrong else (None, wrong)


def families() -> tuple[Family, ...]:
    """Every row that can be used, Vigil's own first."""
    return known().families


def family_of(key: str) -> Family | None:
    """The row of this key, None where no package that is installed has it."""
    return next((family for family in families() if family.key == key), None)


def recognised(name: str | None, services: Iterable[str]) -> Family | None:
    """Whose row a device is, by the name and the services it advertises, both written by strangers; None if nobody's.

    The most specific row wins: a service of the family's own, then the longest beginning of a name, then the Heart
    Rate Service that many share; of equals, the earlier row.
    """
    offered = frozenset(uuid.lower() for uuid in services if isinstance(uuid, str))
    called = name.lower() if isinstance(name, str) and len(name) <= MOST_NAME else ""
    rated = [(_how_specific(family, called, offered), family) for family in families()]
    best, found = max(rated, key=lambda one: one[0])
    return found if best > (0, 0) else None


def _how_specific(family: Family, name: str, services: frozenset[str]) -> tuple[int, int]:
    """How much of a device this row explains; (0, 0) where it is another's. A row with names goes by names alone."""
    if family.names:
        longest = max((len(begin) for begin in family.names if name.startswith(begin)), default=0)
        return (2, longest) if longest else (0, 0)
    matched = services & frozenset(family.services)
    return (0, 0) if not matched else (1, 0) if matched == {HEART_RATE_SERVICE} else (3, 0)
