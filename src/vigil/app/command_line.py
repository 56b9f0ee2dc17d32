"""What the commands share: how one is declared, and options that several have."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from vigil.app.home import Shelf
from vigil.domain.errors import InputError


def _can_be_written(to: str | None) -> str | None:
    """Before hours of nights, not after them: raise InputError where no file can be made."""
    folder = Path(to or "").absolute().parent
    if to not in (None, "-") and not (folder.is_dir() and os.access(folder, os.W_OK) and not Path(to).is_dir()):
        message = "no file can be written there; nothing was done; name one in a folder that exists and is yours"
        raise InputError(message, path=to)
    return to


JsonTo: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--json",
        metavar="FILE",
        callback=_can_be_written,
        help="Also as JSON to this file; - for stdout, which then holds nothing else.",
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
