"""The checker: figures added up again from the facts and compared."""
