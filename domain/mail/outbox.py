"""Writing messages down where they are caused. Sending is a timer's business (:mod:`domain.mail.sending`)."""

from collections.abc import Mapping
from datetime import timedelta

from domain.clock import Clock
from domain.ids import MailId, NotificationId, UserId, new_id
from domain.mail.outgoing import Outgoing, Way
from domain.mail.ports import OutgoingStore
from domain.ports import Tx
from domain.timers import TimerKind

#: How long a message is tried, wall time, unless it says otherwise.
WORTH_SENDING = timedelta(days=1)


class Outbox:
    """Messages to be sent once the transaction commits."""

    def __init__(self, messages: OutgoingStore, clock: Clock) -> None:
        self._messages = messages
        self._clock = clock

    async def to_person(
        self,
        tx: Tx,
        user_id: UserId,
        kind: str,
        params: Mapping[str, str] | None = None,
        *,
        way: Way = Way.EMAIL,
        keep: timedelta = WORTH_SENDING,
        notification_id: NotificationId | None = None,
    ) -> MailId:
        """A message to somebody with an account. ``keep`` is wall time: afterwards it is not sent any more."""
        now = self._clock.wall()
        return await self._put(
            tx,
            Outgoing(
                id=MailId(new_id()),
                way=way,
                kind=kind,
                created_at=now,
                expires_at=now + keep,
                user_id=user_id,
                params=dict(params or {}),
                notification_id=notification_id,
            ),
        )

    async def to_address(self, tx: Tx, address: str, kind: str, *, keep: timedelta = WORTH_SENDING) -> MailId:
        """A mail to whoever has this address, if anybody has: nothing that the caller could measure depends on it."""
        now = self._clock.wall()
        return await self._put(
            tx,
            Outgoing(
                id=MailId(new_id()),
                way=Way.EMAIL,
                kind=kind,
                created_at=now,
                expires_at=now + keep,
                address=address,
            ),
        )

    async def _put(self, tx: Tx, message: Outgoing) -> MailId:
        await self._messages.insert(tx, message)
        tx.arm(TimerKind.MAIL, message.id, self._clock.now())
        return message.id
