"""What an installation may set: environment variables named `BACKOFFICE_…`, checked once at the edge."""

import difflib
import os
import re
import secrets
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from backoffice.errors import BackofficeError

PREFIX = "BACKOFFICE_"
# A browser writes its origin in small letters and without a path.
_ORIGIN = re.compile(r"https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d+)?")
_DRIVERS = frozenset({"sqlite+aiosqlite", "postgresql+asyncpg"})


class SettingsError(BackofficeError):
    """A setting is unknown or has a value that cannot be used."""

    code = "BAD_SETTING"


class Settings(BaseSettings):
    """One installation's settings; each has a default that suits development on one machine."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    environment: Literal["development", "production"] = "development"
    database_url: str = ""
    replica_url: str = ""
    data_dir: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_origin: str = ""
    currency: str = Field(default="EUR", pattern=r"^[A-Z]{3}$")
    time_zone: str = "Europe/Paris"
    locale: Literal["fr", "en"] = "fr"
    secret_keys: str = ""
    smtp_url: str = ""
    operator: Path | None = None
    clock: datetime | None = None
    subscriber_documents: Literal["trusted", "any"] = "trusted"
    compiled_reads: bool = False

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as unknown:
            raise ValueError(f"'{name}' is no time zone; use a name such as Europe/Paris") from unknown
        return name

    @field_validator("clock")
    @classmethod
    def _clock_has_an_offset(cls, instant: datetime | None) -> datetime | None:
        if instant is not None and instant.tzinfo is None:
            raise ValueError("the clock needs an offset, such as 2026-11-21T10:00+01:00")
        return instant

    @field_validator("database_url", "replica_url")
    @classmethod
    def _database_is_an_address(cls, url: str) -> str:
        # Never quote the address: it may hold a password.
        form = "write sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER:PASSWORD@HOST/NAME"
        try:
            parsed = make_url(url) if url else None
        except (ArgumentError, ValueError) as unreadable:
            raise ValueError(f"it is no address of a database; {form}") from unreadable
        if parsed and parsed.drivername not in _DRIVERS:
            raise ValueError(f"'{parsed.drivername}' is no driver that we can use; {form}")
        return url

    @field_validator("public_origin")
    @classmethod
    def _origin_is_what_a_browser_sends(cls, origin: str) -> str:
        if origin and not (_ORIGIN.fullmatch(origin) and _has_host(origin)):
            raise ValueError("write http(s)://HOST or http(s)://HOST:PORT in small letters, without a path or a slash")
        return origin

    @field_validator("smtp_url")
    @classmethod
    def _mail_server_is_an_address(cls, url: str) -> str:
        if url and not (url.startswith(("smtp://", "smtps://")) and _has_host(url)):
            raise ValueError("write smtp://HOST:PORT or smtps://USER:PASSWORD@HOST:PORT")
        return url

    @cached_property
    def url(self) -> str:
        """The address of the database; by default an SQLite file in the data folder."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'backoffice.sqlite3'}"

    @cached_property
    def keys(self) -> tuple[bytes, ...]:
        """The secret keys, newest first; made once in development, required in production."""
        written = [key.strip() for key in self.secret_keys.split(",") if key.strip()]
        if not written:
            written = [_development_key(self.data_dir / "secret-key")]
        return tuple(key.encode() for key in written)

    @cached_property
    def origin(self) -> str:
        """The origin under which browsers reach us, for the check against cross-site requests."""
        return self.public_origin or f"http://{self.host}:{self.port}"


def load() -> Settings:
    """The settings of this process; raises SettingsError for an unknown name or an unusable value."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in os.environ:
        if name.startswith(PREFIX) and name not in known:
            raise SettingsError(_unknown(name, known))
    try:
        settings = Settings()
    except ValidationError as refused:
        first = refused.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        raise SettingsError(f"{name} cannot be used: {first['msg']}.") from refused
    _check_production(settings)
    return settings


def _has_host(url: str) -> bool:
    """Whether an address names a host, and a port only if there can be such a port."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _unknown(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}."
    return f"{name} is not a setting; {hint}"


def _check_production(settings: Settings) -> None:
    if settings.environment != "production":
        return
    refused = {
        "BACKOFFICE_SECRET_KEYS must be set": not settings.secret_keys,
        "BACKOFFICE_SECRET_KEYS needs at least 32 characters a key": bool(settings.secret_keys)
        and any(len(key) < 32 for key in settings.keys),
        "BACKOFFICE_CLOCK must not be set": settings.clock is not None,
        "BACKOFFICE_SUBSCRIBER_DOCUMENTS must be trusted": settings.subscriber_documents != "trusted",
        "BACKOFFICE_PUBLIC_ORIGIN must be set, such as https://backoffice.example.com,": not settings.public_origin,
        "BACKOFFICE_OPERATOR must be set to the file that says who bills": settings.operator is None,
    }
    for reason, holds in refused.items():
        if holds:
            raise SettingsError(f"{reason} in production.")


def _development_key(path: Path) -> str:
    """Read the key of this data folder, or make it: readable by its owner alone from the first byte."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
