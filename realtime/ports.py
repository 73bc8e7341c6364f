"""The use cases that the events call. The classes of ``signaling``, ``billing`` and ``domain`` satisfy these."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.accounts.account import Identity
from domain.accounts.revocations import Revocation
from domain.calls.session import Side
from domain.calls.views import (
    AuthorizationView,
    CallRequest,
    CallSnapshot,
    JoinCall,
    RequestedCall,
    SocketRef,
)
from domain.coaching.coach import Wish
from domain.events import CoachStatusChanged, Event
from domain.ids import BookingId, CoachId, NotificationId, PaymentMethodId, SessionId, UserId
from domain.money import Money
from domain.notifications.feed import FeedPosition, Replay
from signaling.video.views import JoinSession, SessionSnapshot

#: Reads an access token: no call to the outside. Raises ``Unauthenticated``.
TokenVerifier = Callable[[str], Identity]


class Revocations(Protocol):
    """Access tokens that count no longer, in memory."""

    def covers(self, identity: Identity) -> bool: ...

    def add(self, revocation: Revocation) -> bool: ...

    def listen(self, listener: Callable[[Revocation], None]) -> None: ...


class LiveCalls(Protocol):
    async def request(self, who: Identity, device_id: str, ask: CallRequest) -> RequestedCall: ...


class Answers(Protocol):
    async def accept(self, who: Identity, session_id: SessionId, device_id: str) -> object: ...

    async def decline(self, who: Identity, session_id: SessionId, reason: str | None) -> object: ...

    async def cancel(self, who: Identity, session_id: SessionId) -> object: ...


class Handshakes(Protocol):
    async def join(self, who: Identity, socket: SocketRef, ask: JoinCall) -> CallSnapshot: ...

    async def left(
        self, session_id: SessionId, user_id: UserId, sid: str, at: datetime | None = None
    ) -> None: ...

    async def bump_epoch(self, session_id: SessionId, user_id: UserId, sid: str, epoch: int) -> None: ...


class Media(Protocol):
    async def report(
        self, who: Identity, sid: str, session_id: SessionId, side: Side, epoch: int, state: str
    ) -> None: ...


class Endings(Protocol):
    async def end(self, who: Identity, session_id: SessionId, reason: str | None) -> object: ...


class CoachPresence(Protocol):
    async def set_status(self, who: Identity, wish: Wish, rate: Money | None) -> CoachStatusChanged: ...

    async def statuses(self, coach_ids: Sequence[CoachId]) -> list[CoachStatusChanged]: ...

    async def shown_to(self, who: Identity, coach_ids: Sequence[CoachId]) -> list[CoachStatusChanged]: ...

    async def arrived(self, user_id: UserId) -> None: ...

    async def left(self, user_id: UserId) -> None: ...


class Authorizations(Protocol):
    async def change_card(
        self, who: Identity, session_id: SessionId, card_id: PaymentMethodId
    ) -> AuthorizationView: ...

    async def confirm(self, who: Identity, session_id: SessionId) -> AuthorizationView: ...


class NotificationCentre(Protocol):
    async def read(self, who: Identity, ids: Sequence[NotificationId] | None) -> int: ...

    async def seen(self, who: Identity, device_id: str, seq: int) -> None: ...


class Feed(Protocol):
    async def replay(self, user_id: UserId, since: FeedPosition | None) -> Replay: ...


class CallQueries(Protocol):
    async def open_snapshot(self, who: Identity) -> list[Event]: ...

    async def record_quality(
        self, who: Identity, sid: str, session_id: SessionId, side: Side, sample: Mapping[str, float]
    ) -> None: ...


class SessionSeats(Protocol):
    async def join(self, who: Identity, socket: SocketRef, ask: JoinSession) -> SessionSnapshot: ...

    async def leave(self, who: Identity, booking_id: BookingId, sid: str) -> None: ...

    async def left(
        self, booking_id: BookingId, user_id: UserId, sid: str, at: datetime | None = None
    ) -> None: ...

    async def bump_epoch(self, booking_id: BookingId, user_id: UserId, sid: str, epoch: int) -> None: ...


class SessionMedia(Protocol):
    async def report(
        self, who: Identity, sid: str, booking_id: BookingId, side: Side, epoch: int, state: str
    ) -> None: ...


class SessionEndings(Protocol):
    async def end(self, who: Identity, booking_id: BookingId, reason: str | None) -> None: ...


class OvertimeRequests(Protocol):
    async def request(
        self, who: Identity, booking_id: BookingId, minutes: int, card: PaymentMethodId | None
    ) -> int: ...

    async def confirm(
        self, who: Identity, booking_id: BookingId, number: int, card: PaymentMethodId | None
    ) -> AuthorizationView: ...

    async def decline(self, who: Identity, booking_id: BookingId, number: int) -> None: ...

    async def payment_confirmed(self, who: Identity, booking_id: BookingId) -> AuthorizationView: ...


@dataclass(frozen=True)
class UseCases:
    """Everything the namespaces need, filled in by ``bootstrap``."""

    live_calls: LiveCalls
    answers: Answers
    handshakes: Handshakes
    media: Media
    endings: Endings
    presence: CoachPresence
    authorizations: Authorizations
    notifications: NotificationCentre
    feed: Feed
    queries: CallQueries
    session_seats: SessionSeats
    session_media: SessionMedia
    session_endings: SessionEndings
    overtime: OvertimeRequests
