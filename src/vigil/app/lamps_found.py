"""Finding a lamp by its name: what switches it is asked for a key, where one is needed, and for its lamps.

Nothing is kept here but what is handed back; `choosing.py` keeps the one that is chosen, and only then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from vigil.app.choosing import SECRET, WHICH_ONE, certificate_shown, checked, choose_lamp, pinned, with_kept
from vigil.app.printable import printable
from vigil.domain.requests import Output

if TYPE_CHECKING:
    from vigil.devices.nudgers.lamp import FoundLamp

MOST = 200
"""Lamps that are shown. Our choice: more than a home has, few enough for a page."""

LONGEST_NAME = 60

SCHEME = {"home_assistant": "http", "hue": "https"}
"""What stands before an address that was typed without."""

_NOT_YET = {"home_assistant": "light.not_yet", "hue": "00000000-0000-4000-8000-000000000000"}
"""Which lamp, while that is not known: everything else can be held to its rules with it."""


@dataclass(frozen=True, slots=True)
class Way:
    """How lamps are reached. kind: of `choosing.ASKED`. secret: "" for a bridge whose button must be pressed first.

    certificate: which alone is believed; "" where none is pinned.
    """

    kind: str
    url: str
    secret: str = field(repr=False)
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A lamp to choose. which: what names it in the settings. name: printable, one line, "" where it has none."""

    which: str
    name: str


@dataclass(frozen=True, slots=True)
class LampsFound:
    """lamps: those that can glow, by name. unfit: how many cannot. more: how many are left out for being too many."""

    lamps: tuple[Named, ...] = ()
    unfit: int = 0
    more: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """How far it is. found: None while the lamps were not told of yet."""

    way: Way
    found: LampsFound | None = None


def begin(path: Path, kind: str, typed: Mapping[str, str]) -> Search:
    """The lamps at an address, by the secret that was typed or that is kept for it; without one, the way alone.

    A bridge that knows a kept key no more has to give a new one. Raises SettingsError and DeviceError.
    """
    from vigil.devices.nudgers.hue import KeyRefusedError  # noqa: PLC0415 — aiohttp takes a while to import

    way = way_to(path, kind, typed)
    try:
        return Search(way, lamps_by(way) if way.secret else None)
    except KeyRefusedError:
        return Search(replace(way, secret=""))


def way_to(
    path: Path, kind: str, typed: Mapping[str, str], certificate: Callable[[str], str] = certificate_shown
) -> Way:
    """The way by the address, and the secret, that were typed, or that is kept for this address.

    A bridge of Hue is asked for its certificate, where none is kept. Raises SettingsError and DeviceError.
    """
    url = typed.get("url", "").strip()
    typed = {**typed, "url": url if "://" in url or not url else f"{SCHEME[kind]}://{url}"}
    values = with_kept(path, kind, {**typed, WHICH_ONE[kind]: _NOT_YET[kind]})
    secret = str(values[SECRET[kind]])
    to_come = kind == "hue" and not secret
    values = pinned(kind, {**values, SECRET[kind]: "-"} if to_come else values, certificate)
    lamp = checked(Output.LIGHT, values).lamp
    assert lamp is not None  # noqa: S101 — values of a lamp are a lamp
    return Way(kind, lamp.choice.url, secret, lamp.choice.certificate)


def with_key(way: Way) -> Way | None:
    """The way with a key that the bridge gives now; None while its button was not pressed. Raises DeviceError."""
    from vigil.devices.nudgers.hue_setup import new_key  # noqa: PLC0415 — aiohttp takes a while to import

    key = asyncio.run(new_key(way.url, way.certificate))
    return None if key is None else replace(way, secret=key)


def lamps_by(way: Way) -> LampsFound:
    """The lamps that are reached by it; raises DeviceError."""
    from vigil.devices.nudgers import home_assistant_setup, hue_setup  # noqa: PLC0415 — aiohttp takes a while to import

    ask = {"home_assistant": home_assistant_setup.lamps_of, "hue": hue_setup.lamps_of}[way.kind]
    return _sorted_out(asyncio.run(ask(way.url, way.secret, way.certificate)))


def choose_found(path: Path, way: Way, lamp: Named) -> None:
    """This lamp from now on; raises as `choose_lamp`."""
    typed = {"url": way.url, SECRET[way.kind]: way.secret, WHICH_ONE[way.kind]: lamp.which}
    choose_lamp(path, way.kind, typed, lambda _: way.certificate)


def _sorted_out(found: Iterable[FoundLamp]) -> LampsFound:
    told = {one.which: one for one in found}.values()
    fit = [Named(one.which, _shown(one.name)) for one in told if not one.why_not]
    fit.sort(key=lambda one: (not one.name, one.name.casefold(), one.which))
    return LampsFound(tuple(fit[:MOST]), len(told) - len(fit), max(0, len(fit) - MOST))


def _shown(name: str) -> str:
    """A name as it can be shown: a lamp may be called anything."""
    return " ".join(printable(name[: 4 * LONGEST_NAME]).split())[:LONGEST_NAME].strip()
