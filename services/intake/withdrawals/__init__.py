"""Withdrawals 撤回 by the petitioner."""
