"""Fitting what Vigil ships: a tool of the developer, never imported by the product."""
