"""Many Vigils at once: exactly one starts, and each of the others says which."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from vigil.domain.errors import BusyError
from vigil.store.lock import StoreLock, holder_of

RACER = """
import sys
from pathlib import Path
from vigil.domain.errors import BusyError
from vigil.store.lock import StoreLock
path, rounds = Path(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
for number in range(rounds):
    sys.stdin.readline()
    try:
        held = StoreLock.acquire(path / str(number), f"round {number}")
        print("won", flush=True)
    except BusyError as error:
        held = None
        print(error, flush=True)
    sys.stdin.readline()
    if held is not None:
        held.release()
"""


def race(folder: Path, rounds: int, racers: int) -> None:
    """So many processes go for one lock, again and again."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", RACER, str(folder), str(rounds)]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(racers)
    ]
    try:
        for each in running:
            assert answer(each) == "ready"
        for number in range(rounds):
            tell(running)
            said = [answer(each) for each in running]
            winners = [each.pid for each, words in zip(running, said, strict=True) if words == "won"]
            assert len(winners) == 1, said
            for words in said:
                named = re.search(r"pid (\d+), since round (\d+)|just started", words)
                assert words == "won" or (named and named[1] in (None, str(winners[0]))), words
                assert named is None or named[2] in (None, str(number))
            tell(running)
    finally:
        for each in running:
            each.kill()
            each.communicate()


def tell(running: list[subprocess.Popen[str]]) -> None:
    for each in running:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()


def answer(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_exactly_one_starts(tmp_path: Path) -> None:
    """Four go for it, thirty times: one has it, the others name its number and when it started."""
    race(tmp_path, 30, 4)


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_exactly_one_starts_a_thousand_times(tmp_path: Path) -> None:
    """The same in full."""
    race(tmp_path, 1000, 4)


def test_the_lock_is_free_as_soon_as_its_holder_is_killed(tmp_path: Path) -> None:
    """No lock file of a dead process bars the way."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for _ in range(3):
        command = [sys.executable, "-c", RACER, str(tmp_path), "1"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        ) as holder:
            assert answer(holder) == "ready"
            tell([holder])
            assert answer(holder) == "won"
            holder.kill()
            holder.wait()
            StoreLock.acquire(tmp_path / "0", "later").release()


def test_whoever_can_wait_has_the_lock_as_soon_as_it_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A night that goes on while a page is putting something into its store."""
    before = StoreLock.acquire(tmp_path / "lock", "22:00")
    monkeypatch.setattr("vigil.store.lock.time.sleep", lambda _seconds: before.release())
    with StoreLock.acquire(tmp_path / "lock", "22:01", patience_s=30.0):
        assert holder_of(tmp_path / "lock").endswith("since 22:01")


def test_whoever_has_waited_long_enough_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = iter(range(100))
    monkeypatch.setattr("vigil.store.lock.time.monotonic", lambda: next(now_s))
    monkeypatch.setattr("vigil.store.lock.time.sleep", lambda _seconds: None)
    with StoreLock.acquire(tmp_path / "lock", "22:00"), pytest.raises(BusyError, match="since 22:00"):
        StoreLock.acquire(tmp_path / "lock", "22:01", patience_s=30.0)
