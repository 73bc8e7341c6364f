"""Bookings as the wire shows them."""

from pydantic import Field

from domain.booking.booking import Booking
from domain.booking.changes import Cancellation
from domain.booking.parties import Role
from domain.booking.policy import reschedule_until
from domain.booking.session_type import Format
from domain.booking.states import BookingState
from domain.booking.views import BookingView, ViewPage
from domain.pricing.quote import PriceReason
from rest.payloads import Amount, Instant, Reply


class BookingCoach(Reply):
    """Who gives the session."""

    coach_id: str
    user_id: str
    name: str


class BookingClient(Reply):
    """Who takes it."""

    user_id: str
    name: str


class BookingPrice(Reply):
    """The price, frozen when the booking was made. Minor units, tax included."""

    base: int = Field(description="Without any discount.")
    amount: int = Field(description="What is to pay, or was paid.")
    currency: str = Field(description="ISO 4217")
    reason: PriceReason
    label: str = Field(description="The coach's word for the discount, or the code.")


class TimesView(Reply):
    """A span of time."""

    start: Instant
    end: Instant


class WishView(Reply):
    """Another time, which the coach has to accept."""

    start: Instant
    end: Instant
    expires_at: Instant


class CancellationReply(Reply):
    """What cancelling would do now. Cancelling uses the very same calculation."""

    allowed: bool
    refund_percent: int = Field(description="Of what was paid.")
    refund: Amount = Field(description="Of all places, at a group session.")
    full_refund_until: Instant
    partial_refund_until: Instant = Field(description="Later than this nothing goes back.")
    server_time: Instant = Field(description="The domain instant of this reply.")

    @classmethod
    def of(cls, cancellation: Cancellation) -> "CancellationReply":
        refund = cancellation.refund
        return cls(
            allowed=cancellation.allowed,
            refund_percent=refund.percent,
            refund=Amount(amount=refund.amount, currency=cancellation.currency),
            full_refund_until=cancellation.full_until,
            partial_refund_until=cancellation.partial_until,
            server_time=cancellation.at,
        )


class CancellableView(Reply):
    """The short of `GET …/cancellation`."""

    allowed: bool
    refund_percent: int = Field(description="Of what was paid.")
    refund: Amount | None = Field(
        default=None, description="Absent at a group session; ask for the whole there."
    )
    full_refund_until: Instant
    partial_refund_until: Instant
    reschedule_until: Instant | None = Field(
        default=None,
        description="Later than this a confirmed booking keeps its time. Absent at a group session.",
    )


class BookingStep(Reply):
    """Something that happened."""

    at: Instant
    what: str = Field(description="A move of the table of bookings, or a word for what moved nothing.")
    by: str = Field(description="`client`, `coach`, `gateway` or `system`.")
    detail: dict[str, str | int]


class AttendeeView(Reply):
    """A paid place in a group session."""

    user_id: str
    name: str
    booking_id: str = Field(description="Of the place.")
    at: Instant


class BookingReply(Reply):
    """A session between two, a group session, or a place in one."""

    booking_id: str
    state: BookingState
    version: int
    role: Role = Field(
        description="On which side the asker is; `client` for whoever only looks at a group session."
    )
    coach: BookingCoach
    client: BookingClient | None = Field(default=None, description="Absent at a group session.")
    session_type_id: str
    title: str
    format: Format
    start: Instant
    end: Instant
    time_zone: str | None = Field(default=None, description="Of the client, when they booked (IANA).")
    firm: bool = Field(description="Made without asking the coach.")
    goals: str
    price: BookingPrice
    payment_id: str | None = None
    payment_state: str | None = None
    expires_at: Instant | None = Field(
        default=None, description="When nobody answered, chose or paid until then, it expires."
    )
    suggestions: list[TimesView] = Field(description="Other times that the coach offers.")
    rescheduling: WishView | None = None
    group_id: str | None = Field(default=None, description="The group session that this is a place in.")
    place_id: str | None = Field(default=None, description="The asker's place in this group session.")
    capacity: int | None = None
    min_attendees: int | None = None
    attendees: int | None = Field(default=None, description="Places taken in a group session.")
    attendee_list: list[AttendeeView] | None = Field(default=None, description="For the coach alone.")
    meeting_url: str | None = Field(default=None, description="For those who may join.")
    missed_by: str | None = Field(default=None, description="`client`, `coach` or `both`.")
    blocks_time: bool = Field(
        description="Nobody else may book its time; a coach who cancelled can reopen it."
    )
    join_from: Instant
    cancellable: CancellableView | None = Field(default=None, description="For those who take part.")
    timeline: list[BookingStep]
    server_time: Instant = Field(description="The domain instant of this reply.")

    @classmethod
    def of(cls, view: BookingView) -> "BookingReply":
        one = view.booking
        group = one.is_group
        return cls(
            booking_id=one.id,
            state=one.state,
            version=one.version,
            role=view.role,
            coach=BookingCoach(coach_id=one.coach_id, user_id=one.coach_user_id, name=one.coach_name),
            client=BookingClient(user_id=one.client.user_id, name=one.client.name) if one.client else None,
            session_type_id=one.session_type_id,
            title=one.title,
            format=one.format,
            start=one.start,
            end=one.end,
            time_zone=one.client.time_zone if one.client else None,
            firm=one.firm,
            goals=one.goals,
            price=_price(one),
            payment_id=one.payment_id,
            payment_state=view.payment_state,
            expires_at=one.expires_at,
            suggestions=[TimesView(start=span.start, end=span.end) for span in one.suggestions],
            rescheduling=_wish(one),
            group_id=one.group_id,
            place_id=view.place_id,
            capacity=one.capacity,
            min_attendees=one.min_attendees,
            attendees=len(one.attendees) if group else None,
            attendee_list=_attendees(view) if group else None,
            meeting_url=view.meeting_url,
            missed_by=one.missed_by,
            blocks_time=one.occupies,
            join_from=view.join_from,
            cancellable=_cancellable(view),
            timeline=_timeline(view),
            server_time=view.at,
        )


class BookingListReply(Reply):
    """One page of bookings."""

    items: list[BookingReply]
    next_cursor: str | None = Field(default=None, description="Absent on the last page.")

    @classmethod
    def of(cls, page: ViewPage) -> "BookingListReply":
        return cls(items=[BookingReply.of(view) for view in page.items], next_cursor=page.next_cursor)


def _price(booking: Booking) -> BookingPrice:
    quote = booking.price
    return BookingPrice(
        base=quote.base,
        amount=quote.amount,
        currency=quote.currency,
        reason=quote.reason,
        label=quote.label,
    )


def _wish(booking: Booking) -> WishView | None:
    wish = booking.rescheduling
    return WishView(start=wish.start, end=wish.end, expires_at=wish.expires_at) if wish else None


def _attendees(view: BookingView) -> list[AttendeeView] | None:
    if not (view.involved and view.role is Role.COACH):
        return None
    return [
        AttendeeView(user_id=one.user_id, name=one.name, booking_id=one.booking_id, at=one.at)
        for one in view.booking.attendees
    ]


def _cancellable(view: BookingView) -> CancellableView | None:
    found = view.cancellation
    if found is None:
        return None
    refund = Amount(amount=found.refund.amount, currency=found.currency)
    in_group = view.booking.is_group or view.booking.group_id is not None
    return CancellableView(
        allowed=found.allowed,
        refund_percent=found.refund.percent,
        refund=None if view.booking.is_group else refund,
        full_refund_until=found.full_until,
        partial_refund_until=found.partial_until,
        reschedule_until=None if in_group else reschedule_until(view.booking.policy, view.booking.start),
    )


def _timeline(view: BookingView) -> list[BookingStep]:
    if not view.involved:
        return []
    return [
        BookingStep(at=entry.at, what=entry.what, by=entry.by, detail=dict(entry.detail))
        for entry in view.booking.timeline
    ]
