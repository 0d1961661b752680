"""Openers 开拆机关: before whom a sealed item lies, and from whom it is hidden."""
