"""What becomes of a booking: answered, moved, called off, concluded."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from domain.booking.booking import Booking
from domain.booking.changes import Changes
from domain.booking.outcomes import Asserted, Outcomes
from domain.booking.requests import SUGGESTIONS_MAX, Requests
from domain.booking.rescheduling import Reschedules
from domain.booking.spans import Span
from domain.booking.views import BookingQueries
from domain.errors import Code
from domain.ids import BookingId
from rest.endpoints.booking_views import BookingReply
from rest.payloads import Moment, Payload
from rest.registry import Call, endpoint, member

#: Whatever asks a booking to move may hear these.
MOVES = (Code.NOT_FOUND, Code.ILLEGAL_STATE)

Words = Annotated[str, Field(max_length=1000)]


class ReasonBody(Payload):
    """Why, in the asker's words; the other side reads it."""

    reason: Words | None = None


class AcceptBody(Payload):
    """To what the coach agrees."""

    start: Moment | None = Field(
        default=None, description="The start that you read. Is it another one by now, nothing is accepted."
    )


class TimeBody(Payload):
    """A span of time."""

    start: Moment
    end: Moment

    @model_validator(mode="after")
    def _forwards(self) -> "TimeBody":
        if self.end <= self.start:
            raise ValueError("it ends after it starts")
        return self


class SuggestBody(Payload):
    """Other times, each as long as the client asked for."""

    times: list[TimeBody] = Field(min_length=1, max_length=SUGGESTIONS_MAX)
    message: Words | None = None


class StartBody(Payload):
    """When it is to begin."""

    start: Moment


class CancelBody(Payload):
    """How it is called off."""

    reopen: bool = Field(
        default=False, description="A coach's time is free for others again; else it stays blocked."
    )
    reason: Words | None = None


class StatusBody(Payload):
    """What the coach says of a session that began."""

    status: Asserted


class BookingMoves:
    """Each answers with the booking as it is then."""

    def __init__(
        self,
        requests: Requests,
        reschedules: Reschedules,
        changes: Changes,
        outcomes: Outcomes,
        queries: BookingQueries,
    ) -> None:
        self._requests = requests
        self._reschedules = reschedules
        self._changes = changes
        self._outcomes = outcomes
        self._queries = queries

    @endpoint(
        "POST",
        "/api/bookings/{bookingId}/accept",
        may=member,
        body=AcceptBody,
        body_optional=True,
        reply=BookingReply,
        errors=(*MOVES, Code.FORBIDDEN, Code.TOO_LATE, Code.VERSION_MISMATCH),
    )
    async def accept_booking(self, call: Call[AcceptBody | None, None]) -> BookingReply:
        """Accept a request, or a wish for another time.

        By its coach. A request is to be paid then. With `start`, only if that is still the time that the client asks for.
        """
        start = call.body.start if call.body else None
        return await self._reply(call, await self._requests.accept(call.who, _id(call), start=start))

    @endpoint(
        "POST",
        "/api/bookings/{bookingId}/decline",
        may=member,
        body=ReasonBody,
        body_optional=True,
        reply=BookingReply,
        errors=(*MOVES, Code.FORBIDDEN),
    )
    async def decline_booking(self, call: Call[ReasonBody | None, None]) -> BookingReply:
        """Decline a request or a wish for another time; or, as the client, all suggested times.

        Time that was held is free again. After a declined wish the booking stays where it was.
        """
        reason = call.body.reason if call.body else None
        return await self._reply(call, await self._requests.decline(call.who, _id(call), reason))

    @endpoint(
        "POST",
        "/api/bookings/{bookingId}/suggest",
        may=member,
        body=SuggestBody,
        reply=BookingReply,
        errors=(*MOVES, Code.FORBIDDEN, Code.TOO_LATE),
    )
    async def suggest_times(self, call: Call[SuggestBody, None]) -> BookingReply:
        """Offer other times than the one that was asked for.

        By its coach. Nothing is held until the client chooses.
        """
        times = [Span(one.start, one.end) for one in call.body.times]
        moved = await self._requests.suggest(call.who, _id(call), times, call.body.message)
        return await self._reply(call, moved)

    @endpoint(
        "POST",
        "/api/bookings/{bookingId}/choose",
        may=member,
        body=StartBody,
        reply=BookingReply,
        errors=(
            *MOVES,
            Code.FORBIDDEN,
            Code.TOO_LATE,
            Code.SLOT_TAKEN,
            Code.BLOCKED,
            Code.CALENDAR_PRIVATE,
        ),
    )
    async def choose_time(self, call: Call[StartBody, None]) -> BookingReply:
        """Take one of the suggested times.

        By its client; it is to be paid then.
        """
        return await self._reply(call, await self._requests.choose(call.who, _id(call), call.body.start))

    @endpoint(
        "POST",
        "/api/bookings/{bookingId}/reschedule",
        may=member,
        body=StartBody,
        reply=BookingReply,
        errors=(
            *MOVES,
            Code.FORBIDDEN,
            Code.TOO_LATE,
            Code.SLOT_TAKEN,
            Code.BLOCKED,
            Code.CALENDAR_PRIVATE,
        ),
    )
    async def reschedule_booking(self, call: Call[StartBody, None]) -> BookingReply:
        """Choose another time; price and payment stay.

        By its client, until the deadline of the session type. It moves at once where it would be booked firmly; else the coach
        is asked, and both times are held meanwhile.
        """
        moved = await self._reschedules.reschedule(call.who, _id(call), call.body.start)
        return await self._reply(call, moved)

    @endpoint(
        "POST",
        "/api/bookings/{bookingId}/cancel",
        may=member,
        body=CancelBody,
        body_optional=True,
        reply=BookingReply,
        errors=(*MOVES, Code.TOO_LATE),
    )
    async def cancel_booking(self, call: Call[CancelBody | None, None]) -> BookingReply:
        """Call a booking off before it begins.

        The client gets back what `GET …/cancellation` says; all of it when the coach cancels, whose time stays blocked unless
        `reopen` is true.
        """
        body = call.body or CancelBody()
        moved = await self._changes.cancel(call.who, _id(call), reopen=body.reopen, reason=body.reason)
        return await self._reply(call, moved)

    @endpoint(
        "POST",
        "/api/bookings/{bookingId}/reopen",
        may=member,
        reply=BookingReply,
        errors=(*MOVES, Code.FORBIDDEN),
    )
    async def reopen_time(self, call: Call[None, None]) -> BookingReply:
        """Make the time of a session that its coach called off free again."""
        return await self._reply(call, await self._changes.reopen(call.who, _id(call)))

    @endpoint(
        "PUT",
        "/api/bookings/{bookingId}/status",
        may=member,
        body=StatusBody,
        reply=BookingReply,
        errors=(*MOVES, Code.FORBIDDEN, Code.TOO_EARLY),
    )
    async def set_status(self, call: Call[StatusBody, None]) -> BookingReply:
        """Say, as its coach, that a session took place, or that the client did not come.

        After its start; of a client who does not come, 15 minutes later. Where the platform saw who came, it is not believed
        against that.
        """
        moved = await self._outcomes.assert_status(call.who, _id(call), call.body.status)
        return await self._reply(call, moved)

    async def _reply(self, call: Call[Any, None], booking: Booking) -> BookingReply:
        return BookingReply.of(await self._queries.view(call.who, booking))


def _id(call: Call[Any, None]) -> BookingId:
    return BookingId(call.path["bookingId"])
