"""Guides and policy changes 指引、政策变动."""
