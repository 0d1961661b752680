"""Places 地点: the names in a text read as divisions."""
