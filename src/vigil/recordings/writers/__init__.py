"""One format a module: from a night to a file."""
