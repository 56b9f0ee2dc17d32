"""What runs on a wearable, driven on a stand-in for it."""
