"""History 历史件: files of other programs, imported."""
