"""Slow looks at the whole that no single event would trigger."""
