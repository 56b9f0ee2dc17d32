"""Many nights and mornings together: what was said, what goes with what, and a report. Pure; nothing is judged."""
