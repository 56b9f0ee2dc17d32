"""The night process as its supervisor sees it."""

from __future__ import annotations

import signal
import subprocess

from vigil.app.night_child import KILLED_S, NightChild


class Stuck:
    """A process that the system holds up: no signal ends it."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def kill(self) -> None:
        self.told.append("kill")

    def wait(self, seconds: float | None = None) -> int:
        self.told.append(seconds)
        raise subprocess.TimeoutExpired("vigil", seconds or 0)

    def poll(self) -> None:
        return None

    def send_signal(self, number: int) -> None:
        self.told.append(number)
        raise ProcessLookupError


def test_one_that_does_not_even_end_when_killed_is_not_waited_for() -> None:
    """Its supervisor has outputs to put out; and telling one that is gone anything does no harm."""
    child, process = NightChild.__new__(NightChild), Stuck()
    child._process = process  # type: ignore[assignment]  # it stands in for a process
    child.kill()
    child.hang_up()
    assert process.told == ["kill", KILLED_S, signal.SIGHUP]
    assert child.code is None
