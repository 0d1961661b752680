"""Sources: the newest state told of each petition, case and duty."""
