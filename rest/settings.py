"""What the HTTP door is configured with. Durations in seconds, sizes in bytes."""

from dataclasses import dataclass, field

from domain.addresses import Network


@dataclass(frozen=True, slots=True)
class RestSettings:
    """Limits and trust of the door; the defaults are those of a public server."""

    #: requests per minute of one user
    user_limit: int = 300
    #: cards that one user may try to save per minute: trying stolen ones must not be quick
    card_limit: int = 10
    #: log-ins and registrations per minute from one address
    auth_limit: int = 10
    #: refreshes and log-outs per minute from one address, behind which many people may sit
    refresh_limit: int = 60
    #: other requests per minute from one address without a valid token
    address_limit: int = 300
    body_limit: int = 1024 * 1024
    #: exact origins (``https://app.example``) whose pages may call
    allowed_origins: frozenset[str] = frozenset()
    #: proxies whose X-Forwarded-For is believed
    trusted_proxies: tuple[Network, ...] = field(default_factory=tuple)
    #: reached through HTTPS only: sends Strict-Transport-Security
    secure: bool = False
    version: str = "0.1.0"
