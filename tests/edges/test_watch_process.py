"""`vigil watch` as processes: killed, stopped, doubled, short of disk. Simulated sleepers, minutes in seconds."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from vigil.app.arming import HOLD_NAME
from vigil.app.home import Home, Shelf
from vigil.app.stayed_down import DOWN_NAME
from vigil.app.wiring import LOCK_NAME
from vigil.domain.errors import StoreError
from vigil.domain.nudges import Action
from vigil.domain.records import Held, Input, NightEnded, Restarted
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.store.database import Database
from vigil.store.hold import read_hold
from vigil.store.lock import holder_of
from vigil.store.night_reader import NightReader
from vigil.store.nights import NightRow, Nights
from vigil.store.quarantine import set_aside

SRC = Path(__file__).resolve().parents[2] / "src"
PATIENCE_S = 60.0

SHORT = ("--speed", "120", "--hours", "0.1")
"""Six minutes in three seconds."""

BRIEF = ("--speed", "600", "--hours", "0.02")

LONG = ("--speed", "60", "--hours", "8")
"""Longer than any test: it is ended."""

SYNTHETIC = ("--source", "synthetic", "--quiet")

pytestmark = pytest.mark.timeout(240)


def until(come_true: Callable[[], object]) -> None:
    """Look again and again until it is so."""
    pause, deadline = threading.Event(), time.monotonic() + PATIENCE_S
    while not come_true():
        assert time.monotonic() < deadline, "it did not come true"
        pause.wait(0.02)


def shelf() -> Path:
    return Home.here().shelf(Shelf.DEMO)


def vigil(*words: str) -> list[str]:
    return [sys.executable, "-m", "vigil.app.cli", *words]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(SRC), "TERM": "dumb", "COLUMNS": "120"}


@contextmanager
def watch(*words: str, limit: int | None = None) -> Iterator[subprocess.Popen[str]]:
    """A supervised watch; limit: no file may grow beyond so many bytes."""

    process = subprocess.Popen(
        [*([] if limit is None else ["prlimit", f"--fsize={limit}"]), *vigil("watch", *SYNTHETIC, *words)],
        env=environment(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        pid = night_pid()
        if pid:
            os.kill(pid, signal.SIGKILL)
        process.communicate(timeout=PATIENCE_S)


def ends(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, errors = process.communicate(timeout=PATIENCE_S)
    return process.returncode, out, errors


def once(*words: str) -> tuple[int, str, str]:
    done = subprocess.run(
        vigil(*words), env=environment(), text=True, capture_output=True, check=False, timeout=PATIENCE_S
    )
    return done.returncode, done.stdout, done.stderr


def night_pid() -> int:
    """The night process, as the lock names it; 0 if there is none."""
    found = re.search(r"pid (\d+)", holder_of(shelf() / LOCK_NAME))
    return int(found[1]) if found else 0


def rows() -> list[NightRow]:
    try:
        with Database.open(shelf() / "vigil.db", create=False, read_only=True) as database:
            return Nights(database).nights()
    except StoreError:
        return []


def kept_s() -> int:
    """How far the night is kept."""
    return max((row.duration_s or 0 for row in rows()), default=0)


def inputs() -> list[Input]:
    """Of the last night."""
    with Database.open(shelf() / "vigil.db", create=False, read_only=True) as database:
        return list(NightReader(database).inputs(Nights(database).nights()[-1].key))


def kill_when_kept(seconds: int) -> int:
    until(lambda: kept_s() >= seconds and night_pid())
    pid = night_pid()
    os.kill(pid, signal.SIGKILL)
    return pid


def test_a_night_process_that_is_killed_is_started_again_and_goes_on() -> None:
    """F12: the same night, its gap told, closed in the morning; the outputs' process is a new one."""
    with watch(*SHORT) as process:
        first = kill_when_kept(60)
        until(lambda: night_pid() not in (0, first))
        code, out, errors = ends(process)
    assert code == 0, errors
    assert "started again, and goes on with the same night" in errors
    assert "Going on with night simulated-drawn-2, which was kept until" in out
    (row,) = rows()
    records = inputs()
    (restarted,) = [one for one in records if isinstance(one, Restarted)]
    assert row.outputs_digest
    assert isinstance(records[-1], NightEnded)
    assert restarted.since_ns is not None
    assert restarted.at_ns > restarted.since_ns
    assert (records[-1].at_ns - row.began_ns) // 10**9 >= 360  # more only where starting again outlasted the night


def test_a_night_outlives_its_supervisor() -> None:
    """It goes on alone, keeps who it is, and ends in the morning as if nothing had been."""
    with watch(*SHORT) as process:
        until(lambda: kept_s() >= 30)
        pid = night_pid()
        process.kill()
        process.wait(PATIENCE_S)
        assert night_pid() == pid
        until(lambda: not night_pid())
    (row,) = rows()
    assert row.outputs_digest
    assert not any(isinstance(one, Restarted) for one in inputs())


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_end_that_is_asked_for_is_an_ordinary_one(name: str) -> None:
    """The night is closed, kept and told, and the code is 0."""
    with watch(*LONG) as process:
        until(lambda: kept_s() >= 60)
        process.send_signal(getattr(signal, name))
        code, out, errors = ends(process)
    assert (code, errors) == (0, "")
    assert "Stopped before morning." in out
    assert rows()[0].outputs_digest


def test_one_that_dies_again_and_again_stays_down_and_says_so() -> None:
    """Five ends in ten minutes: nothing runs any more, and word is left for the morning."""
    with watch(*LONG) as process:
        killed: list[int] = []
        for _ in range(5):
            until(lambda: kept_s() > 0 and night_pid() not in (0, *killed))
            killed.append(night_pid())
            os.kill(killed[-1], signal.SIGKILL)
        code, _, errors = ends(process)
    assert code == 1
    assert "5 times in ten minutes and stays down now" in errors
    assert json.loads((shelf() / DOWN_NAME).read_text())["restarts"] == 4
    assert night_pid() == 0


def test_a_second_vigil_is_told_who_runs() -> None:
    """F18: it ends with 3, names the first, and the first is not disturbed."""
    with watch(*LONG) as process:
        until(lambda: kept_s() > 0)
        pid = night_pid()
        code, _, errors = once("watch", *SYNTHETIC, *SHORT)
        assert code == 3
        assert f"Vigil already runs (pid {pid}, since " in errors
        assert process.poll() is None
        assert night_pid() == pid


def test_a_stop_reaches_the_night_and_outlives_it() -> None:
    """F27: from another terminal; nothing is nudged after it, and the next night begins stopped."""
    with watch(*LONG) as process:
        until(lambda: kept_s() > 0)
        code, out, _ = once("stop")
        assert code == 0
        assert out.strip().startswith("Stopped until ")
        until(lambda: any(isinstance(one, Held) for one in inputs()))
        process.send_signal(signal.SIGTERM)
        assert ends(process)[0] == 0
    assert read_hold(shelf() / HOLD_NAME).held
    with Database.open(shelf() / "vigil.db", create=False, read_only=True) as database:
        decisions = list(NightReader(database).decisions(rows()[-1].key))
    assert not any(one.action is Action.NUDGE for one in decisions)
    code, out, _ = once("watch", *SYNTHETIC, *BRIEF)
    assert "Vigil is stopped" in out
    assert any(isinstance(one, Held) for one in inputs())
    assert once("stop", "--release")[0] == 0
    assert not read_hold(shelf() / HOLD_NAME).held


@pytest.mark.skipif(shutil.which("prlimit") is None, reason="prlimit, which keeps files from growing, is not here")
def test_a_disk_that_takes_no_more_does_not_end_the_night() -> None:
    """F15: the report is told, and that its end could not be kept; what was kept before is whole."""
    with watch(*SHORT, limit=150_000) as process:
        code, out, errors = ends(process)
    assert code == 0, errors
    assert "could not be kept" in out
    assert "In bed" in out
    with Database.open(shelf() / "vigil.db") as database:
        assert database.check() == ()


def test_a_damaged_database_is_set_aside_and_the_night_is_watched() -> None:
    """F16: kept, not deleted; said in the evening, told in the morning, and nothing is nudged."""
    assert once("watch", *SYNTHETIC, *BRIEF)[0] == 0
    path = shelf() / "vigil.db"
    data = bytearray(path.read_bytes())
    data[4096:8192] = bytes(4096)
    path.write_bytes(data)
    code, out, errors = once("watch", *SYNTHETIC, *BRIEF)
    assert code == 0, errors
    assert "I kept a copy and started a fresh one." in out
    assert [each.read_bytes() for each in set_aside(path)] == [bytes(data)]
    assert Trouble in {type(one) for one in inputs()}
    assert [one.kind for one in inputs() if isinstance(one, Trouble)] == [TroubleKind.STORE_DAMAGED]


def test_a_closed_terminal_does_not_end_the_night() -> None:
    """It goes on without a word, and is still started again when it dies; in the morning it is whole."""
    with watch(*SHORT) as process:
        until(lambda: kept_s() >= 30 and night_pid())
        process.send_signal(signal.SIGHUP)
        first = kill_when_kept(90)
        until(lambda: night_pid() not in (0, first))
        code, _, errors = ends(process)
    assert (code, errors) == (0, "")
    (row,) = rows()
    assert row.outputs_digest
    assert sum(isinstance(one, Restarted) for one in inputs()) == 1


def test_two_programs_never_have_the_same_outputs() -> None:
    """Trying by day is told who has them; a night process keeps them when its supervisor has died."""
    home = Home.here()
    home.config.mkdir(parents=True, exist_ok=True)
    home.settings_file.write_text('[sound]\ndevice = "pactl:nowhere"\n')
    with watch("--real-outputs", "--hours", "0.05") as process:
        until(night_pid)
        for supervised in (True, False):
            code, _, errors = once("test-nudge", "--yes")
            assert code == 3
            assert f"Vigil already runs (pid {process.pid}, since " in errors
            assert once("watch", *SYNTHETIC, "--real-outputs")[0] == 3
            if supervised:
                process.kill()
                process.wait(PATIENCE_S)
        os.kill(night_pid(), signal.SIGKILL)
        until(lambda: not night_pid())
    assert once("test-nudge", "--yes")[0] == 1


def test_a_database_damaged_at_night_is_set_aside_and_the_night_goes_on() -> None:
    """F16 while it is written: one process lives through it, keeps what follows, and spends the budget."""
    with watch(*SHORT) as process:
        until(lambda: kept_s() >= 60 and night_pid())
        pid = night_pid()
        with closing(sqlite3.connect(shelf() / "vigil.db", timeout=PATIENCE_S, isolation_level=None)) as connection:
            connection.execute("PRAGMA writable_schema=ON")
            connection.execute("UPDATE sqlite_schema SET sql = 'CREATE TABLE nonsense' WHERE name = 'ledger'")
            connection.execute("PRAGMA schema_version=99")
        until(lambda: set_aside(shelf() / "vigil.db"))
        assert night_pid() == pid
        code, _, errors = ends(process)
    assert (code, errors) == (0, "")
    (row,) = rows()
    assert row.outputs_digest
    records = inputs()
    assert [one.kind for one in records if isinstance(one, Trouble)] == [TroubleKind.STORE_DAMAGED]
    assert isinstance(records[-1], NightEnded)
    assert "vigil restore --store demo --accept-loss" in " ".join(once("morning", "--store", "demo")[1].split())
