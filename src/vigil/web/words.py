"""The page's own texts in one catalogue: `words/LANGUAGE/PAGE.toml`, read as "page.key".

What page and terminal both say (an account, a question, a reason) is worded on the floors below, in English alone;
docs/look.md has the list.

A text is a string with {names}, or a table with one entry for each plural form of the language ("one", "other", by
CLDR's rules through Babel), chosen by `n`. Dates, times and numbers follow the reader's locale.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from importlib.resources import files

from babel import Locale, UnknownLocaleError, negotiate_locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

SHIPPED = ("en",)

REGIONS = ("en_US", "en_GB", "en_AU", "en_CA", "en_IE", "en_IN", "en_NZ", "en_ZA")
"""Where the texts are the same, but dates and times are written another way."""

USUAL = "en_GB"

MOST_HEADER = 500


class MissingTextError(KeyError):
    """A page asks for a text that the catalogue has not."""


@cache
def catalogue(language: str) -> Mapping[str, str | Mapping[str, str]]:
    """Every text of a language by its full name."""
    found: dict[str, str | Mapping[str, str]] = {}
    folder = files("vigil.web").joinpath("words", language)
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            page = file.name.removesuffix(".toml")
            for key, text in tomllib.loads(file.read_text("utf-8")).items():
                found[f"{page}.{key}"] = text
    return found


@dataclass(frozen=True, slots=True)
class Words:
    """The texts and customs of one reader."""

    locale: Locale

    @classmethod
    def of(cls, accepted: str) -> Words:
        """For what a browser accepts (an Accept-Language header); the usual ones where nothing fits."""
        return _words(negotiate_locale(_wished(accepted), (*SHIPPED, *REGIONS), sep="_") or USUAL)

    @property
    def language(self) -> str:
        """As HTML names it: "en"."""
        return self.locale.language

    @property
    def tag(self) -> str:
        """Language and customs, as HTML names them (BCP 47): "en-GB". A script of a page writes times by it as well."""
        return str(self.locale).replace("_", "-")

    @property
    def direction(self) -> str:
        """Which way the texts run: "ltr" or "rtl"."""
        return str(self.locale.text_direction)

    def __call__(self, key: str, **values: object) -> str:
        """The text of that name with its values; raises MissingTextError for one that nobody wrote."""
        text = catalogue(self.language).get(key)
        if text is None:
            raise MissingTextError(key)
        if not isinstance(text, str):
            count = values.get("n")
            form = self.locale.plural_form(abs(count)) if isinstance(count, int) else "other"
            text = text.get(form, text["other"])
        return text.format_map(values) if values else text

    def has(self, key: str) -> bool:
        """Whether there is a text of that name."""
        return key in catalogue(self.language)

    def day(self, day: date) -> str:
        """A day, in words: "Friday 27 November"."""
        return str(format_date(day, "EEEE d MMMM", locale=self.locale))

    def day_of_month(self, day: date) -> str:
        """A day where its month is said beside it: "Friday 27"."""
        return str(format_date(day, "EEEE d", locale=self.locale))

    def day_of_year(self, day: date) -> str:
        """The same with its year: "Friday 27 November 2026"."""
        return str(format_date(day, "EEEE d MMMM y", locale=self.locale))

    def short_day(self, day: date) -> str:
        """A day, short, with its year: as the locale writes it."""
        return str(format_date(day, "medium", locale=self.locale))

    def month(self, day: date) -> str:
        """The month of a day with its year: "November 2026"."""
        return str(format_date(day, "LLLL y", locale=self.locale))

    @property
    def first_weekday(self) -> int:
        """On which weeks begin, Monday is 0."""
        return int(self.locale.first_week_day)

    def weekdays(self) -> list[tuple[str, str]]:
        """Every weekday in the order of the reader's week: in short, and in full."""
        order = [(self.first_weekday + place) % 7 for place in range(7)]
        short, whole = self.locale.days["stand-alone"]["narrow"], self.locale.days["stand-alone"]["wide"]
        return [(str(short[day]), str(whole[day])) for day in order]

    def time(self, moment: datetime | time, exact: bool = False) -> str:
        """Hours and minutes, as the locale writes them; exact: with seconds."""
        return str(format_time(moment, "medium" if exact else "short", locale=self.locale))

    @property
    def halves(self) -> tuple[str, str] | None:
        """What the halves of a day are called, where the locale counts hours to twelve: ("AM", "PM")."""
        if "a" not in self.locale.time_formats["short"].pattern:
            return None
        called = self.locale.day_periods["format"]["abbreviated"]
        return str(called["am"]), str(called["pm"])

    def number(self, value: float) -> str:
        """A number, as the locale writes it."""
        return str(format_decimal(value, locale=self.locale))


@cache
def _words(name: str) -> Words:
    return Words(Locale.parse(name))


def _wished(accepted: str) -> Sequence[str]:
    """The locales of an Accept-Language header, best first; what is no locale is left out."""
    wished: list[tuple[float, str]] = []
    for part in accepted[:MOST_HEADER].split(","):
        name, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
            wished.append((-weight, str(Locale.parse(name.strip(), sep="-"))))
        except (ValueError, UnknownLocaleError, TypeError):
            continue
    return [name for _, name in sorted(wished, key=lambda one: one[0])]
