"""Vigil and its peers on the same night, in one run: `python -m benchmarks.peers`."""
