"""How a person wants files to be read: columns by name, units, and bounds that keep a hostile file harmless."""

from __future__ import annotations

from dataclasses import dataclass

from vigil.domain.errors import InputError

ROLES = ("time", "hr", "rr", "x", "y", "z", "steps")
"""What a column of a table may hold."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read.

    columns: (role, column name) pairs for tables whose headers Vigil cannot guess; roles are `ROLES`.
    units: (role, unit) pairs, over what the header says: time s, ms, us, ns; hr bpm, hz; rr ms, s; x, y, z g, mg, m/s2.
    keep_counts_rows: use motion rows of a night folder marked source=counts, which may leak one row of the future.
    max_bytes: a larger file is refused; reading is streamed, so this bounds time, not memory.

    Raises InputError for a role Vigil does not know, or one given twice.
    """

    columns: tuple[tuple[str, str], ...] = ()
    units: tuple[tuple[str, str], ...] = ()
    keep_counts_rows: bool = False
    max_bytes: int = 16 * 1024**3

    def __post_init__(self) -> None:
        """Raise InputError for an unknown or repeated role."""
        for pairs in (self.columns, self.units):
            roles = [role for role, _ in pairs]
            for role in roles:
                if role not in ROLES or roles.count(role) > 1:
                    message = f"column role {role!r}: each of {', '.join(ROLES)} at most once; nothing was read"
                    raise InputError(message)

    def column(self, role: str) -> str | None:
        """The column name given for a role, if any."""
        return dict(self.columns).get(role)

    def unit(self, role: str) -> str | None:
        """The unit given for a role, if any."""
        return dict(self.units).get(role)
