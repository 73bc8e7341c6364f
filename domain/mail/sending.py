"""Sending what was written down: look who it is for, find the words, hand it over, note what became of it.

One at a time takes a message. At least once: when a process dies after the next server took a mail, another sends it again,
under the same Message-ID.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.accounts.account import Account
from domain.accounts.address_proof import LinkPorts
from domain.accounts.one_time import LIFETIME, OneTimeToken, Purpose
from domain.accounts.requests import MAILS_TO_ONE, key_of
from domain.errors import Unavailable
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

#: Nobody else sends a message that somebody took so long ago, wall time; longer than any try takes.
TAKEN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class SendingPorts:
    """What sending needs. ``links`` has accounts, tokens, transactions and the clock."""

    links: LinkPorts
    messages: OutgoingStore
    notifications: NotificationStore
    writer: Writer
    mailer: Mailer
    texts: TextMessages


class Sending:
    """What the timer of a message does."""

    def __init__(self, ports: SendingPorts) -> None:
        self._ports = ports

    async def send(self, mail_id: MailId) -> None:
        """Send one message, once it is known to be wanted; one that is done, or gone, is left alone.

        Raises:
            Unavailable: not now; the timer comes again.
        """
        ports, now = self._ports, self._ports.links.clock.wall()
        message = await ports.messages.take(mail_id, now, now + TAKEN)
        if message is None:
            if await ports.messages.pending(mail_id):
                raise Unavailable("Somebody else is sending this message.")
            return
        try:
            state = await self._try(message, now)
        except Exception:
            await ports.messages.let_go(message)
            raise
        await ports.links.transact(lambda tx: self._end(tx, mail_id, state))

    async def _try(self, message: Outgoing, now: datetime) -> OutgoingState:
        """What becomes of it."""
        if now >= message.expires_at:
            return OutgoingState.EXPIRED
        account = await self._receiver(message)
        if account is None:
            return OutgoingState.UNREACHABLE
        # Counted once, however often it is tried.
        counts = message.notification_id is not None and message.tries == 1
        if counts and await self._enough(account, now):
            return OutgoingState.TOO_MANY
        params = message.params
        if message.kind in TO_UNPROVEN:
            params = {**params, "token": await self._token(message, account)}
        return await self._hand_over(message, account, params)

    async def _receiver(self, message: Outgoing) -> Account | None:
        links = self._ports.links
        if message.user_id is None:
            found = await links.accounts.with_addresses([message.address or ""])
        else:
            found = await links.accounts.find([message.user_id])
        account = next(iter(found), None)
        if account is None or account.suspended_at is not None or links.refuses(account.email):
            return None
        if message.way is Way.SMS:
            return account if account.phone else None
        return account if account.email_verified or message.kind in TO_UNPROVEN else None

    async def _enough(self, account: Account, now: datetime) -> bool:
        """Whoever makes somebody else's notifications does not fill a mailbox by them."""
        key = key_of("notifications", account.id)
        return await self._ports.links.requests.bump(key, now) > MAILS_TO_ONE

    async def _token(self, message: Outgoing, account: Account) -> str:
        """The token of the link, which counts from now on; the same one for a second try."""
        links, purpose = self._ports.links, Purpose(message.kind)
        token = links.tokens.token(message.id, purpose)

        async def work(tx: Tx) -> None:
            if await links.kept.get(tx, message.id) is None:
                kept = OneTimeToken(
                    id=message.id,
                    purpose=purpose,
                    user_id=account.id,
                    email=account.email,
                    digest=links.tokens.digest(token),
                    expires_at=message.created_at + LIFETIME[purpose],
                )
                await links.kept.insert(tx, kept)

        await links.transact(work)
        return token

    async def _hand_over(
        self, message: Outgoing, account: Account, params: Mapping[str, str]
    ) -> OutgoingState:
        ports = self._ports
        reader = Reader(account.name, account.locale, account.time_zone)
        words = ports.writer.write(message.kind, params, reader)
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
        if message is None or message.state is not OutgoingState.PENDING:
            return
        message.end(state, self._ports.links.clock.wall())
        await self._ports.messages.save(tx, message)
        if message.notification_id is not None:
            await self._ports.notifications.note_delivery(
                tx, message.notification_id, Channel(message.way.value), Delivery(state.value)
            )
