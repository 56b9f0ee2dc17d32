"""Colours of the look, read from the stylesheet itself, for pictures that stand outside of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from vigil.web.static_files import all_files

PAPER = {
    "ground": "#ffffff",
    "panel": "#ffffff",
    "rule": "#d9d2ca",
    "line": "#8a8178",
    "text": "#2b2520",
    "bright": "#14100d",
    "faint": "#5d554d",
    "accent": "#8a5a12",
    "heart": "#a4472b",
    "movement": "#7d7264",
    "nudge": "#9a6410",
    "band": "#cfc6bb",
    "wake": "#b07a24",
    "rem": "#8a5686",
    "light": "#4e7291",
    "deep": "#2f4f8a",
    "unscored": "#b9afa4",
    "nightmare": "#b1521f",
    "terror": "#8a6d14",
    "bed": "#4d7459",
    "arousal": "#6d655d",
    "periodic": "#65752f",
}
"""The same names on white paper, dark enough to be printed."""


@cache
def tokens(theme: str) -> Mapping[str, str]:
    """Colours by the name of their token, without its dashes; theme: "day", "night" or "paper"."""
    if theme == "paper":
        return PAPER
    css = all_files()["vigil.css"].content.decode("utf-8")
    found = _block(css, r":root")
    return found | _block(css, r'\[data-theme="night"\]') if theme == "night" else found


def _block(css: str, selector: str) -> dict[str, str]:
    block = re.search(rf"(?m)^{selector} \{{(.*?)\}}", css, re.DOTALL)
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", block[1])) if block else {}
