"""What the commands share: how one is declared, and options that several have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from vigil.app.home import Shelf

JsonTo: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--json", metavar="FILE", help="Also as JSON to this file; - for stdout, which then holds nothing else."
    ),
]

PictureFolder: TypeAlias = Annotated[
    Path | None,
    typer.Option("--picture", metavar="FOLDER", help="Draw each night into this folder, as SVG and PNG."),
]


StoreName: TypeAlias = Annotated[
    Shelf | None,
    typer.Option("--store", help="Only this store; otherwise your own is looked in first, then replay, then demo."),
]


def shelves(chosen: Shelf | None) -> tuple[Shelf, ...]:
    """The stores to look in, in order."""
    return tuple(Shelf) if chosen is None else (chosen,)


def single() -> typer.Typer:
    """An application for one command."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
