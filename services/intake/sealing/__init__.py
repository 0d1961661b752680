"""Sealing 密封: which texts accuse an official or may."""
