"""Telling people things, and remembering what they have read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain.accounts.account import Identity
from domain.clock import Clock
from domain.events import NotificationCreated, NotificationsRead, ToUser
from domain.ids import NotificationId, UserId, new_id
from domain.mail.outbox import WORTH_SENDING, Outbox
from domain.mail.outgoing import Way
from domain.notifications.feed import FeedStore
from domain.notifications.kinds import Category, kind_of
from domain.notifications.notification import Channel, Delivery, Notification, Priority
from domain.notifications.ports import NotificationStore, SeenStore
from domain.notifications.preferences import Preferences, PreferenceStore, Ways
from domain.ports import Transactions, Tx

#: How many feed events one acknowledgement looks back over.
ACK_WINDOW = 500


@dataclass(frozen=True, slots=True)
class NotificationPage:
    """One page, the id to go on before, and the unread count of all."""

    items: Sequence[Notification]
    next_before: NotificationId | None
    unread: int


class NotificationCentre:
    """Notifications of people."""

    def __init__(
        self,
        transact: Transactions,
        notifications: NotificationStore,
        seen: SeenStore,
        feed: FeedStore,
        clock: Clock,
        preferences: PreferenceStore,
        outbox: Outbox,
    ) -> None:
        self._transact = transact
        self._notifications = notifications
        self._seen = seen
        self._feed = feed
        self._clock = clock
        self._preferences = preferences
        self._outbox = outbox

    async def notify(
        self,
        tx: Tx,
        user_id: UserId,
        kind: str,
        *,
        params: Mapping[str, str],
        priority: str = Priority.NORMAL,
        keep: timedelta = timedelta(days=30),
    ) -> None:
        """Store a notification in the transaction that causes it; once that commits it is sent live, and on its other ways.

        Raises:
            ValueError: no such kind, or not all that its words need.
        """
        await self.notify_each(tx, kind, {user_id: params}, priority=priority, keep=keep)

    async def notify_each(
        self,
        tx: Tx,
        kind: str,
        params: Mapping[UserId, Mapping[str, str]],
        *,
        priority: str = Priority.NORMAL,
        keep: timedelta = timedelta(days=30),
    ) -> None:
        """As :meth:`notify`: several people about the same, each with what fills the text for them."""
        categories = {user_id: kind_of(kind, filled).category for user_id, filled in params.items()}
        chosen = await self._preferences.of(tx, categories)
        now = self._clock.now()
        for user_id, category in categories.items():
            notification = Notification(
                id=NotificationId(new_id()),
                user_id=user_id,
                kind=kind,
                priority=Priority(priority),
                params=dict(params[user_id]),
                created_at=now,
                expires_at=now + keep,
            )
            await self._write(tx, notification, chosen[user_id].of(category), self._worth(keep))

    async def _write(self, tx: Tx, notification: Notification, ways: Ways, worth: timedelta) -> None:
        for wanted, channel, way in (
            (ways.email, Channel.EMAIL, Way.EMAIL),
            (ways.sms, Channel.SMS, Way.SMS),
        ):
            if wanted:
                notification.delivery[channel] = Delivery.PENDING
                await self._outbox.to_person(
                    tx,
                    notification.user_id,
                    notification.kind,
                    notification.params,
                    way=way,
                    keep=worth,
                    notification_id=notification.id,
                )
        await self._notifications.insert(tx, notification)
        tx.emit(ToUser(notification.user_id), notification.event(), expires_at=notification.expires_at)

    def _worth(self, keep: timedelta) -> timedelta:
        """How long to try, in wall time: no longer than the notification is worth reading, which is domain time."""
        return min(WORTH_SENDING, keep / self._clock.speed)

    async def page(
        self, who: Identity, *, before: NotificationId | None, unread_only: bool, limit: int
    ) -> NotificationPage:
        """The asker's notifications, newest first."""
        now = self._clock.now()
        found = await self._notifications.page(
            who.user_id, now=now, before=before, unread_only=unread_only, limit=limit + 1
        )
        items = found[:limit]
        more = items[-1].id if len(found) > limit else None
        return NotificationPage(items, more, await self._notifications.unread(who.user_id, now))

    async def read(self, who: Identity, ids: Sequence[NotificationId] | None) -> int:
        """Mark these, or all for None, as read; the unread count goes to all tabs and is returned."""

        async def work(tx: Tx) -> int:
            now = self._clock.now()
            await self._notifications.mark_read(tx, who.user_id, ids, now)
            unread = await self._notifications.unread(who.user_id, now, tx)
            tx.emit(ToUser(who.user_id), NotificationsRead(unread=unread))
            return unread

        return await self._transact(work)

    async def delete(self, who: Identity, notification_id: NotificationId) -> int:
        """Remove one for good; the unread count goes to all tabs and is returned.

        Raises:
            NotFound: none of the asker's.
        """

        async def work(tx: Tx) -> int:
            await self._notifications.delete(tx, who.user_id, notification_id)
            unread = await self._notifications.unread(who.user_id, self._clock.now(), tx)
            tx.emit(ToUser(who.user_id), NotificationsRead(unread=unread))
            return unread

        return await self._transact(work)

    async def preferences(self, who: Identity) -> Preferences:
        """By which ways the asker is told."""
        return await self._transact(lambda tx: self._preferences.get(tx, who.user_id))

    async def prefer(self, who: Identity, wishes: dict[Category, Ways]) -> Preferences:
        """Choose ways for some categories; the others stay."""

        async def work(tx: Tx) -> Preferences:
            preferences = await self._preferences.get(tx, who.user_id)
            preferences.choose(wishes)
            await self._preferences.save(tx, preferences)
            return preferences

        return await self._transact(work)

    async def seen(self, who: Identity, device_id: str, seq: int) -> None:
        """Remember that a device has seen everything up to ``seq``; its notifications count as delivered.

        A number that was never given out counts as the last one that was.
        """
        position = await self._feed.position(who.user_id)
        if position is None:
            return
        upto = min(seq, position.seq)
        before = await self._seen.advance(who.user_id, device_id, upto, self._clock.wall())
        events = await self._feed.since(who.user_id, max(before, upto - ACK_WINDOW), ACK_WINDOW)
        delivered = [
            NotificationId(str(event.data["id"]))
            for event in events
            if event.seq <= upto
            and event.name == NotificationCreated.name
            and isinstance(event.data, Mapping)
        ]
        if delivered:
            await self._notifications.mark_delivered(who.user_id, delivered)
