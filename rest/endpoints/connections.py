"""People who know each other, and to whom a coach shows the calendar."""

from typing import Annotated

from pydantic import Field

from domain.connections import connections as use
from domain.connections.connection import Answer, ConnectionState
from domain.connections.privacy import Privacy
from domain.connections.visibility import CalendarPrivacy
from domain.errors import Code
from domain.ids import ConnectionId, UserId
from rest.payloads import Id, Instant, PageSize, Payload, Query, Reply
from rest.registry import Call, coach, endpoint, member

MESSAGE_MAX = 300


class ConnectBody(Payload):
    """Whom to ask, and with what words."""

    user_id: Id
    message: Annotated[str, Field(max_length=MESSAGE_MAX)] = ""


class ConnectionQuery(Query):
    """Filter and place in the list."""

    state: ConnectionState | None = Field(default=None, description="Only those in this state.")
    cursor: Id | None = Field(default=None, description="`nextCursor` of the page before.")
    limit: PageSize = 20


class ConnectionView(Reply):
    """A connection as one of the two sees it."""

    connection_id: str
    state: ConnectionState
    user_id: str = Field(description="The other one.")
    name: str
    avatar_url: str | None = None
    mine: bool = Field(description="Whether the asker of this list asked for the connection.")
    message: str
    created_at: Instant
    answered_at: Instant | None = None

    @classmethod
    def of(cls, known: use.Acquaintance) -> "ConnectionView":
        connection, other = known.connection, known.other
        return cls(
            connection_id=connection.id,
            state=connection.state,
            user_id=other.id,
            name=other.name,
            avatar_url=other.avatar_url,
            mine=connection.requester != other.id,
            message=connection.message,
            created_at=connection.created_at,
            answered_at=connection.answered_at,
        )


class ConnectionPageReply(Reply):
    """One page of connections. It may be shorter than asked for, and still not be the last."""

    items: list[ConnectionView]
    next_cursor: str | None = Field(default=None, description="Absent on the last page.")


class PrivacyBody(Payload):
    """To whom the calendar is shown."""

    privacy: Annotated[Privacy, Field(strict=False)]


class PrivacyReply(Reply):
    """To whom the calendar is shown: to all, to connections, or to nobody."""

    privacy: Privacy


class Connections:
    """Connections, and the calendar's privacy that depends on them."""

    def __init__(self, connections: use.Connections, privacy: CalendarPrivacy) -> None:
        self._connections = connections
        self._privacy = privacy

    @endpoint(
        "POST",
        "/api/connections",
        may=member,
        body=ConnectBody,
        reply=ConnectionView,
        status=201,
        errors=(Code.NOT_FOUND, Code.OWN_ACCOUNT, Code.ILLEGAL_STATE, Code.ACCOUNT_SUSPENDED),
        idempotent=True,
    )
    async def connect(self, call: Call[ConnectBody, None]) -> ConnectionView:
        """Ask somebody to connect.

        Asking again gives the same connection. Two who ask each other are connected at once. Whoever was declined may ask
        the same person again after thirty days; one person can have a hundred requests waiting.
        """
        known = await self._connections.ask(call.who, UserId(call.body.user_id), call.body.message.strip())
        return ConnectionView.of(known)

    @endpoint("GET", "/api/connections", may=member, query=ConnectionQuery, reply=ConnectionPageReply)
    async def list_connections(self, call: Call[None, ConnectionQuery]) -> ConnectionPageReply:
        """List the own connections and requests, newest first; blocked people are left out."""
        query = call.query
        page = await self._connections.page(
            call.who,
            state=query.state,
            before=ConnectionId(query.cursor) if query.cursor else None,
            limit=query.limit,
        )
        return ConnectionPageReply(
            items=[ConnectionView.of(one) for one in page.items], next_cursor=page.next_before
        )

    @endpoint(
        "POST",
        "/api/connections/{connectionId}/accept",
        may=member,
        reply=ConnectionView,
        errors=(Code.NOT_FOUND, Code.ILLEGAL_STATE),
    )
    async def accept_connection(self, call: Call[None, None]) -> ConnectionView:
        """Accept a request, also one that was declined before."""
        return await self._answer(call, Answer.ACCEPT)

    @endpoint(
        "POST",
        "/api/connections/{connectionId}/decline",
        may=member,
        reply=ConnectionView,
        errors=(Code.NOT_FOUND, Code.ILLEGAL_STATE),
    )
    async def decline_connection(self, call: Call[None, None]) -> ConnectionView:
        """Decline a request; the other person is not told."""
        return await self._answer(call, Answer.DECLINE)

    @endpoint(
        "DELETE",
        "/api/connections/{connectionId}",
        may=member,
        status=204,
        errors=(Code.NOT_FOUND, Code.ILLEGAL_STATE),
    )
    async def remove_connection(self, call: Call[None, None]) -> None:
        """Withdraw a request, or end a connection; the other person is not told."""
        await self._connections.part(call.who, ConnectionId(call.path["connectionId"]))

    @endpoint("GET", "/api/calendar/privacy", may=coach, reply=PrivacyReply)
    async def get_privacy(self, call: Call[None, None]) -> PrivacyReply:
        """Read to whom the own calendar is shown."""
        return PrivacyReply(privacy=await self._privacy.get(call.who))

    @endpoint("PUT", "/api/calendar/privacy", may=coach, body=PrivacyBody, reply=PrivacyReply)
    async def set_privacy(self, call: Call[PrivacyBody, None]) -> PrivacyReply:
        """Choose to whom the own calendar is shown: `public`, `connected` or `private`.

        Whoever does not see it cannot book; bookings that exist stay.
        """
        return PrivacyReply(privacy=await self._privacy.set(call.who, call.body.privacy))

    async def _answer(self, call: Call[None, None], answer: Answer) -> ConnectionView:
        connection_id = ConnectionId(call.path["connectionId"])
        return ConnectionView.of(await self._connections.answer(call.who, connection_id, answer))
