"""Events that belong to one socket alone and never pass the outbox. The others are in ``domain.catalogue``."""

from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from realtime.schema import Instant, Payload


@dataclass(frozen=True, slots=True)
class LocalEvent:
    """One socket-local event as the documents show it."""

    name: str
    namespaces: tuple[str, ...]
    body: type[Payload]


class SessionExpiring(Payload):
    """The token of this socket runs out soon: send ``token_refresh``."""

    name: ClassVar[str] = "session_expiring"
    expires_at: Instant


class ServerDraining(Payload):
    """This server stops: reconnect after ``reconnectInMs``, which differs from socket to socket."""

    name: ClassVar[str] = "server_draining"
    reconnect_in_ms: int


class ClosingNotice(Payload):
    """The server closes this socket, and why. Best effort: the last thing a socket hears."""

    name: ClassVar[str] = "closing"
    code: str
    may_reconnect: bool
    reconnect_in_ms: int | None = None


class Recovered(Payload):
    """Follows a connect, and a gap that could not be filled: with ``recovered`` false, load everything anew.

    ``epoch`` and ``seq`` are where the feed stands; null if nothing was ever sent to this person.
    """

    name: ClassVar[str] = "recovered"
    recovered: bool
    epoch: str | None
    seq: int | None


class SessionDescription(Payload):
    """W3C RTCSessionDescriptionInit."""

    type: str = Field(pattern="^(offer|answer|pranswer|rollback)$")
    sdp: str


class IceCandidate(Payload):
    """W3C RTCIceCandidateInit; an empty ``candidate`` ends the list."""

    candidate: str
    sdp_mid: str | None = None
    sdp_m_line_index: int | None = Field(default=None, ge=0, le=65535)
    username_fragment: str | None = None


class RelayedSignal(Payload):
    """An offer, answer or candidate of the other participant."""

    name: ClassVar[str] = "live-signal"
    session_id: str
    epoch: int
    description: SessionDescription | None = None
    candidate: IceCandidate | None = None


class RelayedSessionSignal(Payload):
    """An offer, answer or candidate of the other participant."""

    name: ClassVar[str] = "session-signal"
    booking_id: str
    epoch: int
    description: SessionDescription | None = None
    candidate: IceCandidate | None = None


_EVERYWHERE = ("/notifications", "/live", "/video")

LOCAL_EVENTS = (
    LocalEvent(SessionExpiring.name, _EVERYWHERE, SessionExpiring),
    LocalEvent(ServerDraining.name, _EVERYWHERE, ServerDraining),
    LocalEvent(ClosingNotice.name, _EVERYWHERE, ClosingNotice),
    LocalEvent(Recovered.name, ("/notifications",), Recovered),
    LocalEvent(RelayedSignal.name, ("/live",), RelayedSignal),
    LocalEvent(RelayedSessionSignal.name, ("/video",), RelayedSessionSignal),
)
