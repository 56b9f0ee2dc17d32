"""The example package: loaded from its folder as its entry point says, and held to what every codec is held to."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from tests.codec_contract import check_codec
from vigil.devices import catalogue
from vigil.devices.catalogue import Buzz, Family, known, recognised
from vigil.devices.family import wrong_with
from vigil.devices.packets.contract import Codec, Unread, Write
from vigil.domain.samples import Contact, HeartSample

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "vigil-example-wearable"
PROJECT = tomllib.loads((FOLDER / "pyproject.toml").read_text())
MODULE = "vigil_example_wearable"


@pytest.fixture
def point(monkeypatch: pytest.MonkeyPatch) -> Iterator[metadata.EntryPoint]:
    """Its entry point, as an installed package would bring it."""
    monkeypatch.syspath_prepend(str(FOLDER / "src"))
    group = PROJECT["project"]["entry-points"][catalogue.GROUP]
    ((name, value),) = group.items()
    yield metadata.EntryPoint(name, value, catalogue.GROUP)
    sys.modules.pop(MODULE, None)
    known.cache_clear()


@pytest.fixture
def family(point: metadata.EntryPoint) -> Family:
    """Its row."""
    row: Family = point.load()
    return row


@pytest.fixture
def band(family: Family) -> Any:
    """Its module."""
    return sys.modules[MODULE]


def test_it_is_a_row_like_any_other(
    point: metadata.EntryPoint, family: Family, band: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by its service, without a change to Vigil."""
    monkeypatch.setattr(metadata, "entry_points", lambda group: (point,) if group == catalogue.GROUP else ())
    known.cache_clear()
    assert wrong_with(family) == ""
    assert known().refused == ()
    assert recognised("anything", [band.SERVICE]) is family


def test_its_codec_holds_the_contract(family: Family, band: Any) -> None:
    """Hostile bytes, broken honest ones, bounded memory, nothing of the future."""
    check_codec(family.codec, examples={band.HEART: (bytes((1, 60, 1)), bytes((2, 61, 0)))}, packets=500)


def test_it_says_what_its_packets_say(family: Family, band: Any) -> None:
    """A repeated packet once, no heart rate that nobody wears, contact when it changes."""
    codec: Codec = family.codec()
    packets = [(1, 60, 1), (1, 60, 1), (2, 61, 1), (3, 62, 0), (4, 0, 1)]
    heard = [codec.hear(band.HEART, bytes(data), 10 + n) for n, data in enumerate(packets)]
    assert heard == [
        (Contact(10, True), HeartSample(10, 600)),
        (),
        (HeartSample(12, 610),),
        (Contact(13, False),),
        (Contact(14, True),),
    ]
    assert [type(one) for one in codec.hear(band.HEART, b"\x05\x3c\x02", 20)] == [Unread]


def test_it_asks_for_no_more_than_the_band_does(family: Family, band: Any) -> None:
    """A pulse is at most a second; nonsense asks for nothing."""
    codec = family.codec()
    assert family.buzz is Buzz.GRADED
    assert codec.pulse(200, 11) == (Write(band.MOTOR, bytes((20, 11))),)
    assert codec.pulse(60_000, 100) == (Write(band.MOTOR, bytes((100, 100))),)
    assert codec.pulse(0, 50) == codec.pulse(200, 0) == codec.pulse(200, 101) == ()
    assert codec.still() == (Write(band.MOTOR, b"\x00\x00"),)


def test_its_readme_and_its_licence_are_those_of_the_package() -> None:
    """The UUIDs of the table are those of the code, and it needs nothing but Vigil."""
    code = (FOLDER / "src" / MODULE / "__init__.py").read_text()
    uuids = set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", (FOLDER / "README.md").read_text()))
    assert uuids
    assert all(uuid in code for uuid in uuids)
    assert PROJECT["project"]["dependencies"] == ["vigil"]
