"""The commands a person types, and the only place that picks implementations."""
