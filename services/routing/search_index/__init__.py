"""The words by which cases are found."""
