"""Settings by file: `XINFANG_VAULT_KEYS_FILE=/run/secrets/vault_keys` instead of the value."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from pydantic_settings.exceptions import SettingsError

SUFFIX = "_FILE"


class SettingFiles(PydanticBaseSettingsSource):
    """Any setting whose variable with `_FILE` behind it names a file that holds the value.

    White space around the value is dropped. Raises SettingsError (a ValueError) when such a file
    can't be read: a secret that is missing must not turn into a default."""

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls)
        self._prefix = str(settings_cls.model_config.get("env_prefix", ""))

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The text of the named file, None where no variable names one."""
        del field
        variable = f"{self._prefix}{field_name}{SUFFIX}".upper()
        place = os.environ.get(variable)
        if not place:
            return None, field_name, False
        try:
            text = Path(place).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{variable}: {place} can't be read") from error
        return text or None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """All values that came from files."""
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: text for name, text in found.items() if text is not None}
