"""Reveals 查看身份: the vault opened with a grant, and who looked."""
