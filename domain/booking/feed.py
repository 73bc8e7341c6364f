"""A person's bookings as a calendar that other programs subscribe to, at a secret address.

Whoever has the address may read: programs that show calendars cannot log in. The secret has 256 random bits, is shown once,
and is kept as a digest only. A new one makes the old one worthless.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain.accounts.account import Identity
from domain.accounts.ports import AccountStore
from domain.booking.booking import Booking
from domain.booking.free_time import BOOKABLE_AHEAD
from domain.booking.ports import BookingLists, BookingSearch
from domain.booking.states import BookingState
from domain.clock import Clock
from domain.errors import NotFound
from domain.ids import UserId
from domain.ports import Transactions, Tx

#: How far back a feed reaches.
LOOKS_BACK = timedelta(days=31)
#: Bookings in a feed, the earliest first.
SHOWN = 1000
_PAGE = 200
_SECRET_BYTES = 32
_TENTATIVE = frozenset(
    {BookingState.REQUESTED, BookingState.PENDING_PAYMENT, BookingState.PENDING_MINIMUM_ATTENDEES}
)
_CERTAIN = frozenset({BookingState.CONFIRMED, BookingState.SCHEDULED, BookingState.COMPLETED})
_STATES = tuple(sorted(_TENTATIVE | _CERTAIN))


class Certainty(StrEnum):
    """STATUS of an event (RFC 5545, section 3.8.1.11)."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a feed. ``changed_at`` and ``sequence`` tell readers which of two versions is newer."""

    uid: str
    start: datetime
    end: datetime
    title: str
    certainty: Certainty
    changed_at: datetime
    sequence: int
    meeting_url: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A whole feed."""

    name: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class FeedAddress:
    """Who reads by which secret; ``id`` is the person's, who has one address at most."""

    id: UserId
    digest: str
    created_at: datetime


class FeedStore(Protocol):
    """Addresses, one per person."""

    async def get(self, tx: Tx, user_id: UserId) -> FeedAddress | None:
        """The one of a person, read in the transaction."""
        ...

    async def put(self, tx: Tx, address: FeedAddress) -> None:
        """Write it in place of the one before."""
        ...

    async def remove(self, tx: Tx, user_id: UserId) -> None:
        """Forget it; nothing happens if there was none."""
        ...

    async def by_digest(self, tx: Tx, digest: str) -> FeedAddress | None:
        """Whose address has this digest, read in the transaction."""
        ...


class FeedWriter(Protocol):
    """The library that knows RFC 5545."""

    def write(self, feed: Feed) -> bytes:
        """The iCalendar object of a feed."""
        ...


@dataclass(frozen=True, slots=True)
class FeedPorts:
    """What feeds need."""

    transact: Transactions
    accounts: AccountStore
    feeds: FeedStore
    bookings: BookingLists
    writer: FeedWriter
    clock: Clock


class CalendarFeeds:
    """Makes addresses, and answers at them."""

    def __init__(self, ports: FeedPorts) -> None:
        self._ports = ports

    async def since(self, who: Identity) -> datetime | None:
        """Since when there is an address; None if there is none."""
        address = await self._ports.transact(lambda tx: self._ports.feeds.get(tx, who.user_id))
        return address.created_at if address else None

    async def renew(self, who: Identity) -> tuple[str, datetime]:
        """A new secret, which is not kept and cannot be read again; the one before is worthless from now on."""
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        address = FeedAddress(who.user_id, digest_of(secret), self._ports.clock.now())
        await self._ports.transact(lambda tx: self._ports.feeds.put(tx, address))
        return secret, address.created_at

    async def revoke(self, who: Identity) -> None:
        """No address any more; nothing happens if there was none."""
        await self._ports.transact(lambda tx: self._ports.feeds.remove(tx, who.user_id))

    async def read(self, secret: str) -> bytes:
        """The iCalendar object behind a secret.

        Only digests are compared, by an index: how long that takes says nothing about a secret.

        Raises:
            NotFound: no such secret, or its owner is suspended.
        """

        async def work(tx: Tx) -> UserId:
            address = await self._ports.feeds.by_digest(tx, digest_of(secret))
            if address is None or (await self._ports.accounts.get(tx, address.id)).suspended_at is not None:
                raise NotFound("There is no calendar at this address.")
            return address.id

        user_id = await self._ports.transact(work)
        entries = [entry_of(one, user_id) for one in await self._bookings(user_id)]
        return self._ports.writer.write(Feed("Rapport", entries))

    async def _bookings(self, user_id: UserId) -> list[Booking]:
        now, found, cursor = self._ports.clock.now(), list[Booking](), None
        while len(found) < SHOWN:
            search = BookingSearch(
                start=now - LOOKS_BACK,
                end=now + BOOKABLE_AHEAD,
                states=tuple(BookingState(one) for one in _STATES),
                newest_first=False,
                cursor=cursor,
                limit=_PAGE,
            )
            page = await self._ports.bookings.of_user(user_id, search)
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        return found


def digest_of(secret: str) -> str:
    """What is kept of a secret; with 256 random bits, a fast digest is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def entry_of(booking: Booking, reader: UserId) -> Entry:
    """A booking as its reader sees it: with whom, and where."""
    other = booking.coach_name if reader != booking.coach_user_id else _client(booking)
    return Entry(
        uid=f"{booking.id}@rapport",
        start=booking.start,
        end=booking.end,
        title=f"{booking.title} – {other}" if other else booking.title,
        certainty=Certainty.CONFIRMED if booking.state in _CERTAIN else Certainty.TENTATIVE,
        changed_at=booking.timeline[-1].at if booking.timeline else booking.created_at,
        sequence=booking.version,
        meeting_url=booking.meeting_url if booking.state in _CERTAIN else None,
    )


def _client(booking: Booking) -> str:
    return booking.client.name if booking.client else ""
