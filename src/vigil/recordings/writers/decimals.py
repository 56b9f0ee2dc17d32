"""Whole numbers on Vigil's grids as exact decimals: no float in between, so that they come back unchanged."""

from __future__ import annotations


def decimal(value: int, places: int) -> str:
    """Divide by 10 to the power of `places` and drop trailing zeros: -1500 with 3 places is "-1.5"."""
    whole, part = divmod(abs(value), 10**places)
    sign = "-" if value < 0 else ""
    digits = f"{part:0{places}d}".rstrip("0") if places else ""
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"
