"""Nights from files and from the simulated sleeper, and back to files."""
