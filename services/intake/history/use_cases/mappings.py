"""The mapping files that come with the program."""

from __future__ import annotations

import tomllib

from services.intake.history.domain.mapping import MappingFile
from shared.kernel.errors import NotFound
from shared.reference.calendar import packaged_text

MAPPINGS = ("message-board",)


def mapping_named(name: str) -> MappingFile:
    """A packaged mapping file by name. Raises NotFound."""
    if name not in MAPPINGS:
        raise NotFound("没有这个导入映射")
    return MappingFile(tomllib.loads(packaged_text(f"mappings/{name}.toml")))
