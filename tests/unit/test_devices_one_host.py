"""Asking one host in the home, which may misbehave in every way a server can."""

from __future__ import annotations

import asyncio
import logging
import traceback

import pytest
from aiohttp import web

from tests.loopback import CANARY, Handler, closed_port, http_server
from vigil.devices.nudgers.one_host import (
    MOST_BYTES,
    Answer,
    OneHost,
    certificate_of,
    checked_certificate,
    checked_secret,
    checked_url,
)
from vigil.domain.errors import DeviceError, SettingsError


def answer_of(handler: Handler, timeout_s: float = 5.0, method: str = "GET") -> Answer:
    async def ask() -> Answer:
        async with http_server(handler) as port:
            host = OneHost(f"http://127.0.0.1:{port}", "the box", {"X-Key": CANARY}, timeout_s=timeout_s)
            try:
                return await host.ask(method, "/lamp")
            finally:
                await host.close()

    return asyncio.run(ask())


def always(response: web.Response) -> Handler:
    async def handler(_: web.BaseRequest) -> web.StreamResponse:
        return response

    return handler


def test_an_answer_is_its_status_and_its_json() -> None:
    """The plain case, with the key sent in the header and no cookie or compression asked for."""
    heard: list[web.BaseRequest] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        heard.append(request)
        return web.json_response({"on": True})

    assert answer_of(handler) == Answer(200, {"on": True})
    assert heard[0].headers["X-Key"] == CANARY
    assert heard[0].headers["Accept-Encoding"] == "identity"


def test_an_error_is_its_status_whatever_its_body() -> None:
    """A page of HTML beside an error is nobody's business."""
    assert answer_of(always(web.Response(status=500, text="<html>"))) == Answer(500, None)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"{", b"\xff\xfe", b"[" * 60_000],
    ids=["empty", "html", "half", "no text", "deep"],
)
def test_what_cannot_be_read_is_an_error_in_plain_words(body: bytes) -> None:
    """Garbage never leaves the parser as anything else."""
    with pytest.raises(DeviceError, match="cannot be read"):
        answer_of(always(web.Response(body=body)))


def test_an_answer_that_is_too_long_is_not_read_to_its_end() -> None:
    """Memory stays flat against a server that goes on and on."""
    sent = 0

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while sent < 200 * MOST_BYTES:
                await response.write(b"x" * MOST_BYTES)
                sent += MOST_BYTES
        except ConnectionError:
            pass
        return response

    with pytest.raises(DeviceError, match="more than a lamp has to say"):
        answer_of(handler)
    assert sent < 200 * MOST_BYTES


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_refused(status: int) -> None:
    """The key goes to the host that was chosen and to no other."""
    asked: list[str] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response(status=status, headers={"Location": "/elsewhere"})

    with pytest.raises(DeviceError, match="pointed elsewhere"):
        answer_of(handler)
    assert asked == ["/lamp"]


def test_a_host_that_hangs_is_given_up() -> None:
    """A lamp may never hold up a stop."""

    async def handler(_: web.BaseRequest) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(DeviceError, match="did not answer"):
        answer_of(handler, timeout_s=0.05)


def test_a_host_that_hangs_up_did_not_answer() -> None:
    """A connection that is dropped in the middle is no answer, and what was posted is not posted again."""
    asked = 0

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    with pytest.raises(DeviceError, match="did not answer"):
        answer_of(handler, method="POST")
    assert asked == 1


def test_nobody_there_is_said_with_the_address() -> None:
    """The person sees at once which address is wrong."""

    async def ask(port: int) -> None:
        host = OneHost(f"http://127.0.0.1:{port}", "the box", {})
        try:
            await host.ask("GET", "/lamp")
        finally:
            await host.close()

    port = closed_port()
    with pytest.raises(DeviceError, match=f"the box did not answer at http://127.0.0.1:{port}"):
        asyncio.run(ask(port))


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lamp in the home is not asked for through somebody's server."""
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    assert answer_of(always(web.json_response(1))) == Answer(200, 1)


def test_no_secret_is_in_anything_that_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """Neither in the error, nor in what led to it, nor in a log."""
    caplog.set_level(logging.DEBUG)

    async def hang_up(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    for handler in (always(web.Response(body=b"{")), always(web.Response(status=302)), hang_up):
        with pytest.raises(DeviceError) as caught:
            answer_of(handler)
        assert CANARY not in "".join(traceback.format_exception(caught.value))
        assert caught.value.__cause__ is None
    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("http://homeassistant.local:8123/", "http://homeassistant.local:8123"),
        ("https://192.168.1.2", "https://192.168.1.2"),
        ("http://[::1]:8123", "http://[::1]:8123"),
        ("https://home.example/assistant/", "https://home.example/assistant"),
    ],
)
def test_a_plain_address_is_taken(url: str, kept: str) -> None:
    """With a port, a path before the API, or neither."""
    assert checked_url(url, ("http", "https")) == kept


@pytest.mark.parametrize(
    "url",
    [
        "",
        "homeassistant.local:8123",
        "ftp://host",
        "file:///etc/passwd",
        "http://",
        "http://user:canary@host",
        "http://canary@host",
        "http://host?token=canary",
        "http://host#x",
        "http://host:99999",
        "http://host:0",
        "http://host/../etc",
        "http://host/a b",
        " http://host",
        "http://ho\nst",
        "http://hö.st",
        "http://[::1",
        "http://host/%2e%2e",
        5,
        None,
    ],
)
def test_an_address_that_is_not_plain_is_refused_and_not_repeated(url: str) -> None:
    """A password in an address would end up in a log."""
    with pytest.raises(SettingsError) as caught:
        checked_url(url, ("http", "https"))
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("host", ["8.8.8.8", "lamp.example", "[2001:4860:4860::8888]", "0.0.0.0", "local.example"])
def test_a_key_leaves_the_home_over_tls_only(host: str) -> None:
    """Whoever is on the way would read it."""
    with pytest.raises(SettingsError, match="https"):
        checked_url(f"http://{host}", ("http", "https"))
    if host != "0.0.0.0":
        assert checked_url(f"https://{host}", ("http", "https")) == f"https://{host}"


@pytest.mark.parametrize("host", ["10.0.0.7", "homeassistant", "ha.fritz.box", "[fd00::7]", "[fe80::7]", "127.0.0.1"])
def test_what_only_a_home_has_may_be_asked_in_the_clear(host: str) -> None:
    """Most of them have no certificate."""
    assert checked_url(f"http://{host}", ("http", "https")) == f"http://{host}"


@pytest.mark.parametrize("host", ["a..b", "x" * 70])
def test_a_name_that_no_host_can_have_is_an_error_in_words(host: str) -> None:
    """The resolver says it with another exception than everything else."""
    with pytest.raises(DeviceError, match="nothing answered"):
        asyncio.run(certificate_of(f"https://{host}"))


def test_only_the_schemes_that_were_asked_for_are_taken() -> None:
    """A key meant for TLS is not sent in the clear."""
    with pytest.raises(SettingsError, match="https"):
        checked_url("http://host", ("https",))


@pytest.mark.parametrize("secret", ["", "a b", "a\nX-Evil: 1", "schlüssel", "x" * 5000, None])
def test_a_secret_that_cannot_be_sent_is_refused_and_not_repeated(secret: str) -> None:
    """A line break would write a header of its own."""
    with pytest.raises(SettingsError) as caught:
        checked_secret(secret, "the key")
    assert not secret or secret not in str(caught.value)


def test_a_fingerprint_is_taken_as_people_write_it() -> None:
    """With colons and capitals, or without."""
    assert checked_certificate(":".join(["AB"] * 32)) == "ab" * 32
    assert checked_certificate("") == ""
    with pytest.raises(SettingsError, match="64 hex digits"):
        checked_certificate("ab" * 20)
