"""What can go wrong, as one tree.

    VigilError
    ├── SettingsError    a setting is unknown or outside its bounds; nothing was started
    ├── InputError       a file or stream holds something that cannot be used
    │   └── FormatError  the file is not in any format Vigil reads
    ├── DeviceError      a wearable or an output did not answer as it should
    ├── StoreError       the database refused or cannot be trusted
    │   ├── NotFoundError    no night, or no minute, by that name
    │   ├── BusyError        another Vigil holds the store
    │   ├── FullError        there is no room on the disk
    │   ├── UnwritableError  the disk cannot be read or written
    │   ├── LockedError      it is encrypted, and the passphrase is not known here
    │   └── DamagedError     what the database holds is broken
    ├── PermitError      an output was asked to act without a valid permit
    └── SnapshotError    a saved state does not fit this version

Inside the pure core bad *data* is never an exception: it is a quality or a refusal with a reason.
Messages say what happened, what Vigil did, and what to do.
"""

from __future__ import annotations


class VigilError(Exception):
    """The root: never raised itself, so that catching it means "ours, and already in plain words"."""


class SettingsError(VigilError):
    """A setting is unknown or outside its bounds."""


class InputError(VigilError):
    """A file or stream holds something that cannot be used.

    `path` and `line` (1-based, the header being line 1) are kept beside the text, so that a caller
    can point at the place without parsing the message.
    """

    def __init__(self, reason: str, *, path: str = "", line: int | None = None) -> None:
        self.reason = reason
        self.path = path
        self.line = line
        where = path if line is None else f"{path}, line {line}"
        super().__init__(f"{where}: {reason}" if where else reason)


class FormatError(InputError):
    """The file is not in any format Vigil reads."""


class DeviceError(VigilError):
    """A wearable or an output did not answer as it should."""


class StoreError(VigilError):
    """The database refused, or what it holds cannot be trusted."""


class NotFoundError(StoreError):
    """There is no night, or no minute in it, by the name that was given."""


class BusyError(StoreError):
    """Another Vigil holds the store."""


class FullError(StoreError):
    """There is no room left on the disk; what was stored before is safe."""


class UnwritableError(StoreError):
    """The disk cannot be read or written, or not by this user."""


class LockedError(StoreError):
    """The database is encrypted, and no passphrase that is known here opens it. It is not damaged."""


class DamagedError(StoreError):
    """The database is damaged, or is none."""


class PermitError(VigilError):
    """An output was asked to act without a permit that is whole, fresh and unused."""


class SnapshotError(VigilError):
    """A saved state does not fit this version of Vigil."""
