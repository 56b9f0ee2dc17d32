"""The catalogue: whose row a device is, whatever strangers call themselves and whatever other packages bring."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import metadata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.codec_contract import Everything, check_codec
from vigil.devices import catalogue
from vigil.devices.catalogue import Buzz, Family, Sense, families, family_of, known, recognised
from vigil.devices.families import BUILT_IN, HEART_RATE_SERVICE
from vigil.devices.family import CADENCE_MS, wrong_with
from vigil.devices.packets import banglejs, heart_rate, open_seizure_detector
from vigil.devices.packets.contract import uuid_of
from vigil.domain.samples import BeatInterval, Contact, HeartSample
from vigil.domain.units import NS_PER_S
from vigil.signal.hygiene import declared_cadence_ns

OSD = "000085e9-0000-1000-8000-00805f9b34fb"
ROW = replace(BUILT_IN[0], key="mine", names=("mine",), services=())


class Point:
    """An entry point of another package."""

    def __init__(self, name: str, load: Callable[[], Any]) -> None:
        self.name, self.load = name, load


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    """What one test brings is gone for the next."""
    known.cache_clear()
    yield
    known.cache_clear()


def bring(monkeypatch: pytest.MonkeyPatch, *points: Point) -> None:
    monkeypatch.setattr(metadata, "entry_points", lambda group: points if group == catalogue.GROUP else ())


def key(name: str | None, *services: str) -> str | None:
    found = recognised(name, services)
    return None if found is None else found.key


@pytest.mark.parametrize("row", BUILT_IN, ids=lambda row: row.key)
def test_every_row_of_vigil_is_whole(row: Family) -> None:
    """It has a source for what it says, and a caution: nothing was tried on hardware."""
    assert wrong_with(row) == ""
    assert row.sources
    assert row.caution.endswith(".")
    assert all(where.startswith("https://") or "section" in where or where.endswith(".md") for _, where in row.sources)


def test_keys_are_names_of_one_family() -> None:
    """Each is found again by its key, and no other is."""
    assert [family_of(row.key) for row in BUILT_IN] == list(BUILT_IN)
    assert family_of("nobody") is None


@pytest.mark.parametrize(
    ("name", "services", "family"),
    [
        ("Polar H10 1234ABCD", (HEART_RATE_SERVICE,), "polar-h10"),
        ("Polar Sense 0A1B2C3D", (HEART_RATE_SERVICE,), "polar-verity-sense"),
        ("Polar OH1 0A1B2C3D", (), "polar-oh1"),
        ("TICKR 12AB", (HEART_RATE_SERVICE.upper(),), "heart-rate-strap"),
        (None, (HEART_RATE_SERVICE,), "heart-rate-strap"),
        ("Bangle.js 5678", (OSD, HEART_RATE_SERVICE), "openseizuredetector"),
        ("InfiniTime", (), "pinetime"),
        ("InfiniTime", (OSD,), "openseizuredetector"),
        ("Somebody's phone", (uuid_of(0x1800),), None),
        ("", (), None),
        (None, (), None),
    ],
)
def test_the_most_specific_row_wins(name: str | None, services: tuple[str, ...], family: str | None) -> None:
    """A service of the family's own, then a name, then the service that many share."""
    assert key(name, *services) == family


@pytest.mark.parametrize(
    "name", ["x" * 100_000, "Polar H10" * 10_000, "\x1b[2J", "\udcff\udcfe", "\u202erP", "\x00", "not Polar H10"]
)
def test_a_hostile_name_is_nobody(name: str) -> None:
    """And takes no row that its services give it."""
    assert key(name) is None
    assert key(name, HEART_RATE_SERVICE) == "heart-rate-strap"


@given(st.none() | st.text(max_size=300), st.lists(st.text(max_size=50)))
def test_whatever_is_advertised_ends_in_a_row_or_none(name: str | None, services: list[str]) -> None:
    """It never raises."""
    assert recognised(name, services) in (*families(), None)


def test_another_package_adds_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind Vigil's own, found by key and by name."""
    bring(monkeypatch, Point("mine", lambda: ROW))
    assert families() == (*BUILT_IN, ROW)
    assert family_of("mine") is ROW
    assert key("Mine 3", HEART_RATE_SERVICE) == "mine"


def changed(**fields: Any) -> Family:
    return replace(ROW, **fields)


def broken() -> Any:
    message = "\x1b[31m no"
    raise ImportError(message)


def leaves() -> Any:
    raise SystemExit(3)


@pytest.mark.parametrize(
    ("load", "why"),
    [
        (broken, "could not be imported (ImportError)"),
        (leaves, "could not be imported (SystemExit)"),
        (lambda: "a text", "it is no Family"),
        (lambda: changed(key="polar-h10"), "its key is another's"),
        (lambda: changed(key="Mine!"), "its key must be"),
        (lambda: changed(key=["mine"]), "its key must be"),
        (lambda: changed(name=""), "it has no name"),
        (lambda: changed(names=()), "neither a beginning of a name nor a service"),
        (lambda: changed(names="mine"), "its names must be a tuple"),
        (lambda: changed(names=("Mine",)), "lower-case"),
        (lambda: changed(names=("",)), "not empty"),
        (lambda: changed(services=("180d",)), "full, lower-case UUIDs"),
        (lambda: changed(codec=None), "callable"),
        (lambda: changed(senses=[Sense.HEART]), "frozenset"),
        (lambda: changed(senses=frozenset(), buzz=Buzz.NONE), "neither sense nor nudge"),
        (lambda: changed(heart_cadence_ms=0), "heart_cadence_ms"),
        (lambda: changed(heart_cadence_ms=True), "heart_cadence_ms"),
        (lambda: changed(buzz="soft"), "its buzz"),
        (lambda: changed(sources=("docs",)), "pairs of text"),
    ],
)
def test_what_another_package_breaks_is_words(
    load: Callable[[], Any], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vigil's own rows, and those of a third package, are there all the same."""
    bring(monkeypatch, Point("b", load), Point("c", lambda: changed(key="third")))
    assert [row.key for row in families()] == [*(row.key for row in BUILT_IN), "third"]
    (words,) = known().refused
    assert words.startswith("The wearable b of another package was left out: ")
    assert why in words


def test_packages_that_cannot_be_listed_are_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a broken installation."""

    def fails(group: str) -> Any:
        raise ValueError(group)

    monkeypatch.setattr(metadata, "entry_points", fails)
    assert families() == BUILT_IN
    assert known().refused


def test_the_bounds_of_a_cadence_are_those_the_signal_takes() -> None:
    """Or a declared cadence would silently be learned."""
    low, high = CADENCE_MS
    assert [declared_cadence_ns(ms) is not None for ms in (low - 1, low, high, high + 1)] == [False, True, True, False]


def test_a_row_without_a_cadence_has_beats() -> None:
    """Their limits follow from beats alone; any other source states how often a value comes."""
    assert all((row.heart_cadence_ms is None) == (Sense.BEATS in row.senses) for row in BUILT_IN)


@pytest.mark.parametrize("row", BUILT_IN, ids=lambda row: row.key)
def test_the_codec_of_a_row_holds_the_contract(row: Family) -> None:
    """A new one for each connection."""
    assert row.codec() is not row.codec()
    check_codec(row.codec, packets=100)


@pytest.mark.parametrize("row", BUILT_IN, ids=lambda row: row.key)
def test_a_codec_asks_for_a_pulse_only_where_its_row_says_so(row: Family) -> None:
    """And one whose row cannot vibrate never does."""
    codec = row.codec()
    codec.opening(Everything())
    codec.hear(banglejs.STATE, bytes((0x10, 80, 1, banglejs.RUNS, 0, 0, 0, 255, 0)), 1)
    assert (codec.pulse(200, 25) != ()) == (row.buzz is not Buzz.NONE)
    assert not isinstance(codec.pulse(200, 25), str)


HEART = bytes((0x16, 60, 0, 4))
"""60 bpm, worn, and an interval of one second (Heart Rate Service 1.0, section 3.1.1)."""


@pytest.mark.parametrize("row", BUILT_IN, ids=lambda row: row.key)
def test_a_row_promises_beats_and_contact_only_where_its_codec_tells_them(row: Family) -> None:
    """A signal that is never told is a signal nobody should wait for."""
    codec = row.codec()
    codec.opening(Everything())
    told = {type(said) for second in range(1, 4) for said in codec.hear(uuid_of(0x2A37), HEART, second * NS_PER_S)}
    if row.key != "banglejs":
        assert HeartSample in told
        assert (BeatInterval in told) == (Sense.BEATS in row.senses)
        assert (Contact in told) == (Sense.CONTACT in row.senses)


def test_the_own_services_of_rows_are_those_of_their_codecs() -> None:
    """Or nobody would be recognised."""
    rows = {row.key: row for row in BUILT_IN}
    assert rows["openseizuredetector"].services == (open_seizure_detector.SERVICE,)
    assert rows["heart-rate-strap"].services == (heart_rate.HEART_RATE_SERVICE,)
