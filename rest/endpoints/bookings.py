"""Making bookings, and reading them."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from domain.booking.bookings import Bookings as MakesBookings
from domain.booking.bookings import NewBooking
from domain.booking.changes import Changes
from domain.booking.offering import LONGEST_MINUTES
from domain.booking.ports import BookingSearch
from domain.booking.states import BookingState
from domain.booking.views import BookingQueries
from domain.errors import Code
from domain.ids import BookingId, CoachId, SessionTypeId, UserId
from rest.endpoints.booking_views import BookingListReply, BookingReply, CancellationReply
from rest.endpoints.prices import CodeText
from rest.payloads import LINE, Cursor, Id, Moment, PageSize, Payload, Query, TimeZone, Whole
from rest.registry import Call, endpoint, member

TITLE_MAX = 120
GOALS_MAX = 2000

Minutes = Annotated[int, Field(ge=1, le=LONGEST_MINUTES, description="How long."), Whole]
Title = Annotated[str, StringConstraints(pattern=LINE, min_length=1, max_length=TITLE_MAX)]
Goals = Annotated[str, Field(max_length=GOALS_MAX)]


class BookingBody(Payload):
    """What a client wants to book. What it costs, and what it then is, is never taken from a request."""

    coach_id: Id
    session_type_id: Id
    start: Moment
    minutes: Minutes
    goals: Goals = Field(default="", description="What the client wants to work on; the coach reads it.")
    discount_code: CodeText | None = None
    title: Title | None = Field(
        default=None, description="A placeholder becomes the session type's name in the client's language."
    )
    time_zone: TimeZone | None = Field(default=None, description="The client's; else that of the account.")

    def booking(self) -> NewBooking:
        """As the domain knows it."""
        return NewBooking(
            coach_id=CoachId(self.coach_id),
            session_type_id=SessionTypeId(self.session_type_id),
            start=self.start,
            minutes=self.minutes,
            goals=self.goals,
            discount_code=self.discount_code,
            title=self.title,
            time_zone=self.time_zone,
        )


class Order(StrEnum):
    """By start."""

    NEWEST = "newest"
    OLDEST = "oldest"


class BookingQuery(Query):
    """Which ones, in which order, and the place in the list."""

    start: Moment | None = Field(default=None, description="What ends after this.")
    end: Moment | None = Field(default=None, description="What begins before this.")
    state: list[BookingState] = Field(default=[], max_length=20, description="Only in one of these states.")
    order: Order = Order.NEWEST
    cursor: Cursor | None = None
    limit: PageSize = 20

    def search(self) -> BookingSearch:
        """As the domain knows it."""
        return BookingSearch(
            start=self.start,
            end=self.end,
            states=tuple(self.state),
            newest_first=self.order is Order.NEWEST,
            cursor=self.cursor,
            limit=self.limit,
        )


class Bookings:
    """Sessions that are booked ahead."""

    def __init__(self, bookings: MakesBookings, changes: Changes, queries: BookingQueries) -> None:
        self._bookings = bookings
        self._changes = changes
        self._queries = queries

    @endpoint(
        "POST",
        "/api/bookings",
        may=member,
        body=BookingBody,
        reply=BookingReply,
        status=201,
        idempotent=True,
        versioned=True,
        errors=(
            Code.NOT_FOUND,
            Code.SLOT_TAKEN,
            Code.TOO_LATE,
            Code.TOO_MANY_UNPAID_BOOKINGS,
            Code.OWN_ACCOUNT,
            Code.BLOCKED,
            Code.CALENDAR_PRIVATE,
            Code.ACCOUNT_SUSPENDED,
            Code.ACCOUNT_UNVERIFIED,
            Code.CODE_INVALID,
            Code.CODE_USED_UP,
        ),
    )
    async def create_booking(self, call: Call[BookingBody, None]) -> BookingReply:
        """Book a session between two.

        It is firm, and to be paid within minutes, where the coach's availability and the session type allow it; else the
        coach is asked first. The time is held meanwhile. Of many who want the same time one gets it.
        """
        made = await self._bookings.create(call.who, call.body.booking())
        return BookingReply.of(await self._queries.view(call.who, made))

    @endpoint(
        "GET",
        "/api/bookings/{bookingId}",
        may=member,
        reply=BookingReply,
        versioned=True,
        errors=(Code.NOT_FOUND,),
    )
    async def get_booking(self, call: Call[None, None]) -> BookingReply:
        """Read a booking.

        For its coach and its client; a group session that can be registered for is for everybody who may see the calendar.
        """
        return BookingReply.of(await self._queries.one(call.who, BookingId(call.path["bookingId"])))

    @endpoint(
        "GET",
        "/api/bookings/{userId}/bookings",
        may=member,
        query=BookingQuery,
        reply=BookingListReply,
        errors=(Code.NOT_FOUND,),
    )
    async def list_coach_bookings(self, call: Call[None, BookingQuery]) -> BookingListReply:
        """List a coach's bookings, by start.

        The coach reads all of them, places in group sessions too; anybody else, those of their own.
        """
        found = await self._queries.of_coach(call.who, UserId(call.path["userId"]), call.query.search())
        return BookingListReply.of(found)

    @endpoint(
        "GET",
        "/api/bookings/user/{userId}/sessions",
        may=member,
        query=BookingQuery,
        reply=BookingListReply,
        errors=(Code.NOT_FOUND,),
    )
    async def list_own_sessions(self, call: Call[None, BookingQuery]) -> BookingListReply:
        """List the own sessions, as client and as coach, by start.

        For a coach a group session is one entry, not its places.
        """
        found = await self._queries.of_user(call.who, UserId(call.path["userId"]), call.query.search())
        return BookingListReply.of(found)

    @endpoint(
        "GET",
        "/api/bookings/{bookingId}/cancellation",
        may=member,
        reply=CancellationReply,
        errors=(Code.NOT_FOUND,),
    )
    async def preview_cancellation(self, call: Call[None, None]) -> CancellationReply:
        """See what cancelling would give back now."""
        booking_id = BookingId(call.path["bookingId"])
        return CancellationReply.of(await self._changes.preview(call.who, booking_id))
