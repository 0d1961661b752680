"""Every setting there is, read from the environment (prefix XINFANG_) by composition roots only."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from shared.kernel.lanes import MOST_LANES
from shared.runtime.setting_files import SettingFiles
from shared.web.client_limit import networks

DEFAULT_PASSWORDS = frozenset(
    {"admin", "changeme", "guest", "password", "postgres", "rabbitmq", "root", "secret", "xinfang"}
)
"""Passwords that stand in everybody's examples; a separated deployment does not start with one."""


FEWEST_DAYS = 35
"""No event is removed sooner: a service may be away for weeks, or be restored from a backup."""


class Mode(StrEnum):
    """How a deployment runs. Only `test` lets the clock be shifted."""

    EMBEDDED = "embedded"
    SEPARATED = "separated"
    TEST = "test"


class Settings(BaseSettings):
    """Frozen settings of one process; `.env.example` lists each with its embedded default."""

    model_config = SettingsConfigDict(
        env_prefix="XINFANG_",
        env_ignore_empty=True,  # compose files hand on unset variables as empty ones
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,  # URLs and keys are secrets
    )

    mode: Mode = Mode.EMBEDDED
    data_dir: Path = Path("data")
    database_url: str = Field(
        default="",
        repr=False,
        description="May hold {service}; empty = a file per service in data_dir.",
    )
    bus_url: str = Field(default="memory://", repr=False)
    bus_namespace: str = "xinfang"
    lanes: int = Field(
        default=1,
        ge=1,
        le=MOST_LANES,
        description="Lanes of outbox, inbox and queues; the same for all processes, changed by "
        "xinfang migrate while all services are stopped.",
    )
    root_division: str = Field(
        default="",
        pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})?$",
        description="Whose deployment this is, 2 to 12 digits; empty = as migrated.",
    )
    divisions_file: Path | None = Field(
        default=None, description="Another division tree than the packaged national one."
    )
    zone: str = "Asia/Shanghai"

    jwks: str = Field(
        default="",
        description="Path or URL of a key set, or URL of the issuer's discovery document; "
        "empty = the built-in issuer.",
    )
    own_jwks: str = Field(
        default="",
        description="Key set of the deployment's own issuer beside an identity provider: it speaks "
        "for the services and the first operator, for nobody else.",
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

    grant_keys: SecretStr | None = Field(
        default=None, description="Like vault_keys, for routing: the first one signs case grants."
    )
    step_up_acr: str = Field(
        default="", description="Values of `acr` that prove a second factor, with commas."
    )

    trusted_proxies: str = Field(
        default="", description="Addresses or networks whose X-Forwarded-For is believed."
    )
    filings_per_minute: int = Field(
        default=10,
        ge=0,
        description="Public filings, looks by code: per client address; 0 = no limit.",
    )
    filings_per_hour: int = Field(default=30, ge=0)

    anchor_file: str = Field(
        default="",
        description="Heads of the audit chain, may hold {service}; empty = data_dir/anchors.",
    )

    clock_file: Path | None = Field(
        default=None, description="File with an offset in seconds; refused outside test mode."
    )
    crash_point: str = Field(
        default="",
        description="Where the process kills itself, `name[:pass]`; refused outside test mode.",
    )
    otlp_endpoint: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#]+)?$",
        description="Base URL of an OTLP collector (HTTP) that gets traces; empty = none are made.",
    )
    trace_share: float = Field(
        default=1.0, ge=0, le=1, description="Share of requests whose trace is exported."
    )
    inbox_days: int = Field(
        default=0,
        ge=0,
        le=36_500,
        description="Handled events are removed when something newer about their subject was "
        "received so many days ago; 0 = never, else 35 or more.",
    )
    outbox_days: int = Field(
        default=0,
        ge=0,
        le=36_500,
        description="Sent events are removed after so many days; more than the age of any backup "
        "that may be restored. 0 = never, else 35 or more.",
    )
    log_level: str = Field(default="INFO", pattern="(?i)^(debug|info|warning|error|critical)$")
    max_body_bytes: int = Field(default=1_000_000, ge=1)
    pool_size: int = Field(default=10, ge=1)
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then files the environment names (`…_FILE`)."""
        return init_settings, env_settings, SettingFiles(settings_cls)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("no such time zone") from error
        return zone

    @field_validator("inbox_days", "outbox_days")
    @classmethod
    def _long_enough(cls, days: int) -> int:
        if 0 < days < FEWEST_DAYS:
            raise ValueError(f"0 or at least {FEWEST_DAYS}")
        return days

    @field_validator("trusted_proxies")
    @classmethod
    def _known_networks(cls, text: str) -> str:
        networks(text)
        return text

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.clock_file and self.mode is not Mode.TEST:
            raise ValueError("XINFANG_CLOCK_FILE is for test mode only")
        if self.anchor_file and "{service}" not in self.anchor_file:
            raise ValueError("XINFANG_ANCHOR_FILE needs {service}: each chain has its own file")
        if self.crash_point and self.mode is not Mode.TEST:
            raise ValueError("XINFANG_CRASH_POINT is for test mode only")
        if self.mode is Mode.SEPARATED:
            missing = [name for name in ("database_url", "jwks") if not getattr(self, name)]
            if self.bus_url.startswith("memory:"):  # ends where the process ends
                missing.append("bus_url")
            if missing:
                raise ValueError(f"separated mode needs {', '.join(missing)}")
            for name in ("database_url", "bus_url"):
                if _has_default_password(getattr(self, name)):
                    raise ValueError(f"{name} has a password that everybody knows")
        return self

    def database(self, service: str) -> str:
        """URL of one service's database."""
        if self.database_url:
            return self.database_url.replace("{service}", service)
        return f"sqlite+aiosqlite:///{self.data_dir.resolve() / (service + '.db')}"

    def anchor(self, service: str) -> Path:
        """File with the anchors of one service's audit chain; best on another disk."""
        if self.anchor_file:
            return Path(self.anchor_file.replace("{service}", service))
        return self.data_dir / "anchors" / f"{service}.log"

    @property
    def has_built_in_issuer(self) -> bool:
        """Whether tokens are made and checked with the key in the data folder."""
        return not self.jwks

    @property
    def may_make_keys(self) -> bool:
        """Whether missing keys may be created in the data folder (never in a separated run)."""
        return self.mode is not Mode.SEPARATED


def _has_default_password(url: str) -> bool:
    """Whether a URL logs in with a well-known password or with the user's own name."""
    parts = urlsplit(url)
    password = unquote(parts.password or "")
    return bool(password) and (password == parts.username or password in DEFAULT_PASSWORDS)
