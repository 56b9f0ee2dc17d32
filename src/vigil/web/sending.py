"""A file that is sent while it is made, and is put away at once when nobody takes it any more."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import suppress

from anyio import CancelScope
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send


class Sending(StreamingResponse):
    """Pieces as they come. However it ends, the generator is closed, so that what it has lying about goes now.

    Left to itself it would be closed when Python next looks for what refers to itself only, which may be never.
    """

    def __init__(self, pieces: Generator[bytes], media_type: str, headers: Mapping[str, str]) -> None:
        super().__init__(pieces, media_type=media_type, headers=headers)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See `StreamingResponse`."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True), suppress(ValueError):  # a server that is torn down may leave it at work
                await run_in_threadpool(self._pieces.close)
