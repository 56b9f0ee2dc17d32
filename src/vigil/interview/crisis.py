"""Whom to talk to in a crisis: the emergency number, the person's own contact, and services by country.

Nothing anybody writes is searched for signs of a crisis; the person asks, or chooses the country once.

Every row was looked up on `CHECKED` in a stored copy of the page named as its source, not by calling it; `page` is the
date of that page where it says one. Where a page of a state or of the service itself could be read, that is the source;
where not, a newspaper or a page of another body is. Numbers change: the emergency number and the person's own contact
come first, and the person can hide one that is wrong.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from vigil.interview.crisis_rows import CHECKED, COUNTRIES, ELSEWHERE, Country, Service

OTHER = "other"
"""The choice for every country that is not listed."""

IN_EU = "112 in the EU"
UNKNOWN = f"{IN_EU}; elsewhere the emergency number of your country"
"""The emergency number where the country is not known."""

_BY_CODE = {country.code: country for country in COUNTRIES}


@dataclass(frozen=True, slots=True)
class Help:
    """Whom to talk to, the nearest first.

    emergency: the number, or words where it is not known. hidden: services that the person found wrong.
    """

    emergency: str
    contacts: tuple[str, ...]
    services: tuple[Service, ...]
    country: Country | None = None
    hidden: tuple[Service, ...] = ()


def entry(service: Service) -> str:
    """What names an entry that is hidden: with its number, so that another number in a later Vigil is shown."""
    return f"{service.name}: {service.reach}"


def help_for(code: str = "", contact: str = "", hidden: Collection[str] = ()) -> Help:
    """The help for a country, "" where it was not said; contact: the person's own, several parted by semicolons.

    hidden: entries that the person found wrong. An emergency number cannot be hidden, and nobody is left with nothing.
    """
    country = _BY_CODE.get(code)
    contacts = tuple(one.strip() for one in contact.split(";") if one.strip())
    if country is None:
        return Help(UNKNOWN, contacts, ELSEWHERE)
    wrong = tuple(one for one in country.services if entry(one) in hidden)
    shown = tuple(one for one in country.services if one not in wrong)
    return Help(country.emergency, contacts, shown or ELSEWHERE, country, wrong)


def help_words(whom: Help) -> tuple[str, ...]:
    """The help in lines, short enough for a bad moment."""
    return (
        f"In danger now: {whom.emergency}",
        *(f"Your own: {one}" for one in whom.contacts),
        *(f"{one.name}: {one.reach}" + (f" ({one.when})" if one.when else "") for one in whom.services),
    )


def source_words(whom: Help) -> tuple[str, ...]:
    """Where each line is from, and when it was checked."""
    rows = [(one.name, one.source, one.page) for one in whom.services]
    if whom.country is not None:
        rows.insert(0, (f"{whom.country.emergency} in {whom.country.name}", whom.country.source, whom.country.page))
    return tuple(
        f"{name}: {source}, checked {CHECKED} in a stored copy of the page ({f'of {page}' if page else 'undated'})"
        for name, source, page in rows
    )
