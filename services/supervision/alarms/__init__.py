"""Alarms 告警: what a person must look at, as stored."""
