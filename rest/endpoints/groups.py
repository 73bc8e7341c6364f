"""Group sessions."""

from pydantic import Field

from domain.booking.groups import Groups, NewGroup, Registration
from domain.booking.ports import BookingSearch
from domain.booking.views import BookingQueries
from domain.errors import Code
from domain.ids import BookingId, SessionTypeId, UserId
from rest.endpoints.booking_views import BookingListReply, BookingReply
from rest.endpoints.bookings import Minutes, Title
from rest.endpoints.prices import CodeText
from rest.payloads import Cursor, HttpsUrl, Id, Moment, PageSize, Payload, Query, TimeZone
from rest.registry import Call, coach, endpoint, member


class GroupBody(Payload):
    """A group session as its coach announces it."""

    session_type_id: Id = Field(description="Of the format `group`; it says how many places there are.")
    start: Moment
    minutes: Minutes
    meeting_url: HttpsUrl = Field(description="Where it is held; for those who have a place.")
    title: Title | None = None


class PlaceBody(Payload):
    """How somebody takes a place."""

    discount_code: CodeText | None = None
    time_zone: TimeZone | None = Field(default=None, description="The client's; else that of the account.")


class GroupQuery(Query):
    """Place in the list."""

    cursor: Cursor | None = None
    limit: PageSize = 20


class GroupSessions:
    """One coach, many clients: each place in a group session is a booking of its own."""

    def __init__(self, groups: Groups, queries: BookingQueries) -> None:
        self._groups = groups
        self._queries = queries

    @endpoint(
        "POST",
        "/api/bookings/groups",
        may=coach,
        body=GroupBody,
        reply=BookingReply,
        status=201,
        idempotent=True,
        versioned=True,
        errors=(Code.NOT_FOUND, Code.SLOT_TAKEN, Code.ACCOUNT_SUSPENDED, Code.ACCOUNT_UNVERIFIED),
    )
    async def create_group(self, call: Call[GroupBody, None]) -> BookingReply:
        """Announce a group session.

        It takes place once enough people have paid; a day before its start, if they have not, it is called off and everybody
        gets all money back.
        """
        body = call.body
        ask = NewGroup(
            session_type_id=SessionTypeId(body.session_type_id),
            start=body.start,
            minutes=body.minutes,
            meeting_url=body.meeting_url,
            title=body.title,
        )
        made = await self._groups.create(call.who, ask)
        return BookingReply.of(await self._queries.view(call.who, made))

    @endpoint(
        "POST",
        "/api/bookings/{bookingId}/register",
        may=member,
        body=PlaceBody,
        body_optional=True,
        reply=BookingReply,
        status=201,
        idempotent=True,
        versioned=True,
        errors=(
            Code.NOT_FOUND,
            Code.ILLEGAL_STATE,
            Code.GROUP_FULL,
            Code.ALREADY_REGISTERED,
            Code.TOO_LATE,
            Code.TOO_MANY_UNPAID_BOOKINGS,
            Code.OWN_ACCOUNT,
            Code.ACCOUNT_SUSPENDED,
            Code.ACCOUNT_UNVERIFIED,
            Code.CODE_INVALID,
            Code.CODE_USED_UP,
        ),
    )
    async def register_for_group(self, call: Call[PlaceBody | None, None]) -> BookingReply:
        """Take a place in a group session.

        The answer is the place, a booking of its own, to be paid within minutes. Whoever pays while there is room has it; money
        that comes too late goes back by itself.
        """
        body = call.body or PlaceBody()
        ask = Registration(body.discount_code, body.time_zone)
        place = await self._groups.register(call.who, BookingId(call.path["bookingId"]), ask)
        return BookingReply.of(await self._queries.view(call.who, place))

    @endpoint(
        "GET",
        "/api/coaches/{userId}/groups",
        may=member,
        query=GroupQuery,
        reply=BookingListReply,
        errors=(Code.NOT_FOUND, Code.BLOCKED, Code.CALENDAR_PRIVATE),
    )
    async def list_groups(self, call: Call[None, GroupQuery]) -> BookingListReply:
        """List a coach's group sessions that are still to come, soonest first."""
        search = BookingSearch(newest_first=False, cursor=call.query.cursor, limit=call.query.limit)
        found = await self._queries.groups(call.who, UserId(call.path["userId"]), search)
        return BookingListReply.of(found)
