"""The registry: what an endpoint is stands directly above its handler.

:func:`endpoint` only tags a method. :func:`endpoints_of` reads the tags of a class, one explicit list of instances is
registered in ``bootstrap``, and from the tags come routing, validation, permissions, limits, the OpenAPI document and the
contract tests.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast

from aiohttp import web

from domain.accounts.account import Identity, Role
from domain.errors import Code, Unauthenticated
from rest.payloads import Payload, Query, Reply

B = TypeVar("B")
Q = TypeVar("Q")
F = TypeVar("F", bound=Callable[..., Awaitable[Any]])

_TAG = "__endpoint__"
_PARAMETER = re.compile(r"{(\w+)}")
JSON = "application/json"
_UPDATING = frozenset({"PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may call. ``roles`` None means anybody at all, with or without a token."""

    name: str
    roles: frozenset[Role] | None


anyone = Permission("anyone", None)
member = Permission("member", frozenset(Role))
coach = Permission("coach", frozenset({Role.COACH}))
admin = Permission("admin", frozenset({Role.ADMIN}))


class Rate(StrEnum):
    """Which bucket a request is taken from; the sizes are settings."""

    USER = "user"
    ADDRESS = "address"
    AUTH = "auth"
    REFRESH = "refresh"
    CARDS = "cards"
    UNLIMITED = "unlimited"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One declared endpoint."""

    method: str
    path: str
    may: Permission
    rate: Rate
    body: type[Payload] | None
    body_optional: bool
    raw_body: bool
    query: type[Query] | None
    reply: type[Reply] | None
    status: int
    produces: str
    errors: tuple[Code, ...]
    headers: Mapping[str, str]
    idempotent: bool
    versioned: bool
    name: str
    summary: str
    description: str
    tag: str

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the path parameters; nearly all of them are identifiers (``rest.parameters``)."""
        return tuple(_PARAMETER.findall(self.path))

    @property
    def updates(self) -> bool:
        """Whether a request has to name the version that it changes."""
        return self.versioned and self.method in _UPDATING


Handler = Callable[["Call[Any, Any]"], Awaitable[Reply | web.StreamResponse | None]]


@dataclass(frozen=True, slots=True)
class Call(Generic[B, Q]):
    """One validated request as a handler gets it."""

    request: web.Request
    identity: Identity | None
    address: str
    body: B
    query: Q
    raw: bytes = b""
    path: Mapping[str, str] = field(default_factory=dict)
    #: ``If-Match`` of an update of something ``versioned``; 0 elsewhere
    expected: int = 0

    @property
    def who(self) -> Identity:
        """Who is asking.

        Raises:
            Unauthenticated: nobody; only where the permission lets anybody in.
        """
        if self.identity is None:
            raise Unauthenticated("Please log in.")
        return self.identity


def endpoint(
    method: str,
    path: str,
    *,
    may: Permission,
    rate: Rate = Rate.USER,
    body: type[Payload] | None = None,
    body_optional: bool = False,
    raw_body: bool = False,
    query: type[Query] | None = None,
    reply: type[Reply] | None = None,
    status: int = 200,
    produces: str = JSON,
    errors: tuple[Code, ...] = (),
    headers: Mapping[str, str] | None = None,
    idempotent: bool = False,
    versioned: bool = False,
) -> Callable[[F], F]:
    """Tag a handler.

    Args:
        reply: the body's model; None with ``status`` 204, or when the handler builds its own response of type
            ``produces``.
        errors: codes beyond those that validation, permission and limits give anyway.
        headers: required request headers and what they are for; documented, and read by the handler.
        idempotent: an ``Idempotency-Key`` is honoured.
        versioned: the reply's ``version`` goes out as ``ETag`` too. PUT, PATCH and DELETE require ``If-Match``, which the
            handler gets as ``call.expected`` and the use case compares (``domain.versions.require_version``).

    Raises:
        TypeError: versioned, with a reply that has no version.
    """
    if versioned and reply is not None and "version" not in reply.model_fields:
        raise TypeError(f"{reply.__name__} has no version")

    def tag(handler: F) -> F:
        summary, _, description = inspect.cleandoc(handler.__doc__ or "").partition("\n\n")
        setattr(
            handler,
            _TAG,
            Endpoint(
                method=method,
                path=path,
                may=may,
                rate=rate,
                body=body,
                body_optional=body_optional,
                raw_body=raw_body,
                query=query,
                reply=reply,
                status=status,
                produces=produces,
                errors=errors,
                headers=headers or {},
                idempotent=idempotent,
                versioned=versioned,
                name=handler.__name__,
                summary=summary.replace("\n", " "),
                description=description,
                tag=handler.__qualname__.split(".")[0],
            ),
        )
        return handler

    return tag


def endpoints_of(group: type | object) -> list[tuple[Endpoint, Handler]]:
    """The tagged methods of a class or an instance, in the order they are written."""
    cls = group if isinstance(group, type) else type(group)
    return [
        (cast(Endpoint, getattr(function, _TAG)), cast(Handler, getattr(group, name)))
        for name, function in vars(cls).items()
        if hasattr(function, _TAG)
    ]
