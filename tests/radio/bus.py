"""A private D-Bus daemon, and a barrier that says when it has delivered everything it was given.

Sources: D-Bus Specification 0.43, "Authentication Protocol" (EXTERNAL), "Message Format", and
org.freedesktop.DBus.GetId; dbus-daemon(1) for the configuration.
"""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
from pathlib import Path

import pytest

CONFIGURATION = """<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow send_type="method_call"/>
    <allow send_type="signal"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
  </policy>
</busconfig>
"""

ROUNDS = 2
"""Answers that are waited for: the daemon reads every socket before it answers the first, and has written to every
socket before it answers the second."""

LONGEST_S = 20
"""How long the daemon may take to start or to answer."""


class PrivateBus:
    """A dbus-daemon of our own that asks nobody for permission. folder: where its socket and configuration lie."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("dbus-daemon")
        if program is None:
            pytest.skip("dbus-daemon is not installed")
        path = folder / "bus"
        configuration = folder / "bus.conf"
        configuration.write_text(CONFIGURATION.format(path=path))
        self._command = [program, f"--config-file={configuration}", "--nofork", "--nopidfile", "--print-address=1"]
        self._log = folder / "bus.log"
        self._daemon = self._start()
        self.address = f"unix:path={path}"
        self.barrier = Barrier(path)

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            daemon = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=log)
        assert daemon.stdout is not None
        assert daemon.stdout.readline(), self._log.read_text()
        return daemon

    def die(self) -> None:
        """Kill the daemon: every connection to it is dead."""
        self.barrier.close()
        self._daemon.kill()
        self._daemon.communicate(timeout=LONGEST_S)

    def rise(self) -> None:
        """Start the daemon again at the same address, knowing nobody."""
        self._daemon = self._start()
        self.barrier.open()


class Barrier:
    """A connection of its own to the daemon, on which a question is answered after everything before it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket: socket.socket | None = None
        self._serial = 0
        self.open()

    def open(self) -> None:
        """Connect; see the source for the handshake."""
        self._socket = made = socket.socket(socket.AF_UNIX)
        made.settimeout(LONGEST_S)
        made.connect(str(self._path))
        user = str(os.getuid()).encode().hex()
        made.sendall(b"\0AUTH EXTERNAL " + user.encode() + b"\r\n")
        assert made.recv(512).startswith(b"OK")
        made.sendall(b"BEGIN\r\n")
        self._ask("Hello")

    def close(self) -> None:
        """Hang up; nothing is waited for any more."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def __call__(self) -> None:
        """Return when the daemon has delivered everything; at once where it is dead."""
        if self._socket is not None:
            for _ in range(ROUNDS):
                self._ask("GetId")

    def _ask(self, member: str) -> None:
        assert self._socket is not None
        self._serial += 1
        self._socket.sendall(question(member, self._serial))
        while self._read_kind() == SIGNAL:
            pass

    def _read_kind(self) -> int:
        """Read one message away and give its kind."""
        head = self._exactly(16)
        body, fields = struct.unpack_from("<I", head, 4)[0], struct.unpack_from("<I", head, 12)[0]
        self._exactly(fields + -fields % 8 + body)
        return head[1]

    def _exactly(self, count: int) -> bytes:
        assert self._socket is not None
        got = b""
        while len(got) < count:
            part = self._socket.recv(count - len(got))
            assert part, "the daemon hung up"
            got += part
        return got


SIGNAL = 4
"""The kind of a message that answers nobody."""


def question(member: str, serial: int) -> bytes:
    """A call of a method of the daemon itself, without arguments, little-endian."""
    fields = b""
    for code, kind, text in (
        (1, b"o", "/org/freedesktop/DBus"),
        (2, b"s", "org.freedesktop.DBus"),
        (3, b"s", member),
        (6, b"s", "org.freedesktop.DBus"),
    ):
        fields += b"\0" * (-len(fields) % 8)
        fields += struct.pack("<BB", code, 1) + kind + b"\0" + struct.pack("<I", len(text)) + text.encode() + b"\0"
    head = struct.pack("<cBBBIII", b"l", 1, 0, 1, 0, serial, len(fields))
    return head + fields + b"\0" * (-len(fields) % 8)
