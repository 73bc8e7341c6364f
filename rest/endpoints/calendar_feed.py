"""The calendar feed at a secret address."""

from aiohttp import web
from pydantic import Field

from domain.booking.feed import CalendarFeeds
from domain.errors import Code
from rest.payloads import Instant, Reply
from rest.registry import Call, Rate, anyone, endpoint, member

CALENDAR = "text/calendar"


class FeedReply(Reply):
    """Whether there is an address."""

    active: bool
    created_at: Instant | None = None


class NewFeedReply(Reply):
    """A new address."""

    path: str = Field(description="On this server. It is shown once: whoever knows it can read the calendar.")
    created_at: Instant


class CalendarFeed:
    """A person's bookings for programs that show calendars (iCalendar, RFC 5545)."""

    def __init__(self, feeds: CalendarFeeds) -> None:
        self._feeds = feeds

    @endpoint("GET", "/api/calendar/feed", may=member, reply=FeedReply)
    async def get_feed(self, call: Call[None, None]) -> FeedReply:
        """Ask whether the own calendar has an address."""
        since = await self._feeds.since(call.who)
        return FeedReply(active=since is not None, created_at=since)

    # No Idempotency-Key: replies that are kept for one would keep the secret.
    @endpoint("POST", "/api/calendar/feed", may=member, reply=NewFeedReply)
    async def renew_feed(self, call: Call[None, None]) -> NewFeedReply:
        """Get a new address for the own calendar; the one before stops working.

        The address is shown this once. Only a digest of it is kept.
        """
        secret, created_at = await self._feeds.renew(call.who)
        return NewFeedReply(path=f"/api/calendar/feed/{secret}.ics", created_at=created_at)

    @endpoint("DELETE", "/api/calendar/feed", may=member, status=204)
    async def remove_feed(self, call: Call[None, None]) -> None:
        """Take the address back."""
        await self._feeds.revoke(call.who)

    @endpoint(
        "GET",
        "/api/calendar/feed/{secret}.ics",
        may=anyone,
        rate=Rate.ADDRESS,
        produces=CALENDAR,
        errors=(Code.NOT_FOUND,),
    )
    async def read_feed(self, call: Call[None, None]) -> web.Response:
        """Read a calendar by its secret address: booked sessions of the last month and the year ahead."""
        body = await self._feeds.read(call.path["secret"])
        return web.Response(body=body, content_type=CALENDAR, charset="utf-8")
