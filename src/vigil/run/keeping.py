"""Keeping a night on a disk that may fail: what cannot be written waits, and the night is told.

A night never ends because it cannot be kept. A full disk first loses its ballast; then, and on any other fault of the
disk, everything waits in memory (`store/night_writer.py` bounds it) until a commit succeeds. While that lasts the guard
allows nothing, because the ledger could not be written either (reliability F15). A database that is damaged meanwhile
is set aside and the night goes on in a fresh one, with its budget spent (F16).
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from vigil.domain.errors import DamagedError, FullError, StoreError
from vigil.domain.nudges import LedgerRow
from vigil.domain.records import Input, NightBegan, NightOutput
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.run.ports import Keeper

_OF_THE_DISK = (TroubleKind.DISK_FULL, TroubleKind.DISK_UNWRITABLE)


class CarefulKeeper:
    """A keeper whose `commit` never raises. `make_room`: frees some of a full disk and says whether it could.

    mend: opens a damaged database anew, and says whether it had to be set aside; raises StoreError.
    """

    def __init__(self, keeper: Keeper, make_room: Callable[[], bool], mend: Callable[[], bool] = lambda: False) -> None:
        self._keeper = keeper
        self._make_room = make_room
        self._mend = mend
        self._damaged = False
        self._set_aside = False
        self._failing: TroubleKind | None = None
        self._told: TroubleKind | None = None

    def begin(self, began: NightBegan) -> None:
        """See `Keeper`; a full disk gives up its ballast for it. Raises StoreError: then the night is not watched."""
        self._with_room(lambda: self._keeper.begin(began))

    def add(self, record: Input | NightOutput) -> None:
        """See `Keeper`."""
        self._keeper.add(record)

    def commit(self) -> None:
        """See `Keeper`; what could not be made durable is tried again at the next turn."""
        try:
            self.at_last(self._keeper.commit)
        except FullError:
            self._failing = TroubleKind.DISK_FULL
        except StoreError:
            self._failing = TroubleKind.DISK_UNWRITABLE
        else:
            self._failing = None

    def at_last(self, doing: Callable[[], None]) -> None:
        """Do what must be durable: a full disk gives up its ballast for it, a damaged database is set aside for it.

        Raises StoreError.
        """
        self._with_room(lambda: self._in_a_sound_one(doing))

    def _with_room(self, doing: Callable[[], None]) -> None:
        try:
            doing()
        except FullError:
            if not self._make_room():
                raise
            doing()

    def _in_a_sound_one(self, doing: Callable[[], None]) -> None:
        try:
            if not self._damaged:
                doing()
                return
        except DamagedError:
            self._damaged = True
        self._set_aside |= self._mend()
        self._damaged = False
        doing()

    def _watched(self, doing: Callable[[], None]) -> None:
        """Do it as it stands; damage that shows is seen to at the next commit. Raises StoreError."""
        try:
            doing()
        except DamagedError:
            self._damaged = True
            raise

    def spend(self, row: LedgerRow) -> None:
        """See `Keeper`; never in a fresh database: what was spent before is not known there."""
        self._with_room(lambda: self._watched(lambda: self._keeper.spend(row)))

    def outcome(self, permit: int, text: str, at_ns: int) -> None:
        """See `Keeper`."""
        self._watched(lambda: self._keeper.outcome(permit, text, at_ns))

    def told(self, troubles: Collection[TroubleKind]) -> None:
        """What a night that is gone on with was told last."""
        self._told = next((kind for kind in _OF_THE_DISK if kind in troubles), None)

    def notices(self, at_ns: int) -> list[Trouble]:
        """What the night should know of the disk since the last call."""
        aside, self._set_aside = self._set_aside, False
        damaged = [Trouble(at_ns, TroubleKind.STORE_DAMAGED)] if aside else []
        if self._failing is self._told:
            return damaged
        found = [] if self._told is None else [Trouble(at_ns, self._told, over=True)]
        if self._failing is not None:
            found.append(Trouble(at_ns, self._failing))
        self._told = self._failing
        return [*damaged, *found]
