"""The only thing that can make an output act.

A permit is minted by the guard alone: `claim_mint` hands out the one mint there is, once, and the guard
claims it when it is imported. A permit names exactly what may be done, is used once, and dies two seconds
after it was issued, so that a laptop waking from suspend cannot fire a nudge that was due before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from vigil.domain.errors import PermitError
from vigil.domain.requests import NudgeRequest
from vigil.domain.units import NS_PER_S

PERMIT_LIFE_NS = 2 * NS_PER_S
"""How long a permit may be used after it was issued (DESIGN section 5)."""

_KEY = object()


class Permit:
    """Leave to act once, at `request.level`, for at most `request.duration_ms`, before `expires_ns`."""

    __slots__ = ("_issued_ns", "_request", "_serial", "_used")

    def __init__(self, *, key: object, serial: int, request: NudgeRequest, issued_ns: int) -> None:
        if key is not _KEY:
            message = "only the guard makes permits; nothing was done"
            raise PermitError(message)
        self._serial = serial
        self._request = request
        self._issued_ns = issued_ns
        self._used = False

    @property
    def serial(self) -> int:
        """Serial number of the permit in its night, from 1."""
        return self._serial

    @property
    def request(self) -> NudgeRequest:
        """Exactly what may be done."""
        return self._request

    @property
    def issued_ns(self) -> int:
        """When the guard issued it."""
        return self._issued_ns

    @property
    def expires_ns(self) -> int:
        """The first instant at which it is no longer good."""
        return self._issued_ns + PERMIT_LIFE_NS

    def redeem(self, at_ns: int) -> NudgeRequest:
        """Use the permit up and return what may be done; raises PermitError if it is used, early or expired."""
        if self._used:
            message = f"permit {self._serial} was already used; nothing was done"
            raise PermitError(message)
        self._used = True
        if not self._issued_ns <= at_ns < self.expires_ns:
            message = f"permit {self._serial} is not good at this instant; nothing was done"
            raise PermitError(message)
        return self._request

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Permit):
            return NotImplemented
        return (self._serial, self._request, self._issued_ns) == (other._serial, other._request, other._issued_ns)

    def __hash__(self) -> int:
        return hash((self._serial, self._issued_ns))

    def __repr__(self) -> str:
        return f"Permit({self._serial}, {self._request})"

    def __reduce__(self) -> NoReturn:
        """A permit is not copied, pickled or sent elsewhere: a copy could be used a second time."""
        message = "a permit cannot be copied"
        raise PermitError(message)

    def __copy__(self) -> NoReturn:
        self.__reduce__()

    def __deepcopy__(self, memo: object) -> NoReturn:
        self.__reduce__()


Mint = Callable[[int, NudgeRequest, int], Permit]

_claimed: list[bool] = []


def claim_mint() -> Mint:
    """Return the function that makes permits, the first time; raises PermitError ever after."""
    if _claimed:
        message = "the mint of permits was already claimed by the guard"
        raise PermitError(message)
    _claimed.append(True)

    def mint(serial: int, request: NudgeRequest, issued_ns: int) -> Permit:
        return Permit(key=_KEY, serial=serial, request=request, issued_ns=issued_ns)

    return mint
