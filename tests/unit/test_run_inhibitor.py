"""The sleep inhibitor, with stand-ins for the helpers of the system on PATH."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vigil.domain.troubles import Trouble, TroubleKind
from vigil.domain.units import NS_PER_MINUTE
from vigil.run import inhibitor
from vigil.run.inhibitor import LID, NOT_HELD, Inhibitor, StaysAwake

SRC = Path(__file__).resolve().parents[2] / "src"

HELPER = """#!/bin/sh
case "$*" in *{refused}*) echo 'Failed to inhibit: Access denied' >&2; exit 1;; esac
echo "$*" >> {log}
while :; do case "$1" in -*) shift;; *) break;; esac; done
"$@"
echo released >> {log}
"""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path / "log"


def helper(log: Path, name: str = "systemd-inhibit", refused: str = "nothing-refused", text: str = HELPER) -> None:
    path = log.parent / name
    path.write_text(text.format(refused=refused, log=log))
    path.chmod(0o700)


def test_the_lock_is_held_until_it_is_released(log: Path) -> None:
    """Taken once, however often asked for; released, and the helper has ended."""
    helper(log)
    lock = Inhibitor(platform="linux")
    assert (lock.take(), lock.take(), lock.held) == ("", "", True)
    asked = log.read_text()
    assert "--what=idle:sleep:handle-lid-switch --who=Vigil --why=" in asked
    assert "--mode=block" in asked
    assert "released" not in asked
    lock.release()
    lock.release()
    assert not lock.held
    assert log.read_text().count("released") == 1


def test_without_leave_for_the_lid_the_rest_is_held(log: Path) -> None:
    """Where the system allows less, the less is taken, and what may happen is said each time."""
    helper(log, refused="handle-lid-switch")
    lock = Inhibitor(platform="linux")
    assert (lock.take(), lock.take(), lock.held) == (LID, LID, True)
    lock.release()
    helper(log)
    assert lock.take() == ""
    lock.release()


def test_no_leave_at_all(log: Path) -> None:
    """A system that allows nothing is said, and nothing is left running."""
    helper(log, refused="--what")
    lock = Inhibitor(platform="linux")
    assert (lock.take(), lock.held) == (NOT_HELD, False)


def test_no_helper(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer without the program is said in the same words."""
    monkeypatch.setenv("PATH", str(log.parent))
    assert Inhibitor(platform="linux").take() == NOT_HELD
    assert Inhibitor(platform="darwin").take() == NOT_HELD


def test_macos_cannot_hold_the_lid(log: Path) -> None:
    """caffeinate keeps an open computer awake, and the closed lid is said."""
    helper(log, "caffeinate")
    lock = Inhibitor(platform="darwin")
    assert (lock.take(), lock.held) == (LID, True)
    assert log.read_text().startswith("-i -s /bin/sh")
    lock.release()


def test_a_helper_that_died_is_taken_anew(log: Path) -> None:
    """A lock whose helper is gone is not held, and asking again takes another."""
    helper(log)
    lock = Inhibitor(platform="linux")
    lock.take()
    holder = lock._holder
    assert holder is not None
    holder.kill()
    holder.wait()
    assert not lock.held
    assert (lock.take(), lock.held) == ("", True)
    lock.release()


@pytest.mark.parametrize("text", ["#!/bin/sh\nexec sleep 600\n", "#!/bin/sh\necho Hello\nexec sleep 600\n"])
def test_a_helper_that_hangs_is_ended(log: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """One that neither takes the lock nor ends is not waited for, nor left behind."""
    monkeypatch.setattr(inhibitor, "ANSWER_S", 0.05)
    helper(log, text=text)
    lock = Inhibitor(platform="linux")
    assert (lock.take(), lock.held) == (NOT_HELD, False)


def test_a_vigil_that_is_killed_holds_nothing(log: Path) -> None:
    """kill -9: the pipe closes, the child and its helper end, and the computer may sleep again."""
    last_word = log.parent / "fifo"
    os.mkfifo(last_word)
    helper(log, text=HELPER.replace("echo released >> {log}", f"echo released > {last_word}"))
    script = "from vigil.run.inhibitor import Inhibitor; l = Inhibitor(platform='linux'); print(l.take()); input()"
    with subprocess.Popen(
        [sys.executable, "-u", "-c", script],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as vigil:
        assert vigil.stdout is not None
        assert vigil.stdout.readline() == b"\n"
        vigil.send_signal(signal.SIGKILL)
        vigil.wait(10)
    assert last_word.read_text() == "released\n"


class Lock(Inhibitor):
    """A lock that is lost when a test says so, and had again or not."""

    def __init__(self, *, held: bool = True, again: bool = True) -> None:
        self.there, self._again, self.asked = held, again, 0

    @property
    def held(self) -> bool:
        return self.there

    def take(self) -> str:
        self.asked += 1
        self.there = self._again
        return ""


def lost(at_ns: int) -> list[Trouble]:
    return [Trouble(at_ns, TroubleKind.MAY_SLEEP)]


def test_a_lock_that_is_lost_in_the_night_is_taken_anew_and_told() -> None:
    """Looked at once a minute; each loss is told once."""
    lock = Lock()
    awake = StaysAwake(lock)
    assert awake.notices(5) == []
    lock.there = False
    assert (awake.notices(6), lock.asked) == ([], 0)
    assert (awake.notices(5 + NS_PER_MINUTE), lock.asked) == (lost(5 + NS_PER_MINUTE), 1)
    assert awake.notices(5 + 2 * NS_PER_MINUTE) == []
    lock.there = False
    assert awake.notices(5 + 3 * NS_PER_MINUTE) == lost(5 + 3 * NS_PER_MINUTE)


def test_a_lock_that_cannot_be_had_again_is_told_once_and_asked_for_on() -> None:
    """The system may come back."""
    lock = Lock(again=False)
    awake = StaysAwake(lock)
    lock.there = False
    assert [len(awake.notices(minute * NS_PER_MINUTE)) for minute in range(4)] == [1, 0, 0, 0]
    assert lock.asked == 4


def test_one_that_could_not_be_had_in_the_evening_is_not_asked_for_at_night() -> None:
    """It was said at bedtime."""
    lock = Lock(held=False)
    awake = StaysAwake(lock)
    assert (awake.notices(0), lock.asked) == ([], 0)
