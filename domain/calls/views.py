"""What the doors are told of a call: values without behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.calls.session import Side
from domain.ids import CoachId, PaymentMethodId, SessionId
from domain.money import Money


@dataclass(frozen=True, slots=True)
class Sample:
    """Connection quality as one side measured it at an instant; names and units are those of `live-quality`."""

    at: datetime
    side: Side
    measured: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class CallRequest:
    """A client asks for a call. The same ``client_request_id`` gives the same call."""

    coach_id: CoachId
    client_request_id: str
    payment_method_id: PaymentMethodId | None


@dataclass(frozen=True, slots=True)
class AuthorizationView:
    """How the first block stands: ``pending``, ``authorized``, ``requires_action``, ``refused`` or ``released``."""

    status: str
    client_secret: str | None


@dataclass(frozen=True, slots=True)
class RequestedCall:
    """The answer to a request."""

    session_id: SessionId
    state: str
    expires_at: datetime
    rate_per_minute: Money
    authorization: AuthorizationView


@dataclass(frozen=True, slots=True)
class SocketRef:
    """One socket, named by the process that holds it."""

    process: str
    sid: str


@dataclass(frozen=True, slots=True)
class JoinCall:
    """A dedicated socket wants the seat. ``resume``: the peer connection survived, only the socket was lost."""

    session_id: SessionId
    device_id: str
    resume: bool


@dataclass(frozen=True, slots=True)
class IceServer:
    """One STUN or TURN server with time-limited credentials."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Why the meter stands still, and how long the call waits for a return (domain time)."""

    reason: str
    grace_ends_at: datetime


@dataclass(frozen=True, slots=True)
class CallSnapshot:
    """Everything a console needs to show a call; ``/live`` needs no replay because joining answers with this."""

    session_id: SessionId
    role: str
    polite: bool
    state: str
    version: int
    ice_servers: tuple[IceServer, ...]
    #: why there are no TURN servers, if there are none
    ice_note: str | None
    peer_present: bool
    #: where the other side's socket is, for relaying; not part of the reply
    peer: SocketRef | None
    peer_name: str
    epoch: int
    rate: Money
    authorized_seconds: int
    billable_seconds: int
    amount: Money
    ticked_minutes: int
    low_balance: bool
    paused: Pause | None
    #: real milliseconds between proofs of media
    proof_interval_ms: int
    #: domain seconds per real second
    clock_speed: float
    server_time: datetime
