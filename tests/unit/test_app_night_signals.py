"""Signals to a night process: an end is one end, a terminal that is closed is none."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vigil.app.night_signals import ends_in_order, until_stopped, without_terminal

PATIENCE_S = 30.0


async def _for_ever() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.get_running_loop().create_future()


def test_an_end_that_is_asked_for_twice_is_ended_in_order() -> None:
    """The second comes while what the first began is under way, as from a service manager and a supervisor at once."""
    done = []
    with ends_in_order() as asked:
        assert not asyncio.run(until_stopped(_for_ever, asked))
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
            os.kill(os.getpid(), name)
        done.append("off")
    assert done == ["off"]


def test_an_end_that_was_asked_for_before_the_night_ends_it_at_once() -> None:
    """It is not forgotten, and nothing begins."""
    began = []

    async def turns() -> None:
        began.append(1)

    with ends_in_order() as asked:
        os.kill(os.getpid(), signal.SIGTERM)
        assert not asyncio.run(until_stopped(turns, asked))
    assert began == []


def test_a_night_that_ends_by_itself_was_not_stopped() -> None:
    """Nobody asked."""

    async def turns() -> None:
        return None

    with ends_in_order() as asked:
        assert asyncio.run(until_stopped(turns, asked))


def test_afterwards_signals_are_as_before() -> None:
    """Ctrl-C ends what comes after the night."""
    names = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.getsignal(name) for name in names]
    with ends_in_order(), without_terminal():
        assert [signal.getsignal(name) for name in names] != before
    assert [signal.getsignal(name) for name in names] == before


HUNG_UP = """
import os, signal, sys
from vigil.app.night_signals import without_terminal
told = []
with without_terminal(lambda: told.append("child")):
    os.kill(os.getpid(), signal.SIGHUP)
    print("to nobody", flush=True)
    print("to nobody either", file=sys.stderr, flush=True)
open(sys.argv[1], "w").write(repr(told))
"""


@pytest.mark.parametrize("to_file", [False, True])
def test_a_terminal_that_is_closed_ends_nothing(tmp_path: Path, to_file: bool) -> None:
    """From then on nothing is said to it, for that would fail; what is written to a file goes on."""
    out = tmp_path / "out"
    reader, writer = os.pipe()
    os.close(reader)  # whoever writes to it now is ended, or told that it is broken
    with out.open("w") as file:
        done = subprocess.run(
            [sys.executable, "-c", HUNG_UP, str(tmp_path / "told")],
            stdout=file if to_file else writer,
            stderr=writer,
            check=False,
            timeout=PATIENCE_S,
        )
    os.close(writer)
    assert done.returncode == 0
    assert (tmp_path / "told").read_text() == "['child']"
    assert out.read_text() == ("to nobody\n" if to_file else "")


def test_where_it_is_ignored_already_it_stays_so() -> None:
    """As under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with without_terminal():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
