"""Which release this is."""

from __future__ import annotations

from importlib.metadata import version


def release() -> str:
    """The version in pyproject.toml, as it was installed."""
    return version("xinfang")
