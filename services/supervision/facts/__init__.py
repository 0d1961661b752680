"""The newest facts of petitions and cases."""
