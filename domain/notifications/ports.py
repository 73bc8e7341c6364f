"""How other subjects tell a person something, and where notifications are kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from domain.ids import NotificationId, UserId
from domain.notifications.notification import Channel, Delivery, Notification
from domain.ports import Tx


class Notifier(Protocol):
    """Stores a notification and emits it, in the caller's transaction."""

    async def notify(
        self,
        tx: Tx,
        user_id: UserId,
        kind: str,
        *,
        params: Mapping[str, str],
        priority: str = "normal",
        keep: timedelta = timedelta(days=30),
    ) -> None:
        """Tell ``user_id`` about ``kind`` (``missed_call``, ``went_offline``, …).

        ``params`` fill the text that a client shows; ``keep`` is how long it is worth reading (domain time).
        """
        ...

    async def notify_each(
        self,
        tx: Tx,
        kind: str,
        params: Mapping[UserId, Mapping[str, str]],
        *,
        priority: str = "normal",
        keep: timedelta = timedelta(days=30),
    ) -> None:
        """As :meth:`notify`: several people about the same, each with what fills the text for them."""
        ...


class NotificationStore(Protocol):
    """Notifications of people."""

    async def insert(self, tx: Tx, notification: Notification) -> None:
        """Write a new one."""
        ...

    async def page(
        self, user_id: UserId, *, now: datetime, before: NotificationId | None, unread_only: bool, limit: int
    ) -> Sequence[Notification]:
        """The person's unexpired ones, newest first, those older than ``before``."""
        ...

    async def mark_read(
        self, tx: Tx, user_id: UserId, ids: Sequence[NotificationId] | None, now: datetime
    ) -> None:
        """Mark these, or all for None, as read; those of other people are left alone."""
        ...

    async def delete(self, tx: Tx, user_id: UserId, notification_id: NotificationId) -> None:
        """Remove one.

        Raises:
            NotFound: none of this person's.
        """
        ...

    async def note_deliveries(
        self, tx: Tx, deliveries: Sequence[tuple[NotificationId, Channel, Delivery]]
    ) -> None:
        """Note how far some got on a channel; one that was deleted meanwhile is left alone."""
        ...

    async def unread(self, user_id: UserId, now: datetime, tx: Tx | None = None) -> int:
        """How many unexpired ones are unread."""
        ...

    async def mark_delivered(self, user_id: UserId, ids: Sequence[NotificationId]) -> None:
        """Note that a socket acknowledged these."""
        ...


class SeenStore(Protocol):
    """The highest sequence number that each device of a person has seen."""

    async def advance(self, user_id: UserId, device_id: str, seq: int, now: datetime) -> int:
        """Move forward to ``seq``, never back; what it was before."""
        ...
