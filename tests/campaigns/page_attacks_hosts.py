"""Thousands of names that a Host header can be made to say; the page answers to its own and to no other."""

from __future__ import annotations

import random
from collections.abc import Iterator

from starlette.types import ASGIApp

from tests.campaigns.page_attacks_asked import Outcome, ask, headers_of
from tests.web.visitor import HOST, PORT

HOSTS = 10_000

MISDIRECTED = 421

KNOWN = (HOST, f"localhost:{PORT}")

OTHERS = (
    *("127.0.0.2", "127.1", "0.0.0.0", "0", "0x7f000001", "0x7f.1", "0177.0.0.1", "2130706433", "017700000001"),
    *("[::ffff:127.0.0.1]", "[0:0:0:0:0:0:0:1]", "[::1%25lo]", "[::1%lo]", "::1", "[::]", "[fe80::1]", "[::1]."),
    *("localhost.", "localhost.localdomain", "ip6-localhost", "LOCALHOST.", "localhost.evil.example", "xn--localhost"),
    *("evil.example", "127.0.0.1.nip.io", "7f000001.c0a80001.rbndr.us", "a.127.0.0.1.1time.10.0.0.1.example"),
    *("vigil.local", "vigil", "router", "wpad", "metadata.google.internal", "169.254.169.254"),
)
"""Other ways to write this computer, names whose answer can be changed under a browser's feet, and neighbours."""

BESIDE = (
    *("", " ", "\t", ".", "..", ",", ";", "@", "#", "?", "/", "\\", "%", "%00", "\x00", "%2e", "%20", "%3a", ":"),
    *("\u200b", "\u3002", "\uff0e", "\uff61", "\u212a", "\u0131", "\u017f", "\u00ad", "\u2024", "\u202e", "\ufeff"),
    *("user@", "user:pass@", "http://", "//", "evil.example/", "evil.example#", "evil.example?", "evil.example,"),
    *(f"{KNOWN[0]}@", f"{KNOWN[0]}#", f"{KNOWN[0]},", f"{KNOWN[0]} ", f"{KNOWN[0]}\r\n", f"{KNOWN[0]}\x0b"),
)
"""What is put before, behind or inside a name."""

PORTS = ("", ":", ":0", ":80", ":443", f":{PORT}", f":0{PORT}", f":+{PORT}", f":-{PORT}", f": {PORT}", f":{PORT}.0")
MORE_PORTS = (
    f":{PORT + 65536}",
    f":{PORT}:{PORT}",
    f":{hex(PORT)}",
    ":\u0668\u0664\u0663\u0667",
    f":{PORT}%00",
    ":1e3",
)


def host_values(count: int, seed: int) -> Iterator[bytes]:
    """So many values that are none of the known ones, each another."""
    chance = random.Random(seed)
    seen = {name.encode() for name in KNOWN}
    names = (*KNOWN, "127.0.0.1", "localhost", *OTHERS)
    while len(seen) < count + len(KNOWN):
        value = _mutated(chance, chance.choice(names) + chance.choice((*PORTS, *MORE_PORTS)))
        if value.lower() not in seen:
            seen.add(value.lower())
            yield value


def _mutated(chance: random.Random, text: str) -> bytes:
    for _ in range(chance.randrange(3)):
        at = chance.randrange(len(text) + 1)
        match chance.randrange(6):
            case 0:
                text = chance.choice(BESIDE) + text
            case 1:
                text += chance.choice(BESIDE)
            case 2:
                text = text[:at] + chance.choice(BESIDE) + text[at:]
            case 3:
                text = text[:at] + text[at + 1 :]
            case 4:
                text = text[:at] + chr(chance.choice((chance.randrange(0x20, 0x7F), chance.randrange(0x80, 0x2100))))
            case _:
                text = text.upper() if chance.random() < 0.5 else text * 2
    value = text.encode(chance.choice(("utf-8", "utf-8", "utf-16-le")))
    return value if chance.random() < 0.9 else bytes(value[n] ^ (1 << chance.randrange(8)) for n in range(len(value)))


async def hosts(app: ASGIApp, cookie: str, count: int = HOSTS, seed: int = 1, path: str = "/help") -> Outcome:
    """Each value with a session that is good, so that nothing but the name keeps the page closed.

    The known names in any case are answered; the same name twice, two names, and none are not.
    """
    through = []
    rest = [one for one in headers_of(cookie) if one[0] != b"host"]
    for value in host_values(count, seed):
        answer = await ask(app, path, [(b"host", value), *rest])
        if answer.status != MISDIRECTED:
            through.append(f"{value!r}: {answer.status}")
    known = [name.encode() for name in KNOWN]
    for heads in ([], [known[0], known[0]], [known[0], b"evil.example"], [b"evil.example", known[0]], [known[0]] * 3):
        answer = await ask(app, path, [*((b"host", head) for head in heads), *rest])
        if answer.status != MISDIRECTED:
            through.append(f"{heads!r}: {answer.status}")
    through += [
        f"{value!r} was not answered"
        for value in (*known, known[1].upper())
        if (await ask(app, path, [(b"host", value), *rest])).status != 200
    ]
    return Outcome(count + 5, tuple(through))
