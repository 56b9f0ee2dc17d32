"""The system's own programs, behind one small port: found, asked, begun, and looked for after a crash.

No shell is ever used, nothing is written to a program's input, and no program is waited for without end.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from vigil.devices.nudgers.players import players_in_ps, plays_from
from vigil.domain.errors import DeviceError

ASK_S = 1.5
"""A program that has not answered a question after this long will not: our choice, within the 2 s of a start."""

PROC = Path("/proc")


class Running(Protocol):
    """A program that was begun; `asyncio.subprocess.Process` is one."""

    @property
    def returncode(self) -> int | None:
        """How it ended, None while it goes on."""
        ...

    async def wait(self) -> int:
        """Return once it has ended."""
        ...

    def terminate(self) -> None:
        """Ask it to end; raises ProcessLookupError if it has."""
        ...

    def kill(self) -> None:
        """End it; raises ProcessLookupError if it has ended."""
        ...


class Tools(Protocol):
    """What sound asks of the operating system."""

    def find(self, program: str) -> str:
        """Full path of a program, empty if it is not on this computer."""
        ...

    async def ask(self, arguments: Sequence[str]) -> str:
        """What a program prints; raises DeviceError if it fails or does not answer in time."""
        ...

    async def begin(self, arguments: Sequence[str], environment: Mapping[str, str]) -> Running:
        """Begin a program and return at once; raises OSError if it cannot be begun."""
        ...

    async def players(self, folder: Path) -> list[int]:
        """Process numbers of all players that go on with a sound of Vigil's in `folder`, whoever began them."""
        ...

    def end(self, number: int, folder: Path, how: signal.Signals) -> None:
        """Signal process `number` if it is still such a player; never another that got its number since."""
        ...


class SystemTools:
    """The real ones. `ask_s`: seconds an answer may take."""

    def __init__(self, ask_s: float = ASK_S, proc: Path = PROC) -> None:
        self._ask_s = ask_s
        self._proc = proc

    def find(self, program: str) -> str:
        """See `Tools`."""
        return shutil.which(program) or ""

    async def ask(self, arguments: Sequence[str]) -> str:
        """See `Tools`."""
        name = Path(arguments[0]).name
        try:
            process = await asyncio.create_subprocess_exec(
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=_environment({}),
            )
        except OSError as error:
            message = f"{name} could not be begun"
            raise DeviceError(message) from error
        try:
            out, _ = await asyncio.wait_for(process.communicate(), self._ask_s)
        except TimeoutError:
            message = f"{name} did not answer"
            raise DeviceError(message) from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode != 0:
            message = f"{name} answered that it could not tell"
            raise DeviceError(message)
        return out.decode("utf-8", "replace")

    async def begin(self, arguments: Sequence[str], environment: Mapping[str, str]) -> Running:
        """See `Tools`."""
        return await asyncio.create_subprocess_exec(
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(environment),
        )

    async def players(self, folder: Path) -> list[int]:
        """See `Tools`."""
        if not self._tells():
            return players_in_ps(await self.ask(("ps", "-xww", "-o", "pid=,command=")), folder)
        numbers = [int(entry.name) for entry in os.scandir(self._proc) if entry.name.isdecimal()]
        return [number for number in numbers if plays_from(self._command_line(number), folder)]

    def end(self, number: int, folder: Path, how: signal.Signals) -> None:
        """See `Tools`. Where the system gives no handle on a process, a moment is left between look and signal."""
        with contextlib.suppress(ProcessLookupError):
            handle = _handle(number)
            try:
                if self._tells() and not plays_from(self._command_line(number), folder):
                    return
                if handle is None:
                    os.kill(number, how)
                else:
                    signal.pidfd_send_signal(handle, how)
            finally:
                if handle is not None:
                    os.close(handle)

    def _tells(self) -> bool:
        """Whether this system tells of its processes in files (Linux)."""
        return (self._proc / "self").exists()

    def _command_line(self, number: int) -> list[str]:
        """Words of a process of this person's; none if it is gone, or somebody else's."""
        folder = self._proc / str(number)
        try:
            if folder.stat().st_uid != os.getuid():
                return []
            return [os.fsdecode(word) for word in (folder / "cmdline").read_bytes().split(b"\0")]
        except OSError:
            return []


def _handle(number: int) -> int | None:
    """A handle that stays with this very process (Linux 5.3 and later), or None; raises ProcessLookupError."""
    try:
        return os.pidfd_open(number)
    except ProcessLookupError:
        raise
    except (OSError, AttributeError):
        return None


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """This process's environment, with English in plain form to be read, and with `more`."""
    return {**os.environ, "LC_ALL": "C", **more}
