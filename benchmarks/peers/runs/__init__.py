"""One module a tool, each run by the Python of that tool's own environment."""
