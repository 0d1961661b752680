"""Facts: one countable line per petition and duty, made of what is known."""
