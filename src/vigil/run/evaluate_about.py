"""What is known of a recorded night beside its signals: its content's digest, its person, its data set."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST = "night.json"
_TWO_PARTS = re.compile(r"(slp0[12])[ab]")
"""Both parts of slp01, and both of slp02, are one person each (the data set's own description)."""


@dataclass(frozen=True, slots=True)
class AboutNight:
    """name: the folder or file. source: of which data set, as the folder says. person: the same text, the same person.

    ahi: apnoea-hypopnoea index in events an hour, None where it is not said. digest: SHA-256, hex, of the content.
    """

    name: str
    path: str
    source: str
    person: str
    digest: str
    ahi: float | None = None

    @property
    def data_set(self) -> str:
        """The source's name up to its first comma, or the folder's."""
        return data_set_of(self.source) or Path(self.path).resolve().parent.name


def about_night(path: Path) -> AboutNight:
    """Read what a path says of its night; anything that is missing or broken counts as not said."""
    plain = _plain(path / MANIFEST)
    source = plain.get("source")
    said = str(source) if isinstance(source, str) else ""
    name = path.resolve().name
    return AboutNight(
        name=name,
        path=str(path),
        source=said,
        person=f"{data_set_of(said) or path.resolve().parent.name}: {_who(name, plain)}",
        digest=digest_of_night(path),
        ahi=_ahi(plain),
    )


def data_set_of(source: str) -> str:
    """The name of a data set: its source up to the first comma."""
    return source.partition(",")[0].strip()


def digest_of_night(path: Path) -> str:
    """SHA-256, hex, of a folder's content: each CSV file in order of name, as name, newline, SHA-256 hex, newline.

    Of a single file: the same of that file alone. Raises OSError where something cannot be read.
    """
    whole = hashlib.sha256()
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    for file in files:
        whole.update(f"{file.name}\n{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def person_of(name: str) -> str:
    """The person a night's name tells by itself: both parts of slp01 and of slp02 are one."""
    parts = _TWO_PARTS.fullmatch(name)
    return parts.group(1) if parts else name


def _who(name: str, plain: Mapping[str, Any]) -> str:
    """The person: by an id, else the first of the nights that are said to be of the same person, else the night."""
    person, others = plain.get("person"), plain.get("same_person_as")
    if isinstance(person, str) and person:
        return person
    if isinstance(person, dict) and person.get("id"):
        return str(person["id"])
    same = [one for one in others if isinstance(one, str)] if isinstance(others, list) else []
    return min(person_of(one) for one in (name, *same))


def _ahi(plain: Mapping[str, Any]) -> float | None:
    person = plain.get("person")
    value = plain.get("AHI", person.get("AHI") if isinstance(person, dict) else None)
    whole = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1000
    return float(value) if whole and value is not None else None


def _plain(path: Path) -> dict[str, Any]:
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return plain if isinstance(plain, dict) else {}
