"""The night process: what it finds beside its turns."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, cast

import pytest

from vigil.app.watching import _Night
from vigil.domain.errors import DeviceError, SettingsError
from vigil.domain.records import Event
from vigil.domain.troubles import Trouble, TroubleKind


class Finds:
    """As much of a night as finds things."""

    def __init__(self) -> None:
        self._found: deque[Event] = deque()


@pytest.mark.parametrize("error", [DeviceError("no"), SettingsError("no"), OSError(), KeyError("address")])
def test_a_telling_that_failed_is_told_in_the_morning(error: Exception) -> None:
    """Whatever went wrong; its words may hold an address and are not kept."""

    async def tell() -> None:
        raise error

    night = cast(Any, Finds())
    asyncio.run(_Night._telling(night, tell))
    assert _Night._first(night, 7) == [Trouble(7, TroubleKind.NOT_TOLD)]
    assert _Night._first(night, 8) == []


def test_a_telling_that_worked_is_no_trouble() -> None:
    """Nothing is found."""

    async def tell() -> bool:
        return True

    night = cast(Any, Finds())
    asyncio.run(_Night._telling(night, tell))
    assert _Night._first(night, 7) == []
