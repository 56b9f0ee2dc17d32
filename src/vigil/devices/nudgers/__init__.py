"""Outputs: small adapters that accept nothing but a permit, begin exactly what it allows, and can be put off."""
