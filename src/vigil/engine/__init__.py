"""What is happening: features, sleep stages, episodes. Pure and causal."""
