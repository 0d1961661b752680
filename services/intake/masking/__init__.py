"""Masking 遮蔽: words without the identities in them."""
