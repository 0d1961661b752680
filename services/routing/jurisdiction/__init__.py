"""Jurisdiction 管辖: which organ a matter belongs to, with the trail of reasons."""
