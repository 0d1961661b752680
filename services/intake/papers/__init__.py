"""Papers 文书 filled in, delivered and reported."""
