"""Roll-ups: sums by month and place, kept as documents keyed by name."""
