"""Vigil keeps watch over somebody who has nightmares, on their own computer."""

__version__ = "0.1.0"
