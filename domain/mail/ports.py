"""What sends, what words, and where messages on their way are kept."""

from collections.abc import Mapping
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

    async def take(self, mail_id: MailId, now: datetime, until: datetime) -> Outgoing | None:
        """Take a pending one to send it; None for one that is done, gone, or taken by somebody else."""
        ...

    async def let_go(self, message: Outgoing) -> None:
        """Let others try, after taking it; nothing happens if somebody else took it meanwhile."""
        ...

    async def pending(self, mail_id: MailId) -> bool:
        """Whether it still has to be sent."""
        ...

    async def get(self, tx: Tx, mail_id: MailId) -> Outgoing | None:
        """Read in the transaction."""
        ...

    async def save(self, tx: Tx, message: Outgoing) -> None:
        """Write it and increment its version.

        Raises:
            Unavailable: somebody else wrote it meanwhile.
        """
        ...
