"""A disk that is really full, and a store that may only be read.

Full: a file system of 3 MB in memory where the test may mount one (as root, on Linux). Elsewhere a limit on the size
of files stands in for it (RLIMIT_FSIZE; SQLite then says that the disk cannot be written, not that it is full), and
`max_page_count` in `test_store_damage.py`. Only to be read: SQLite's own switch and `mode=ro`. Not covered: a medium
that the system mounts anew for reading only while it is written, and permissions, which do not bind root.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from vigil.domain.errors import FullError, StoreError, UnwritableError
from vigil.domain.nudges import LedgerRow
from vigil.domain.records import NightBegan
from vigil.domain.requests import Output, Purpose
from vigil.domain.samples import HeartSample
from vigil.store import ballast as ballast_module
from vigil.store.backup import backup, made_by_vigil
from vigil.store.ballast import Ballast
from vigil.store.database import Database
from vigil.store.hold import Hold, clear_hold, prepare_hold, read_hold, write_hold
from vigil.store.ledger import LedgerStore
from vigil.store.night_reader import NightReader
from vigil.store.night_writer import NightWriter
from vigil.store.quarantine import open_or_quarantine

S = 1_000_000_000


def row(permit: int) -> LedgerRow:
    return LedgerRow("n", permit, "b", permit * S, None, Purpose.NUDGE, 1, Output.VIBRATION, 1, 900)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("no `mount` here: a disk cannot be made full")
    if done.returncode:
        pytest.skip("this user may not mount: a disk cannot be made full here (the limit on files stands in)")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> Path:
    """Take every last byte."""
    junk = place / "junk"
    with suppress(OSError), junk.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    with suppress(OSError), junk.open("ab", buffering=0) as file:
        while True:
            file.write(b"x")
    return junk


def record(writer: NightWriter, seconds: range) -> list[HeartSample]:
    noise = random.Random(seconds.start)
    samples = [HeartSample(second * S, noise.randrange(2**62)) for second in seconds]
    for sample in samples:
        writer.add(sample)
    return samples


def test_a_full_disk_from_evening_to_morning(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said in words; what was stored is there; stop works; the ballast lets the ledger be written; then all goes on."""
    monkeypatch.setattr(ballast_module, "BALLAST_MB", 1)
    monkeypatch.setattr(ballast_module, "LEAST_MB", 0)
    prepare_hold(small_disk / "hold")
    ballast = Ballast(small_disk / "ballast")
    assert ballast.make()
    with Database.open(small_disk / "vigil.db") as database:
        ledger, writer = LedgerStore(database), NightWriter(database)
        key = writer.begin(NightBegan(0))
        added = record(writer, range(60))
        writer.commit()
        junk = fill(small_disk)
        nudged = until_refused(ledger)
        added += record(writer, range(60, 3600))
        for _ in range(3):
            with pytest.raises(FullError, match="free some space"):
                writer.commit()
        assert len(list(NightReader(database).inputs(key))) >= 60
        with pytest.raises(StoreError):
            backup(database, small_disk / "backups")
        assert made_by_vigil(small_disk / "backups") == []

        write_hold(small_disk / "hold", Hold(None, 7))
        assert read_hold(small_disk / "hold").held
        clear_hold(small_disk / "hold")

        assert ballast.release()
        ledger.append(row(999))
        assert [each.permit for each in ledger.recent().rows] == [*nudged, 999][-64:]
        writer.commit()
        assert list(NightReader(database).inputs(key)) == added
        assert writer.lost == 0
        junk.unlink()
        assert database.check() == ()
    opened = open_or_quarantine(small_disk / "vigil.db", "s")
    with opened.database as database:
        assert opened.why == ""
        assert list(NightReader(database).inputs(key)) == added


def until_refused(ledger: LedgerStore) -> list[int]:
    """The permits that were written down before there was no room for one: none of the others may be acted on."""
    nudged: list[int] = []
    for permit in range(100_000):
        try:
            ledger.append(row(permit))
        except FullError:
            return nudged
        nudged.append(permit)
    raise AssertionError("the disk is not full")


def test_a_damaged_store_on_a_full_disk_stays_where_it_is(small_disk: Path) -> None:
    """There is no room for a fresh one: nothing is moved, and it is said; with room it is set aside."""
    path = small_disk / "vigil.db"
    path.write_bytes(b"garbage " * 999)
    junk = fill(small_disk)
    with pytest.raises(StoreError):
        open_or_quarantine(path, "s")
    assert path.read_bytes() == b"garbage " * 999
    junk.unlink()
    with open_or_quarantine(path, "s").database as database:
        assert database.lost_commits


@contextmanager
def files_no_longer_than(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_where_no_file_may_grow_nothing_is_lost(tmp_path: Path) -> None:
    """As any user can try it: the commit fails in words, stop works, and all of it is stored when files may grow."""
    prepare_hold(tmp_path / "hold")
    with Database.open(tmp_path / "vigil.db") as database:
        writer = NightWriter(database)
        key = writer.begin(NightBegan(0))
        added = record(writer, range(60))
        writer.commit()
        with files_no_longer_than(200_000):
            added += record(writer, range(60, 20_000))
            for _ in range(2):
                with pytest.raises((FullError, UnwritableError)) as caught:
                    writer.commit()
                assert "disk" in str(caught.value)
            write_hold(tmp_path / "hold", Hold(None, 7))
            assert read_hold(tmp_path / "hold").held
        writer.commit()
        assert list(NightReader(database).inputs(key)) == added
        assert database.check() == ()


def test_a_store_that_may_only_be_read_is_said_and_read(tmp_path: Path) -> None:
    """The night is still read; writing it, and the ledger, fail in words, so nothing is done; then it goes on."""
    with Database.open(tmp_path / "vigil.db") as database:
        ledger, writer = LedgerStore(database), NightWriter(database)
        key = writer.begin(NightBegan(0))
        added = record(writer, range(60))
        writer.commit()
        database.rows("PRAGMA query_only=ON")
        added += record(writer, range(60, 90))
        with pytest.raises(UnwritableError, match="check who owns the file"):
            writer.commit()
        with pytest.raises(UnwritableError):
            ledger.append(row(1))
        assert len(list(NightReader(database).inputs(key))) == 60
        assert ledger.recent().readable
        database.rows("PRAGMA query_only=OFF")
        writer.commit()
        assert list(NightReader(database).inputs(key)) == added
        with Database.open(tmp_path / "vigil.db", read_only=True) as reader:
            with pytest.raises(UnwritableError):
                LedgerStore(reader).append(row(1))
            assert list(NightReader(reader).inputs(key)) == added


OTHER_USER = """
import os, sys
from pathlib import Path
os.setgid(65534)
os.setuid(65534)
from vigil.domain.errors import DamagedError, StoreError
from vigil.store.quarantine import open_or_quarantine
from vigil.store.hold import Hold, read_hold, write_hold
folder = Path(sys.argv[1])
try:
    open_or_quarantine(folder / "vigil.db", "s")
except DamagedError:
    print("damaged")
except StoreError as error:
    print(error)
print(read_hold(folder / "hold").held)
try:
    write_hold(folder / "hold", Hold(None, 1))
except StoreError as error:
    print(error)
"""


def test_a_store_of_another_user_is_no_damage(tmp_path: Path) -> None:
    """Permissions, tried as a user whom they bind: in words, nothing is moved, and a hold that cannot be read holds."""
    if os.getuid() != 0:
        pytest.skip("only root can become another user")
    folder = tmp_path / "store"
    Database.open(folder / "vigil.db").close()
    prepare_hold(folder / "hold")
    for above in (folder, *folder.parents):
        if above.stat().st_uid == 0 and above.is_relative_to(tmp_path.parent.parent):
            above.chmod(0o755)
    before = {each.name: each.read_bytes() for each in folder.iterdir()}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", OTHER_USER, str(folder)], capture_output=True, text=True, env=environment, check=False
    )
    if "ModuleNotFoundError" in done.stderr or "PermissionError" in done.stderr:
        pytest.skip("another user may not read the program here")
    said = done.stdout.splitlines()
    assert "check that it is yours" in said[0]
    assert said[1] == "True"
    assert "could not be written down" in said[2]
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == before
