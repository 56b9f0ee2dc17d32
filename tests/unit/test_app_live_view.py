"""The view of a night going by: it only looks on."""

from __future__ import annotations

import errno
import io

import pytest
from rich.console import Console

from vigil.app.live_view import LiveView, PlainView
from vigil.domain.records import NightBegan, Tick
from vigil.domain.units import NS_PER_S


class Closed(io.StringIO):
    """A terminal whose window was closed after it had been looked at."""

    gone = False

    def write(self, text: str) -> int:
        if self.gone:
            raise OSError(errno.EIO, "Input/output error")
        return super().write(text)

    def flush(self) -> None:
        if self.gone:
            raise OSError(errno.EIO, "Input/output error")


@pytest.mark.parametrize("view", [LiveView, PlainView])
def test_a_terminal_that_is_closed_does_not_end_the_night(view: type[LiveView | PlainView]) -> None:
    """Whoever draws on it goes on in silence, to the end."""
    file = Closed()
    with view(Console(file=file, force_terminal=view is LiveView), "a sleeper", 100.0) as look:
        look(NightBegan(0))
        assert file.getvalue()
        file.gone = True
        look(NightBegan(0))
        look(Tick(90 * NS_PER_S))
    assert file.gone
