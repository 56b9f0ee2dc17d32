"""Causal estimators: from samples to heart rate, movement and their quality."""
