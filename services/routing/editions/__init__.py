"""Editions 版本 of reference data: published, tried, counted in."""
