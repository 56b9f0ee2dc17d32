"""JSON over HTTP with one host in the home, and no other.

Nothing leads away from it: redirects are refused, proxies of the environment are not used, cookies are not kept. An
answer that comes too late, is too long or cannot be read is an error in plain words; none of them holds a secret.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import aiohttp
from yarl import URL

from vigil.domain.errors import DeviceError, SettingsError

TIMEOUT_S = 1.5
"""Longest wait for a whole answer. Our choice: an output has 2 s to begin."""

MOST_BYTES = 64 * 1024
"""Longest answer that is read. Our choice: a lamp's state is one or two kilobytes."""

ASK_S = 5.0
"""Longest wait where somebody has just asked on a page. Our choice: a host may be slow that answers well at night."""

_CHUNK_BYTES = 8 * 1024
_HEX_OF_SHA256 = re.compile(r"[0-9a-f]{64}")
_VISIBLE = re.compile(r"[\x21-\x7e]{1,4096}")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")

_HOME_NAMES = (".local", ".home.arpa", ".internal", ".lan", ".home", ".fritz.box")
"""RFC 6762, RFC 8375, ICANN's reservation of 2024, and what common routers give."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status, and what the body says as JSON; nothing where the status is an error."""

    status: int
    content: object


def checked_url(url: str, schemes: tuple[str, ...]) -> str:
    """The address without a slash at its end; raises SettingsError unless it is a plain one with one of `schemes`."""
    try:
        parts = urlsplit(url)
        # Some characters are dropped when an address is taken apart, so the whole is looked at as well.
        plain = _VISIBLE.fullmatch(url) is not None and parts.scheme in schemes and _is_plain(parts)
    except (ValueError, AttributeError, TypeError):
        plain = False
    if plain and parts.scheme == "http" and not _is_in_the_home(parts.hostname or ""):
        raise SettingsError(
            "an http address must be in your home: a private number, one name without dots, or a name that ends in "
            ".local; elsewhere a lamp's key is only sent over https"
        )
    if not plain:
        # The address itself is not repeated: it may hold a password, which is one reason to refuse it.
        allowed = " or ".join(f"{scheme}://HOST" for scheme in schemes)
        raise SettingsError(f"an address of a lamp must look like {allowed}, without name, password or question mark")
    return url.rstrip("/")


def _is_plain(parts: SplitResult) -> bool:
    port = parts.port  # raises ValueError when it is none
    return (
        bool(parts.hostname)
        and port != 0
        and "@" not in parts.netloc
        and not parts.query
        and not parts.fragment
        and _PATH.fullmatch(parts.path.rstrip("/")) is not None
        and ".." not in parts.path
    )


def _is_in_the_home(host: str) -> bool:
    """Whether a key may go there in the clear: what no router passes on, and names that only a home has."""
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_HOME_NAMES)
    return (number.is_private or number.is_loopback or number.is_link_local) and not number.is_unspecified


def checked_secret(secret: str, what: str) -> str:
    """The secret as it is; raises SettingsError, which does not repeat it, unless it can be sent in a header."""
    if not isinstance(secret, str) or _VISIBLE.fullmatch(secret) is None:
        raise SettingsError(f"{what} is empty or holds characters that cannot be sent; please copy it once more")
    return secret


def checked_certificate(certificate: str) -> str:
    """A SHA-256 of a certificate as 64 hex digits, colons and case aside, or nothing; raises SettingsError."""
    digits = certificate.replace(":", "").lower()
    if digits and _HEX_OF_SHA256.fullmatch(digits) is None:
        raise SettingsError("the fingerprint of a certificate must be the 64 hex digits of its SHA-256")
    return digits


async def certificate_of(url: str, timeout_s: float = TIMEOUT_S) -> str:
    """SHA-256 of the certificate that a host shows now, as hex, for setup to ask about; raises DeviceError."""
    parts = urlsplit(checked_url(url, ("https",)))
    unverified = ssl.create_default_context()
    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or 443, ssl=unverified)
    except (OSError, TimeoutError, ValueError):  # the last: of a name that no host can have
        raise DeviceError(f"nothing answered at {url}; no certificate was read") from None
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.transport.abort()
    return hashlib.sha256(shown).hexdigest()


class OneHost:
    """Asks one host. base: a checked address. who: its name in words. headers: sent with every question, secrets too.

    certificate: SHA-256 the host's certificate must have, "" to have it verified as usual; `verified` False takes any.
    most_bytes: longest answer that is read.
    """

    def __init__(
        self,
        base: str,
        who: str,
        headers: Mapping[str, str],
        *,
        certificate: str = "",
        verified: bool = True,
        timeout_s: float = TIMEOUT_S,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._most_bytes = most_bytes
        self._base = base
        self._who = who
        self._headers = dict(headers)
        self._tls = aiohttp.Fingerprint(bytes.fromhex(certificate)) if certificate else verified
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, method: str, path: str, body: object = None) -> Answer:
        """Ask once; raises DeviceError, one plain clause, if no readable answer came in time.

        Where a connection breaks, the library may send a GET or a PUT once more: the same twice changes nothing.
        """
        try:
            async with self._opened().request(
                method, URL(self._base + path, encoded=True), json=body, allow_redirects=False, ssl=self._tls
            ) as response:
                if 300 <= response.status < 400:
                    raise DeviceError(f"{self._who} at {self._base} pointed elsewhere, which is not followed")
                data = await self._read(response)
        except aiohttp.ServerFingerprintMismatch:
            raise DeviceError(f"{self._who} at {self._base} shows another certificate than at setup") from None
        except aiohttp.ClientSSLError:
            raise DeviceError(f"{self._who} at {self._base} shows a certificate that cannot be trusted") from None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            # What was raised may hold the headers, and with them the secret: it is dropped.
            raise DeviceError(f"{self._who} did not answer at {self._base}") from None
        return Answer(response.status, None if response.status >= 400 else self._parsed(data))

    async def close(self) -> None:
        """Close the connections; a later question opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=2),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={**self._headers, "Accept-Encoding": "identity"},
                timeout=self._timeout,
                trust_env=False,
                auto_decompress=False,
            )
        return self._session

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        data = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            data += chunk
            if len(data) > self._most_bytes:
                raise DeviceError(f"{self._who} at {self._base} answered more than a lamp has to say")
        return bytes(data)

    def _parsed(self, data: bytes) -> object:
        try:
            parsed: object = json.loads(data)
        except (ValueError, RecursionError):
            raise DeviceError(f"{self._who} at {self._base} answered something that cannot be read") from None
        return parsed
