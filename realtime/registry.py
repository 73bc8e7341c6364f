"""An event exists in one place: name, who may send it and how often stand above its handler, its payload and reply in its
signature. From here come dispatch, validation, the AsyncAPI document and the contract tests.

:meth:`Namespace.event` only tags; an explicit list, given to :meth:`Namespace.register`, registers.
"""

import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
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

    @property
    def of_everyone(self) -> bool:
        """Whether a token is all it takes."""
        return self.allows is _anybody

    def require(self, identity: Identity) -> None:
        """Raise FORBIDDEN unless allowed."""
        if not self.allows(identity):
            raise Forbidden("You are not allowed to do this.", details={"may": self.name})


def _anybody(_: Identity) -> bool:
    return True


everyone = Permission("everyone", "Anybody with a valid token.", _anybody)
coach = Permission("coach", "Coaches only.", lambda who: who.role is Role.COACH and who.coach_id is not None)
#: Whether somebody takes part in a call is known to the call; its use cases check it.
participant = Permission("participant", "The two participants of the call.", _anybody)


@dataclass(slots=True)
class Call:
    """One event being handled: who sent it, and what happens once it is answered."""

    socket: Socket
    #: ``["name",…]`` as it came, if it is known
    raw: bytes | None = None
    after: Sequence[Callable[[], None]] = ()

    @property
    def who(self) -> Identity:
        """Whose token the socket holds."""
        return self.socket.identity

    def after_reply(self, action: Callable[[], None]) -> None:
        """Do ``action`` right after the reply was queued."""
        self.after = (*self.after, action)


#: What a handler without a reply returns that only sometimes has to wait: None when all is done, else what is left to do.
#: Such a handler is a plain function, and costs neither a coroutine nor a task when it need not wait.
Rest = Coroutine[Any, Any, None] | None


class Handler(Protocol):
    """A handler bound to its object."""

    def __call__(self, call: Call, payload: Any, /) -> Coroutine[Any, Any, ReplyBody | None] | None: ...


@dataclass(frozen=True, slots=True)
class EventSpec:
    """Everything about one client event."""

    name: str
    method: str
    payload: type[Payload]
    #: makes the payload of what came, without the detour of ``model_validate``
    validate: Callable[[object], Payload]
    #: the same of JSON, in one pass
    validate_json: Callable[[bytes], Payload]
    reply: type[ReplyBody] | None
    #: whether the event may come without an argument
    optional: bool
    may: Permission
    #: whether a token is all it takes
    open: bool
    rate: Rate
    errors: tuple[Code, ...]
    description: str


F = TypeVar("F", bound=Callable[..., Coroutine[Any, Any, Any] | None])


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

    def register(self, handlers: Sequence[Callable[..., Any]]) -> None:
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


def _spec(handler: Callable[..., Any]) -> EventSpec:
    tag = getattr(handler, _TAG, None)
    if tag is None:
        raise ValueError(f"{handler!r} is not an event")
    name, may, rate, errors = tag
    hints = get_type_hints(handler)
    payload = hints.get(list(inspect.signature(handler).parameters)[-1])
    reply = hints.get("return")
    if not (isinstance(payload, type) and issubclass(payload, Payload)):
        raise ValueError(f"{name!r} declares no payload")
    if reply not in (type(None), Rest) and not (isinstance(reply, type) and issubclass(reply, ReplyBody)):
        raise ValueError(f"{name!r} declares no reply")
    description = inspect.cleandoc(handler.__doc__ or "").split("\n\n")[0].replace("\n", " ")
    return EventSpec(
        name=name,
        method=handler.__name__,
        payload=payload,
        validate=payload.__pydantic_validator__.validate_python,
        validate_json=payload.__pydantic_validator__.validate_json,
        reply=reply if isinstance(reply, type) and issubclass(reply, ReplyBody) else None,
        optional=not any(field.is_required() for field in payload.model_fields.values()),
        may=may,
        open=may.of_everyone,
        rate=rate,
        errors=errors,
        description=description,
    )
