"""A simulated sleeper with known truth."""
