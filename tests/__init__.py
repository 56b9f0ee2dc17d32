"""Tests: each holds one thing a user would miss."""
