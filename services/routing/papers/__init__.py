"""Papers 文书 owed to petitioners: numbers, values, notices, the case file."""
