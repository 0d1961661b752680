"""Alarms as supervisors and operators see them."""
