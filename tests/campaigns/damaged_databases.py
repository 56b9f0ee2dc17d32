"""A thousand databases, each damaged in another way, are opened as at the start of a night.

Nothing crashes; each either reads exactly as it was, or its damage is told: the store is refused, set aside, or names
the night, the minute or the commits that are gone. And whatever it was, a night can be recorded afterwards.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.campaigns.figures import command
from tests.campaigns.power_cut import fast_folder, row
from tests.unit.test_store_nights import some_night, stored
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.errors import StoreError
from vigil.store.answers import Answers
from vigil.store.database import Database
from vigil.store.ledger import LedgerStore
from vigil.store.night_reader import NightReader
from vigil.store.nights import Nights
from vigil.store.quarantine import open_or_quarantine

DATABASES = 10_000
PAGE = 4096
FILES = ("vigil.db", "vigil.db", "vigil.db", "vigil.db-wal", "vigil.db-head")
"""Which file is damaged: most of the time the database itself."""


@dataclass(frozen=True, slots=True)
class DamageFigures:
    """same: read exactly as before. set_aside, told, refused: the damage was noticed. The rest must be 0.

    unnoticed: something was read that is not what was stored, and nothing was said. crashes: something else than
    Vigil's own error came out. stuck: no night could be recorded afterwards, and the file was not refused either.
    """

    databases: int
    seed: int
    same: int
    set_aside: int
    told: int
    refused: int
    unnoticed: int
    crashes: int
    stuck: int
    examples: tuple[str, ...]

    @property
    def failures(self) -> int:
        return self.unnoticed + self.crashes + self.stuck


def make(folder: Path) -> list[object]:
    """A store as a kill leaves it, with a part of it in the log; and everything that can be read of it."""
    with Database.open(folder / "live" / "vigil.db") as database:
        for number in range(2):
            key = stored(database, some_night(240, number), 30)
            Nights(database).add_summary(key, '{"a": 1}')
            Answers(database).put(key, Answer(MorningWord.BAD_DREAM, dreams=number))
            for permit in range(4):
                LedgerStore(database).append(row(permit))
        database.rows("PRAGMA wal_checkpoint(PASSIVE)")
        stored(database, some_night(120, 7), 40)
        (folder / "template").mkdir()
        for file in set(FILES):
            shutil.copy(folder / "live" / file, folder / "template" / file)
        return everything(database)


def everything(database: Database) -> list[object]:
    nights = Nights(database)
    reader = NightReader(database)
    return [
        nights.nights(),
        [(list(reader.records(night.key)), nights.summary(night.key)) for night in nights.nights()],
        Answers(database).all(),
        LedgerStore(database).recent(),
    ]


def damage(path: Path, rng: random.Random) -> str:
    """One damage of one file; what it was."""
    data = bytearray(path.read_bytes())
    kind = rng.choice(("bit", "bits", "bytes", "page", "zeros", "cut", "header", "longer"))
    at = rng.randrange(len(data))
    page = at - at % PAGE
    if kind == "bit":
        data[at] ^= 1 << rng.randrange(8)
    elif kind == "bits":
        for _ in range(rng.randrange(2, 40)):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif kind == "bytes":
        data[at : at + 32] = rng.randbytes(len(data[at : at + 32]))
    elif kind in ("page", "zeros"):
        length = len(data[page : page + PAGE])
        data[page : page + PAGE] = bytes(length) if kind == "zeros" else rng.randbytes(length)
    elif kind == "cut":
        del data[at:]
    elif kind == "header":
        data[rng.randrange(100) % len(data)] = rng.randrange(256)
    else:
        data += rng.randbytes(rng.randrange(1, 2 * PAGE))
    path.write_bytes(data)
    return f"{kind} of {path.name} at {at}"


def outcome(path: Path, truth: list[object]) -> str:
    """What opening it came to."""
    try:
        opened = open_or_quarantine(path, "stamp")
    except StoreError:
        return "refused"
    with opened.database as database:
        kind = "set_aside" if opened.quarantined else _read(database, truth)
        try:
            records = some_night(20, 99)
            key = stored(database, records, 9)
            if len(list(NightReader(database).inputs(key))) < 20:
                return "stuck"
        except StoreError:
            return "stuck"
    return kind


def _read(database: Database, truth: list[object]) -> str:
    problems = database.check()
    try:
        if everything(database) == truth:
            return "told" if problems else "same"
    except StoreError:
        return "told"
    return "told" if problems else "unnoticed"


def run(databases: int = DATABASES, seed: int = 6) -> DamageFigures:
    """Damage so many databases and open each."""
    rng = random.Random(seed)
    counts: Counter[str] = Counter()
    examples: list[str] = []
    with tempfile.TemporaryDirectory(dir=fast_folder()) as name:
        folder = Path(name)
        truth = make(folder)
        for _ in range(databases):
            copy = folder / "copy"
            shutil.copytree(folder / "template", copy)
            what = damage(copy / rng.choice(FILES), rng)
            try:
                kind = outcome(copy / "vigil.db", truth)
            except Exception as error:
                kind, what = "crashes", f"{what}: {error!r}"
            counts[kind] += 1
            if kind in ("unnoticed", "crashes", "stuck"):
                examples.append(f"{kind}: {what}")
            shutil.rmtree(copy)
    kinds = ("same", "set_aside", "told", "refused", "unnoticed", "crashes", "stuck")
    found = {kind: counts[kind] for kind in kinds}
    return DamageFigures(databases=databases, seed=seed, **found, examples=tuple(examples[:9]))


if __name__ == "__main__":
    command("damaged_databases", {"databases": DATABASES, "seed": 6}, run)
