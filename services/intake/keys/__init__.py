"""Keys of the vault, bound to the data and changed."""
