"""The words of the night: samples, sleep, suspicions, decisions, settings, errors. Knows nothing above it."""
