"""Duties 时限任务: what is owed by when, warned of, overdue, raised."""
