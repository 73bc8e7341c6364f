"""Sending what was written down: look who it is for, find the words, hand it over, note what became of it.

At least once: a process that dies after the next server took a mail sends it again, under the same Message-ID.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.accounts.account import Account
from domain.accounts.address_proof import LinkPorts
from domain.accounts.one_time import LIFETIME, OneTimeToken, Purpose
from domain.errors import NotFound
from domain.ids import MailId
from domain.mail.outgoing import Outgoing, OutgoingState, Way
from domain.mail.ports import (
    Mail,
    Mailer,
    MessageRefused,
    NotConfigured,
    OutgoingStore,
    Reader,
    TextMessages,
    Writer,
)
from domain.notifications.notification import Channel, Delivery
from domain.notifications.ports import NotificationStore
from domain.ports import Tx

#: What has to reach an address that nobody has proven yet, because it is how it is proven.
TO_UNPROVEN = frozenset(kind.value for kind in Purpose)


@dataclass(frozen=True, slots=True)
class SendingPorts:
    """What sending needs. ``links`` has accounts, tokens, transactions and the clock."""

    links: LinkPorts
    messages: OutgoingStore
    notifications: NotificationStore
    writer: Writer
    mailer: Mailer
    texts: TextMessages


@dataclass(frozen=True, slots=True)
class _Ready:
    """A message with somebody at the other end."""

    message: Outgoing
    account: Account
    params: Mapping[str, str]


class Sending:
    """What the timer of a message does."""

    def __init__(self, ports: SendingPorts) -> None:
        self._ports = ports

    async def send(self, mail_id: MailId) -> None:
        """Send one message, once it is known to be wanted; one that is done, or gone, is left alone.

        Raises:
            Unavailable: not now; the timer comes again.
        """
        ready = await self._ports.links.transact(lambda tx: self._prepare(tx, mail_id))
        if ready is None:
            return
        state = await self._hand_over(ready)
        await self._ports.links.transact(lambda tx: self._end(tx, mail_id, state))

    async def _prepare(self, tx: Tx, mail_id: MailId) -> _Ready | None:
        """Everything the words need; a message that cannot be sent ends here."""
        message = await self._ports.messages.get(tx, mail_id)
        if message is None or message.state is not OutgoingState.PENDING:
            return None
        if self._ports.links.clock.wall() >= message.expires_at:
            await self._end_as(tx, message, OutgoingState.EXPIRED)
            return None
        account = await self._receiver(tx, message)
        if account is None:
            await self._end_as(tx, message, OutgoingState.UNREACHABLE)
            return None
        return _Ready(message, account, await self._params(tx, message, account))

    async def _receiver(self, tx: Tx, message: Outgoing) -> Account | None:
        links = self._ports.links
        if message.user_id is None:
            account = await links.accounts.by_email(tx, message.address or "")
        else:
            try:
                account = await links.accounts.get(tx, message.user_id)
            except NotFound:
                account = None
        if account is None or account.suspended_at is not None or links.refuses(account.email):
            return None
        if message.way is Way.SMS:
            return account if account.phone else None
        return account if account.email_verified or message.kind in TO_UNPROVEN else None

    async def _params(self, tx: Tx, message: Outgoing, account: Account) -> Mapping[str, str]:
        if message.kind not in TO_UNPROVEN:
            return message.params
        links, purpose = self._ports.links, Purpose(message.kind)
        token = links.tokens.token(message.id, purpose)
        if await links.kept.get(tx, message.id) is None:
            await links.kept.insert(
                tx,
                OneTimeToken(
                    id=message.id,
                    purpose=purpose,
                    user_id=account.id,
                    email=account.email,
                    digest=links.tokens.digest(token),
                    expires_at=message.created_at + LIFETIME[purpose],
                ),
            )
        return {**message.params, "token": token}

    async def _hand_over(self, ready: _Ready) -> OutgoingState:
        ports, account, message = self._ports, ready.account, ready.message
        words = ports.writer.write(
            message.kind, ready.params, Reader(account.name, account.locale, account.time_zone)
        )
        try:
            if message.way is Way.SMS:
                await ports.texts.send(message.id, account.phone or "", words.short)
            else:
                await ports.mailer.send(
                    Mail(message.id, account.email, account.name, words.subject, words.text, words.html)
                )
        except MessageRefused:
            return OutgoingState.REFUSED
        except NotConfigured:
            return OutgoingState.NOT_CONFIGURED
        return OutgoingState.SENT

    async def _end(self, tx: Tx, mail_id: MailId, state: OutgoingState) -> None:
        message = await self._ports.messages.get(tx, mail_id)
        if message is not None and message.state is OutgoingState.PENDING:
            await self._end_as(tx, message, state)

    async def _end_as(self, tx: Tx, message: Outgoing, state: OutgoingState) -> None:
        message.end(state, self._ports.links.clock.wall())
        await self._ports.messages.save(tx, message)
        if message.notification_id is not None:
            await self._ports.notifications.note_delivery(
                tx, message.notification_id, Channel(message.way.value), Delivery(state.value)
            )
