"""Links as squares that a phone's camera reads."""

from __future__ import annotations

import io

import segno
from starlette.responses import Response


def qr_svg(link: str) -> Response:
    """The picture, black on white with its quiet zone, which cameras need."""
    made = io.BytesIO()
    segno.make_qr(link, error="m").save(
        made,
        kind="svg",
        scale=6,
        border=4,
        dark="#000000",
        light="#ffffff",
        xmldecl=False,
        svgclass=None,
        lineclass=None,
    )
    return Response(made.getvalue(), media_type="image/svg+xml")


def qr_text(link: str) -> str:
    """The same in letters, for a terminal of any colours."""
    made = io.StringIO()
    segno.make_qr(link, error="l").terminal(out=made, border=2, compact=True)
    return made.getvalue()
