"""A person's account."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import Code, Forbidden
from domain.ids import CoachId, UserId


class Role(StrEnum):
    """What an account may do. Every account may buy; a coach is also a client, never of itself."""

    CLIENT = "client"
    COACH = "coach"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking, read from a verified access token alone: no database call stands behind it.

    ``family`` names the log-in (one device) that the token descends from; ``expires_at`` is wall time.
    """

    user_id: UserId
    coach_id: CoachId | None
    role: Role
    family: str
    expires_at: datetime


@dataclass(slots=True)
class Account:
    """One person. ``email`` is kept in lower case and is unique."""

    id: UserId
    email: str
    name: str
    role: Role
    password_hash: str
    created_at: datetime
    email_verified: bool = False
    suspended_at: datetime | None = None
    #: for operators, never shown to the person
    suspension_reason: str | None = None
    avatar_url: str | None = None
    phone: str | None = None
    locale: str = "en"
    time_zone: str = "UTC"
    #: ISO 3166 alpha-2; where tax is due when a card has no country
    billing_country: str = "US"
    #: the customer at the payment gateway, once there is one
    gateway_customer: str | None = None
    version: int = 0

    def require_may_pay(self) -> None:
        """Raise unless this account may spend money: not suspended, e-mail verified."""
        self.require_active()
        if not self.email_verified:
            raise Forbidden("Please confirm your e-mail address first.", code=Code.ACCOUNT_UNVERIFIED)

    def require_active(self) -> None:
        """Raise if the account is suspended."""
        if self.suspended_at is not None:
            raise Forbidden("This account is suspended.", code=Code.ACCOUNT_SUSPENDED)
