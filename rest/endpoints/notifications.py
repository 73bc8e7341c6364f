"""Notifications that are kept."""

from pydantic import ConfigDict, Field, model_validator

from domain.errors import Code
from domain.ids import NotificationId
from domain.notifications.centre import NotificationCentre
from domain.notifications.notification import Notification, Priority
from rest.payloads import Id, Instant, PageSize, Payload, Query, Reply
from rest.registry import Call, endpoint, member

IDS_MAX = 200


class NotificationQuery(Query):
    """Filter and place in the list."""

    unread: bool = Field(default=False, description="Only unread ones.")
    cursor: Id | None = Field(default=None, description="`nextCursor` of the page before.")
    limit: PageSize = 20


class ReadBody(Payload):
    """Which ones were read: some, or all."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {
                    "required": ["ids"],
                    "properties": {"ids": {"type": "array"}, "all": {"const": False}},
                },
                {
                    "required": ["all"],
                    "properties": {"ids": {"type": "null"}, "all": {"const": True}},
                },
            ]
        }
    )

    ids: list[Id] | None = Field(default=None, min_length=1, max_length=IDS_MAX)
    all: bool = False

    @model_validator(mode="after")
    def _one_of_them(self) -> "ReadBody":
        if (self.ids is None) != self.all:
            raise ValueError("send either ids or all: true")
        return self


class NotificationView(Reply):
    """One notification. ``kind`` names its text, ``params`` fill it."""

    id: str
    kind: str
    priority: Priority
    params: dict[str, str]
    created_at: Instant
    expires_at: Instant | None = None
    read_at: Instant | None = None

    @classmethod
    def of(cls, notification: Notification) -> "NotificationView":
        return cls(
            id=notification.id,
            kind=notification.kind,
            priority=notification.priority,
            params=notification.params,
            created_at=notification.created_at,
            expires_at=notification.expires_at,
            read_at=notification.read_at,
        )


class NotificationPageReply(Reply):
    """One page of notifications."""

    items: list[NotificationView]
    next_cursor: str | None = Field(default=None, description="Absent on the last page.")
    unread: int = Field(description="How many are unread in all.")


class UnreadReply(Reply):
    """How many are unread now."""

    unread: int


class Notifications:
    """What a person is told."""

    def __init__(self, centre: NotificationCentre) -> None:
        self._centre = centre

    @endpoint("GET", "/api/notifications", may=member, query=NotificationQuery, reply=NotificationPageReply)
    async def list_notifications(self, call: Call[None, NotificationQuery]) -> NotificationPageReply:
        """List the own notifications, newest first."""
        query = call.query
        page = await self._centre.page(
            call.who,
            before=NotificationId(query.cursor) if query.cursor else None,
            unread_only=query.unread,
            limit=query.limit,
        )
        return NotificationPageReply(
            items=[NotificationView.of(one) for one in page.items],
            next_cursor=page.next_before,
            unread=page.unread,
        )

    @endpoint(
        "POST",
        "/api/notifications/read",
        may=member,
        body=ReadBody,
        reply=UnreadReply,
        errors=(Code.NOT_FOUND,),
    )
    async def read_notifications(self, call: Call[ReadBody, None]) -> UnreadReply:
        """Mark some, or all, as read; all tabs hear the new count."""
        ids = [NotificationId(one) for one in call.body.ids] if call.body.ids is not None else None
        return UnreadReply(unread=await self._centre.read(call.who, ids))
