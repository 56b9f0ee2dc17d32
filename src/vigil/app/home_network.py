"""Reaching the page from the home network: which address, and a certificate of this computer's own.

Nobody vouches for the certificate but this computer: a browser warns of it once, and the person compares its
fingerprint. It is kept with its key in one private file. Needs the extra `home`.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import socket
import ssl
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from vigil.app.home import Home
from vigil.domain.errors import DeviceError, SettingsError, StoreError
from vigil.store.private_files import make_folder, read_small, replace_small

if TYPE_CHECKING:
    from cryptography import x509

FOLDER, FILE = "tls", "page.pem"

LASTS = timedelta(days=365)
RENEWED = timedelta(days=30)
"""It is made anew when less is left than this, so that no night meets the end of it. Our choice."""

MOST_BYTES = 64 * 1024
MOST_NAMES = 10
MOST_NAME = 253
"""RFC 1035, 2.3.4, as it is written."""

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")

_NOWHERE = "192.0.2.1"
"""An address that is nowhere (RFC 5737): asking by which way it would be reached sends nothing."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the page shows for itself. file: certificate and key, PEM. sha256: its fingerprint, 64 hex digits, lower.

    made_now: it is a new one, with a fingerprint that no browser knows yet.
    """

    file: Path
    sha256: str
    made_now: bool

    @property
    def shown(self) -> str:
        """The fingerprint as browsers show it: pairs in capitals."""
        return pairs(self.sha256)


@dataclass(frozen=True, slots=True)
class HomeNetwork:
    """How the page is reached there. address: where it listens. names: further ones, which it answers to."""

    address: str
    names: tuple[str, ...]
    certificate: Certificate


def home_network(home: Home, address: str, names: Sequence[str], also: Sequence[str], now: datetime) -> HomeNetwork:
    """Everything for opening the page there. address: "" for the primary one. also: names of the follower's page.

    Raises SettingsError, DeviceError and StoreError as the parts do.
    """
    found, known = home_address(address), names_of_home(names)
    return HomeNetwork(found, known, own_certificate(home, [found, *known, *also], now))


def fingerprint_kept(home: Home) -> str:
    """SHA-256 of the certificate that is kept, "" where there is none. Raises SettingsError without the extra."""
    kept = _kept(home.data / FOLDER / FILE)
    return "" if kept is None else _sha256(kept)


def pairs(sha256: str) -> str:
    """Hex digits as browsers show them: AB:CD:..."""
    return ":".join(re.findall("..", sha256.upper()))


def sealed(link: str, sha256: str) -> str:
    """A link with the fingerprint behind a #: for a person to compare, since no browser sends or reads it."""
    return f"{link}#sha256={sha256}" if sha256 else link


def names_of_home(names: Sequence[str]) -> tuple[str, ...]:
    """Names of this computer in a home's network, in small letters. Raises SettingsError for what is no name."""
    found = tuple(dict.fromkeys(name.strip().lower().rstrip(".") for name in names if name.strip()))
    wrong = [name for name in found if len(name) > MOST_NAME or not _NAME.fullmatch(name)]
    if wrong or len(found) > MOST_NAMES:
        message = "a name must be one like vigil.home or an address like 192.168.1.5, ten at most; nothing was changed"
        raise SettingsError(message)
    return found


def home_address(chosen: str = "") -> str:
    """The address to listen at, IPv4: the chosen one, else the one by which this computer reaches its network.

    Raises SettingsError for one that the whole internet could reach, DeviceError where there is none.
    """
    address = chosen or _primary()
    try:
        found = ipaddress.IPv4Address(address)
    except ValueError as error:
        message = "the address must be one of this computer's, like 192.168.1.5; the page was not opened"
        raise SettingsError(message) from error
    if found.is_global or found.is_unspecified or found.is_multicast:
        message = (
            f"{found} is open to more than a home; the page was not opened; choose an address of a private network"
        )
        raise SettingsError(message)
    if not chosen and found.is_loopback:
        raise DeviceError(_NO_NETWORK)
    return str(found)


_NO_NETWORK = "this computer is in no network; the page was not opened; join one, or name an address with --address"


def _primary() -> str:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as one:
        try:
            one.connect((_NOWHERE, 9))
        except OSError as error:
            raise DeviceError(_NO_NETWORK) from error
        address: str = one.getsockname()[0]
        return address


def own_certificate(home: Home, hosts: Sequence[str], now: datetime) -> Certificate:
    """The certificate for these names and addresses, made anew where there is none that will do.

    Raises SettingsError without the extra, StoreError if it cannot be kept.
    """
    file = home.data / FOLDER / FILE
    kept = _kept(file)
    if kept is not None and _will_do(kept, hosts, now):
        return Certificate(file, _sha256(kept), made_now=False)
    made, pem = _made([*hosts, *_hosts_of(kept)][: 4 * MOST_NAMES], now)
    try:
        make_folder(file.parent)
        replace_small(file, pem)
    except OSError as error:
        message = f"the page's certificate could not be kept ({error.strerror}); the page was not opened"
        raise StoreError(message) from error
    return Certificate(file, _sha256(made), made_now=True)


def _library() -> None:
    try:
        import cryptography  # noqa: F401, PLC0415 — an extra
    except ImportError as error:
        message = "for the home network Vigil needs one more package: pip install 'vigil[home]'"
        raise SettingsError(message) from error


def _kept(file: Path) -> x509.Certificate | None:
    """The certificate in the file, if its key is there, too, and fits."""
    _library()
    from cryptography import x509  # noqa: PLC0415 — an extra

    try:
        pem = read_small(file, MOST_BYTES)
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file)
        return x509.load_pem_x509_certificate(pem)
    except (OSError, ValueError):
        return None


def _will_do(kept: x509.Certificate, hosts: Sequence[str], now: datetime) -> bool:
    lasts = kept.not_valid_before_utc <= now and now + RENEWED < kept.not_valid_after_utc
    return lasts and set(hosts) <= set(_hosts_of(kept))


def _hosts_of(kept: x509.Certificate | None) -> list[str]:
    from cryptography import x509  # noqa: PLC0415 — an extra

    if kept is None:
        return []
    try:
        found = kept.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    addresses = [str(one) for one in found.get_values_for_type(x509.IPAddress)]
    return [*found.get_values_for_type(x509.DNSName), *addresses]


def _sha256(made: x509.Certificate) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 — an extra

    return hashlib.sha256(made.public_bytes(Encoding.DER)).hexdigest()


def _made(hosts: Sequence[str], now: datetime) -> tuple[x509.Certificate, bytes]:
    """A certificate signed by its own key (P-256), for serving only, and both as PEM."""
    from cryptography import x509  # noqa: PLC0415 — an extra
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 — an extra
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 — an extra
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 — an extra
        Encoding,
        NoEncryption,
        PrivateFormat,
    )
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID  # noqa: PLC0415 — an extra

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Vigil")])
    others = x509.SubjectAlternativeName([_general(host) for host in dict.fromkeys(hosts)])
    begins = now.astimezone(UTC) - timedelta(days=1)  # a phone's clock may be behind
    serving = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + LASTS)
        .add_extension(others, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(serving, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made, private + made.public_bytes(Encoding.PEM)


def _general(host: str) -> x509.GeneralName:
    from cryptography import x509  # noqa: PLC0415 — an extra

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
