"""Settings, read from the environment once, at start.

Every name is documented by its field; ``docs/operations.md`` lists them for operators.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import fields
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, TypeAdapter, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from domain.calls.terms import CallTerms

PREFIX = "RAPPORT_"
CALL_TERM_PREFIX = "RAPPORT_CALL_"
#: For docker-compose.yml alone, and perhaps in the environment of who sources the same file.
OF_COMPOSE = frozenset({"RAPPORT_TURN_EXTERNAL_IP"})
LOOPBACK = ("127.0.0.1", "::1", "localhost")
MINIMUM_SECRET = 32


class Environment(StrEnum):
    """Where this runs. Only ``local`` may have demo accounts and the sandbox."""

    LOCAL = "local"
    STAGING = "staging"
    PRODUCTION = "production"


List = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """Everything that can be set from outside."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    env: Environment = Field(Environment.LOCAL, description="local, staging or production")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port of the server; 0 takes a free one")
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]+)?$",
        description="where browsers find us, for links in mails and the way back from the payment page; "
        "default where the server listens",
    )
    sandbox_port: int | None = Field(
        None, ge=0, le=65535, description="port of the offline Stripe; default the next"
    )
    metrics_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="port of the worker's own /metrics, on RAPPORT_HOST; of --workers N, the N after it; unset, none",
    )
    data_dir: Path = Field(
        Path(".rapport"), description="where embedded stores and the sandbox keep their data"
    )
    clock_speed: float | None = Field(
        None,
        gt=0,
        le=1000,
        description="domain seconds per real second; unset keeps what the data folder has, at first 1",
    )
    mongodb_uri: str | None = Field(
        None, validation_alias="MONGODB_URI", description="a replica set; replaces the embedded mongod"
    )
    redis_url: str | None = Field(
        None, validation_alias="REDIS_URL", description="Redis or Valkey; replaces the embedded one"
    )
    secret_key: SecretStr | None = Field(None, description="signs tokens; at least 32 characters")
    secret_key_file: Path | None = Field(None, description="a file that holds it")
    stripe_secret_key: SecretStr | None = Field(
        None, validation_alias="STRIPE_SECRET_KEY", description="without it, the sandbox"
    )
    stripe_secret_key_file: Path | None = Field(
        None, validation_alias="STRIPE_SECRET_KEY_FILE", description="a file that holds it"
    )
    stripe_webhook_secret: SecretStr | None = Field(
        None, validation_alias="STRIPE_WEBHOOK_SECRET", description="checks webhooks"
    )
    stripe_webhook_secret_file: Path | None = Field(
        None, validation_alias="STRIPE_WEBHOOK_SECRET_FILE", description="a file that holds it"
    )
    stripe_address: str | None = Field(
        None, validation_alias="STRIPE_ADDRESS", description="replaces Stripe's own address"
    )
    turn_urls: List = Field((), description="TURN servers, comma-separated")
    turn_secret: SecretStr | None = Field(None, description="the secret shared with coturn")
    turn_secret_file: Path | None = Field(None, description="a file that holds it")
    smtp_host: str | None = Field(
        None, description="server that takes our mail; without it, the sandbox's mailbox, or no mail at all"
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="its port")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="starttls, tls, or none for a server on this machine"
    )
    smtp_user: str | None = Field(None, description="who we are there")
    smtp_password: SecretStr | None = Field(None, description="and the password")
    smtp_password_file: Path | None = Field(None, description="a file that holds it")
    mail_from: str = Field("Rapport <no-reply@localhost>", description="sender of our mail")
    cors_origins: List = Field((), description="origins of browsers that may call us, comma-separated")
    trusted_proxies: List = Field((), description="addresses or networks whose X-Forwarded-For is believed")
    password_cost: int = Field(12, ge=4, le=16, description="bcrypt cost")
    websocket_only: bool = Field(
        False, description="refuse long polling: needed with several processes and no sticky proxy"
    )
    auth_attempts_per_minute: int = Field(
        10, ge=1, description="log-ins and registrations per address (IPv6: per /64) and minute"
    )
    requests_per_minute: int = Field(300, ge=1, description="REST requests per user and minute")
    connections_per_address: int = Field(100, ge=1, description="sockets per client address (IPv6: per /64)")
    max_connections: int = Field(20_000, ge=1, description="sockets per process")
    log_json: bool | None = Field(None, description="JSON logs; default: unless on a terminal")
    log_level: str = Field("INFO", description="least severe level that is logged")

    @field_validator("turn_urls", "cors_origins", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.env is Environment.PRODUCTION:
            missing = [
                name
                for name in ("secret_key", "stripe_secret_key", "stripe_webhook_secret")
                if not self.secret(name)
            ]
            if missing:
                raise ValueError(f"production needs {', '.join(missing)}")
            if self.stripe_address is not None:
                raise ValueError("production speaks to Stripe itself: STRIPE_ADDRESS is for the sandbox")
            if self.clock_speed not in (None, 1.0):
                raise ValueError("production runs at clock speed 1")
        if self.clock_speed not in (None, 1.0) and self.real_stripe:
            raise ValueError(
                "Stripe itself lives in real time: RAPPORT_CLOCK_SPEED must be 1 with a STRIPE_SECRET_KEY"
            )
        if bool(self.turn_urls) != bool(self.secret("turn_secret")):
            raise ValueError("RAPPORT_TURN_URLS and RAPPORT_TURN_SECRET go together: neither works alone")
        key = self.secret("secret_key")
        if key is not None and len(key) < MINIMUM_SECRET:
            raise ValueError(f"RAPPORT_SECRET_KEY needs at least {MINIMUM_SECRET} characters")
        return self

    @property
    def console_url(self) -> str:
        """Where browsers find the console, without a slash at the end."""
        host = "localhost" if self.host in ("0.0.0.0", "::") else self.host
        host = f"[{host}]" if ":" in host else host
        return self.public_url or f"http://{host}:{self.port}"

    def secret(self, name: str) -> str | None:
        """A secret, from its variable or from the file that its ``_FILE`` variable names."""
        value: SecretStr | None = getattr(self, name)
        # An empty variable is what a parent process leaves behind that takes one back.
        if value is not None and value.get_secret_value():
            return value.get_secret_value()
        file: Path | None = getattr(self, f"{name}_file")
        return file.read_text().strip() if file is not None else None

    def needed_secret(self, name: str) -> str:
        """A secret without which a process cannot start.

        Raises:
            ValueError: it is not set.
        """
        value = self.secret(name)
        if not value:
            raise ValueError(f"{name} is not set, neither directly nor by a file")
        return value

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach us."""
        return self.host in LOOPBACK

    @property
    def exposed(self) -> bool:
        """Whether anybody but the person at this machine may come in: demo accounts have a password that everybody knows."""
        if self.env is not Environment.LOCAL:
            return True
        return not self.loopback and "env" not in self.model_fields_set

    @property
    def real_stripe(self) -> bool:
        """Whether payments go to Stripe itself, whose holds lapse in real time, not to a sandbox."""
        return self.secret("stripe_secret_key") is not None and not self.stripe_address

    @property
    def production(self) -> bool:
        return self.env is Environment.PRODUCTION


class UnknownSetting(ValueError):
    """A ``RAPPORT_`` variable that nobody reads: misspelt, it would silently do nothing."""


def read_settings() -> Settings:
    """The settings of this process.

    Raises:
        UnknownSetting: with the nearest name that there is.
        ValidationError: a value against the rules.
    """
    refuse_unknown(os.environ)
    return Settings()


def known_variables() -> frozenset[str]:
    """Every variable that a setting is read from."""
    return frozenset(
        str(field.validation_alias or f"{PREFIX}{name.upper()}")
        for name, field in Settings.model_fields.items()
    )


def refuse_unknown(environ: Iterable[str]) -> None:
    """Refuse names that begin like ours and are none; terms of calls are checked where they are read.

    Raises:
        UnknownSetting: with the nearest name that there is.
    """
    known = known_variables()
    # Names count in any case, as pydantic reads them.
    ours = sorted(name for name in environ if name.upper().startswith(PREFIX))
    unknown = [name for name in ours if name.upper() not in known | OF_COMPOSE]
    problems = [_unknown(name, known) for name in unknown if not name.upper().startswith(CALL_TERM_PREFIX)]
    if problems:
        raise UnknownSetting(" ".join(problems))


def _unknown(name: str, known: frozenset[str]) -> str:
    nearest = get_close_matches(name.upper(), sorted(known), n=1)
    return f"{name} is no setting." + (f" Did you mean {nearest[0]}?" if nearest else "")


def read_call_terms(environ: Mapping[str, str] | None = None) -> CallTerms:
    """The terms of calls; each field of :class:`CallTerms` is ``RAPPORT_CALL_`` and its name."""
    environ = os.environ if environ is None else environ
    known = {field.name for field in fields(CallTerms)}
    given = {
        key.removeprefix(CALL_TERM_PREFIX).lower(): value
        for key, value in environ.items()
        if key.startswith(CALL_TERM_PREFIX)
    }
    unknown = sorted(set(given) - known)
    if unknown:
        raise ValueError(
            f"unknown call terms: {', '.join(CALL_TERM_PREFIX + name.upper() for name in unknown)}"
        )
    try:
        return TypeAdapter(CallTerms).validate_python(given)
    except ValidationError as error:
        problems = (
            f"{CALL_TERM_PREFIX}{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}"
            for one in error.errors()
        )
        raise ValueError("; ".join(problems)) from None
