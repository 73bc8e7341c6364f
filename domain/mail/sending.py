"""Sending what was written down: look who it is for, find the words, hand it over, note what became of it.

One at a time takes a message. At least once: when a process dies after the next server took a mail, another sends it again,
under the same Message-ID. What is sent together shares its round trips to the database, and nothing else: each message goes,
fails and is noted by itself.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

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

#: Real seconds after which what was sent is noted, although others of the same batch are still being sent.
PATIENCE = 0.25
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


_Fate = tuple[Outgoing, OutgoingState]
_Letter = tuple[Outgoing, Account]
_Tasks = set[asyncio.Task[OutgoingState]]


class _EndedElsewhere(Exception):
    """Of the messages of a transaction, somebody else has ended some."""


class Sending:
    """What the timers of messages do."""

    def __init__(self, ports: SendingPorts) -> None:
        self._ports = ports

    async def send(self, mail_id: MailId) -> None:
        """Send one message, once it is known to be wanted; one that is done, or gone, is left alone.

        Raises:
            Unavailable: not now; the timer comes again.
        """
        for error in (await self.send_all([mail_id])).values():
            raise error

    async def send_all(self, mail_ids: Sequence[MailId]) -> Mapping[MailId, Exception]:
        """As :meth:`send` of each; those that failed, each with its error.

        Raises:
            Exception: something all of them need failed. None was sent, and all may be tried again, together or not.
        """
        now = self._ports.links.clock.wall()
        taken, busy = await self._ports.messages.take(mail_ids, now, now + TAKEN)
        failed: dict[MailId, Exception] = {
            mail_id: Unavailable("Somebody else is sending this message.") for mail_id in busy
        }
        if taken:
            try:
                fates, letters = await self._judge(taken, now)
            except Exception:
                await self._let_go(taken)
                raise
            await self._send_and_note(fates, letters, failed)
        return failed

    async def _judge(self, taken: Sequence[Outgoing], now: datetime) -> tuple[list[_Fate], list[_Letter]]:
        """What becomes of those that are not sent, and to whom the others go."""
        fates = [(message, OutgoingState.EXPIRED) for message in taken if now >= message.expires_at]
        alive = [message for message in taken if now < message.expires_at]
        receivers = await self._receivers(alive)
        letters: list[_Letter] = []
        for message in alive:
            account = receivers.get(message.id)
            if account is None:
                fates.append((message, OutgoingState.UNREACHABLE))
            else:
                letters.append((message, account))
        too_many = await self._too_many(letters, now)
        fates += [(message, OutgoingState.TOO_MANY) for message, _ in letters if message.id in too_many]
        return fates, [letter for letter in letters if letter[0].id not in too_many]

    async def _receivers(self, messages: Sequence[Outgoing]) -> Mapping[MailId, Account]:
        accounts = self._ports.links.accounts
        persons = [one.user_id for one in messages if one.user_id is not None]
        addresses = [one.address or "" for one in messages if one.user_id is None]
        by_id = {one.id: one for one in await accounts.find(persons)} if persons else {}
        by_address = {one.email: one for one in await accounts.with_addresses(addresses)} if addresses else {}
        found = {
            one.id: by_id.get(one.user_id) if one.user_id is not None else by_address.get(one.address or "")
            for one in messages
        }
        return {
            one.id: account
            for one in messages
            if (account := found[one.id]) is not None and self._reaches(one, account)
        }

    def _reaches(self, message: Outgoing, account: Account) -> bool:
        if account.suspended_at is not None or self._ports.links.refuses(account.email):
            return False
        if message.way is Way.SMS:
            return bool(account.phone)
        return account.email_verified or message.kind in TO_UNPROVEN

    async def _too_many(self, letters: Sequence[_Letter], now: datetime) -> set[MailId]:
        """Whoever makes somebody else's notifications does not fill a mailbox by them.

        Each message is counted once, however often it is tried.
        """
        counted = [
            (message.id, key_of("notifications", account.id))
            for message, account in letters
            if message.notification_id is not None and message.tries == 1
        ]
        if not counted:
            return set()
        more = Counter(key for _, key in counted)
        numbers = {
            key: count - more[key]
            for key, count in (await self._ports.links.requests.bump(more, now)).items()
        }
        too_many = set()
        for mail_id, key in counted:
            numbers[key] += 1
            if numbers[key] > MAILS_TO_ONE:
                too_many.add(mail_id)
        return too_many

    async def _send_and_note(
        self, fates: list[_Fate], letters: Sequence[_Letter], failed: dict[MailId, Exception]
    ) -> None:
        """All at the same time; what became of some is noted while others are on their way still."""
        tasks = {asyncio.create_task(self._hand_over(*letter)): letter[0] for letter in letters}
        left = set(tasks)
        try:
            while left or fates:
                done, left = await _those_done(left)
                back = []
                for task in done:
                    try:
                        fates.append((tasks[task], task.result()))
                    except Exception as error:
                        failed[tasks[task].id] = error
                        back.append(tasks[task])
                await self._let_go(back)
                await self._note(fates, failed)
                fates = []
        finally:
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _hand_over(self, message: Outgoing, account: Account) -> OutgoingState:
        ports, params = self._ports, message.params
        if message.kind in TO_UNPROVEN:
            params = {**params, "token": await self._token(message, account)}
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

    async def _let_go(self, messages: Sequence[Outgoing]) -> None:
        if messages:
            # Otherwise others wait until they may take them anyway.
            with suppress(Unavailable):
                await self._ports.messages.let_go(messages)

    async def _note(self, fates: Sequence[_Fate], failed: dict[MailId, Exception]) -> None:
        """Write down what became of messages; one by one where somebody else has ended some of them."""
        if not fates:
            return
        transact, ended = self._ports.links.transact, [message for message, _ in fates]
        for message, state in fates:
            message.end(state, self._ports.links.clock.wall())
        try:
            await transact(partial(self._end, ended=ended))
        except Unavailable as error:
            failed |= {message.id: error for message in ended}
        except Exception:
            # Somebody else ended one, or one of them is met by a bug: the others are not to suffer for it.
            for message in ended:
                try:
                    await transact(partial(self._end, ended=[message]))
                except _EndedElsewhere:
                    continue
                except Exception as error:
                    failed[message.id] = error

    async def _end(self, tx: Tx, ended: Sequence[Outgoing]) -> None:
        if await self._ports.messages.end(tx, ended) < len(ended):
            raise _EndedElsewhere
        told = [
            (message.notification_id, Channel(message.way.value), Delivery(message.state.value))
            for message in ended
            if message.notification_id is not None
        ]
        if told:
            await self._ports.notifications.note_deliveries(tx, told)


async def _those_done(tasks: _Tasks) -> tuple[_Tasks, _Tasks]:
    """Who is done within a moment, at least one; and who is not."""
    if not tasks:
        return set(), set()
    done, left = await asyncio.wait(tasks, timeout=PATIENCE)
    return (done, left) if done else await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
