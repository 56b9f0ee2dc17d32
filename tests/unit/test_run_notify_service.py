"""The word to the service manager: exact bytes on its socket, and silence where nobody listens."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vigil.run.notify_service import MOST_STATUS, ServiceManager


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(5)
        yield heard, str(tmp_path / "notify")


def test_each_word_is_one_datagram(manager: tuple[socket.socket, str]) -> None:
    """READY, WATCHDOG, STATUS and STOPPING are said as sd_notify(3) writes them."""
    heard, address = manager
    service = ServiceManager.of({"NOTIFY_SOCKET": address}, 1)
    assert all((service.ready(), service.alive(), service.status("watching since 22:41"), service.stopping()))
    said = [heard.recv(1000) for _ in range(4)]
    assert said == [b"READY=1", b"WATCHDOG=1", b"STATUS=watching since 22:41", b"STOPPING=1"]


def test_a_status_is_one_short_line(manager: tuple[socket.socket, str]) -> None:
    """A line break cannot smuggle in another word such as READY=1, and a long text is cut."""
    heard, address = manager
    assert ServiceManager(address).status("a\nREADY=1\n" + "b" * 999)
    said = heard.recv(5000)
    assert b"\n" not in said
    assert said.startswith(b"STATUS=a READY=1 b")
    assert len(said) == len(b"STATUS=") + MOST_STATUS


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has abstract sockets")
def test_an_abstract_socket(tmp_path: Path) -> None:
    """An address that begins with @ is meant without it, behind a NUL."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(f"\0{tmp_path}")
        heard.settimeout(5)
        assert ServiceManager.of({"NOTIFY_SOCKET": f"@{tmp_path}"}, 1).alive()
        assert heard.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize("address", ["", "relative/path", "@", "/", "vsock:2:1"])
def test_nobody_listens(address: str) -> None:
    """Without a manager, or with an address of no kind that is known, nothing is sent and nothing is raised."""
    service = ServiceManager.of({"NOTIFY_SOCKET": address}, 1)
    assert service == ServiceManager()
    assert not any((service.ready(), service.alive(), service.status("x"), service.stopping()))


def test_a_manager_that_went_away_ends_nothing(tmp_path: Path) -> None:
    """A socket that is gone, or an address too long for one, is a word not sent."""
    assert not ServiceManager(str(tmp_path / "gone")).alive()
    assert not ServiceManager("/" + "x" * 500).alive()


def test_a_manager_that_reads_nothing_does_not_hold_up_the_watch(manager: tuple[socket.socket, str]) -> None:
    """When its queue is full the word is dropped at once."""
    service = ServiceManager(manager[1])
    assert not all(service.alive() for _ in range(100_000))


@pytest.mark.parametrize(
    ("usec", "pid", "seconds"),
    [("30000000", "7", 30.0), ("30000000", "8", None), ("0", "7", None), ("-5", "7", None), ("soon", "7", None)],
)
def test_the_watchdog_of_this_process(usec: str, pid: str, seconds: float | None) -> None:
    """The interval is believed only if it is a number and meant for us."""
    environment = {"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": usec, "WATCHDOG_PID": pid}
    assert ServiceManager.of(environment, 7).watchdog_s == seconds


def test_as_this_process_was_started(manager: tuple[socket.socket, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without being told, the environment of this process is what counts."""
    monkeypatch.setenv("NOTIFY_SOCKET", manager[1])
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    assert ServiceManager.here() == ServiceManager(manager[1], 2.0)
