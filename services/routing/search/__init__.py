"""Search 检索 over the cases somebody may see."""
