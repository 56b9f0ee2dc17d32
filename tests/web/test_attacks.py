"""The page attacked, a dose of each attack in process and over sockets; the whole at night (`tests/campaigns`)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaigns import page_attacks, page_attacks_asked, page_attacks_canaries, page_attacks_paths
from tests.campaigns.page_attacks_api import fuzzed
from tests.campaigns.page_attacks_asked import Outcome, ask, cookie_of, headers_of
from tests.campaigns.page_attacks_doors import clock_steps, cookies, guesses, kept_keys
from tests.campaigns.page_attacks_hosts import hosts
from tests.campaigns.page_attacks_payloads import PAYLOADS
from tests.campaigns.page_attacks_planted import plant
from tests.campaigns.page_attacks_sockets import foreign, huge, many, odd, slow
from tests.campaigns.page_attacks_texts import around, planted, sent_back
from tests.web.visitor import Now
from vigil.web import follow_site, live_tonight, serving
from vigil.web.render import templates
from vigil.web.rooms import Rooms
from vigil.web.routes import ROWS
from vigil.web.site import site

pytestmark = pytest.mark.timeout(600)
"""Thousands of requests: a busy machine takes its time."""

SOME = PAYLOADS[::36]


def nothing(outcome: Outcome) -> None:
    """Passed: something was tried, and nothing got through."""
    assert outcome.tried > 0
    assert outcome.got_through == ()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with page_attacks.impatient(tmp_path_factory.mktemp("attacked")) as number:
        yield number


def test_other_names_reach_nothing(rooms: Rooms) -> None:
    nothing(asyncio.run(hosts(site(rooms), cookie_of(rooms), 1_500)))


def test_other_names_reach_nothing_over_a_socket(port: int) -> None:
    nothing(foreign(port, 40))


def test_requests_that_no_browser_writes_are_refused(port: int) -> None:
    nothing(odd(port))


def test_a_body_that_is_far_too_large_is_refused_before_it_is_sent(port: int) -> None:
    nothing(huge(port))


def test_a_head_that_never_ends_is_not_waited_for_not_even_the_second(port: int) -> None:
    nothing(slow(port, page_attacks.HEAD_S))


def test_many_connections_close_the_page_for_a_moment_only(port: int) -> None:
    nothing(many(port, serving.MOST_AT_ONCE, page_attacks.HEAD_S))


def test_headers_that_come_all_at_once_are_measured_too(rooms: Rooms) -> None:
    """A parser lets long ones through, if they come in one piece."""
    long = [*headers_of(cookie_of(rooms)), (b"x", b"y" * 17_000)]
    assert asyncio.run(ask(site(rooms), "/help", long)).status == 431


def test_guesses_cookies_and_clocks_open_nothing(rooms: Rooms, now: Now) -> None:
    nothing(asyncio.run(cookies(site(rooms), rooms)))
    nothing(kept_keys(rooms))
    nothing(clock_steps(rooms, now, count=20))


def test_ten_thousand_guesses(rooms: Rooms, now: Now) -> None:
    nothing(guesses(rooms, now, 10_000))


def test_hostile_texts_are_shown_as_text(tmp_path: Path, rooms: Rooms) -> None:
    """Planted wherever somebody else's words can stand, or sent and sent back at once."""
    plant(tmp_path, SOME)
    app = site(rooms)
    nothing(asyncio.run(planted(app, cookie_of(rooms), SOME)))
    nothing(asyncio.run(around(app, rooms, SOME[::4])))
    nothing(asyncio.run(sent_back(app, cookie_of(rooms), SOME[::8])))


def test_a_page_that_forgot_to_escape_would_be_found(
    tmp_path: Path, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, SOME)
    templates.cache_clear()
    monkeypatch.setattr("vigil.web.render.Environment", _careless)
    try:
        found = asyncio.run(planted(site(rooms), cookie_of(rooms), SOME)).got_through
    finally:
        templates.cache_clear()
    for page in ("/journal: ", "/journal/print: ", "/morning/1: ", "/journal/threads: "):
        assert any(one.startswith(page) for one in found), page


def _careless(**options: object) -> object:
    from jinja2 import Environment  # noqa: PLC0415 — the one that is replaced is named so elsewhere

    return Environment(**options | {"autoescape": False})  # type: ignore[arg-type]  # the point of it


def test_strange_numbers_words_and_forms_break_no_page(
    tmp_path: Path, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TRAVERSALS", "NUMBERS", "WORDS", "VALUES"):
        monkeypatch.setattr(page_attacks_paths, name, getattr(page_attacks_paths, name)[::10])
    page_attacks_canaries.plant_canaries(tmp_path)
    nothing(asyncio.run(page_attacks_paths.paths(site(rooms), cookie_of(rooms))))
    nothing(asyncio.run(page_attacks_paths.values(site(rooms), cookie_of(rooms))))


def test_the_site_of_the_one_who_follows_is_as_closed(rooms: Rooms) -> None:
    for outcome in page_attacks.at_the_other_door(rooms, 300).values():
        nothing(outcome)


def test_an_open_page_ends_within_a_second_of_its_session() -> None:
    assert live_tonight.LOOK_S * live_tonight.SESSION_TURNS <= 1.0
    assert follow_site.LOOK_S <= 1.0


@pytest.mark.filterwarnings("ignore")  # of Schemathesis' own parts
def test_schemathesis_finds_no_failure_and_no_way_past_the_door(tmp_path: Path, rooms: Rooms) -> None:
    page_attacks_canaries.plant_canaries(tmp_path)
    nothing(fuzzed(site(rooms), cookie_of(rooms), 2))


def test_nothing_intimate_leaves(tmp_path: Path, rooms: Rooms) -> None:
    home = page_attacks_canaries.plant_canaries(tmp_path)
    app = site(rooms)
    nothing(asyncio.run(page_attacks_canaries.strangers(app, rooms)))
    nothing(asyncio.run(page_attacks_canaries.followers(rooms)))
    nothing(page_attacks_canaries.kept_names(home))
    nothing(asyncio.run(page_attacks_canaries.logs(app, cookie_of(rooms))))


def test_looking_changes_nothing(tmp_path: Path, rooms: Rooms) -> None:
    page_attacks_canaries.plant_canaries(tmp_path)
    nothing(asyncio.run(page_attacks_canaries.looking(site(rooms), cookie_of(rooms), tmp_path)))


def test_nothing_intimate_is_said_by_the_process(tmp_path: Path) -> None:
    page_attacks_canaries.plant_canaries(tmp_path)
    nothing(page_attacks_canaries.served_for_real(tmp_path))


def test_an_address_that_is_not_there_says_so_when_the_doors_are_broken(rooms: Rooms) -> None:
    """Nobody can tell who asks; that is no reason to fail."""
    cookie = cookie_of(rooms)
    (rooms.home.shelf(rooms.shelf) / "page.db").write_bytes(b"no database" * 1_000)
    answer = asyncio.run(ask(site(rooms), "/nowhere", headers_of(cookie)))
    assert answer.status == 404


def test_what_strangers_send_is_not_worth_a_line(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """A page elsewhere could fill the terminal of a watch with it."""
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # as `serving` has it
        foreign(port, 5)
    assert [line for line in caplog.messages if "Invalid" in line] == []


def test_every_attack_has_its_figure() -> None:
    names = set(page_attacks.PageAttackFigures.__dataclass_fields__)
    assert {"addresses", "payloads", "host_values", "schemathesis"} < names
    assert len(ROWS) > 100
    assert len(PAYLOADS) >= 500
    assert page_attacks_asked.address(ROWS[-1]).startswith("/")


@pytest.mark.nightly
@pytest.mark.timeout(7_200)
def test_the_whole() -> None:
    figures = page_attacks.page_attacks()
    for name in figures.__dataclass_fields__:
        value = getattr(figures, name)
        if isinstance(value, Outcome):
            assert value.got_through == (), name
