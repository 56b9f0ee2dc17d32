"""What a night costs, as a table and as JSON: `python -m benchmarks.night`."""
