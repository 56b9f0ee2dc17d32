"""One format a module: from a file to samples."""
