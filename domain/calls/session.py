"""A live call: one aggregate, one table of moves, one timeline.

Whoever changes a call loads it in a transaction, calls the methods here, and saves it; saving increments ``version``, so that
two transactions about one call always conflict, also when one of them merely adds a hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from domain.calls import billable
from domain.calls.billable import Interval, Proof
from domain.calls.holds import UNRESOLVED, Hold
from domain.calls.pricing import CapturePlan, block_amount, price
from domain.calls.states import OPEN, CallState, Move, advance
from domain.errors import Code, Forbidden, NotFound
from domain.ids import BookingId, CoachId, OperationId, PaymentMethodId, SessionId, UserId
from domain.money import Money
from domain.payments.cards import Card
from domain.timeline import TimelineEntry

SocketId = NewType("SocketId", str)

#: What a pause counts for at least: the limit of all pauses also limits how many a hostile client can make of them.
SHORTEST_PAUSE = timedelta(seconds=1)


class Side(StrEnum):
    """The two ends of a call. The callee is the polite peer in perfect negotiation."""

    CALLER = "caller"
    CALLEE = "callee"

    @property
    def other(self) -> "Side":
        return Side.CALLEE if self is Side.CALLER else Side.CALLER


class EndReason(StrEnum):
    """Why a call is over."""

    ENDED_BY_CLIENT = "ended_by_client"
    ENDED_BY_COACH = "ended_by_coach"
    AUTHORIZATION_EXHAUSTED = "authorization_exhausted"
    CONNECTION_LOST = "connection_lost"
    MEDIA_DENIED = "media_denied"
    SUSPENDED = "suspended"
    PAYMENT_REFUSED = "payment_refused"
    AUTHORIZATION_TIMEOUT = "authorization_timeout"
    DECLINED = "declined"
    NO_ANSWER = "no_answer"
    CANCELLED = "cancelled"
    NOT_JOINED = "not_joined"
    NO_MEDIA = "no_media"


class CallKind(StrEnum):
    """What a live session is."""

    CALL = "call"  # on demand: the coach is rung
    OVERTIME = "overtime"  # more time after a scheduled session: nothing rings, and only what both asked for is authorized


@dataclass(slots=True)
class Seat:
    """The dedicated socket that speaks for a side. ``left_at`` is set when it is gone and may come back."""

    device_id: str
    process: str
    sid: SocketId
    left_at: datetime | None = None


@dataclass(slots=True)
class Participant:
    """One end of the call."""

    user_id: UserId
    name: str
    avatar_url: str | None = None
    seat: Seat | None = None
    #: the first handshake of all; later ones do not put off what waits for both to come
    arrived_at: datetime | None = None
    media: str = "connecting"
    intervals: list[Interval] = field(default_factory=list)

    @property
    def present(self) -> bool:
        """Whether a socket holds the seat."""
        return self.seat is not None and self.seat.left_at is None

    @property
    def counting(self) -> bool:
        """Whether media is proven at this side."""
        return bool(self.intervals) and self.intervals[-1].end is None


@dataclass(frozen=True, slots=True)
class Final:
    """What a call came to. Set once, never changed."""

    billable_seconds: int
    amount: int
    #: what was paid for in advance at that moment
    authorized_seconds: int = 0


Proofs = Mapping[Side, Proof]


@dataclass(slots=True)
class LiveSession:
    """A call and everything that decides its price. Rate and fee are frozen when the client commits."""

    id: SessionId
    client_request_id: str
    coach_id: CoachId
    caller: Participant
    callee: Participant
    rate: Money
    fee_percent: int
    minimum_charge: int
    block_minutes: int
    payment_method: PaymentMethodId
    gateway_customer: str
    billing_country: str
    created_at: datetime
    expires_at: datetime
    kind: CallKind = CallKind.CALL
    #: the booking whose session this is the overtime of; its id is this one's too
    booking_id: BookingId | None = None
    state: CallState = CallState.RESERVING
    version: int = 0
    #: ICE generation
    epoch: int = 0
    #: when a peer began the present one; None if joining did
    restarted_at: datetime | None = None
    holds: list[Hold] = field(default_factory=list)
    ticked_minute: int = 0
    low_balance: bool = False
    accepted_at: datetime | None = None
    #: the device that won
    accepted_by: str | None = None
    live_at: datetime | None = None
    paused_at: datetime | None = None
    pause_reason: str | None = None
    paused_total: timedelta = timedelta()
    denied_since: datetime | None = None
    ended_at: datetime | None = None
    end_reason: EndReason | None = None
    final: Final | None = None
    #: frozen before the first capture, so that any repetition does the same
    plan: CapturePlan | None = None
    #: rises only when the gateway replays a stored error for the key of the tax calculation
    tax_attempt: int = 1
    timeline: list[TimelineEntry] = field(default_factory=list)

    # --- who --------------------------------------------------------------------------------------------------

    @property
    def open(self) -> bool:
        """Whether the call still occupies its client and its coach."""
        return self.state in OPEN

    @property
    def overtime(self) -> bool:
        """Whether it is the overtime of a scheduled session, and belongs to that session's room."""
        return self.kind is CallKind.OVERTIME

    @property
    def rang(self) -> bool:
        """Whether the coach ever heard of this call. Before that it is the client's affair alone, and so is why it failed."""
        return self.overtime or any(entry.what == Move.AUTHORIZED for entry in self.timeline)

    def side_of(self, user_id: UserId) -> Side:
        """Which end a person is.

        Raises:
            NotFound: neither; a stranger must not learn that the call exists.
        """
        if user_id == self.caller.user_id:
            return Side.CALLER
        if user_id == self.callee.user_id:
            return Side.CALLEE
        raise NotFound("There is no such call.")

    def participant(self, side: Side) -> Participant:
        """The person at one end."""
        return self.caller if side is Side.CALLER else self.callee

    def processes(self) -> frozenset[str]:
        """The processes that hold a socket of this call."""
        return frozenset(
            p.seat.process for p in (self.caller, self.callee) if p.seat is not None and p.present
        )

    def require_socket(self, side: Side, sid: SocketId) -> None:
        """Raise unless this socket holds the seat of ``side``."""
        seat = self.participant(side).seat
        if seat is None or seat.left_at is not None or seat.sid != sid:
            raise Forbidden("This connection does not hold the call; join it first.", code=Code.NOT_JOINED)

    # --- moves ------------------------------------------------------------------------------------------------

    def move(self, move: Move, *, at: datetime, by: str, process: str, **detail: str | int) -> None:
        """Make a legal move and write it down.

        Raises:
            Conflict: the present state does not allow it.
        """
        self.state = advance(self.state, move)
        self.note(move.value, at=at, by=by, process=process, **detail)

    def note(self, what: str, *, at: datetime, by: str, process: str, **detail: str | int) -> None:
        """Append to the timeline."""
        self.timeline.append(TimelineEntry(at, what, by, process, detail))

    # --- money ------------------------------------------------------------------------------------------------

    @property
    def authorized_seconds(self) -> int:
        """Seconds of talk that are paid for in advance; of a call that is over, those that were."""
        if self.final is not None:
            return self.final.authorized_seconds
        return sum(hold.seconds for hold in self.holds if hold.pays)

    @property
    def authorized_amount(self) -> int:
        """Minor units that are held."""
        return sum(hold.amount for hold in self.holds if hold.pays)

    @property
    def holds_unresolved(self) -> bool:
        """Whether the outcome of an authorization is still open."""
        return any(hold.state in UNRESOLVED for hold in self.holds)

    @property
    def block_asked_for(self) -> bool:
        """Whether the newest block has no outcome yet. An older one that a later block made unnecessary does not count."""
        return bool(self.holds) and self.holds[-1].state in UNRESOLVED

    def hold(self, operation_id: OperationId) -> Hold:
        """The hold that an operation asked for."""
        for hold in self.holds:
            if hold.operation_id == operation_id:
                return hold
        raise NotFound("There is no such authorization in this call.")

    def add_hold(self, operation_id: OperationId, card: Card, seconds: int | None = None) -> Hold:
        """Write down that one more block is being authorized, of the usual length unless ``seconds`` says another."""
        seconds = seconds or self.block_minutes * 60
        hold = Hold(
            number=len(self.holds) + 1,
            operation_id=operation_id,
            amount=block_amount(self.rate, seconds),
            seconds=seconds,
            payment_method=card.id,
            card_brand=card.brand,
            card_last4=card.last4,
        )
        self.holds.append(hold)
        return hold

    def price_of(self, seconds: int) -> int:
        """What ``seconds`` of talk cost, minor units: never more than is authorized."""
        return min(price(self.rate, seconds, self.minimum_charge), self.authorized_amount)

    # --- the billable clock -----------------------------------------------------------------------------------

    def closed_intervals(self, now: datetime, proofs: Proofs) -> tuple[list[Interval], list[Interval]]:
        """Both sides' intervals as they count at ``now``: (caller, callee)."""
        return (
            billable.closed(self.caller.intervals, proofs.get(Side.CALLER), now),
            billable.closed(self.callee.intervals, proofs.get(Side.CALLEE), now),
        )

    def billable_seconds(self, now: datetime, proofs: Proofs) -> int:
        """Seconds to pay for at ``now``: whole, and never more than are authorized."""
        if self.final is not None:
            return self.final.billable_seconds
        caller, callee = self.closed_intervals(now, proofs)
        return min(billable.billable_seconds(caller, callee), self.authorized_seconds)

    def counting(self) -> bool:
        """Whether the meter runs: media is proven at both sides."""
        return self.state is CallState.LIVE and self.caller.counting and self.callee.counting

    def close_counting(self, now: datetime, proofs: Proofs) -> None:
        """Close both sides' open intervals at what their proofs support."""
        self.caller.intervals, self.callee.intervals = self.closed_intervals(now, proofs)

    # --- ending -----------------------------------------------------------------------------------------------

    def finish(
        self, reason: EndReason, *, at: datetime, now: datetime, proofs: Proofs, by: str, process: str
    ) -> None:
        """End the conversation and make its amount final.

        ``at`` is when it ended, ``now`` when we learned of it. Intervals are cut at ``at`` and at what the proofs
        support, whichever is earlier. A call that was never live fails without a charge.
        """
        self.close_counting(min(at, now), proofs)
        self.end_pause(now)
        self.ended_at, self.end_reason = at, reason
        if self.live_at is None:
            self.move(Move.FAIL, at=at, by=by, process=process, reason=reason.value)
            self.final = Final(0, 0, self.authorized_seconds)
            return
        seconds = min(
            billable.billable_seconds(self.caller.intervals, self.callee.intervals), self.authorized_seconds
        )
        self.final = Final(seconds, self.price_of(seconds), self.authorized_seconds)
        self.move(
            Move.END,
            at=at,
            by=by,
            process=process,
            reason=reason.value,
            billable_seconds=seconds,
            amount=self.final.amount,
        )

    def give_up(self, move: Move, reason: EndReason, *, at: datetime, by: str, process: str) -> None:
        """Leave by one of the exits before ``live``: nothing is charged."""
        self.move(move, at=at, by=by, process=process, reason=reason.value)
        self.ended_at, self.end_reason = at, reason
        self.final = Final(0, 0, self.authorized_seconds)

    # --- pauses -----------------------------------------------------------------------------------------------

    def begin_pause(self, reason: str, *, at: datetime, process: str) -> None:
        """The meter stands still from ``at`` on."""
        self.move(Move.LOST, at=at, by="system", process=process, reason=reason)
        self.paused_at, self.pause_reason = at, reason

    def pause_ends_at(self, grace: float, limit: float) -> datetime | None:
        """How long the call waits for a return: ``grace`` seconds, and never beyond ``limit`` seconds of pause in all."""
        if self.paused_at is None:
            return None
        left = timedelta(seconds=limit) - self.paused_total
        return self.paused_at + max(min(timedelta(seconds=grace), left), timedelta())

    def end_pause(self, at: datetime) -> None:
        """Add a pause to the total; nothing happens when there is none."""
        if self.paused_at is not None:
            self.paused_total += max(at - self.paused_at, SHORTEST_PAUSE)
            self.paused_at = self.pause_reason = None
