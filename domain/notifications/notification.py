"""What a person is told and can read again later."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.events import NotificationCreated
from domain.ids import NotificationId, UserId


class Priority(StrEnum):
    """How loud."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Channel(StrEnum):
    """The ways to reach a person."""

    SOCKET = "socket"
    EMAIL = "email"
    SMS = "sms"


class Delivery(StrEnum):
    """How far a notification got on one channel."""

    PENDING = "pending"
    DELIVERED = "delivered"  # a page acknowledged it
    SENT = "sent"  # the next server took it
    REFUSED = "refused"  # the next server refused it for good
    UNREACHABLE = "unreachable"  # no proven address, or no number
    EXPIRED = "expired"  # it could not be sent in time
    TOO_MANY = "too_many"  # enough mail for this hour: it is on the page alone
    NOT_CONFIGURED = "not_configured"  # this server cannot send such messages


@dataclass(slots=True)
class Notification:
    """One thing to tell. ``kind`` names it and ``params`` fill its text, which the client words in its own language.

    Domain time; after ``expires_at`` it is neither listed nor replayed.
    """

    id: NotificationId
    user_id: UserId
    kind: str
    priority: Priority
    params: dict[str, str]
    created_at: datetime
    expires_at: datetime | None = None
    read_at: datetime | None = None
    delivery: dict[Channel, Delivery] = field(default_factory=lambda: {Channel.SOCKET: Delivery.PENDING})

    def event(self) -> NotificationCreated:
        """The event that tells it live."""
        return NotificationCreated(
            id=self.id,
            kind=self.kind,
            priority=self.priority.value,
            params=self.params,
            created_at=self.created_at,
            expires_at=self.expires_at,
        )
