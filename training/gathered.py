"""A night made into everything that is fitted on, once: rows of epochs and rows of moments, in every variant."""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import platformdirs

from training.moments import NightMoments, moments_of
from training.nights import Night, read_night
from training.rows import NightRows, rows_of_night
from training.variants import VARIANTS
from vigil.run.evaluate_about import digest_of_night

MANY = {"strong": 100, "moderate": 120, "turn": 10, "bathroom": 5, "terror": 5, "periodic": 10}
FEW = {"strong": 12, "moderate": 16, "turn": 3, "bathroom": 1, "terror": 1, "periodic": 3}
"""Responses added to a scored night of a wrist sensor as recorded, and to any other and any variant."""

VARIED = ("as recorded", "heart only", "15 s", "60 s, heart only", "1 s", "beats", "beats only")
"""The variants in which moments are looked at; the others would say the same again."""

_SOURCES = ("../src/vigil/domain", "../src/vigil/signal", "../src/vigil/engine", "../src/vigil/recordings/readers", ".")


@dataclass(frozen=True, slots=True)
class Gathered:
    """One night. rows: none where nothing is scored. moments: none where neither heart rate nor beats are."""

    name: str
    person: str
    digest: str
    source: str
    rows: tuple[NightRows, ...]
    moments: tuple[NightMoments, ...]


def gather(folder: Path) -> Gathered:
    """From a night folder, or from what was kept of it: the same content and the same code give the same."""
    kept = _kept_at(digest_of_night(folder), folder.name)
    if kept.exists():
        found: Gathered = pickle.loads(kept.read_bytes())
        return found
    made = _gathered(read_night(folder))
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    begun = kept.with_suffix(f".{os.getpid()}")
    begun.write_bytes(pickle.dumps(made, pickle.HIGHEST_PROTOCOL))
    begun.replace(kept)
    return made


def gather_all(folders: Sequence[Path], jobs: int = 1) -> list[Gathered]:
    """Every night, in this order."""
    if jobs == 1:
        return [gather(folder) for folder in folders]
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(gather, folders))


def night_folders(paths: Iterable[Path]) -> list[Path]:
    """Every night folder in the folders given, by path."""
    return sorted({file.parent for path in paths for file in path.rglob("night.json")})


def _gathered(night: Night) -> Gathered:
    rows = tuple(rows_of_night(night)) if night.labels and (night.heart or night.beats) else ()
    return Gathered(night.name, night.person, night.digest, night.source, rows, tuple(_moments(night)))


def _moments(night: Night) -> list[NightMoments]:
    if not (night.heart or night.beats):
        return []
    worn = bool(night.labels and night.heart and night.motion)
    found = [moments_of(night, VARIED[0], MANY if worn else FEW)]
    others = [variant for variant in VARIANTS if worn and variant.name in VARIED[1:]]
    return [*found, *(moments_of(variant.make(night), variant.name, FEW) for variant in others)]


def _kept_at(digest: str, name: str) -> Path:
    folder = platformdirs.user_cache_path("vigil-training")
    return folder / hashlib.sha256(f"{digest} {name} {_code()}".encode()).hexdigest()


@cache
def _code() -> str:
    """SHA-256, hex, of everything that rows are made by."""
    here = Path(__file__).parent
    whole = hashlib.sha256()
    for path in sorted(path for source in _SOURCES for path in (here / source).rglob("*.py")):
        if path.parent.name != "training" or path.stem in _MAKERS:
            whole.update(path.read_bytes())
    return whole.hexdigest()


_MAKERS = ("gathered", "moments", "nights", "rows", "variants")
"""Of the trainer's own modules those that rows are made by; what is fitted on them may change."""
