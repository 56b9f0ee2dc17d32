"""Files that pages are made with: read once, named with the digest of what is in them, kept by browsers for a year.

A table of what is there, so that no path a browser asks for is ever made into the name of a file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file. mark: the beginning of the SHA-256 of its content."""

    name: str
    content: bytes
    media_type: str
    mark: str


@cache
def all_files() -> dict[str, StaticFile]:
    """Every file of the folder that has a known type, by name."""
    found = {}
    for file in files("vigil.web").joinpath("static").iterdir():
        suffix = f".{file.name.rpartition('.')[2]}"
        if suffix in TYPES:
            content = file.read_bytes()
            mark = hashlib.sha256(content).hexdigest()[:12]
            found[file.name] = StaticFile(file.name, content, TYPES[suffix], mark)
    return found


def address(name: str) -> str:
    """Where a browser finds a file; raises KeyError for one that is not there."""
    return f"/static/{all_files()[name].mark}/{name}"
