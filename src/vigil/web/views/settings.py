"""The settings as a form: each field with its bounds and its shipped value, and what was typed into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from vigil.domain.requests import Output
from vigil.domain.settings import OnSignalLost, Room, Settings
from vigil.web.words import Words

Value: TypeAlias = bool | float | str | tuple[str, ...]

MOST_CHOICES = 13
"""Whole numbers are chosen from a list where it is no longer than this, and typed where it would be. Our choice."""

LONGEST = 12
"""Characters of a number; longer ones are none."""


@dataclass(frozen=True, slots=True)
class Number:
    """A setting that is a number. key: as in the file of settings. whole: without a part after the point."""

    key: str
    low: float
    high: float
    step: str = "1"

    @property
    def name(self) -> str:
        """Of its texts and of its input: the key without dots."""
        return self.key.rpartition(".")[2]

    @property
    def whole(self) -> bool:
        """Whether it is counted."""
        return self.step == "1"

    @property
    def listed(self) -> range:
        """What can be chosen from a list; nothing where it is typed."""
        every = range(int(self.low), int(self.high) + 1) if self.whole else range(0)
        return every if len(every) <= MOST_CHOICES else range(0)


NUMBERS = (
    Number("top_level", 1, 4),
    Number("threshold_factor", 0.5, 4.0, "0.1"),
    Number("settle_min", 30, 240),
    Number("observe_s", 20, 60),
    Number("caps.per_episode", 0, 4),
    Number("caps.per_hour", 0, 6),
    Number("caps.per_18_hours", 0, 12),
    Number("caps.energised_s", 0, 60),
)
"""The bounds are those of `domain/settings.py`; a test holds the two together, and that no setting is missing here."""

CHOICES: dict[str, tuple[str, ...]] = {
    "nudging": ("yes", "no"),
    "room": tuple(room.value for room in Room),
    "on_signal_lost": tuple(lost.value for lost in OnSignalLost),
}
OUTPUTS = tuple(output.value for output in Output)
PLACES = ("outputs_1", "outputs_2", "outputs_3")
"""Inputs for the outputs in their order."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field. name: of its texts and of its input. typed: what stands in it.

    shipped, bounds: the value it came with and what it may be, in words. choices: what it can be, where that is a list.
    said: what is wrong with what was typed.
    """

    name: str
    typed: str
    shipped: str
    bounds: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    said: str = ""


def values_of(settings: Settings) -> dict[str, Value]:
    """Every setting by its key in the file."""
    caps = {f"caps.{name}": getattr(settings.caps, name) for name in settings.caps.__dataclass_fields__}
    plain: dict[str, Value] = {
        "nudging": settings.nudging,
        "outputs": tuple(one.value for one in settings.outputs),
        "room": settings.room.value,
        "on_signal_lost": settings.on_signal_lost.value,
    }
    numbers = {one.key: getattr(settings, one.key) for one in NUMBERS if "." not in one.key}
    return plain | numbers | caps


def typed_of(settings: Settings) -> dict[str, str]:
    """Every input of the form as it stands for these settings."""
    values = values_of(settings)
    order = (*settings.outputs, None, None, None)
    inputs = {name: "" if one is None else one.value for name, one in zip(PLACES, order, strict=False)}
    numbers = {one.name: f"{values[one.key]:g}" for one in NUMBERS}
    words = {"nudging": "yes" if settings.nudging else "no"}
    return inputs | numbers | words | {key: str(values[key]) for key in ("room", "on_signal_lost")}


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form asks: the changes by key, or what is wrong by the name of a field."""

    changes: Mapping[str, Value]
    wrong: Mapping[str, str]


def sent(form: Mapping[str, str], now: Settings, t: Words) -> Sent:
    """What was changed on the form, against what it showed (`was_NAME`); what nobody touched stays as it is by now."""
    wrong: dict[str, str] = {}
    changes: dict[str, Value] = {}
    shown = typed_of(now) | {name.removeprefix("was_"): text for name, text in form.items() if name.startswith("was_")}
    touched = {name for name in shown if name in form and form[name].strip() != shown[name]}
    for number in NUMBERS:
        if number.name in touched:
            value = _number(form[number.name], number)
            if value is None:
                wrong[number.name] = bounds_words(number, t)
            else:
                changes[number.key] = value
    for name, offered in CHOICES.items():
        if name in touched and form[name] in offered:
            changes[name] = form[name] == "yes" if name == "nudging" else form[name]
    if touched & set(PLACES):
        chosen = tuple(form[name] for name in PLACES if form.get(name))
        if len(set(chosen)) != len(chosen) or not set(chosen) <= set(OUTPUTS):
            wrong["outputs"] = t("settings.outputs_twice")
        else:
            changes["outputs"] = chosen
    return Sent(changes, wrong)


def bounds_words(number: Number, t: Words) -> str:
    """What a number may be."""
    return t("settings.bounds", low=t.number(number.low), high=t.number(number.high))


def fields(typed: Mapping[str, str], wrong: Mapping[str, str], t: Words) -> dict[str, Field]:
    """Every field of the form by its name, with what stands in it."""
    shipped = Settings()
    was = typed_of(shipped)
    found: dict[str, Field] = {}
    for number in NUMBERS:
        name = number.name
        choices = tuple((str(one), t.number(one)) for one in number.listed)
        bounds = "" if choices else bounds_words(number, t)
        found[name] = Field(name, typed.get(name, ""), t.number(float(was[name])), bounds, choices)
    for name, offered in CHOICES.items():
        words = tuple((one, t(f"settings.{name}_{one}")) for one in offered)
        found[name] = Field(name, typed.get(name, ""), dict(words)[was[name]], choices=words)
    outputs = tuple((one, t(f"settings.output_{one}")) for one in OUTPUTS)
    first = ", ".join(dict(outputs)[one.value] for one in shipped.outputs)
    found["outputs"] = Field("outputs", "", first, choices=outputs)
    return {name: replace(field, said=wrong.get(name, "")) for name, field in found.items()}


def _number(text: str, number: Number) -> float | None:
    """The number that was typed, with a point or a comma; None for what is none, or out of its bounds."""
    plain = text.strip().replace(",", ".")
    if len(plain) > LONGEST or not plain.isascii():
        return None
    try:
        value = int(plain) if number.whole else float(plain)
    except ValueError:
        return None
    return value if number.low <= value <= number.high else None
