"""Packaged plain data: the parameters the engine starts from."""
