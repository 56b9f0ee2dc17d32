"""A word to the service manager: that the watch is ready, that it makes progress, what it is doing.

The protocol is sd_notify(3): datagrams of `NAME=value` lines to the unix socket named by `NOTIFY_SOCKET`. Without a
manager that listens, nothing is sent and nothing changes. Only the main process may speak (`NotifyAccess=main` in
app/service_files.py), and WATCHDOG=1 is for whoever has seen progress: a full turn that ended in a commit.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

MOST_STATUS = 200
"""Characters of a status. Our choice: one line of `systemctl status`."""

US_PER_S = 1_000_000


@dataclass(frozen=True, slots=True)
class ServiceManager:
    """Whoever started us. address: its socket, "" for nobody; watchdog_s: silence after which it restarts us, or None.

    No method raises: a manager that does not listen must not end a watch. Each returns whether the word was sent.
    """

    address: str = ""
    watchdog_s: float | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str], pid: int) -> ServiceManager:
        """As the environment says; a watchdog meant for another process (`WATCHDOG_PID`) is not ours."""
        address = environment.get("NOTIFY_SOCKET", "")
        if not address.startswith(("/", "@")) or len(address) < 2:
            return cls()
        meant = environment.get("WATCHDOG_PID", str(pid)) == str(pid)
        text = environment.get("WATCHDOG_USEC", "")
        known = meant and text.isascii() and text.isdigit() and int(text) > 0
        return cls(address, int(text) / US_PER_S if known else None)

    @classmethod
    def here(cls) -> ServiceManager:
        """Of this process."""
        return cls.of(os.environ, os.getpid())

    def ready(self) -> bool:
        """The watch has begun."""
        return self._say("READY=1")

    def alive(self) -> bool:
        """A full turn has succeeded: to be said at least twice in `watchdog_s`."""
        return self._say("WATCHDOG=1")

    def status(self, words: str) -> bool:
        """One line for whoever asks what Vigil is doing; nothing intimate belongs here, for it is kept in a log."""
        return self._say(f"STATUS={' '.join(words.split())[:MOST_STATUS]}")

    def stopping(self) -> bool:
        """The watch is ending in order."""
        return self._say("STOPPING=1")

    def _say(self, text: str) -> bool:
        if not self.address:
            return False
        # An address that begins with @ is in the abstract namespace of Linux, written there as a NUL.
        address = f"\0{self.address[1:]}" if self.address[0] == "@" else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                out.setblocking(False)  # a manager that reads nothing must not hold the watch up
                out.sendto(text.encode(), address)
        except OSError:
            return False
        return True
