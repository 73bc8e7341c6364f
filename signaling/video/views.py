"""What the doors are told of a scheduled session: values without behaviour."""

from dataclasses import dataclass
from datetime import datetime

from domain.calls.billable import Interval
from domain.calls.session import LiveSession, Side
from domain.calls.views import IceServer, SocketRef
from domain.ids import BookingId
from domain.money import Money
from domain.scheduled.session import ScheduledSession


@dataclass(frozen=True, slots=True)
class JoinSession:
    """A dedicated socket wants the seat. ``resume``: the peer connection survived, only the socket was lost."""

    booking_id: BookingId
    device_id: str
    resume: bool


@dataclass(frozen=True, slots=True)
class SegmentView:
    """A wish for overtime as one side reads it. ``requested_by`` and the price of all its minutes as on the wire."""

    number: int
    minutes: int
    state: str
    requested_by: str
    requested_at: datetime
    expires_at: datetime
    confirmed: bool
    price: Money
    reason: str | None
    #: the client's alone
    client_secret: str | None
    finalized_at: datetime | None


@dataclass(frozen=True, slots=True)
class MeterView:
    """All overtime together, once it began."""

    running: bool
    authorized_seconds: int
    billable_seconds: int
    amount: Money
    ticked_minutes: int
    reason: str | None
    grace_ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class SessionSnapshot:
    """Everything a console needs to show a session; ``/video`` needs no replay because joining answers with this."""

    session: ScheduledSession
    side: Side
    ice_servers: tuple[IceServer, ...]
    ice_note: str | None
    peer_present: bool
    #: where the other side's socket is, for relaying; not part of the reply
    peer: SocketRef | None
    peer_name: str
    overtime: SegmentView | None
    meter: MeterView | None
    #: real milliseconds between proofs of media
    proof_interval_ms: int
    #: domain seconds per real second
    clock_speed: float
    server_time: datetime


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session as one of its participants reads it afterwards, or before."""

    session: ScheduledSession
    side: Side
    segments: tuple[SegmentView, ...]
    meter: MeterView | None
    #: the live session of its overtime, if there was any
    call: LiveSession | None
    #: proven connected during overtime: client, coach
    connected: tuple[tuple[Interval, ...], tuple[Interval, ...]]
    at: datetime
