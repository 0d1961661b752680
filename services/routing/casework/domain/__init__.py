"""What acts ask of a case and of the law: destinations, shares, ends, conditions by the law."""
