"""Reactions of routing to what others tell."""
