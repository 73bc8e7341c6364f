"""Calls as documents: history, and one call with its timeline."""

from pydantic import Field

from billing.receipts import Receipts
from domain.calls.session import CallKind, EndReason, LiveSession, Side
from domain.calls.states import CallState
from domain.errors import Code
from domain.ids import SessionId
from domain.payments.payment import Payment
from rest.endpoints.call_story import (
    ConnectedView,
    HoldView,
    MinuteView,
    PauseView,
    QualityView,
    TimelineView,
    connected_of,
    holds_of,
    minutes_of,
    pause_of,
    timeline_of,
)
from rest.endpoints.payment_views import PaymentView
from rest.payloads import Amount, Id, Instant, PageSize, Query, Reply
from rest.registry import Call, endpoint, member
from signaling.queries import CallQueries, CallView


class SessionQuery(Query):
    """Place in the history."""

    cursor: Id | None = Field(default=None, description="`nextCursor` of the page before.")
    limit: PageSize = 20


class PersonView(Reply):
    """One end of a call."""

    user_id: str
    name: str
    avatar_url: str | None = None

    @classmethod
    def of(cls, call: LiveSession, side: Side) -> "PersonView":
        person = call.participant(side)
        return cls(user_id=person.user_id, name=person.name, avatar_url=person.avatar_url)


class SessionSummary(Reply):
    """A call in a list."""

    session_id: str
    kind: CallKind = Field(description="`overtime` belongs to a booked session.")
    booking_id: str | None = Field(default=None, description="Of the session that the overtime belongs to.")
    coach_id: str
    client: PersonView
    coach: PersonView
    role: Side | None = Field(default=None, description="Which end the asker is; absent for an admin.")
    state: CallState
    version: int
    rate_per_minute: Amount
    billable_seconds: int = Field(description="Final once the call has ended.")
    amount: Amount = Field(description="What it costs so far; final once the call has ended.")
    created_at: Instant
    live_at: Instant | None = None
    ended_at: Instant | None = None
    end_reason: EndReason | None = None
    paid: Amount | None = Field(default=None, description="What the client paid, once the call has settled.")
    earned: Amount | None = Field(
        default=None, description="What the coach is paid, once the call has settled. Not for the client."
    )

    @classmethod
    def of(cls, view: CallView, payment: Payment | None = None) -> "SessionSummary":
        call = view.call
        return SessionSummary(
            session_id=call.id,
            kind=call.kind,
            booking_id=call.booking_id,
            coach_id=call.coach_id,
            client=PersonView.of(call, Side.CALLER),
            coach=PersonView.of(call, Side.CALLEE),
            role=view.role,
            state=call.state,
            version=call.version,
            rate_per_minute=Amount.of(call.rate),
            billable_seconds=view.billable_seconds,
            amount=Amount.of(call.rate.with_amount(view.amount)),
            created_at=call.created_at,
            live_at=call.live_at,
            ended_at=call.ended_at,
            end_reason=call.end_reason,
            paid=_paid(payment),
            earned=_earned(view, payment),
        )


class SessionReply(SessionSummary):
    """A call with everything that happened in it."""

    server_time: Instant = Field(
        description="The domain instant of this reply, which running calls count to."
    )
    expires_at: Instant = Field(
        description="Of the present step before an answer: reservation, 3-D Secure, ring."
    )
    authorized_seconds: int
    low_balance: bool = Field(description="Another block is needed and the card did not give it.")
    paused: PauseView | None = None
    connected: ConnectedView
    minutes: list[MinuteView]
    holds: list[HoldView] = Field(description="For the coach only those that came to hold money.")
    timeline: list[TimelineView]
    payment: PaymentView | None = Field(default=None, description="Once the call has settled.")
    quality: list[QualityView] = Field(description="The last 200 samples of both sides, oldest first.")


class SessionPage(Reply):
    """One page of calls."""

    items: list[SessionSummary]
    next_cursor: str | None = Field(default=None, description="Absent on the last page.")


class LiveSessions:
    """Paid live calls. They are made and ended over the sockets."""

    def __init__(self, queries: CallQueries, receipts: Receipts) -> None:
        self._queries = queries
        self._receipts = receipts

    @endpoint("GET", "/api/live-sessions", may=member, query=SessionQuery, reply=SessionPage)
    async def list_sessions(self, call: Call[None, SessionQuery]) -> SessionPage:
        """List the own calls, at either end, newest first."""
        limit = call.query.limit
        before = SessionId(call.query.cursor) if call.query.cursor else None
        found = await self._queries.history(call.who, before, limit + 1)
        payments = await self._receipts.of_calls([view.call for view in found[:limit]])
        items = [SessionSummary.of(view, payments.get(view.call.id)) for view in found[:limit]]
        return SessionPage(items=items, next_cursor=items[-1].session_id if len(found) > limit else None)

    @endpoint(
        "GET",
        "/api/live-sessions/{sessionId}",
        may=member,
        reply=SessionReply,
        errors=(Code.NOT_FOUND,),
    )
    async def get_session(self, call: Call[None, None]) -> SessionReply:
        """Read one call with its timeline.

        For its two participants and for admins. The coach does not read how the client's card fared.
        """
        session_id = SessionId(call.path["sessionId"])
        view = await self._queries.one(call.who, session_id)
        payment = await self._receipts.of_call(call.who, session_id)
        return SessionReply(
            **dict(SessionSummary.of(view, payment)),
            server_time=view.at,
            expires_at=view.call.expires_at,
            authorized_seconds=view.call.authorized_seconds,
            low_balance=view.call.low_balance,
            paused=pause_of(view),
            connected=connected_of(view),
            minutes=minutes_of(view),
            holds=holds_of(view),
            timeline=timeline_of(view),
            payment=PaymentView.of(payment, to_coach=view.role is Side.CALLEE, call=view.call)
            if payment
            else None,
            quality=[QualityView.of(sample) for sample in await self._queries.quality(view)],
        )


def _paid(payment: Payment | None) -> Amount | None:
    if payment is None or payment.snapshot is None:
        return None
    return Amount(amount=payment.snapshot.gross, currency=payment.currency)


def _earned(view: CallView, payment: Payment | None) -> Amount | None:
    if payment is None or payment.snapshot is None or view.role is Side.CALLER:
        return None
    return Amount(amount=payment.snapshot.earned, currency=payment.currency)
