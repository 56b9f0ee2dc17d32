"""The night process as its supervisor sees it: started anew, listened to, ended; and what is done when it has ended."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from vigil.app.night_signals import without_terminal
from vigil.app.stayed_down import Down, keep_down
from vigil.app.unlocking import handed_on
from vigil.domain.units import NS_PER_S
from vigil.run.notify_service import ServiceManager
from vigil.run.ports import boot_now_ns
from vigil.run.supervisor import Sign, Surroundings, supervise

LOOK_S = 1.0

KILLED_S = 5.0
"""A killed process that has not gone after this long is stuck in the system: it is not waited for. Our choice."""


class NightChild:
    """A `vigil watch --alone` in a process of its own, which beats through a pipe. `asked`: whether it is to end.

    keeps: descriptors that it holds as well, so that a lock outlives its supervisor. secret: the passphrase of its
    store, which it reads from a pipe.
    """

    def __init__(
        self, words: Sequence[str], asked: Callable[[], bool], keeps: Sequence[int] = (), secret: str | None = None
    ) -> None:
        self._asked = asked
        self._told = False
        self._beats, beat = os.pipe()
        lent = [beat] if secret is None else [beat, handed_on(secret)]
        unlock = [] if secret is None else ["--passphrase-fd", str(lent[1])]
        try:
            self._process = subprocess.Popen(  # noqa: S603 — our own interpreter, our own words
                [sys.executable, "-m", "vigil.app.cli", *unlock, *words, "--beat-to", str(beat)],
                pass_fds=(*lent, *keeps),
                start_new_session=True,  # a Ctrl-C reaches it through its supervisor, once and in good order
            )
        finally:
            for each in lent:
                os.close(each)
        self._deaf = False

    @property
    def code(self) -> int | None:
        """See `Child`."""
        code = self._process.poll()
        if code is not None and not self._deaf:
            self._deaf = True
            os.close(self._beats)
        return code

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def wait(self, seconds: float) -> Sign:
        """See `Child`. A pipe that ended means that the process has, or is about to."""
        until = time.monotonic() + seconds
        while self.code is None and (left := until - time.monotonic()) > 0:
            if self._asked() and not self._told:
                self._told = True
                return Sign.ASKED
            with suppress(InterruptedError):
                ready, _, _ = select.select([self._beats], [], [], min(left, LOOK_S))
                if ready and not self._read():
                    with suppress(subprocess.TimeoutExpired):
                        self._process.wait(min(left, LOOK_S))
                elif ready:
                    return Sign.BEAT
        return Sign.SILENT if self.code is None else Sign.ENDED

    def _read(self) -> bool:
        return bool(os.read(self._beats, 65536))

    def end(self) -> None:
        """See `Child`."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """See `Child`."""
        with suppress(ProcessLookupError):
            self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(KILLED_S)

    def hang_up(self) -> None:
        """Tell it that the terminal is gone."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGHUP)


def run_supervised(
    words: Callable[[bool], Sequence[str]],
    folder: Path,
    outputs_off: Callable[[], Sequence[str]],
    say: Callable[[str], None],
    keeps: Sequence[int] = (),
    secret: str | None = None,
    asked: list[int] | None = None,
) -> int:
    """Run a night under a supervisor until it is over or somebody asks to end it; returns the exit code.

    words(resume): the command of the night process. folder: of the store, for what is left for the morning. keeps:
    descriptors that every night process holds as well. secret: the passphrase of its store, if that has one; it stays
    in memory, for every start. asked: is given the signals by which somebody asked to end it. A terminal that is closed
    ends nothing: it is quiet from then.
    """
    asked = [] if asked is None else asked
    children: list[NightChild] = []

    def start(resume: bool) -> NightChild:
        children[:] = [NightChild(words(resume), lambda: bool(asked), keeps, secret)]
        return children[0]

    def hang_up() -> None:
        for child in children:
            child.hang_up()

    before = {
        name: signal.signal(name, lambda number, _: asked.append(number)) for name in (signal.SIGINT, signal.SIGTERM)
    }
    manager = ServiceManager.here()
    manager.ready()
    try:
        with without_terminal(hang_up):
            return supervise(
                Surroundings(
                    start=start,
                    outputs_off=outputs_off,
                    say=partial(_unless_gone, say),
                    now_s=lambda: boot_now_ns() / NS_PER_S,  # restarts hours of suspend apart are far apart
                    alive=lambda: _alive(manager),
                    gave_up=lambda restarts: keep_down(folder, Down(restarts, time.time_ns() // 1_000_000)),
                )
            )
    finally:
        manager.stopping()
        for name, handler in before.items():
            signal.signal(name, handler)


def _unless_gone(say: Callable[[str], None], words: str) -> None:
    """Say it, if anybody is there to hear it."""
    with suppress(OSError):
        say(words)


def _alive(manager: ServiceManager) -> None:
    manager.alive()
