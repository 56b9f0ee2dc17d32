"""The page in the home network: an own certificate, TLS and nothing else, names that are known, cookies to match."""

from __future__ import annotations

import hashlib
import re
import socket
import ssl
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn

from tests.web.visitor import Visitor
from vigil.app import home_network as network
from vigil.app.home import Home, Shelf
from vigil.app.home_network import home_address, home_network, names_of_home, own_certificate, pairs
from vigil.domain.errors import DeviceError, SettingsError
from vigil.store.follow_settings import FollowStore
from vigil.web.opening import OpenPage, link_to, link_to_open, open_page
from vigil.web.qr import qr_text
from vigil.web.serving import serve
from vigil.web.site import site

NOW = datetime(2026, 11, 27, 22, 0, tzinfo=UTC)
HERE = "127.0.0.1"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, tmp_path)


@contextmanager
def open_in_home(home: Home) -> Iterator[OpenPage]:
    """The page over TLS on the loopback, in a thread."""
    page = open_page(home, Shelf.OWN, 0, home_network(home, HERE, ["vigil.home"], [], datetime.now(UTC)))
    servers: list[uvicorn.Server] = []
    thread = threading.Thread(target=serve, args=(site(page.rooms), page.socket, page.tls, servers.append), daemon=True)
    thread.start()
    try:
        yield page
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(10)
        page.close()


def asked(page: OpenPage, host: str, context: ssl.SSLContext, path: str = "/help") -> tuple[str, bytes, str]:
    """The answer's head, the certificate, and the version of TLS."""
    with (
        socket.create_connection(page.socket.getsockname(), 10) as plain,
        context.wrap_socket(plain, server_hostname="vigil.home") as one,
    ):
        one.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        got = b""
        while chunk := one.recv(65536):
            got += chunk
        return got.partition(b"\r\n\r\n")[0].decode(), one.getpeercert(binary_form=True) or b"", one.version() or ""


def trusting(home: Home) -> ssl.SSLContext:
    """As a browser in which the person has accepted this very certificate: names are still checked."""
    context = ssl.create_default_context(cafile=home.data / network.FOLDER / network.FILE)
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", ssl.VerifyFlags(0))
    return context


def test_over_tls_with_the_certificate_whose_fingerprint_was_said(home: Home) -> None:
    with open_in_home(home) as page:
        number = page.socket.getsockname()[1]
        head, shown, version = asked(page, f"vigil.home:{number}", trusting(home))
        assert head.startswith("HTTP/1.1 200")
        assert "strict-transport-security" not in head.lower()  # whoever makes a new certificate must not be shut out
        assert hashlib.sha256(shown).hexdigest() == page.rooms.sha256
        assert link_to(page.rooms, page.url).endswith(f"#sha256={page.rooms.sha256}")
        assert page.url == f"https://vigil.home:{number}"
        assert version in {"TLSv1.2", "TLSv1.3"}
        assert asked(page, f"evil.example:{number}", trusting(home))[0].startswith("HTTP/1.1 421")
        assert link_to_open(home, Shelf.OWN).endswith(f"#sha256={page.rooms.sha256}")


def test_http_and_old_tls_get_nothing(home: Home) -> None:
    with open_in_home(home) as page:
        with socket.create_connection(page.socket.getsockname(), 10) as plain:
            plain.sendall(f"GET /help HTTP/1.1\r\nHost: {HERE}\r\n\r\n".encode())
            assert b"HTTP" not in plain.recv(65536)
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionError)):
            asked(page, f"{HERE}:1", old)


def test_cookies_are_secure_and_of_this_host_only(home: Home) -> None:
    page = open_page(home, Shelf.OWN, 0, home_network(home, HERE, [], [], NOW))
    try:
        visitor = Visitor.at(page.rooms)
        origin = page.url
        headers = {"host": origin.removeprefix("https://"), "origin": origin}
        link = page.rooms.doors.make_link(page.rooms.wall_ms())
        answer = visitor.post("/enter", {"token": link}, headers)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-vigil=")
        assert {"Secure", "HttpOnly", "Path=/"} <= {part.strip() for part in cookie.split(";")}
        assert "domain" not in cookie.lower()
        plain = {**headers, "origin": origin.replace("https", "http")}
        assert visitor.post("/enter", {"token": link}, plain).status_code == 403
    finally:
        page.close()


def test_the_certificate_is_private_kept_and_renewed_before_its_end(home: Home) -> None:
    first = own_certificate(home, [HERE, "vigil.home"], NOW)
    assert first.made_now
    assert stat.S_IMODE(first.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(first.file.parent.stat().st_mode) == 0o700
    again = own_certificate(home, ["vigil.home"], NOW + timedelta(days=300))
    assert not again.made_now
    assert again.sha256 == first.sha256 == network.fingerprint_kept(home)
    late = own_certificate(home, [HERE], NOW + timedelta(days=340))
    assert late.made_now
    assert late.sha256 != first.sha256
    assert not own_certificate(home, ["vigil.home"], NOW + timedelta(days=341)).made_now  # names are kept
    assert own_certificate(home, [HERE], NOW - timedelta(days=900)).made_now  # the clock was wrong when it was made


def test_another_name_or_a_broken_file_makes_a_new_one(home: Home) -> None:
    first = own_certificate(home, [HERE], NOW)
    more = own_certificate(home, [HERE, "other.home"], NOW)
    assert more.made_now
    assert not own_certificate(home, [HERE], NOW).made_now
    for broken in (b"", b"-----BEGIN CERTIFICATE-----\nx", first.file.read_bytes()[:400]):
        first.file.write_bytes(broken)
        assert own_certificate(home, [HERE], NOW).made_now


def test_the_link_is_read_by_a_camera_and_the_fingerprint_as_browsers_show_it(home: Home) -> None:
    made = own_certificate(home, [HERE], NOW)
    assert made.shown == pairs(made.sha256)
    assert len(made.shown.split(":")) == 32
    assert len(qr_text(f"https://192.168.1.5:8437/enter/{'x' * 43}#sha256={made.sha256}").splitlines()) < 60


@pytest.mark.parametrize("address", ["0.0.0.0", "8.8.8.8", "224.0.0.1", "vigil.home", "::1", "300.1.1.1"])
def test_no_address_is_opened_that_the_whole_internet_could_reach(address: str) -> None:
    with pytest.raises(SettingsError):
        home_address(address)


def test_private_addresses_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("192.168.1.5", "10.8.0.1", "100.64.0.7", HERE):
        assert home_address(address) == address
    monkeypatch.setattr(network, "_primary", lambda: HERE)
    with pytest.raises(DeviceError, match="in no network"):
        home_address()


def test_an_address_of_another_computer_is_said(home: Home) -> None:
    with pytest.raises(DeviceError, match="could not be opened at 192\\.0\\.2\\.9"):
        open_page(home, Shelf.OWN, 0, home_network(home, "192.0.2.9", [], [], NOW))


def test_names_are_names() -> None:
    assert names_of_home([" Vigil.Home. ", "vigil.home", "", "10.0.0.1"]) == ("vigil.home", "10.0.0.1")
    for wrong in (["a b"], ["*.home"], ["-x"], ["x" * 64], ["a/b"], ["a:1"], ["ü.home"], [f"h{n}" for n in range(11)]):
        with pytest.raises(SettingsError):
            names_of_home(wrong)


def test_the_link_for_a_trusted_person_has_the_fingerprint_too(home: Home) -> None:
    page = open_page(home, Shelf.OWN, 0, home_network(home, HERE, [], [], NOW))
    try:
        rooms = page.rooms
        headers = {"host": page.url.removeprefix("https://"), "origin": page.url}
        sleeper = Visitor.at(rooms)
        sleeper.post("/enter", {"token": rooms.doors.make_link(rooms.wall_ms())}, headers)
        headers["cookie"] = f"__Host-vigil={sleeper.cookies['__Host-vigil']}"
        FollowStore(rooms.doors).put(open=True, at="https://127.0.0.1:8458")
        sleeper.post("/follow/invite", {"name": "Anna", "days": "30", "watching": "1"}, headers)
        shown = sleeper.get("/follow", headers).text
        assert re.search(rf"https://127\.0\.0\.1:8458/enter/[\w-]{{43}}#sha256={rooms.sha256}", shown)
        assert pairs(rooms.sha256) in shown
    finally:
        page.close()


def test_a_link_for_a_phone_is_made_by_a_button_and_shown_to_who_made_it(home: Home) -> None:
    page = open_page(home, Shelf.OWN, 0, home_network(home, HERE, [], [], NOW))
    try:
        rooms = page.rooms
        headers = {"host": page.url.removeprefix("https://"), "origin": page.url}
        one, other = Visitor.at(rooms), Visitor.at(rooms)
        for visitor in (one, other):
            visitor.post("/enter", {"token": rooms.doors.make_link(rooms.wall_ms())}, headers)
            session = visitor.cookies["__Host-vigil"]
            headers_of = {**headers, "cookie": f"__Host-vigil={session}"}
            if visitor is one:
                own = headers_of
        assert "/enter/" not in one.get("/doors", own).text
        assert pairs(rooms.sha256) in one.get("/doors", own).text
        one.post("/doors/link", None, own)
        assert f"{page.url}/enter/" in one.get("/doors", own).text
        assert one.get("/doors/qr.svg", own).headers["content-type"] == "image/svg+xml"
        assert "/enter/" not in other.get("/doors", headers_of).text
        assert other.get("/doors/qr.svg", headers_of).status_code == 404
    finally:
        page.close()
