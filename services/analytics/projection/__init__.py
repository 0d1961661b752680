"""Projection: events folded into sources, facts and roll-ups, and counted anew."""
