"""What wearables say over the air, and what is said to them: one codec a family, without a radio, without a clock."""
