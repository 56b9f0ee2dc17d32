"""Requests that no browser would write, over real sockets to a real server: slow, huge, double, and many at once."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from tests.campaigns.page_attacks_asked import Outcome
from tests.campaigns.page_attacks_hosts import host_values

WAIT_S = 5.0
"""A server that says nothing for so long has not answered."""


def say(port: int, *pieces: bytes, wait_s: float = WAIT_S) -> bytes:
    """Everything that the server answers until it closes, or until nothing more comes."""
    heard = b""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), wait_s) as one:
        for piece in pieces:
            one.sendall(piece)
        while len(heard) < 1 << 20:
            more = one.recv(65536)
            if not more:
                break
            heard += more
    return heard


def statuses(heard: bytes) -> list[int]:
    """Of every answer in it."""
    return [int(part[2:5]) for part in heard.split(b"HTTP/1.")[1:] if part[2:5].isdigit()]


def head(port: int, line: str, *lines: str, host: str | None = None) -> bytes:
    """A request line with its headers; the connection is closed after it."""
    own = () if host == "" else (f"Host: {host or f'127.0.0.1:{port}'}",)
    return "\r\n".join((line, *own, "Connection: close", *lines, "", "")).encode("latin-1", "replace")


def shapes(port: int) -> Iterator[tuple[str, bytes, frozenset[int]]]:
    """Name, bytes, and what may be answered: an empty set is the connection closed without a word."""
    own, no = f"127.0.0.1:{port}", frozenset({400, 403, 404, 405, 413, 415, 421, 431})
    yield "HTTP/1.0 without a host", b"GET /help HTTP/1.0\r\n\r\n", no
    yield "HTTP/1.1 without a host", b"GET /help HTTP/1.1\r\n\r\n", no
    yield "HTTP/0.9", b"GET /help\r\n\r\n", no
    yield "HTTP/2 at once", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", no
    yield "HTTP/9.9", f"GET /help HTTP/9.9\r\nHost: {own}\r\n\r\n".encode(), no | {200}
    yield "TLS", bytes.fromhex("16030100c6010000c20303") + bytes(200), no
    for target in (
        "http://evil.example/help",
        "http://evil.example:80/",
        f"http://{own}/help",
        "//evil.example/help",
        "*",
    ):
        yield f"absolute form {target}", head(port, f"GET {target} HTTP/1.1"), no
    yield "absolute form, foreign host", head(port, f"GET http://{own}/help HTTP/1.1", host="evil.example"), no
    yield "authority form", head(port, f"CONNECT {own} HTTP/1.1"), no
    yield "user in the host", head(port, "GET /help HTTP/1.1", host=f"user@{own}"), no
    for two in ((own, own), (own, "evil.example"), ("evil.example", own)):
        lines = [f"Host: {one}" for one in two]
        yield f"two hosts {two}", head(port, "GET /help HTTP/1.1", *lines, host=""), no
    yield "a folded host", head(port, "GET /help HTTP/1.1", f"Host:\r\n {own}", host=""), no | {200}
    for line in (f"Host : {own}", f" Host: {own}", f"Host: evil.example\r\n {own}", f"Host: {own}\x00"):
        yield f"host line {line!r}", head(port, "GET /help HTTP/1.1", line, host=""), no
    yield "upgrade", head(port, "GET /tonight HTTP/1.1", "Upgrade: websocket", "Sec-WebSocket-Key: x"), no | {401}
    yield "upgrade to h2c", head(port, "GET /tonight HTTP/1.1", "Upgrade: h2c", "HTTP2-Settings: AA"), no | {401}
    yield "100 headers", head(port, "GET /help HTTP/1.1", *(f"X-{n}: y" for n in range(100))), no
    yield "a long header", head(port, "GET /help HTTP/1.1", "X: " + "y" * 100_000), no
    yield "a long address", head(port, f"GET /{'a' * 100_000} HTTP/1.1"), no
    yield "a header with a NUL", head(port, "GET /help HTTP/1.1", "X: a\x00b"), no
    yield "a header of one letter a line", head(port, "GET /help HTTP/1.1", "X: a", *[" a"] * 30_000), no
    yield "no name of a header", head(port, "GET /help HTTP/1.1", ": x"), no
    yield "bare CR", head(port, "GET /help HTTP/1.1", "X: a\rHost: evil.example"), no
    yield from _bodies(port, no)


def _bodies(port: int, no: frozenset[int]) -> Iterator[tuple[str, bytes, frozenset[int]]]:
    """Lengths that contradict one another, and requests hidden in bodies (smuggling)."""
    own, hidden = f"127.0.0.1:{port}", f"GET /help HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
    form = ("Content-Type: application/x-www-form-urlencoded", f"Origin: http://{own}", "Sec-Fetch-Site: same-origin")
    no = no | {401, 429}
    lengths = ("-1", "+5", "5, 5", "5, 6", "0x5", "5 5", "", "1e3", "9" * 30, "\u00b2", "5\x0b", "1_0")
    for length in lengths:
        yield (
            f"length {length!r}",
            head(port, "POST /enter HTTP/1.1", *form, f"Content-Length: {length}") + b"token",
            no,
        )
    both = ("Content-Length: 5", "Transfer-Encoding: chunked")
    yield "CL and TE", head(port, "POST /enter HTTP/1.1", *form, *both) + b"0\r\n\r\n" + hidden.encode(), no
    yield "TE and CL", head(port, "POST /enter HTTP/1.1", *form, *both[::-1]) + b"0\r\n\r\n" + hidden.encode(), no
    two = ("Content-Length: 0", f"Content-Length: {len(hidden)}")
    yield "two lengths", head(port, "POST /enter HTTP/1.1", *form, *two) + hidden.encode(), no
    codings = (
        "xchunked",
        "chunked, identity",
        "identity",
        "gzip, chunked",
        "chunked, chunked",
        "chunked\x0b",
        "\x00chunked",
    )
    for coding in codings:
        text = head(port, "POST /enter HTTP/1.1", *form, f"Transfer-Encoding: {coding}")
        yield f"coding {coding!r}", text + b"5\r\ntoken\r\n0\r\n\r\n", no | {501}
    chunked = head(port, "POST /enter HTTP/1.1", *form, "Transfer-Encoding: chunked")
    sizes = (b"-5", b"0x5", b"5;a=b", b"G", b"ffffffffffffffffffff", b"5 ", b" 5", b"", b"5\n", b"5;" + b"x" * 20_000)
    for size in sizes:
        yield f"chunk of {size[:20]!r}", chunked + size + b"\r\ntoken\r\n0\r\n\r\n", no
    yield "chunks without end", chunked + b"5\r\ntoken\r\n" * 40_000, no
    yield "a trailer that is a host", chunked + b"0\r\nHost: evil.example\r\n\r\n", no
    yield (
        "a body that is a request",
        head(port, "GET /help HTTP/1.1", "Content-Length: 0", host="evil.example") + hidden.encode(),
        no,
    )
    yield "a huge body", head(port, "POST /enter HTTP/1.1", *form, "Content-Length: 999999999999") + bytes(1 << 20), no


def odd(port: int) -> Outcome:
    """Every shape: an answer of the refusing kind, or none; what may be answered well is asked for our own name."""
    through = []
    found = list(shapes(port))
    for name, text, may in found:
        heard = say(port, text)
        got = statuses(heard)
        if not set(got) <= may:
            through.append(f"{name}: {got}")
    return Outcome(len(found), tuple(through))


def foreign(port: int, count: int = 300) -> Outcome:
    """Host values to the real server: what a parser on the way makes of them must not help."""
    through = []
    for value in host_values(count, 2):
        if b"\r" in value or b"\n" in value:
            continue
        heard = say(port, b"GET /help HTTP/1.1\r\nHost: " + value + b"\r\nConnection: close\r\n\r\n")
        if 200 in statuses(heard) and value.strip(b" \t").lower() not in {
            b"127.0.0.1:%d" % port,
            b"localhost:%d" % port,
        }:
            through.append(repr(value))
    return Outcome(count, tuple(through))


def huge(port: int) -> Outcome:
    """A body that is far too large is refused before it is sent, and the connection goes; nobody is held by it."""
    through = []
    for path in ("/enter", "/light", "/draft", "/nowhere"):
        lines = (f"Origin: http://127.0.0.1:{port}", "Content-Type: application/x-www-form-urlencoded")
        text = head(port, f"POST {path} HTTP/1.1", *lines, "Content-Length: 99999999999").replace(
            b"Connection: close\r\n", b""
        )
        began = time.monotonic()
        heard = say(port, text)
        if not statuses(heard) or time.monotonic() - began > WAIT_S / 2:
            through.append(f"{path}: {statuses(heard)} after {time.monotonic() - began:.1f} s")
    return Outcome(4, tuple(through))


def slow(port: int, head_s: float) -> Outcome:
    """Heads that never end, at once and after a request that was whole; head_s: how long the server waits for one."""
    drips = {
        "nothing": b"",
        "half a line": b"GET /he",
        "half a head": b"GET /help HTTP/1.1\r\nHost: ",
        "a second head that never ends": f"GET /help HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\nGET /he".encode(),
    }
    with ThreadPoolExecutor(len(drips)) as pool:
        held = dict(zip(drips, pool.map(lambda text: _held_s(port, text, head_s * 6), drips.values()), strict=True))
    return Outcome(len(drips), tuple(f"{name}: held for {s:.1f} s" for name, s in held.items() if s > head_s * 4))


def _held_s(port: int, text: bytes, most_s: float) -> float:
    """How long a connection stays open to whom a letter is sent now and then."""
    began = time.monotonic()
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), most_s / 20) as one:
        one.sendall(text)
        while time.monotonic() - began < most_s:
            try:
                if not one.recv(65536):
                    break
            except TimeoutError:
                one.sendall(b"x" if text else b"")
    return time.monotonic() - began


def many(port: int, count: int, head_s: float) -> Outcome:
    """Idle connections, so many: who comes meanwhile is told to come back, and is let in once they are gone."""
    through = []
    idle = [socket.create_connection(("127.0.0.1", port), WAIT_S) for _ in range(count)]
    meanwhile = statuses(say(port, head(port, "GET /help HTTP/1.1")))
    if meanwhile != [503]:
        through.append(f"{count} are held, and one more gets {meanwhile}")
    with contextlib.suppress(OSError):
        for one in idle:
            one.settimeout(head_s * 6)
            one.recv(1)  # closed by the server
    if statuses(say(port, head(port, "GET /help HTTP/1.1"))) != [200]:
        through.append("after that nobody is let in")
    for one in idle:
        one.close()
    return Outcome(count + 2, tuple(through))
