"""The page attacked: `python -m tests.campaigns.page_attacks --json docs/figures/page_attacks.json`.

Names, requests, sites, texts, keys and paths that no browser of the sleeper would send; each attack is a function of
a file beside this one and says what it tried and what got through.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from tests.campaigns import page_attacks_canaries as canaries
from tests.campaigns.figures import command
from tests.campaigns.page_attacks_api import fuzzed
from tests.campaigns.page_attacks_asked import Outcome, cookie_of, follower_of
from tests.campaigns.page_attacks_browser import browsed
from tests.campaigns.page_attacks_doors import clock_steps, cookies, guesses, kept_keys
from tests.campaigns.page_attacks_hosts import hosts
from tests.campaigns.page_attacks_paths import paths, values
from tests.campaigns.page_attacks_payloads import PAYLOADS
from tests.campaigns.page_attacks_planted import plant
from tests.campaigns.page_attacks_sites import cross_site
from tests.campaigns.page_attacks_sockets import foreign, huge, many, odd, slow
from tests.campaigns.page_attacks_texts import around, planted, sent_back
from tests.web.begun import refuse
from tests.web.browser import served
from tests.web.kept import lived, with_nights
from tests.web.visitor import Now, rooms_in
from vigil.app import beginning
from vigil.web import serving
from vigil.web.follow_site import FOLLOW_ROWS
from vigil.web.rooms import Rooms
from vigil.web.routes import ROWS
from vigil.web.site import site

HEAD_S = 0.5
"""How long the server waits for a head here, in place of `serving.HEAD_S`."""


HOSTED, GUESSED, EXAMPLES = 10_000, 1_000_000, 20

EACH = 8
"""Every so-and-so-many-th payload goes where there is only room for one at a time; all go where many can stand."""


@dataclass(frozen=True, slots=True)
class PageAttackFigures:
    """Each attack's `tried` and `got_through`. addresses: rows of the table. payloads: hostile texts."""

    addresses: int
    payloads: int
    host_values: Outcome
    host_values_over_sockets: Outcome
    odd_requests: Outcome
    huge_bodies: Outcome
    slow_heads: Outcome
    many_connections: Outcome
    hostile_sites: Outcome
    texts_planted: Outcome
    texts_of_which_there_is_one: Outcome
    texts_sent_back: Outcome
    texts_in_a_browser: Outcome
    canaries_to_strangers: Outcome
    canaries_to_who_follows: Outcome
    canaries_in_logs: Outcome
    canaries_in_names: Outcome
    canaries_of_a_process: Outcome
    key_guesses: Outcome
    cookies: Outcome
    clock_steps: Outcome
    kept_keys: Outcome
    looking: Outcome
    paths: Outcome
    values: Outcome
    who_follows_names: Outcome
    who_follows_paths: Outcome
    who_follows_values: Outcome
    schemathesis: Outcome


@contextmanager
def home() -> Iterator[tuple[Path, Rooms, Now]]:
    """An empty folder, for as long as the block."""
    with TemporaryDirectory(prefix="vigil-attacked-") as folder:
        now = Now()
        yield Path(folder), rooms_in(Path(folder), now), now


@contextmanager
def impatient(folder: Path) -> Iterator[int]:
    """The port of a real server that waits half a second for a head."""
    before = serving.HEAD_S
    serving.HEAD_S = HEAD_S
    try:
        with served(folder) as where:
            yield int(where.url.rpartition(":")[2])
    finally:
        serving.HEAD_S = before


def over_sockets(host_values: int) -> dict[str, Outcome]:
    """What only a real server shows."""
    with home() as (folder, _, _), impatient(folder) as port:
        found = {
            "host_values_over_sockets": foreign(port, host_values),
            "odd_requests": odd(port),
            "huge_bodies": huge(port),
        }
        found["slow_heads"] = slow(port, HEAD_S)
        found["many_connections"] = many(port, serving.MOST_AT_ONCE, HEAD_S)
        return found


def at_the_door(guessed: int, hosted: int) -> dict[str, Outcome]:
    """Keys and names."""
    with home() as (_, rooms, now):
        found = {"host_values": asyncio.run(hosts(site(rooms), cookie_of(rooms), hosted))}
        found["cookies"] = asyncio.run(cookies(site(rooms), rooms))
        found["kept_keys"] = kept_keys(rooms)
        found["clock_steps"] = clock_steps(rooms, now)
    with home() as (_, rooms, now):
        found["key_guesses"] = guesses(rooms, now, guessed)
    return found


def over_the_table(examples: int) -> dict[str, Outcome]:
    """Every address with strange numbers, words and forms. Each has a home of its own: some of them erase."""
    found: dict[str, Outcome] = {}
    with home() as (folder, rooms, _):
        canaries.plant_canaries(folder)
        found["looking"] = asyncio.run(canaries.looking(site(rooms), cookie_of(rooms), folder))
        found["paths"] = asyncio.run(paths(site(rooms), cookie_of(rooms)))
        found["values"] = asyncio.run(values(site(rooms), cookie_of(rooms)))
    with home() as (_, rooms, _):
        found |= at_the_other_door(rooms, 1_000)
    with home() as (folder, rooms, _):
        canaries.plant_canaries(folder)
        found["schemathesis"] = fuzzed(site(rooms), cookie_of(rooms), examples)
    return found


def at_the_other_door(rooms: Rooms, hosted: int) -> dict[str, Outcome]:
    """Names, paths and values at the site of the one who follows."""
    app, cookie = follower_of(rooms)
    return {
        "who_follows_names": asyncio.run(hosts(app, cookie, hosted, path="/")),
        "who_follows_paths": asyncio.run(paths(app, cookie, FOLLOW_ROWS)),
        "who_follows_values": asyncio.run(values(app, cookie, FOLLOW_ROWS)),
    }


def hostile_texts(payloads: tuple[str, ...] = PAYLOADS) -> dict[str, Outcome]:
    """Texts on every page, in process."""
    found: dict[str, Outcome] = {}
    with home() as (folder, rooms, _):
        plant(folder, payloads)
        app = site(rooms)
        found["texts_planted"] = asyncio.run(planted(app, cookie_of(rooms), payloads))
        found["texts_of_which_there_is_one"] = asyncio.run(around(app, rooms, payloads[::EACH]))
    with home() as (folder, rooms, _):
        canaries.plant_canaries(folder)  # a small one: some of these addresses copy, count or read all there is
        found["texts_sent_back"] = asyncio.run(sent_back(site(rooms), cookie_of(rooms), payloads[::EACH]))
    return found


def in_a_browser(payloads: tuple[str, ...] = PAYLOADS) -> dict[str, Outcome]:
    """The same texts in Chromium."""
    with home() as (folder, _, _):
        return {"texts_in_a_browser": browsed(folder, payloads)}


def words_that_leave() -> dict[str, Outcome]:
    """Canaries."""
    with home() as (folder, rooms, _):
        kept = canaries.plant_canaries(folder)
        app = site(rooms)
        found = {"canaries_to_strangers": asyncio.run(canaries.strangers(app, rooms))}
        found["canaries_to_who_follows"] = asyncio.run(canaries.followers(rooms))
        found["canaries_in_names"] = canaries.kept_names(kept)
        found["canaries_of_a_process"] = canaries.served_for_real(folder)
        found["canaries_in_logs"] = asyncio.run(canaries.logs(app, cookie_of(rooms)))
        return found


def from_other_sites() -> dict[str, Outcome]:
    """Hostile pages."""
    with home() as (folder, _, _):
        return {"hostile_sites": cross_site(with_nights(folder))}


def _run(part: Callable[[], dict[str, Outcome]]) -> dict[str, Outcome]:
    """One part in a process of its own. What pages say of such requests is looked at by `canaries.logs` alone."""
    logging.disable(logging.NOTSET if part is words_that_leave else logging.CRITICAL)
    lived()
    with mock.patch.object(beginning, "_process", refuse):  # every button is pressed, and a night would outlive it all
        return part()


def page_attacks(
    hosted: int = HOSTED, guessed: int = GUESSED, examples: int = EXAMPLES, processes: int = 2
) -> PageAttackFigures:
    """Attack the page in every way that is known here."""
    parts: tuple[Callable[[], dict[str, Outcome]], ...] = (
        from_other_sites,
        hostile_texts,
        in_a_browser,
        partial(over_the_table, examples),
        partial(at_the_door, guessed, hosted),
        partial(over_sockets, 300),
        words_that_leave,
    )
    with multiprocessing.get_context("spawn").Pool(processes, maxtasksperchild=1) as pool:
        found = {name: one for each in pool.map(_run, parts, chunksize=1) for name, one in each.items()}
    return PageAttackFigures(len(ROWS), len(PAYLOADS), **found)


if __name__ == "__main__":
    sizes = {"hosted": HOSTED, "guessed": GUESSED, "examples": EXAMPLES, "processes": 2}
    command("page_attacks", sizes, page_attacks)
