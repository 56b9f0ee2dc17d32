"""The page's own process: a socket on this computer, uvicorn on it, and limits for whoever is slow or too many."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from vigil.domain.errors import DeviceError

PORT = 8437
"""Where the page is, unless it is taken: nothing is registered for it. Our choice."""

NEXT = 20
"""So many ports above it are tried."""

LOOPBACK = "127.0.0.1"

MOST_AT_ONCE = 100
"""Connections at the same time: five devices, each with a few open. Beyond it a browser is asked to come back."""

HEAD_S = 15.0
"""A connection that has not sent a whole request line and headers by then is closed."""

HEAD_BYTES = 16 * 1024


class PatientProtocol(H11Protocol):
    """HTTP as uvicorn speaks it, but a connection that only pretends to ask is closed (slow headers).

    Before each request, not only the first, and however many single letters are sent meanwhile; the rest of a body that
    was answered before it was whole counts as the head of the next.
    """

    _too_slow: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """See asyncio.Protocol."""
        super().connection_made(transport)
        self._be_patient()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        super().data_received(data)
        self._be_patient()

    def on_response_complete(self) -> None:
        """See uvicorn."""
        super().on_response_complete()
        self._be_patient()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        super().connection_lost(exc)
        self._stop_waiting()

    def _be_patient(self) -> None:
        """Count the time while nothing that was asked is being answered."""
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._too_slow is None and not self.transport.is_closing():
            self._too_slow = self.loop.call_later(HEAD_S, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._too_slow is not None:
            self._too_slow.cancel()
            self._too_slow = None


@dataclass(frozen=True, slots=True)
class Tls:
    """Files of an own certificate and its key."""

    certificate: str
    key: str


def listening(host: str = LOOPBACK, port: int | None = None, first: int = PORT) -> socket.socket:
    """A bound socket: at `port`, or at the free one next to `first`. Raises DeviceError if there is none."""
    wanted = [port] if port is not None else list(range(first, first + NEXT))
    for number in wanted:
        one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((host, number))
        except OSError as error:
            one.close()
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise DeviceError(f"the page could not be opened at {host}:{number} ({error.strerror})") from error
        else:
            one.listen()
            return one
    message = f"port {wanted[0]} is taken by another program; the page was not opened; choose another with --port"
    raise DeviceError(message)


def names_of(port: int, *more: str) -> frozenset[str]:
    """What a Host header may say for a page at this port: this computer's own names, and `more`."""
    return frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]", *(each.lower() for each in more)))


def serve(
    site: ASGIApp, one: socket.socket, tls: Tls | None = None, started: Callable[[uvicorn.Server], None] | None = None
) -> None:
    """Serve until the process is asked to end. started: is given the server before it runs, to end it from outside."""
    config = uvicorn.Config(
        site,
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",  # what strangers send is not worth a line: a page elsewhere could fill the terminal
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_AT_ONCE,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=2,
        h11_max_incomplete_event_size=HEAD_BYTES,
        ssl_certfile=None if tls is None else tls.certificate,
        ssl_keyfile=None if tls is None else tls.key,
    )
    if tls is not None:
        config.load()
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2  # type: ignore[union-attr]  # there is one with these files
    server = uvicorn.Server(config)
    if started is not None:
        started(server)
    asyncio.run(server.serve(sockets=[one]))
