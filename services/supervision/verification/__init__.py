"""Verification: duties computed again from the raw events and compared."""
