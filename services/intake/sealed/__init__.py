"""Sealed items 密封件: read, released, by those before whom they lie."""
