"""Keeps the computer from sleeping while Vigil is armed (fault F8).

The lock is held by a helper program of the system, and that by a child which ends when a pipe from Vigil closes: a
Vigil that is killed holds nothing, with no process left behind. No lock wakes a computer that sleeps already.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

from vigil.domain.records import Event
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.domain.units import NS_PER_MINUTE
from vigil.run.asking import ANSWER_S

HELD = b"held\n"

_CHILD = ("/bin/sh", "-c", "echo held; exec cat >/dev/null")
"""Says that the lock is held, for the helper takes it before it starts a program; then waits for the pipe to close."""

_WHO = ("--who=Vigil", "--why=Vigil is watching over the night", "--mode=block")

LINUX: tuple[tuple[str, ...], ...] = (
    ("systemd-inhibit", "--what=idle:sleep:handle-lid-switch", *_WHO, *_CHILD),
    ("systemd-inhibit", "--what=idle", *_WHO, *_CHILD),
)
"""What is asked, the most first. Without a login session (only lingering) the system's shipped rules allow no more
than the second (org.freedesktop.login1.policy: allow_any is no for sleep and the lid, yes for idle)."""

MACOS: tuple[tuple[str, ...], ...] = (("caffeinate", "-i", "-s", *_CHILD),)
"""caffeinate(8): -i no idle sleep, -s none at all while on mains power. A closed lid is beyond it."""

LID = "this computer may sleep when its lid is closed"
NOT_HELD = "this computer may fall asleep by itself"


class Inhibitor:
    """One lock, taken when the night is armed and released after it."""

    def __init__(self, commands: Sequence[Sequence[str]] | None = None, platform: str = sys.platform) -> None:
        self._commands = (MACOS if platform == "darwin" else LINUX) if commands is None else commands
        self._reaches_lid = platform != "darwin"
        self._warning = ""
        self._holder: subprocess.Popen[bytes] | None = None

    @property
    def held(self) -> bool:
        """Whether a lock is held now; one whose helper has died is not."""
        return self._holder is not None and self._holder.poll() is None

    def take(self) -> str:
        """Take the lock, if it is not held; returns "" if the computer will not sleep, else what it may do still.

        Never raises, and waits a few seconds at most.
        """
        if self.held:
            return self._warning
        self.release()
        for number, command in enumerate(self._commands):
            self._holder = _start(command)
            if self._holder is not None:
                self._warning = "" if self._reaches_lid and number == 0 else LID
                return self._warning
        return NOT_HELD

    def release(self) -> None:
        """Let the computer sleep again; nothing is left running."""
        holder, self._holder = self._holder, None
        if holder is not None:
            _end(holder)


class StaysAwake:
    """Looks at a lock that was taken, about once a minute, and takes it anew where it was lost.

    One that could not be had in the evening is not asked for at night: that was said at bedtime.
    """

    def __init__(self, lock: Inhibitor) -> None:
        self._lock = lock
        self._wanted = lock.held
        self._held = lock.held
        self._next_ns: int | None = None

    def notices(self, at_ns: int) -> list[Event]:
        """That the lock was lost, once for each time; see `noticing.Notice`. Waits a few seconds at most."""
        if not self._wanted or (self._next_ns is not None and at_ns < self._next_ns):
            return []
        self._next_ns = at_ns + NS_PER_MINUTE
        if self._lock.held:
            return []
        was, _ = self._held, self._lock.take()
        self._held = self._lock.held
        return [Trouble(at_ns, TroubleKind.MAY_SLEEP)] if was else []


def _start(command: Sequence[str]) -> subprocess.Popen[bytes] | None:
    """The helper with the lock taken, or None."""
    try:
        holder = subprocess.Popen(  # noqa: S603 — constant words of our own, and no shell of the person's
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,  # Ctrl-C is for Vigil: the lock lives until Vigil lets it go
        )
    except OSError:
        return None
    out = holder.stdout
    if out is not None and select.select([out], [], [], ANSWER_S)[0] and out.read(len(HELD)) == HELD:
        return holder
    _end(holder)
    return None


def _end(holder: subprocess.Popen[bytes]) -> None:
    """Close the pipe, at which the child and then its helper end; whatever does not is ended."""
    for pipe in (holder.stdin, holder.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    try:
        holder.wait(ANSWER_S)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(holder.pid, signal.SIGKILL)
        holder.wait()
