"""Notifications that are kept."""

from pydantic import ConfigDict, Field, model_validator

from domain.errors import Code
from domain.ids import NotificationId
from domain.notifications.centre import NotificationCentre
from domain.notifications.kinds import Category
from domain.notifications.notification import Channel, Delivery, Notification, Priority
from domain.notifications.preferences import Preferences, Ways
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
    delivery: dict[Channel, Delivery] = Field(description="How far it got on each of its ways.")

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
            delivery=notification.delivery,
        )


class NotificationPageReply(Reply):
    """One page of notifications."""

    items: list[NotificationView]
    next_cursor: str | None = Field(default=None, description="Absent on the last page.")
    unread: int = Field(description="How many are unread in all.")


class UnreadReply(Reply):
    """How many are unread now."""

    unread: int


class WaysBody(Payload):
    """Beside the page, which always tells."""

    email: bool
    sms: bool = False


class PreferencesBody(Payload):
    """Ways by what it is about; what is left out stays as it is."""

    calls: WaysBody | None = None
    bookings: WaysBody | None = None
    reminders: WaysBody | None = None
    payments: WaysBody | None = None
    people: WaysBody | None = None

    def wishes(self) -> dict[Category, Ways]:
        """As the use case wants them."""
        given = {category: getattr(self, category.value) for category in Category}
        return {one: Ways(ways.email, ways.sms) for one, ways in given.items() if ways is not None}


class WaysView(Reply):
    """Beside the page, which always tells."""

    email: bool
    sms: bool


class PreferencesReply(Reply):
    """Ways by what it is about. Mail goes to a proven address, text messages to the number of the profile."""

    calls: WaysView = Field(description="Missed live calls.")
    bookings: WaysView = Field(description="Booked sessions: asked for, confirmed, moved, cancelled.")
    reminders: WaysView = Field(description="A booked session begins soon.")
    payments: WaysView = Field(description="Refunds, and payments that failed.")
    people: WaysView = Field(description="Connections.")

    @classmethod
    def of(cls, preferences: Preferences) -> "PreferencesReply":
        ways = {category.value: preferences.of(category) for category in Category}
        return cls(**{name: WaysView(email=one.email, sms=one.sms) for name, one in ways.items()})


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

    @endpoint(
        "DELETE",
        "/api/notifications/{notificationId}",
        may=member,
        status=204,
        errors=(Code.NOT_FOUND,),
    )
    async def delete_notification(self, call: Call[None, None]) -> None:
        """Delete one for good; all tabs hear the new count."""
        await self._centre.delete(call.who, NotificationId(call.path["notificationId"]))

    @endpoint("GET", "/api/notifications/preferences", may=member, reply=PreferencesReply)
    async def get_preferences(self, call: Call[None, None]) -> PreferencesReply:
        """Read by which ways one is told."""
        return PreferencesReply.of(await self._centre.preferences(call.who))

    @endpoint(
        "PUT",
        "/api/notifications/preferences",
        may=member,
        body=PreferencesBody,
        reply=PreferencesReply,
    )
    async def set_preferences(self, call: Call[PreferencesBody, None]) -> PreferencesReply:
        """Choose by which ways one is told.

        The page always tells. Mails about the account itself cannot be switched off. Text messages are sent once this
        server has a provider for them; until then `delivery` says `not_configured`.
        """
        return PreferencesReply.of(await self._centre.prefer(call.who, call.body.wishes()))
