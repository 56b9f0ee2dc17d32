"""Every address with whatever can be put into its places, its query and its form: never a failure, never a file."""

from __future__ import annotations

from urllib.parse import quote

from starlette.types import ASGIApp

from tests.campaigns.page_attacks_asked import Outcome, address, ask, headers_of
from tests.web.visitor import ORIGIN
from vigil.web.routes import ROWS
from vigil.web.rows import Row

TRAVERSALS = (
    *("../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "..%252f..%252fetc%252fpasswd"),
    *("....//....//etc/passwd", "..\\..\\..\\etc\\passwd", "..%5c..%5cetc%5cpasswd", "/etc/passwd", "%2fetc%2fpasswd"),
    *("..%c0%af..%c0%afetc/passwd", "..%e0%80%afetc/passwd", "%c0%ae%c0%ae/etc/passwd", "..;/..;/etc/passwd"),
    *("file:///etc/passwd", "vigil.css%00.png", "..%00/etc/passwd", "%uff0e%uff0e%u2215etc", "..%ef%bc%8fetc"),
    *(".git/config", "own/vigil.db", "../own/vigil.db", "..%2fown%2fjournal.db", "page.db", "settings.toml"),
    *(
        "site.py",
        "../site.py",
        "%2e%2e%2fsite.py",
        "../templates/base.html",
        "C:%5cWindows%5cwin.ini",
        "\\\\host\\share",
    ),
    *(
        "~",
        "~root/.ssh/id_rsa",
        "/proc/self/environ",
        "%2fproc%2fself%2fcmdline",
        "/dev/stdin",
        "CON",
        "vigil.css/",
        ".",
    ),
)

NUMBERS = (
    *("0", "-1", "-0", "+1", "1.5", "1e9", "00000001", "9223372036854775807", "9223372036854775808", "9" * 30),
    *("9" * 400, "9" * 1900, "\u0661", "%D9%A1", "\uff11", "%EF%BC%91", "1%00", "1%20", "%201", "0x1", "1_0", "NaN"),
    *("inf", "true", "null", "", "%", "%zz", "1;2", "1,2", "1'--", "1%0a", "\u00b2", "%C2%B2"),
)

WORDS = (
    *(
        "",
        "%00",
        "%0d%0aset-cookie:x=y",
        "%F0%9F%8C%99",
        "%ED%A0%80",
        "%ff%fe",
        "a" * 1500,
        "%E2%80%AE",
        "{x}",
        "{{7*7}}",
    ),
    *(
        "%7B%7B7*7%7D%7D",
        "' OR 1=1--",
        "%25s%25n",
        "None",
        "__class__",
        "constructor",
        "*",
        "?",
        "#",
        "[]",
        "%2F",
        "x%2Fy",
    ),
)

VALUES = (
    *(
        "",
        "0",
        "-1",
        "9" * 18,
        "9" * 19,
        "9" * 300,
        "1e308",
        "NaN",
        "\u0661",
        "\u00b2",
        "\uff11",
        "\u09e7",
        "1.5",
        " 1 ",
    ),
    *(
        "\x00",
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
        "\U0001f319",
        "\u202e",
        "x" * 900,
        "' OR 1=1--",
    ),
    *('" * OR', "NEAR(", "a AND", "*", "^", "title:", "(", "{", "-", "{0}", "%(x)s", "2026-02-30", "0000-00-00", "new"),
)
"""Of a query or a form; some are the search engine's own words (SQLite FTS5)."""

NAMES = (
    *(
        "q",
        "tag",
        "thread",
        "night",
        "before",
        "entry",
        "beside",
        "draft",
        "told",
        "kept",
        "t",
        "for",
        "step",
        "marked",
    ),
    *("again", "after", "month", "year", "until", "days", "word", "value", "at", "key", "door", "place", "version"),
    *("name", "note", "title", "body", "tags", "day", "distress", "dreams", "dread", "light", "token", "no"),
)
"""What pages ask for, all at once with each value."""

FORM = "application/x-www-form-urlencoded"

LEAKED = (b"root:x:0:", b"SQLite format 3", b"Traceback (most recent", b"from __future__", b"%PDF-nothing", b"[core]")
"""What only a file of this computer, or a failure, would show."""

LEAVING = frozenset({"/leave", "/doors/end"})
"""These end the session that the rest is asked with."""


def _wrong(method: str, path: str, status: int, body: bytes, *, broke: bool) -> tuple[str, ...]:
    said = f"{method} {path[:80]}"
    leaked = tuple(f"{said} showed {mark!r}" for mark in LEAKED if mark in body)
    return (*((f"{said}: {status} {body[:40]!r}",) if broke else ()), *leaked)


async def _one(app: ASGIApp, row: Row, path: str, cookie: str, values: bytes = b"") -> tuple[str, ...]:
    if row.method == "GET":
        answer = await ask(app, path, headers_of(cookie), query=values)
    else:
        headers = headers_of(cookie, origin=ORIGIN, content_type=FORM, content_length=str(len(values)))
        answer = await ask(app, path, headers, method=row.method, body=values)
    return _wrong(row.method, path, answer.status, answer.body, broke=answer.broke)


async def paths(app: ASGIApp, cookie: str, rows: tuple[Row, ...] = ROWS) -> Outcome:
    """Every address with something in its path: each list in each place, encoded once more as well."""
    through: list[str] = []
    tried = 0
    for row in rows:
        if "{" not in row.path or row.stream is not None:
            continue
        for text in (*TRAVERSALS, *NUMBERS, *WORDS):
            for part in {text, quote(text, safe="")}:
                tried += 1
                path = address(row, part, part).replace("?", "%3f").replace("#", "%23")
                through += await _one(app, row, path, cookie)
    for text in TRAVERSALS:
        for path in (f"/{text}", f"/static/x/{text}", f"/static/{text}", f"/night/1/{text}", f"//{text}"):
            tried += 1
            answer = await ask(app, path, headers_of(cookie))
            through += _wrong("GET", path, answer.status, answer.body, broke=answer.broke)
    return Outcome(tried, tuple(through))


async def values(app: ASGIApp, cookie: str, rows: tuple[Row, ...] = ROWS) -> Outcome:
    """Every address with every value under every name, in its query or its form."""
    through: list[str] = []
    tried = 0
    for row in rows:
        if row.path in LEAVING or row.stream is not None:
            continue
        for value in VALUES:
            tried += 1
            coded = quote(value.encode("utf-8", "replace"), safe="")
            pairs = "&".join(f"{name}={coded}" for name in NAMES).encode()
            many = pairs if row.method == "POST" or len(coded) < 40 else f"q={coded}&t={coded}".encode()
            through += await _one(app, row, address(row), cookie, many)
    return Outcome(tried, tuple(through))
