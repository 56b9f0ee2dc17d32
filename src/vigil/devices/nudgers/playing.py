"""One sound at a time, from its file to its end, and no sound left behind.

How a player left by an earlier Vigil is found: its command line names a sound in this Vigil's folder. That is there
from the first instant on, needs no file that a crash could leave unwritten, and is read again from the very process
that is signalled, so that a process number used again cannot end a stranger.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path
from typing import NamedTuple

from vigil.devices.nudgers.players import PLAYERS, WAV_PREFIX, WAV_SUFFIX
from vigil.devices.nudgers.processes import Running, Tools
from vigil.devices.nudgers.waves import MOST_MS
from vigil.domain.errors import DeviceError

BEGIN_S = 0.15
"""A player that is still there after this long has begun: one that finds no sound system ends at once. Our choice."""

END_S = 0.1
"""A player that was asked to end and has not after this long is killed: well within the 250 ms of a stop (goal S3)."""

KILLED_S = 0.5
"""A killed player that has not gone after this long is stuck in the system: said, not waited for. Our choice."""

LOOKS = 40
LOOK_S = 0.01
"""A player left by an earlier Vigil is looked for at most so often, with so many seconds between. Our choice."""

ASKED_LOOKS = 10
"""So often it is asked to end, then killed: within the time of `END_S`."""

_STUCK = (
    "A player did not end when it was told to; the sound in it ends by itself within "
    f"{MOST_MS // 1000} seconds. Turn the loudspeaker off if you still hear something."
)


class Ready(NamedTuple):
    """A player that was found (name in `PLAYERS`, full path), and the loudspeaker that was checked."""

    player: str
    program: str
    target: str


class Playing:
    """What is played in one folder, which only its owner can read; a sound lies there for as long as it is played."""

    def __init__(self, folder: Path, tools: Tools) -> None:
        self._folder = folder.resolve()
        self._tools = tools
        self._turn = asyncio.Lock()
        self._stops = 0
        self._running: Running | None = None

    @property
    def stops(self) -> int:
        """How often an end was asked for. A sound is begun only if none came since it was asked for."""
        return self._stops

    def can_write(self) -> bool:
        """Whether a sound could be written into the folder."""
        return os.access(self._folder, os.W_OK | os.X_OK)

    async def begin(self, ready: Ready, wav: bytes, serial: int, stops: int) -> None:
        """Begin to play `wav` unless an end was asked for since `stops`; returns once the player has begun.

        Raises DeviceError if it was not begun: a stop, another sound, a refusal by the system, a player that ends at
        once. If the caller is cancelled meanwhile, the player is killed.
        """
        async with self._turn:
            if stops != self._stops:
                message = "A stop came before the sound began; nothing was played."
                raise DeviceError(message)
            if self._running is not None and self._running.returncode is None:
                message = "A sound was still going on; no other was begun."
                raise DeviceError(message)
            self._running = running = await self._run(ready, wav, serial)
        if await _ended_at_once(running) and stops == self._stops:
            self._sweep()
            message = (
                f"{ready.player} ended before anything could be heard; nothing was played. "
                "Try the sound by day: `vigil test-nudge`."
            )
            raise DeviceError(message)

    async def end(self) -> None:
        """End every sound in the folder, whoever began it; returns when all have ended.

        A sound that was asked for and has not begun will not. Raises DeviceError if a player cannot be ended, or if it
        cannot be told whether one goes on.
        """
        self._stops += 1
        async with self._turn:
            if self._running is not None:
                await _end(self._running)
                self._running = None
            await self._end_left()
            self._sweep()

    async def _run(self, ready: Ready, wav: bytes, serial: int) -> Running:
        path = self._folder / f"{WAV_PREFIX}{serial}{WAV_SUFFIX}"
        row = PLAYERS[ready.player]
        try:
            _write_private(path, wav)
            arguments = (ready.program, *row.arguments(str(path), ready.target))
            return await self._tools.begin(arguments, row.environment)
        except OSError as error:
            self._sweep()
            message = f"The sound could not be begun ({error.strerror or 'the system refused'}); nothing was played."
            raise DeviceError(message) from error

    async def _end_left(self) -> None:
        for look in range(LOOKS):
            left = await self._tools.players(self._folder)
            if not left:
                return
            for number in left:
                self._tools.end(number, self._folder, signal.SIGTERM if look < ASKED_LOOKS else signal.SIGKILL)
            await asyncio.sleep(LOOK_S)
        raise DeviceError(_STUCK)

    def _sweep(self) -> None:
        """Remove what was played: a voice is private, and nothing of it stays."""
        for path in self._folder.glob(f"{WAV_PREFIX}*{WAV_SUFFIX}"):
            with contextlib.suppress(OSError):
                path.unlink()


async def _ended_at_once(running: Running) -> bool:
    """Whether a player ended before it can have played; if the caller is cancelled, the player is killed."""
    try:
        await asyncio.wait_for(running.wait(), BEGIN_S)
    except TimeoutError:
        return False
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            running.kill()
        raise
    return True


async def _end(running: Running) -> None:
    """End a player of our own: asked, then killed; raises DeviceError if it stays."""
    for signalled, patience_s in ((running.terminate, END_S), (running.kill, KILLED_S)):
        if running.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            signalled()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(running.wait(), patience_s)
            return
    raise DeviceError(_STUCK)


def _write_private(path: Path, data: bytes) -> None:
    """A new file that only its owner can read; raises OSError."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
