"""The embedded database: nights, ledger, backup."""
