"""What intake's use cases need beside the transaction: keys, rules, the classifier."""
