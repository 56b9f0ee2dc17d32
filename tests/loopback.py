"""Stand-ins on the loopback for what a home has: an HTTP server that can misbehave, and waiting that takes no time."""

from __future__ import annotations

import asyncio
import queue
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from aiohttp import web

from vigil.domain import permits
from vigil.domain.permits import Permit
from vigil.domain.requests import NudgeRequest, Output, Purpose

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

CANARY = "canary-3f9c-token"
"""A secret that must not be found in anything said."""


async def no_pause(_: float) -> None:
    """Wait no time, but let others have a turn."""
    await asyncio.sleep(0)


def glow(percent: object = 10, duration_ms: object = 4000, output: Output = Output.LIGHT) -> Permit:
    """A permit, good at 0, for a glow; what it asks for may be anything."""
    request = NudgeRequest(Purpose.NUDGE, 1, output, 1, duration_ms, percent)  # type: ignore[arg-type] # hostile
    return Permit(key=permits._KEY, serial=1, request=request, issued_ns=0)


@asynccontextmanager
async def http_server(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server on the loopback that hands every request to `handler`; gives its port."""
    server = web.Server(handler)
    runner = web.ServerRunner(server, shutdown_timeout=0.05)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@contextmanager
def standing(handler: Handler, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """The same in a thread of its own, for what asks from a loop of its own; gives its port."""
    up: queue.SimpleQueue[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]] = queue.SimpleQueue()

    async def serve() -> None:
        async with http_server(handler, tls) as port:
            enough = asyncio.Event()
            up.put((port, asyncio.get_running_loop(), enough))
            await enough.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    port, loop, enough = up.get(timeout=30)
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(enough.set)
        thread.join(30)


def bridge_tls() -> ssl.SSLContext:
    """The certificate of a bridge that exists nowhere, as a bridge's is: signed by itself, without an address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).with_name("hue_bridge.pem"))
    return context


BRIDGE_SHA256 = "f9b6bdfb50e86781b182d1117f185929da38fabcbaf15475b940bf1ff8c088fd"
"""SHA-256 of that certificate."""


def closed_port() -> int:
    """A port of the loopback on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port
