"""An event exists in one place: name, who may send it and how often stand above its handler, its payload and reply in its
signature. From here come dispatch, validation, the AsyncAPI document and the contract tests.

:meth:`Namespace.event` only tags; an explicit list, given to :meth:`Namespace.register`, registers.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, get_type_hints

from domain.accounts.account import Identity, Role
from domain.errors import Code, Forbidden
from realtime.engine.packets import RESERVED
from realtime.limits import Rate
from realtime.schema import Payload, ReplyBody
from realtime.sockets import Socket

_TAG = "__realtime_event__"


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may send an event."""

    name: str
    description: str
    allows: Callable[[Identity], bool]

    def require(self, identity: Identity) -> None:
        """Raise FORBIDDEN unless allowed."""
        if not self.allows(identity):
            raise Forbidden("You are not allowed to do this.", details={"may": self.name})


everyone = Permission("everyone", "Anybody with a valid token.", lambda _: True)
coach = Permission("coach", "Coaches only.", lambda who: who.role is Role.COACH and who.coach_id is not None)
#: Whether somebody takes part in a call is known to the call; its use cases check it.
participant = Permission("participant", "The two participants of the call.", lambda _: True)


@dataclass(slots=True)
class Call:
    """One event being handled: who sent it, and what happens once it is answered."""

    socket: Socket
    after: list[Callable[[], None]] = field(default_factory=list)

    @property
    def who(self) -> Identity:
        """Whose token the socket holds."""
        return self.socket.identity

    def after_reply(self, action: Callable[[], None]) -> None:
        """Do ``action`` right after the reply was queued."""
        self.after.append(action)


class Handler(Protocol):
    """A handler bound to its object."""

    def __call__(self, call: Call, payload: Any, /) -> Awaitable[ReplyBody | None]: ...


@dataclass(frozen=True, slots=True)
class EventSpec:
    """Everything about one client event."""

    name: str
    method: str
    payload: type[Payload]
    reply: type[ReplyBody] | None
    may: Permission
    rate: Rate
    errors: tuple[Code, ...]
    description: str


F = TypeVar("F", bound=Callable[..., Awaitable[Any]])


class Namespace:
    """The events of one Socket.IO namespace, client to server."""

    def __init__(self, path: str, description: str) -> None:
        self.path = path
        self.description = description
        self.events: dict[str, EventSpec] = {}

    def event(
        self, name: str, *, may: Permission, rate: Rate, errors: Sequence[Code] = ()
    ) -> Callable[[F], F]:
        """Tag a method ``(self, call: Call, payload: SomePayload) -> SomeReply | None``.

        ``errors``: the codes it may answer with beyond those every event has.
        """

        def tag(handler: F) -> F:
            setattr(handler, _TAG, (name, may, rate, tuple(errors)))
            return handler

        return tag

    def register(self, handlers: Sequence[Callable[..., Awaitable[Any]]]) -> None:
        """Make the tagged methods events.

        Raises:
            ValueError: not tagged, reserved, twice, or without a payload model.
        """
        for handler in handlers:
            spec = _spec(handler)
            if spec.name in RESERVED or spec.name in self.events:
                raise ValueError(f"{spec.name!r} cannot be registered in {self.path}")
            self.events[spec.name] = spec

    def bind(self, handlers: object) -> Mapping[str, tuple[EventSpec, Handler]]:
        """The events with the methods of one object behind them."""
        return {name: (spec, getattr(handlers, spec.method)) for name, spec in self.events.items()}


def _spec(handler: Callable[..., Awaitable[Any]]) -> EventSpec:
    tag = getattr(handler, _TAG, None)
    if tag is None:
        raise ValueError(f"{handler!r} is not an event")
    name, may, rate, errors = tag
    hints = get_type_hints(handler)
    payload = hints.get(list(inspect.signature(handler).parameters)[-1])
    reply = hints.get("return")
    if not (isinstance(payload, type) and issubclass(payload, Payload)):
        raise ValueError(f"{name!r} declares no payload")
    if reply is not type(None) and not (isinstance(reply, type) and issubclass(reply, ReplyBody)):
        raise ValueError(f"{name!r} declares no reply")
    description = inspect.cleandoc(handler.__doc__ or "").split("\n\n")[0].replace("\n", " ")
    return EventSpec(
        name=name,
        method=handler.__name__,
        payload=payload,
        reply=reply if isinstance(reply, type) and issubclass(reply, ReplyBody) else None,
        may=may,
        rate=rate,
        errors=errors,
        description=description,
    )
