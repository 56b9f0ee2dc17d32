"""vigil encrypt, decrypt and passphrase as processes; a watch over an encrypted store, killed on the way."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edges.test_watch_process import SHORT, SYNTHETIC, environment, kept_s, night_pid, shelf, until, vigil
from vigil.app.encrypting import is_encrypted
from vigil.app.home import Home, Shelf
from vigil.app.wiring import writing
from vigil.store import cipher, sealing
from vigil.store.database import Database

WORDS, OTHER = "it's a quiet harbour", "another harbour, further north"

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(autouse=True)
def _knows_nothing() -> Iterator[None]:
    cipher.unknow()
    cipher.ask_by(None)
    yield
    cipher.unknow()


def run(*words: str, passphrases: str = "") -> tuple[int, str]:
    """A command without a terminal; passphrases come through a descriptor, a line each."""
    there, here = os.pipe()
    os.write(here, passphrases.encode())
    os.close(here)
    try:
        unlock = ["--passphrase-fd", str(there)] if passphrases else []
        done = subprocess.run(
            vigil(*unlock, *words),
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            pass_fds=(there,),
            timeout=120,
        )
    finally:
        os.close(there)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_locked_unlocked_and_locked_anew() -> None:
    """Every command is refused in words without the passphrase and works with it; the old one then opens nothing."""
    home = Home.here()
    with writing(home, Shelf.OWN):
        pass
    code, said = run("encrypt")
    assert code == 1
    assert "nobody can be asked here" in said
    code, said = run("encrypt", passphrases=f"{WORDS}\n")
    assert code == 0, said
    assert is_encrypted(home)
    assert "solid-state" in said
    assert "start it by hand" in said
    code, said = run("nights", "--store", "own")
    assert code == 1
    assert "is locked with a passphrase; nothing was started; start it by hand with vigil watch" in said
    assert run("nights", "--store", "own", passphrases=f"{WORDS}\n")[0] == 0
    assert run("backup", "--store", "own", passphrases=f"{WORDS}\n")[0] == 0
    assert "locked with a passphrase" in run("doctor")[1]
    assert run("passphrase", passphrases=f"{WORDS}\n{OTHER}\n")[0] == 0
    code, said = run("nights", "--store", "own", passphrases=f"{WORDS}\n")
    assert code == 1
    assert "another passphrase" in said
    assert run("decrypt", passphrases=f"{OTHER}\n")[0] == 0
    assert run("nights", "--store", "own")[0] == 0
    assert not is_encrypted(home)


def test_a_short_passphrase_changes_nothing() -> None:
    code, said = run("encrypt", passphrases="short\n")
    assert code == 1
    assert "at least 12 letters" in said
    assert not Home.here().database(Shelf.OWN).exists()


def test_a_night_process_that_is_killed_goes_on_in_an_encrypted_store(tmp_path: Path) -> None:
    """The supervisor hands the passphrase on to each start; it stands in no command line and in no file."""
    path = shelf() / "vigil.db"
    Database.open(path).close()
    sealing.change(path, cipher.new_key(WORDS))
    cipher.know(WORDS)
    there, here = os.pipe()
    os.write(here, f"{WORDS}\n".encode())
    os.close(here)
    with (tmp_path / "said").open("w") as said:
        watch = subprocess.Popen(
            vigil("--passphrase-fd", str(there), "watch", *SYNTHETIC, *SHORT),
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            pass_fds=(there,),
        )
    os.close(there)
    try:
        until(lambda: night_pid() and kept_s() >= 60)
        first = night_pid()
        for pid in (first, watch.pid):
            assert WORDS.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()
            assert WORDS.encode() not in Path(f"/proc/{pid}/environ").read_bytes()
        os.kill(first, signal.SIGKILL)
        assert watch.wait(timeout=120) == 0
    finally:
        watch.kill()
    words = (tmp_path / "said").read_text()
    assert "goes on with the same night" in words
    assert "Going on with night" in words
    assert WORDS not in words
    assert kept_s() >= 300
    files = [each.read_bytes() for each in Home.here().data.rglob("*") if each.is_file()]
    assert not any(WORDS.encode() in each for each in files)
