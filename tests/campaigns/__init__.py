"""Campaigns: faults in great numbers, with figures. A dose of each runs with every commit, the whole of it at night."""
