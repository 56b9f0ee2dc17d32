"""Where time lives: clocks, ports, the live and the replay runner."""
