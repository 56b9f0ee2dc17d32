"""What is asked of a night that is in the store: its words, that it reads back, that a backup gives it back."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from vigil.app.stored_night import StoredNight
from vigil.night.account_words import account_sentences
from vigil.night.night_watch import NightWatch
from vigil.run.replay import Outfit, ticked
from vigil.store.database import Database
from vigil.store.night_reader import NightReader
from vigil.store.nights import NightRow, Nights
from vigil.store.restore import restore


def wrong_with_words(night: StoredNight) -> list[str]:
    """Every kind has its sentence, of two parts at most, and nothing that alarms."""
    lines = account_sentences(night.account, night.clock.words)
    kinds = {event.kind for event in night.account.events}
    wrong = [f"alarming: {line}" for line in lines if "error" in line.lower()]
    wrong += [f"too long: {line}" for line in lines if line.count(". ") > 1]
    return wrong if len(lines) >= len(kinds) else [*wrong, f"{len(kinds)} kinds and {len(lines)} sentences"]


def wrong_with_return(database: Database, row: NightRow, outfit: Outfit) -> list[str]:
    """A night that is read back from its store says again what it said, whatever interrupted it."""
    watch = NightWatch(outfit.parameters, outfit.settings, outfit.profile)
    for record in ticked(NightReader(database).inputs(row.key)):
        watch.push(record)
    same = watch.digests["inputs"], watch.digests["outputs"]
    return [] if same == (row.inputs_digest, row.outputs_digest) else [f"{row.name}: read back it says something else"]


def wrong_with_drill(database: Database, made: Path, folder: Path, gaps: set[str]) -> list[str]:
    """A backup taken back into an empty store gives the same nights."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with Database.open(folder / "vigil.db") as empty:
        restore(empty, made)
        here = [replace(row, key=0) for row in Nights(database).nights()]
        there = [replace(row, key=0) for row in Nights(empty).nights()]
        faults = [line for line in empty.check() if line not in gaps]
    shutil.rmtree(folder)
    return [*faults, *([] if here == there else ["a backup does not give back the same nights"])]
