"""The seats that sockets of this process hold in calls, and what each still owes its peer. Pure state, no I/O.

Signals of a seat are numbered. The last ones are kept, so that a peer who was away, or whose process missed some, gets what
it lacks, in order and once; what a peer of this very process was handed needs no keeping. A new ICE generation begins a new
window: what was said before is void.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.calls.session import Side
from domain.calls.views import SocketRef
from domain.errors import RateLimited
from domain.ids import SessionId, UserId
from signaling.relay import MAX_BUFFERED, Negotiation, Signal, SignalingState

#: Sockets of the other side of which a seat knows how far it heard them. A replaced one may still speak, so one is too few.
SOCKETS_HEARD = 4


class Numbered(NamedTuple):
    """A signal with its place in the sender's order; ``n`` counts from 1 through the life of a seat.

    ``before`` is the number that must have arrived before this one; 0 if none must.
    """

    n: int
    epoch: int
    signal: Signal
    before: int = 0
    #: the event as its sender encoded it, if it came in one piece: what a socket of the same process is sent
    raw: bytes | None = None


class Missed(Exception):
    """A signal got lost on the way; its sender still has it."""


@dataclass(slots=True)
class Seat:
    """One socket that speaks for a side of a call."""

    session_id: SessionId
    side: Side
    user_id: UserId
    sid: str
    negotiation: Negotiation
    #: where the other side's socket is; None while it is away
    peer: SocketRef | None = None
    #: where it was last seen
    last_peer: SocketRef | None = None
    #: the socket is lost or another one has its place, but events it sent before are still handled: it speaks, and hears
    #: no more
    gone: bool = False
    #: the peer's seat, if it is in this process and everything it is owed was passed on
    beside: "Seat | None" = field(default=None, repr=False, compare=False)
    _window: deque[Numbered] = field(default_factory=deque)
    _next: int = 1
    #: the first number of this generation that was sent to the peer's present socket
    _link_from: int = 1
    _passed_on: int = 0
    #: the last that was handed over: it is not in the window
    _handed_over: int = 0
    #: how far each of the peer's last sockets was heard, by sid
    _heard: dict[str, int] = field(default_factory=dict)

    @property
    def epoch(self) -> int:
        """The ICE generation."""
        return self.negotiation.epoch

    @property
    def waiting(self) -> int:
        """How many signals wait for the peer."""
        return sum(1 for kept in self._window if kept.n > self._passed_on)

    def judge(self, epoch: int, signal: Signal) -> Negotiation:
        """The negotiation after ``signal``, which is not sent yet.

        Raises:
            Conflict: STALE_EPOCH or ILLEGAL_SIGNAL.
            Invalid: malformed.
            RateLimited: the peer is away and enough waits for it already.
        """
        after = self.negotiation.sent(epoch, signal)
        if self.peer is not None:
            return after
        if after.epoch == self.epoch and self.waiting >= MAX_BUFFERED:
            raise RateLimited("The other side is away and enough waits for it.", retry_after_ms=1000)
        return after

    def send(self, after: Negotiation, signal: Signal, raw: bytes | None = None) -> Numbered | None:
        """Number and keep a judged signal; it is returned if the peer is there to get it now."""
        if after is not self.negotiation:
            self._advance(after)
        n, window = self._next, self._window
        numbered = Numbered(n, after.epoch, signal, n - 1 if n > self._link_from else 0, raw)
        self._next = n + 1
        window.append(numbered)
        if len(window) > MAX_BUFFERED:
            window.popleft()
        if self.peer is None:
            return None
        self._passed_on = n
        return numbered

    def hand_over(self, other: "Seat", after: Negotiation, signal: Signal) -> bool:
        """Number a judged signal and let the seat :attr:`beside` hear it at once; False as for :meth:`hear`."""
        if after is not self.negotiation:
            self._advance(after)
        n = self._next
        self._next = n + 1
        self._passed_on = self._handed_over = n
        return other._hear(self.sid, n, after.epoch, signal)

    def peer_is_at(self, peer: SocketRef, heard: int) -> list[Numbered]:
        """The other side sits at ``peer`` and has heard up to ``heard``: what it has to be sent, in order.

        A socket that has heard nothing yet does not get again what an earlier socket of the same side got: that peer
        connection knows it.
        """
        after = max(heard, self._handed_over if peer == self.last_peer else self._passed_on)
        if peer != self.last_peer or after > heard:
            self._link_from = after + 1
        while len(self._heard) > SOCKETS_HEARD:
            del self._heard[next(iter(self._heard))]
        self.peer = self.last_peer = peer
        self.beside = None
        self._passed_on = self._next - 1
        owed = [kept for kept in self._window if kept.n > after]
        return [kept._replace(before=0) if kept.n <= self._link_from else kept for kept in owed]

    def peer_is_away(self, lost: int | None = None) -> None:
        """Keep what is sent from now on, and from ``lost``, which found nobody, if that is known."""
        self.peer = self.beside = None
        if lost is not None:
            self._passed_on = min(self._passed_on, lost - 1)

    def heard(self, sid: str) -> int:
        """How many of the signals of the peer's socket ``sid`` arrived here without a hole."""
        return self._heard.get(sid, 0)

    def hear(self, sid: str, numbered: Numbered) -> bool:
        """Take a signal of the peer's socket ``sid``; False if it came before, or is of a past generation.

        Raises:
            Missed: one before it did not arrive; ask the peer again.
        """
        heard = self._heard.get(sid, 0)
        if numbered.n <= heard:
            return False
        if numbered.before > heard:
            raise Missed(f"heard {heard}, got {numbered.n}")
        return self._hear(sid, numbered.n, numbered.epoch, numbered.signal)

    def _hear(self, sid: str, n: int, epoch: int, signal: Signal) -> bool:
        self._heard[sid] = n
        after = self.negotiation.received(epoch, signal)
        if after is None:
            return False
        if after is not self.negotiation:
            self._advance(after)
        return True

    def count_on(self, before: "Seat") -> None:
        """The same socket takes its seat anew: its peer knows how far ``before`` counted, and would drop smaller numbers."""
        self._next = self._link_from = before._next
        self._passed_on = before._next - 1

    def begin_epoch(self, epoch: int) -> None:
        """Somebody else began a newer ICE generation (a device took over, or the peer restarted)."""
        if epoch > self.epoch:
            self._advance(Negotiation(self.negotiation.polite, epoch))

    def _advance(self, after: Negotiation) -> None:
        if after.epoch > self.epoch:
            self._window.clear()
            self._passed_on = self._next - 1
            self._link_from = self._next
        self.negotiation = after


class Seats:
    """All seats of this process, by socket and by call."""

    def __init__(self) -> None:
        self._by_sid: dict[str, Seat] = {}
        self._by_place: dict[tuple[SessionId, Side], Seat] = {}

    def __iter__(self) -> Iterator[Seat]:
        return iter(list(self._by_sid.values()))

    def __len__(self) -> int:
        return len(self._by_sid)

    def take(
        self, session_id: SessionId, side: Side, user_id: UserId, sid: str, *, epoch: int, resumed: bool
    ) -> Seat:
        """Seat a socket. Whoever of this process sat there before is out of the way."""
        state = SignalingState.UNKNOWN if resumed else SignalingState.STABLE
        negotiation = Negotiation(side is Side.CALLEE, epoch, state, described=resumed)
        seat = Seat(session_id, side, user_id, sid, negotiation)
        before = self.leave(sid)
        if before is not None:
            before.gone = True
            seat.count_on(before)
        self._by_sid[sid] = seat
        replaced = self._by_place.get((session_id, side))
        if replaced is not None:
            replaced.gone = True
        self._by_place[session_id, side] = seat
        return seat

    def leave(self, sid: str) -> Seat | None:
        """Unseat a socket; the seat it held, if any."""
        seat = self._by_sid.pop(sid, None)
        if seat is not None and self._by_place.get((seat.session_id, seat.side)) is seat:
            del self._by_place[seat.session_id, seat.side]
        return seat

    def of(self, sid: str) -> Seat | None:
        """The seat of a socket."""
        return self._by_sid.get(sid)

    def at(self, session_id: SessionId, side: Side) -> Seat | None:
        """Who of this process speaks for a side and hears."""
        seat = self._by_place.get((session_id, side))
        return None if seat is None or seat.gone else seat

    def in_call(self, session_id: SessionId) -> list[Seat]:
        """Those of this process in a call, at most two."""
        found = (self.at(session_id, side) for side in Side)
        return [seat for seat in found if seat is not None]
