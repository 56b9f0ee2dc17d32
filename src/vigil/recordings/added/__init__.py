"""Episodes added to real nights for measuring: known in kind, size and time, and passed through the sensor's habits."""
