"""``/notifications``: one socket per browser tab."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from domain.calls.views import CallRequest
from domain.coaching.coach import Wish
from domain.errors import Code, Forbidden
from domain.events import CoachStatusChanged
from domain.ids import CoachId, NotificationId, PaymentMethodId, SessionId
from domain.money import Money
from realtime.cluster.watchers import MAX_WATCHED, Watchers
from realtime.lifetime import Lifetime
from realtime.limits import per_minute, per_second
from realtime.namespaces.shared import Authorization, LiveSessionRef, TokenExpiry, TokenRefresh
from realtime.ports import UseCases
from realtime.registry import Call, Namespace, coach, everyone
from realtime.schema import ClientToken, Id, Instant, MoneyBody, MoneyReply, Payload, Reason, ReplyBody

notifications = Namespace(
    "/notifications", "One socket per browser tab: rings, calls, payments, coaches' status."
)


class NotificationsAck(Payload):
    """Everything up to ``seq`` was shown on this device."""

    seq: int = Field(ge=0, le=2**53 - 1)


class NotificationsRead(Payload):
    """Some notifications, or all of them: exactly one of the two."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=200)] | None = None
    all: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "NotificationsRead":
        if (self.ids is None) == (self.all is None):
            raise ValueError("either ids or all")
        return self


class Unread(ReplyBody):
    """How many are left."""

    unread: int


class CoachStatusSet(Payload):
    """What the coach wishes to be, perhaps at another rate."""

    status: Literal["online", "offline"]
    rate_per_minute: MoneyBody | None = None


class CoachStatus(ReplyBody):
    """What watchers see."""

    coach_id: str
    status: Literal["online", "busy", "offline"]
    rate_per_minute: MoneyReply
    since: Instant


class CoachStatusWatch(Payload):
    """Whom to watch."""

    coach_ids: list[Id] = Field(min_length=1, max_length=MAX_WATCHED)


class CoachStatusUnwatch(Payload):
    """Whom to watch no more; all without ``coachIds``."""

    coach_ids: list[Id] | None = Field(default=None, max_length=MAX_WATCHED)


class CoachStatuses(ReplyBody):
    """Present states; unknown coaches are left out."""

    statuses: list[CoachStatus]


class LiveSessionRequest(Payload):
    """Call a coach. The same ``clientRequestId`` gives the same call."""

    coach_id: Id
    client_request_id: ClientToken
    payment_method_id: Id | None = None


class LiveSessionRequested(ReplyBody):
    """The call, ringing or waiting for the client's bank."""

    session_id: str
    state: str
    expires_at: Instant
    rate_per_minute: MoneyReply
    authorization: Authorization


class LiveSessionDecline(Payload):
    """A call, and perhaps why not."""

    session_id: Id
    reason: Reason | None = None


class NotificationsNamespace:
    """Handlers. Each passes typed values to a use case and shapes its answer."""

    def __init__(self, use: UseCases, watchers: Watchers, lifetime: Lifetime) -> None:
        self._use = use
        self._watchers = watchers
        self._lifetime = lifetime

    @notifications.event("token_refresh", may=everyone, rate=per_minute(10), errors=[Code.TOKEN_EXPIRED])
    async def refresh_token(self, call: Call, ask: TokenRefresh) -> TokenExpiry:
        """Renew the token on the open socket."""
        return TokenExpiry(expires_at=self._lifetime.renew(call.socket, ask.token))

    @notifications.event("notifications_ack", may=everyone, rate=per_second(5))
    async def acknowledge(self, call: Call, ask: NotificationsAck) -> None:
        """Remember what this device of the user has seen."""
        await self._use.notifications.seen(call.who, call.socket.device_id, ask.seq)

    @notifications.event("notifications_read", may=everyone, rate=per_second(5))
    async def read(self, call: Call, ask: NotificationsRead) -> Unread:
        """Mark notifications as read; the unread count goes to all tabs."""
        ids = None if ask.ids is None else [NotificationId(one) for one in ask.ids]
        return Unread(unread=await self._use.notifications.read(call.who, ids))

    @notifications.event(
        "coach_status_set", may=coach, rate=per_minute(30, per="user"), errors=[Code.ACCOUNT_UNVERIFIED]
    )
    async def set_status(self, call: Call, ask: CoachStatusSet) -> CoachStatus:
        """Go online or offline.

        This is a wish, and it is kept: a coach who comes back within a while, or reconnects, need not say it again. While a
        call or the rest after it has the coach, the answer is `busy`, whatever was wished.
        """
        rate = ask.rate_per_minute
        money = None if rate is None else Money(rate.amount, rate.currency)
        return _status(await self._use.presence.set_status(call.who, Wish(ask.status), money))

    @notifications.event("coach_status_watch", may=everyone, rate=per_second(5))
    async def watch(self, call: Call, ask: CoachStatusWatch) -> CoachStatuses:
        """Watch coaches: their present states, then `coach_status` on every change."""
        found = await self._watchers.watch(call, [CoachId(one) for one in ask.coach_ids])
        return CoachStatuses(statuses=[_status(one) for one in found])

    @notifications.event("coach_status_unwatch", may=everyone, rate=per_second(5))
    async def unwatch(self, call: Call, ask: CoachStatusUnwatch) -> None:
        """Watch some coaches, or all, no more."""
        ids = None if ask.coach_ids is None else [CoachId(one) for one in ask.coach_ids]
        self._watchers.unwatch(call.socket.sid, ids)

    @notifications.event(
        "live_session_request",
        may=everyone,
        rate=per_minute(20, per="user"),
        errors=[
            Code.NOT_FOUND, Code.COACH_OFFLINE, Code.COACH_BUSY, Code.CALL_OPEN, Code.BLOCKED, Code.OWN_ACCOUNT,
            Code.PAYMENT_REFUSED, Code.NO_PAYMENT_METHOD, Code.ACCOUNT_UNVERIFIED, Code.ACCOUNT_SUSPENDED,
        ],
    )  # fmt: skip
    async def request(self, call: Call, ask: LiveSessionRequest) -> LiveSessionRequested:
        """Call a coach: claim, authorize the first block, ring."""
        card = None if ask.payment_method_id is None else PaymentMethodId(ask.payment_method_id)
        wanted = CallRequest(CoachId(ask.coach_id), ask.client_request_id, card)
        made = await self._use.live_calls.request(call.who, call.socket.device_id, wanted)
        return LiveSessionRequested(
            session_id=made.session_id,
            state=made.state,
            expires_at=made.expires_at,
            rate_per_minute=MoneyReply.of(made.rate_per_minute),
            authorization=Authorization.of(made.authorization),
        )

    @notifications.event(
        "live_payment_confirmed",
        may=everyone,
        rate=per_minute(20, per="user"),
        errors=[Code.NOT_FOUND, Code.ILLEGAL_STATE],
    )
    async def payment_confirmed(self, call: Call, ask: LiveSessionRef) -> Authorization:
        """3-D Secure is done, perhaps before there is a seat in the call; the gateway is read again."""
        return Authorization.of(await self._use.authorizations.confirm(call.who, SessionId(ask.session_id)))

    @notifications.event(
        "live_session_accept",
        may=coach,
        rate=per_minute(60),
        errors=[Code.NOT_FOUND, Code.ANSWERED_ELSEWHERE, Code.GONE],
    )
    async def accept(self, call: Call, ask: LiveSessionRef) -> None:
        """Take a ringing call on this device; the first accept wins."""
        await self._use.answers.accept(call.who, SessionId(ask.session_id), call.socket.device_id)

    @notifications.event(
        "live_session_decline",
        may=coach,
        rate=per_minute(60),
        errors=[Code.NOT_FOUND, Code.ANSWERED_ELSEWHERE, Code.GONE],
    )
    async def decline(self, call: Call, ask: LiveSessionDecline) -> None:
        """Refuse a ringing call."""
        await self._use.answers.decline(call.who, SessionId(ask.session_id), ask.reason)

    @notifications.event(
        "live_session_cancel", may=everyone, rate=per_minute(60), errors=[Code.NOT_FOUND, Code.GONE]
    )
    async def cancel(self, call: Call, ask: LiveSessionRef) -> None:
        """Take back a request before there is talk."""
        await self._use.answers.cancel(call.who, SessionId(ask.session_id))


def _status(found: CoachStatusChanged) -> CoachStatus:
    if found.status not in ("online", "busy", "offline"):
        raise Forbidden("This status is not shown.")
    return CoachStatus.model_validate(
        {
            "coach_id": found.coach_id,
            "status": found.status,
            "rate_per_minute": MoneyReply.of(found.rate_per_minute),
            "since": found.since,
        }
    )


_HANDLERS = NotificationsNamespace
notifications.register(
    [
        _HANDLERS.refresh_token,
        _HANDLERS.acknowledge,
        _HANDLERS.read,
        _HANDLERS.set_status,
        _HANDLERS.watch,
        _HANDLERS.unwatch,
        _HANDLERS.request,
        _HANDLERS.payment_confirmed,
        _HANDLERS.accept,
        _HANDLERS.decline,
        _HANDLERS.cancel,
    ]
)
