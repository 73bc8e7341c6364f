"""What both namespaces take and answer."""

from pydantic import Field

from domain.calls.views import AuthorizationView
from realtime.schema import Id, Instant, Payload, ReplyBody


class TokenRefresh(Payload):
    """A fresh access token of the same log-in."""

    token: str = Field(min_length=1, max_length=4096)


class TokenExpiry(ReplyBody):
    """When the new token runs out (wall time)."""

    expires_at: Instant


class Authorization(ReplyBody):
    """How a block of the call stands with the card."""

    status: str
    client_secret: str | None = None

    @classmethod
    def of(cls, view: AuthorizationView) -> "Authorization":
        """The wire form."""
        return cls(status=view.status, client_secret=view.client_secret)


class LiveSessionRef(Payload):
    """A call."""

    session_id: Id
