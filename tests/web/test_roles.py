"""Every address and every role: who may, may; who may not, is told how to enter and sees nothing else."""

from __future__ import annotations

import re

import pytest

from tests.web.visitor import Now, Visitor
from vigil.store.doors import IDLE_MS
from vigil.web.rooms import Rooms
from vigil.web.routes import ROWS
from vigil.web.rows import Role, Row

KNOWN = {(row.method, row.path): row.role for row in ROWS}


def address(row: Row) -> str:
    """The row's path with something in its places."""
    return re.sub(r"\{\w+:int\}", "1", re.sub(r"\{(\w+)\}", "x", row.path))


def asks(visitor: Visitor, row: Row) -> int:
    answer = visitor.get(address(row)) if row.method == "GET" else visitor.post(address(row))
    return answer.status_code


def test_no_address_stands_twice_and_each_has_one_answer() -> None:
    assert len(KNOWN) == len(ROWS)
    for row in ROWS:
        assert (row.answer is None) != (row.stream is None), row.path
        assert row.method in {"GET", "POST"}


@pytest.mark.parametrize("row", [r for r in ROWS if r.role is Role.SLEEPER], ids=lambda r: f"{r.method} {r.path}")
def test_who_has_not_entered_sees_the_door_and_nothing_else(row: Row, rooms: Rooms, now: Now) -> None:
    """Nobody, a made-up session, one that was ended, one that is too old: 401, the same page to the letter."""
    stranger = Visitor.at(rooms)
    assert asks(stranger, row) == 401
    forger = Visitor.at(rooms)
    forger.cookies["vigil"] = "A" * 43
    assert asks(forger, row) == 401
    ended = Visitor.inside(rooms)
    rooms.doors.close_all()
    assert asks(ended, row) == 401
    late = Visitor.inside(rooms)
    now.ms += IDLE_MS
    assert asks(late, row) == 401


ALLOWED_TO_ANYONE = {
    ("GET", "/"),
    ("GET", "/enter/{token}"),
    ("GET", "/help"),
    ("POST", "/enter"),
    ("GET", "/static/{mark}/{name}"),
}
"""Every address that may be asked without having entered. A new one has to be written down here, too."""


def test_what_anybody_may_ask_is_written_down() -> None:
    assert {key for key, role in KNOWN.items() if role is Role.ANYONE} == ALLOWED_TO_ANYONE
