"""Who acts."""

from shared.workflow.entities import Actor

__all__ = ["Actor"]
