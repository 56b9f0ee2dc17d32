"""What evaluating nights found, counted together: pure, no file and no clock."""
