"""The published vocabulary of notifications and calls, and whom an event can be addressed to (all: :mod:`domain.catalogue`).

An event is a frozen dataclass; its wire form (:func:`to_wire`) has camelCase keys, ids as strings, instants as RFC 3339 UTC
with milliseconds, money as ``{amount, currency}``. ``droppable`` events are shed first for a slow consumer: a later one
of the same kind makes an earlier one worthless.
"""

from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, ClassVar

from domain.ids import BookingId, CoachId, NotificationId, PaymentId, SessionId, UserId
from domain.money import Money


@dataclass(frozen=True, slots=True)
class ToUser:
    """All tabs of one person, on ``/notifications``, in order, replayed to a tab that was away."""

    user_id: UserId


@dataclass(frozen=True, slots=True)
class ToCall:
    """Who is seated in a call or a session, where the event belongs. A join answers with a snapshot; nothing is replayed."""

    session_id: SessionId
    #: the processes that hold its sockets
    processes: frozenset[str]
    #: ``caller`` or ``callee`` when only that side may read it
    only: str | None = None


@dataclass(frozen=True, slots=True)
class ToWatchers:
    """Everybody who watches a coach, on ``/notifications``. Subscribing answers with the present state."""

    coach_id: CoachId


@dataclass(frozen=True, slots=True)
class ToProcess:
    """The calls whose sockets one process holds, on ``/live``: one frame for many calls, which it takes apart."""

    process: str


Address = ToUser | ToCall | ToWatchers | ToProcess


class Event:
    """Base of all events. Subclasses are frozen dataclasses with a ``name``."""

    __slots__ = ()

    name: ClassVar[str]
    namespace: ClassVar[str] = "/notifications"
    droppable: ClassVar[bool] = False


# --- /notifications ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NotificationCreated(Event):
    """Something to tell a person, kept until it is read or expires."""

    name: ClassVar[str] = "notification"

    id: NotificationId
    kind: str
    priority: str
    params: dict[str, str]
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class NotificationsRead(Event):
    """The unread count after some were read; to all tabs."""

    name: ClassVar[str] = "notifications_read"

    unread: int


@dataclass(frozen=True, slots=True)
class CoachStatusChanged(Event):
    """What watchers see of a coach: ``online``, ``busy`` or ``offline``."""

    name: ClassVar[str] = "coach_status"
    droppable: ClassVar[bool] = True

    coach_id: CoachId
    status: str
    rate_per_minute: Money
    since: datetime


@dataclass(frozen=True, slots=True)
class RingingClient:
    """Who is calling, as the coach sees it."""

    user_id: UserId
    name: str
    avatar_url: str | None


@dataclass(frozen=True, slots=True)
class LiveSessionRinging(Event):
    """A call rings at the coach."""

    name: ClassVar[str] = "live_session_ringing"

    session_id: SessionId
    client: RingingClient
    rate_per_minute: Money
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LiveSessionUpdated(Event):
    """A call moved to another state; to both participants' tabs."""

    name: ClassVar[str] = "live_session_update"

    session_id: SessionId
    state: str
    version: int
    reason: str | None = None
    accepted_device_id: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentUpdated(Event):
    """A payment moved; with the receipt when ``state`` is final. A coach reads what they earn by it as ``amount``."""

    name: ClassVar[str] = "payment_update"

    payment_id: PaymentId
    session_id: SessionId | None
    state: str
    amount: Money
    #: the whole receipt for the payer, once captured or written off
    receipt: dict[str, object] | None = None
    #: what was booked, when that is what is paid for
    booking_id: BookingId | None = None


@dataclass(frozen=True, slots=True)
class BookingUpdated(Event):
    """A booking moved; to the coach and the client. Read it again for what is not here."""

    name: ClassVar[str] = "booking_update"

    booking_id: BookingId
    coach_id: CoachId
    state: str
    start: datetime
    end: datetime
    version: int
    #: what happened, a move of the table of bookings; ``registered`` or ``left`` at a group session
    move: str
    #: places taken in a group session
    attendees: int | None = None


@dataclass(frozen=True, slots=True)
class AvailabilityUpdated(Event):
    """A coach's free time changed, in this range: read it again. To the coach, and to everybody who watches the coach."""

    name: ClassVar[str] = "availability_update"
    droppable: ClassVar[bool] = True

    coach_id: CoachId
    start: datetime
    end: datetime


# --- /live ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LivePeerJoined(Event):
    """The other participant's dedicated socket did the handshake."""

    name: ClassVar[str] = "live-peer-joined"
    namespace: ClassVar[str] = "/live"

    session_id: SessionId
    role: str
    epoch: int


@dataclass(frozen=True, slots=True)
class LivePeerLeft(Event):
    """The other participant's socket is gone; the call waits for ``grace_seconds`` (domain time)."""

    name: ClassVar[str] = "live-peer-left"
    namespace: ClassVar[str] = "/live"

    session_id: SessionId
    role: str
    grace_seconds: float


@dataclass(frozen=True, slots=True)
class LiveSeatTaken(Event):
    """Another device of the same person took over this seat; the socket that hears this is out."""

    name: ClassVar[str] = "live-seat-taken"
    namespace: ClassVar[str] = "/live"

    session_id: SessionId
    role: str
    device_id: str
    #: the socket that lost the seat
    sid: str


@dataclass(frozen=True, slots=True)
class LiveSessionStarted(Event):
    """Media is proven both ways for the first time: the meter runs."""

    name: ClassVar[str] = "live-session-started"
    namespace: ClassVar[str] = "/live"

    session_id: SessionId
    version: int
    started_at: datetime


@dataclass(frozen=True, slots=True)
class LiveSessionTick(Event):
    """A billable minute is full. ``amount`` is what the call costs so far."""

    name: ClassVar[str] = "live-session-tick"
    namespace: ClassVar[str] = "/live"
    droppable: ClassVar[bool] = True

    session_id: SessionId
    minute: int
    billable_seconds: int
    amount: Money
    authorized_seconds: int


@dataclass(frozen=True, slots=True)
class LiveSessionTicks(Event):
    """Ticks of many calls, from a worker to a process; each of its sockets gets its own :class:`LiveSessionTick`."""

    name: ClassVar[str] = "live-session-ticks"
    namespace: ClassVar[str] = "/live"
    droppable: ClassVar[bool] = True

    ticks: tuple[LiveSessionTick, ...]


@dataclass(frozen=True, slots=True)
class LiveSessionLowBalance(Event):
    """The next block could not be authorized: the call stops at ``authorized_seconds`` unless a card is found."""

    name: ClassVar[str] = "live-session-low-balance"
    namespace: ClassVar[str] = "/live"

    session_id: SessionId
    authorized_seconds: int
    #: for the client, what is wrong with the card; for the coach always ``payment``
    reason: str
    #: for the client only, when its bank asks for 3-D Secure
    client_secret: str | None = None


@dataclass(frozen=True, slots=True)
class LiveSessionExtended(Event):
    """Another block is held: the call may go on until ``authorized_seconds``, and no payment is missing any more."""

    name: ClassVar[str] = "live-session-extended"
    namespace: ClassVar[str] = "/live"

    session_id: SessionId
    authorized_seconds: int


@dataclass(frozen=True, slots=True)
class LiveSessionPaused(Event):
    """The meter stands still; both stop sending their camera and microphone until resumed."""

    name: ClassVar[str] = "live-session-paused"
    namespace: ClassVar[str] = "/live"

    session_id: SessionId
    version: int
    reason: str
    billable_seconds: int
    grace_ends_at: datetime


@dataclass(frozen=True, slots=True)
class LiveSessionResumed(Event):
    """Proven again both ways: the meter runs on."""

    name: ClassVar[str] = "live-session-resumed"
    namespace: ClassVar[str] = "/live"

    session_id: SessionId
    version: int
    billable_seconds: int


@dataclass(frozen=True, slots=True)
class LiveSessionEnded(Event):
    """The call is over and its amount final. The receipt follows as ``payment_update``."""

    name: ClassVar[str] = "live-session-ended"
    namespace: ClassVar[str] = "/live"

    session_id: SessionId
    version: int
    reason: str
    billable_seconds: int
    amount: Money


#: What JSON has by itself.
_PLAIN = frozenset({str, int, bool, float, type(None)})


def rfc3339(instant: datetime) -> str:
    """``2026-01-01T00:00:00.000Z``: UTC, milliseconds."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def camel(name: str) -> str:
    """``billable_seconds`` → ``billableSeconds``."""
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


@cache
def _wire_names(cls: type[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((f.name, camel(f.name)) for f in fields(cls))


def to_wire(value: object) -> object:
    """The JSON-compatible form of an event or of any value inside one."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        # What is plain goes by without a call of its own.
        return {
            wire: one if type(one := getattr(value, name)) in _PLAIN else to_wire(one)
            for name, wire in _wire_names(type(value))
        }
    if isinstance(value, dict):
        return {key: to_wire(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_wire(item) for item in value]
    return value
