"""Numbered forward steps of the database, as SQL files."""
