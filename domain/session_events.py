"""The published vocabulary of ``/video``. Everything is said by the booking; joining answers with all of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.events import Event
from domain.ids import BookingId
from domain.money import Money


@dataclass(frozen=True, slots=True)
class SessionPeerJoined(Event):
    """The other participant's socket is in the session."""

    name: ClassVar[str] = "session-peer-joined"
    namespace: ClassVar[str] = "/video"

    booking_id: BookingId
    role: str
    epoch: int
    #: ``in_progress`` from the moment at which both were there
    state: str
    version: int


@dataclass(frozen=True, slots=True)
class SessionPeerLeft(Event):
    """The other participant's socket is gone; the session goes on until its end."""

    name: ClassVar[str] = "session-peer-left"
    namespace: ClassVar[str] = "/video"

    booking_id: BookingId
    role: str


@dataclass(frozen=True, slots=True)
class SessionSeatTaken(Event):
    """Another device of the same person took over this seat; the socket that hears this is out."""

    name: ClassVar[str] = "session-seat-taken"
    namespace: ClassVar[str] = "/video"

    booking_id: BookingId
    role: str
    device_id: str
    #: the socket that lost the seat
    sid: str


@dataclass(frozen=True, slots=True)
class SessionEndingSoon(Event):
    """A few minutes are left until ``ends_at``: the time to ask for more."""

    name: ClassVar[str] = "session-ending-soon"
    namespace: ClassVar[str] = "/video"

    booking_id: BookingId
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class OvertimeUpdated(Event):
    """The newest wish for overtime, wherever it is: asked for, confirmed, paid for, in use, or come to nothing."""

    name: ClassVar[str] = "overtime-update"
    namespace: ClassVar[str] = "/video"

    booking_id: BookingId
    #: of the session
    version: int
    number: int
    minutes: int
    state: str
    #: ``client`` or ``coach``
    requested_by: str
    expires_at: datetime
    #: the other one agreed; until it is authorized, the card has not answered
    confirmed: bool
    #: of all its minutes; only those that are used are charged
    price: Money
    #: when the session ends as things stand
    ends_at: datetime
    #: for the client, what is wrong with the card; for the coach always ``payment``
    reason: str | None = None
    #: for the client only, when its bank asks for 3-D Secure
    client_secret: str | None = None


@dataclass(frozen=True, slots=True)
class OvertimeMetered(Event):
    """The meter of overtime started, stopped, or got more to use."""

    name: ClassVar[str] = "overtime-meter"
    namespace: ClassVar[str] = "/video"

    booking_id: BookingId
    running: bool
    authorized_seconds: int
    billable_seconds: int
    amount: Money
    #: why it stands still
    reason: str | None = None
    #: the session waits for a return until then
    grace_ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OvertimeTick(Event):
    """A billable minute of overtime is full. ``amount`` is what the overtime costs so far."""

    name: ClassVar[str] = "overtime-tick"
    namespace: ClassVar[str] = "/video"
    droppable: ClassVar[bool] = True

    booking_id: BookingId
    minute: int
    billable_seconds: int
    amount: Money
    authorized_seconds: int


@dataclass(frozen=True, slots=True)
class SessionEnded(Event):
    """The session is over. What its overtime came to is final; the receipt follows as ``payment_update``."""

    name: ClassVar[str] = "session-ended"
    namespace: ClassVar[str] = "/video"

    booking_id: BookingId
    version: int
    reason: str
    billable_seconds: int
    amount: Money
