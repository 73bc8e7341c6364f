"""What several namespaces take and answer."""

from pydantic import Field

from domain.calls.views import AuthorizationView
from realtime.errors import invalid_as_a_whole
from realtime.local_events import IceCandidate, SessionDescription
from realtime.schema import Id, Instant, Payload, ReplyBody
from signaling.relay import Candidate, Description, DescriptionType, Signal


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


class IceServer(ReplyBody):
    """W3C RTCIceServer."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


class OneSignal(Payload):
    """Exactly one of an offer or answer, and a candidate."""

    epoch: int = Field(
        ge=0, le=2**31 - 1, description="ICE generation; an offer of the next one restarts ICE"
    )
    description: SessionDescription | None = None
    candidate: IceCandidate | None = None

    def signal(self) -> Signal:
        """The domain's value.

        Raises:
            Invalid: not exactly one of the two. A validator of the model would say so too, in a call for each signal.
        """
        description, c = self.description, self.candidate
        if c is not None and description is None:
            return Candidate(c.candidate, c.sdp_mid, c.sdp_m_line_index, c.username_fragment)
        if description is not None and c is None:
            return Description(DescriptionType(description.type), description.sdp)
        raise invalid_as_a_whole("either description or candidate")
