"""Petitions 信访件: facts, masked words, numbers, progress as stored."""
