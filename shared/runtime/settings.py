"""Every setting there is, read from the environment (prefix XINFANG_) by composition roots only."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Mode(StrEnum):
    """How a deployment runs. Only `test` lets the clock be shifted."""

    EMBEDDED = "embedded"
    SEPARATED = "separated"
    TEST = "test"


class Settings(BaseSettings):
    """Frozen settings of one process; `.env.example` lists each with its embedded default."""

    model_config = SettingsConfigDict(env_prefix="XINFANG_", frozen=True, extra="ignore")

    mode: Mode = Mode.EMBEDDED
    data_dir: Path = Path("data")
    database_url: str = Field(
        default="", description="May hold {service}; empty = a file per service in data_dir."
    )
    bus_url: str = "memory://"
    bus_namespace: str = "xinfang"
    root_division: str = Field(
        default="", description="Whose deployment this is, 2 to 12 digits; empty = as migrated."
    )
    divisions_file: Path | None = Field(
        default=None, description="Another division tree than the packaged national one."
    )
    zone: str = "Asia/Shanghai"

    jwks: str = Field(
        default="", description="Path or URL of the JWKS; empty = the built-in embedded issuer."
    )
    token_issuer: str = "xinfang-embedded"  # noqa: S105  a name
    token_audience: str = "xinfang"  # noqa: S105  a name
    service_token: SecretStr | None = Field(
        default=None, description="Bearer token with which a service reads another's event feed."
    )
    feed_url: str = Field(
        default="", description="Base URL behind which all four services' feeds are reached."
    )

    vault_keys: SecretStr | None = Field(
        default=None, description="kid:base64key[,kid:base64key…], first one encrypts; 32 bytes."
    )
    query_code_key: SecretStr | None = Field(
        default=None, description="base64, at least 32 bytes; keys the hash of query codes."
    )

    clock_file: Path | None = Field(
        default=None, description="File with an offset in seconds; refused outside test mode."
    )
    log_level: str = "INFO"
    max_body_bytes: int = 1_000_000
    pool_size: int = 10
    host: str = "127.0.0.1"
    port: int = 8000

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.clock_file and self.mode is not Mode.TEST:
            raise ValueError("XINFANG_CLOCK_FILE is for test mode only")
        if self.mode is Mode.SEPARATED:
            missing = [name for name in ("database_url", "jwks") if not getattr(self, name)]
            if missing:
                raise ValueError(f"separated mode needs {', '.join(missing)}")
        return self

    def database(self, service: str) -> str:
        """URL of one service's database."""
        if self.database_url:
            return self.database_url.replace("{service}", service)
        return f"sqlite+aiosqlite:///{self.data_dir.resolve() / (service + '.db')}"

    @property
    def has_built_in_issuer(self) -> bool:
        """Whether tokens are made and checked with the key in the data folder."""
        return not self.jwks

    @property
    def may_make_keys(self) -> bool:
        """Whether missing keys may be created in the data folder (never in a separated run)."""
        return self.mode is not Mode.SEPARATED
