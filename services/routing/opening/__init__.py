"""Opening 立件: what intake registers becomes a case, or waits for a person."""
