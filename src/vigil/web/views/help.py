"""Whom to call, as links that a phone dials."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from vigil.interview.crisis import IN_EU, Help, entry
from vigil.interview.crisis_rows import COUNTRIES, Country, Service

_NUMBER = re.compile(r"(?<![\w.])[+*]?\d(?:[\d ()/.\u2013-]*\d)?(?![\w.])")
"""A number as people and pages write it: digits with what parts them, a plus or star in front. Not within a word or
an address such as 113.nl."""

_BETWEEN = " ,:;=(/\u2013-"
"""What people write between a name and a number."""

LEAST, MOST = 3, 15
"""Digits of a number that can be dialled: emergency numbers have three, and no other more than 15 (ITU E.164)."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One way to reach somebody. tel: each number in it as it is shown and as it is dialled. entry: to hide it by.

    source: the page it is from, and the date of that page where it says one.
    """

    name: str
    said: str
    tel: tuple[tuple[str, str], ...] = ()
    entry: str = ""
    source: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class HelpSeen:
    """The page. known: whether the country is. others: the other countries, by name, with all of theirs.

    hidden: what the person found wrong.
    """

    known: bool
    danger: Reach
    yours: tuple[Reach, ...]
    services: tuple[Reach, ...]
    others: tuple[tuple[str, tuple[Reach, ...]], ...]
    hidden: tuple[Reach, ...] = ()

    @property
    def sourced(self) -> tuple[Reach, ...]:
        """What has a source, of the emergency number and the services."""
        return tuple(one for one in (self.danger, *self.services) if one.source)


def help_seen(whom: Help) -> HelpSeen:
    """What is shown of the help for a country, or for none."""
    return HelpSeen(
        known=whom.country is not None,
        danger=_danger(whom),
        yours=tuple(map(own, whom.contacts)),
        services=_services(whom.services),
        others=tuple((one.name, _all(one)) for one in COUNTRIES if one is not whom.country),
        hidden=_services(whom.hidden),
    )


def numbers(text: str) -> tuple[tuple[str, str], ...]:
    """Every number in a text, as it is shown and as it is dialled."""
    found = [(one[0].strip(), re.sub(r"[^\d+*]", "", one[0])) for one in _NUMBER.finditer(text)]
    return tuple((shown, dialled) for shown, dialled in found if LEAST <= len(dialled.strip("+*")) <= MOST)


def own(line: str) -> Reach:
    """One of the person's own, as they wrote it: called by the name in front of the number, where there is one.

    Of several numbers each stands on its button, since the name would not tell them apart.
    """
    tel = numbers(line)
    if len(tel) != 1:
        return Reach("", line, tel)
    ((shown, dialled),) = tel
    name = line.partition(shown)[0].strip(_BETWEEN)
    return Reach("", line, ((name or shown, dialled),))


def _all(country: Country) -> tuple[Reach, ...]:
    return (_emergency(country), *_services(country.services))


def _danger(whom: Help) -> Reach:
    if whom.country is None:
        return Reach("", whom.emergency, tuple((IN_EU, dialled) for _, dialled in numbers(IN_EU)))
    return replace(_emergency(whom.country), name="")


def _emergency(country: Country) -> Reach:
    words = country.emergency
    return Reach(country.name, words, numbers(words), source=country.source, page=country.page)


def _services(services: tuple[Service, ...]) -> tuple[Reach, ...]:
    return tuple(_service(one) for one in services)


def _service(one: Service) -> Reach:
    said = f"{one.reach} ({one.when})" if one.when else one.reach
    return Reach(one.name, said, numbers(one.reach), entry(one), one.source, one.page)
