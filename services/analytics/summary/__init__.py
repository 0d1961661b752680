"""Summary 统计: figures of a period with comparison, within one's scope."""
