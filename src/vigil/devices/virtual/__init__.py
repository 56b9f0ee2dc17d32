"""Virtual wearables, for tests and for `vigil` without hardware: what they say, how they fail, and a radio for them.

The models (`model`, `strap`, `watch`, `polar`) know no radio. `air` and `backend` carry them over bumble, a Bluetooth
stack in Python, and are imported only on demand: bumble is an optional extra.
"""
