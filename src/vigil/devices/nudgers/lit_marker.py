"""The note that Vigil lit a lamp: what is left of a glow after a power cut or a kill.

Without it nobody knows after a restart whether a lamp is on because of Vigil or because somebody is reading.
It is written before the lamp is lit and removed once the lamp is confirmed off; it holds which lamp, and no secret.
Beside it, for as long, lies what it takes to put that lamp out, whatever the settings say by then; that may be secret.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path

_HEAD = "lit by Vigil: "
_MOST_BYTES = 4096


HOW_SUFFIX = ".how"
"""Added to the name of a note: the file beside it."""


@dataclass(frozen=True, slots=True)
class LitMarker:
    """The note about the lamp `lamp` at `path`, whose folder exists; a note about another lamp is none.

    how: what lies beside it; nothing lies there if it is empty.
    """

    path: Path
    lamp: str
    how: bytes = field(default=b"", repr=False)

    @property
    def how_path(self) -> Path:
        """The file beside the note."""
        return self.path.with_name(self.path.name + HOW_SUFFIX)

    def is_set(self) -> bool:
        """Whether Vigil lit this lamp and does not know it to be out; a damaged note counts, for safety's sake."""
        try:
            with self.path.open("rb") as note:
                text = note.read(_MOST_BYTES).decode(errors="replace")
        except FileNotFoundError:
            return False
        except OSError:
            return True
        whole = text.startswith(_HEAD) and text.endswith("\n")
        return not whole or text == f"{_HEAD}{self.lamp}\n"

    async def set(self) -> None:
        """Write the note to the disk itself, mode 0600; raises OSError."""
        await asyncio.to_thread(self._write)

    async def clear(self) -> None:
        """Remove the note from the disk; raises OSError, but not if there is none."""
        await asyncio.to_thread(self._remove)

    def _write(self) -> None:
        if self.how:
            _put(self.how_path, self.how)
        _put(self.path, f"{_HEAD}{self.lamp}\n".encode())
        self._sync_folder()

    def _remove(self) -> None:
        self.path.unlink(missing_ok=True)
        self.how_path.unlink(missing_ok=True)
        self._sync_folder()

    def _sync_folder(self) -> None:
        """A name in a folder survives a power cut only once the folder is on the disk too."""
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _put(path: Path, data: bytes) -> None:
    """Write to the disk itself, for its owner only; raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
