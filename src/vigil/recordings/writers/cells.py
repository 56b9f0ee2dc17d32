"""Cells of a CSV file that is meant to be opened in a spreadsheet."""

from __future__ import annotations

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def text_cell(text: str) -> str:
    """`text` so that no spreadsheet runs it: an apostrophe before what could start a formula (OWASP, CSV injection).

    Control characters become spaces, so that one cell stays on one line.
    """
    flat = "".join(char if char.isprintable() else " " for char in text)
    risky = text.startswith(_STARTS_A_FORMULA) or flat.lstrip().startswith(_STARTS_A_FORMULA)
    return f"'{flat}" if risky else flat


def number_cell(value: float | None, places: int) -> str:
    """A number with at most `places` decimals, or nothing for None, NaN and infinity."""
    if value is None or not -1e15 < value < 1e15:
        return ""
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
