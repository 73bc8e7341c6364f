"""What sends, what words, and where messages on their way are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.ids import MailId
from domain.mail.outgoing import Outgoing
from domain.ports import Tx


class MessageRefused(Exception):
    """The next server will never take this message: no such mailbox, or it does not like what it sees."""


class NotConfigured(Exception):
    """This server was given no way to send such messages."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it leaves. ``id`` makes its Message-ID: however often it is sent, it is one mail."""

    id: MailId
    to: str
    to_name: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom words are made."""

    name: str
    #: BCP 47, such as ``de-AT``
    locale: str
    #: IANA
    time_zone: str


@dataclass(frozen=True, slots=True)
class Words:
    """A message in somebody's language. ``short`` is all of it in one line, for a text message."""

    subject: str
    text: str
    html: str
    short: str


class Mailer(Protocol):
    """Hands mail to the next server."""

    async def send(self, mail: Mail) -> None:
        """Send; the same ``mail.id`` again is the same mail.

        Raises:
            MessageRefused: for good.
            Unavailable: not now.
            NotConfigured: there is no next server.
        """
        ...


class TextMessages(Protocol):
    """Hands text messages to a provider."""

    async def send(self, message_id: MailId, number: str, text: str) -> None:
        """Send to an E.164 number.

        Raises:
            MessageRefused: for good.
            Unavailable: not now.
            NotConfigured: there is no provider.
        """
        ...


class Writer(Protocol):
    """Finds the words."""

    def write(self, kind: str, params: Mapping[str, str], reader: Reader) -> Words:
        """The words of a kind, instants and amounts as the reader writes them.

        Raises:
            ValueError: no such kind, or a parameter is missing.
        """
        ...


class OutgoingStore(Protocol):
    """Messages on their way, and what became of them."""

    async def insert(self, tx: Tx, message: Outgoing) -> None:
        """Write a new one."""
        ...

    async def take(
        self, mail_ids: Sequence[MailId], now: datetime, until: datetime
    ) -> tuple[Sequence[Outgoing], Sequence[MailId]]:
        """Take the pending ones to send them. Also: those that somebody else has taken; the others are done, or gone."""
        ...

    async def let_go(self, messages: Sequence[Outgoing]) -> None:
        """Let others try, after taking them together; nothing happens to one that somebody else took meanwhile."""
        ...

    async def end(self, tx: Tx, messages: Sequence[Outgoing]) -> int:
        """Write the ends of messages; how many there were to write: whatever has ended already stays as it is."""
        ...
