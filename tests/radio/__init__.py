"""A stand-in for the operating system's radio."""
