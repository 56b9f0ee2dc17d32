"""Episodes added to real nights for fitting: a family of their own, sharing nothing with the one that measures."""
