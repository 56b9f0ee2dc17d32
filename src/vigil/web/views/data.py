"""Your data on its pages: how large it is, which copies there are, what erasing would come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vigil.app.data_room import Copy, Sizes
from vigil.app.erasing import Gone
from vigil.store.nights import NightRow
from vigil.web.views.journal import moment_words
from vigil.web.views.night_titles import titles
from vigil.web.words import Words

STEP = 1000
"""Bytes of a kB, as disks are sold (IEC 80000-13)."""

UNITS = ("kb", "mb", "gb")

KINDS = ("nights", "journal", "backups", "pictures", "aside")
"""What takes room, as `Sizes` has it."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much room something takes, and where it is."""

    what: str
    size: str
    where: str


@dataclass(frozen=True, slots=True)
class CopyLine:
    """A copy in the list. name: of its file, where something can be taken back from it; else ""."""

    name: str
    title: str
    about: str


def size_words(size: int, t: Words) -> str:
    """Bytes in words: "1.2 MB"."""
    if size < STEP:
        return t("data.bytes", n=size)
    unit = 0
    value = size / STEP
    while value >= STEP and unit + 1 < len(UNITS):
        value, unit = value / STEP, unit + 1
    return t(f"data.{UNITS[unit]}", size=t.number(round(value, 1 if value < 10 else 0)))


def rooms_of(found: Sizes, places: Sequence[str], t: Words) -> tuple[Room, ...]:
    """Every kind that takes room; places: where each is, in the order of `KINDS`."""
    sizes = [(kind, getattr(found, kind), place) for kind, place in zip(KINDS, places, strict=True)]
    return tuple(Room(t(f"data.kept_{kind}"), size_words(size, t), place) for kind, size, place in sizes if size)


def copy_lines(copies: Sequence[Copy], t: Words) -> tuple[CopyLine, ...]:
    """Copies as they come, the newest first."""
    return tuple(copy_line(copy, t) for copy in copies)


def copy_line(copy: Copy, t: Words) -> CopyLine:
    """One copy in words."""
    kind = "aside" if copy.aside else "copy"
    what = t(f"data.{kind}_{'words' if copy.words else 'nights'}")
    about = [size_words(copy.size, t)]
    if copy.encrypted:
        about.append(t("data.copy_locked"))
    return CopyLine("" if copy.aside else copy.path.name, f"{what}, {moment_words(copy.made_ms, t)}", " · ".join(about))


def night_choices(rows: Sequence[NightRow], t: Words) -> list[tuple[int, str]]:
    """Nights to choose from, the latest first: key and title."""
    called = titles(rows, t)
    return [(row.key, called[row.key]) for row in reversed(rows)]


def gone_lines(gone: Sequence[Gone], t: Words) -> list[str]:
    """What was erased, and what was out of reach."""
    lines = [t("data.gone")]
    for each in gone:
        for kind, done in (("nights", each.nights), ("words", each.words)):
            if done is not None:
                lines += [t(f"data.unreachable_{kind}", folder=folder) for folder in done.unreachable]
                lines += [t("data.still_aside", path=path) for path in done.set_aside]
    return lines


def file_day(now: datetime) -> str:
    """For the name of a file: "2026-11-30"."""
    return now.date().isoformat()
