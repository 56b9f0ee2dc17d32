"""Whom to call, as links that a phone dials."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vigil.interview.crisis import Help
from vigil.interview.crisis_rows import COUNTRIES, Country, Service

_NUMBER = re.compile(r"(?<![\w.])[+*]?\d(?:[\d ()/.\u2013-]*\d)?(?![\w.])")
"""A number as people and pages write it: digits with what parts them, a plus or star in front. Not within a word or
an address such as 113.nl."""

LEAST, MOST = 3, 15
"""Digits of a number that can be dialled: emergency numbers have three, and no other more than 15 (ITU E.164)."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One way to reach somebody. tel: each number in it as it is shown and as it is dialled."""

    name: str
    said: str
    tel: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class HelpSeen:
    """The page. known: whether the country is. others: the other countries, by name, with all of theirs."""

    known: bool
    danger: Reach
    yours: tuple[Reach, ...]
    services: tuple[Reach, ...]
    others: tuple[tuple[str, tuple[Reach, ...]], ...]


def help_seen(whom: Help) -> HelpSeen:
    """What is shown of the help for a country, or for none."""
    return HelpSeen(
        known=whom.country is not None,
        danger=Reach("", whom.emergency, numbers(whom.emergency)),
        yours=tuple(Reach("", one, numbers(one)) for one in whom.contacts),
        services=_services(whom.services),
        others=tuple((one.name, _all(one)) for one in COUNTRIES if one is not whom.country),
    )


def numbers(text: str) -> tuple[tuple[str, str], ...]:
    """Every number in a text, as it is shown and as it is dialled."""
    found = [(one[0].strip(), re.sub(r"[^\d+*]", "", one[0])) for one in _NUMBER.finditer(text)]
    return tuple((shown, dialled) for shown, dialled in found if LEAST <= len(dialled.strip("+*")) <= MOST)


def _all(country: Country) -> tuple[Reach, ...]:
    return (Reach(country.name, country.emergency, numbers(country.emergency)), *_services(country.services))


def _services(services: tuple[Service, ...]) -> tuple[Reach, ...]:
    return tuple(
        Reach(one.name, f"{one.reach} ({one.when})" if one.when else one.reach, numbers(one.reach)) for one in services
    )
