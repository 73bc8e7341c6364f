"""The way of one event: rate, name, permission, payload, handler, acknowledgement. Never silence."""

import asyncio
from collections.abc import Mapping

from pydantic import ValidationError

from domain.errors import Code, DomainError, Invalid, RateLimited
from realtime import errors
from realtime.engine.application import Reply
from realtime.limits import Limits
from realtime.metrics import Counts
from realtime.registry import RESERVED, Call, EventSpec, Handler
from realtime.schema import Payload
from realtime.sockets import Socket

Table = Mapping[str, tuple[EventSpec, Handler]]


class Dispatch:
    """Events of all namespaces."""

    def __init__(self, tables: Mapping[str, Table], limits: Limits, counts: Counts) -> None:
        self._tables = tables
        self._limits = limits
        self._counts = counts

    async def __call__(self, socket: Socket, name: object, args: list[object]) -> Reply:
        """Handle one event and say what to answer.

        Raises:
            asyncio.CancelledError: as it came.
        """
        found = self._tables[socket.namespace].get(name) if isinstance(name, str) else None
        label = found[0].name if found else "unknown"
        call = Call(socket)
        try:
            data = await self._handle(call, found, name, args)
            envelope, outcome = errors.accepted(data), "ok"
        except asyncio.CancelledError:
            raise
        except DomainError as error:
            envelope, outcome = errors.refused(error), error.code.value
        except Exception as error:
            envelope = errors.crashed(error, event=label, namespace=socket.namespace, sid=socket.sid)
            outcome = Code.INTERNAL.value
        self._counts.events[socket.namespace, label, outcome] += 1
        return Reply(envelope, call.after)

    def overflow(self, socket: Socket) -> Reply:
        """The socket has too many events waiting."""
        self._counts.events[socket.namespace, "unknown", Code.RATE_LIMITED.value] += 1
        return Reply(errors.refused(RateLimited("Too many events are waiting.", retry_after_ms=1000)))

    async def _handle(
        self, call: Call, found: tuple[EventSpec, Handler] | None, name: object, args: list[object]
    ) -> dict[str, object]:
        spec = found[0] if found else None
        self._limit(call.socket, spec)
        if found is None or spec is None:
            raise _unknown(name)
        spec.may.require(call.who)
        reply = await found[1](call, _payload(spec, args))
        return reply.wire() if reply is not None else {}

    def _limit(self, socket: Socket, spec: EventSpec | None) -> None:
        event, rate = (spec.name, spec.rate) if spec else (None, None)
        missing = self._limits.take(socket.user_id, socket.buckets, event, rate)
        if missing:
            raise RateLimited("Too many events.", retry_after_ms=missing)


def _payload(spec: EventSpec, args: list[object]) -> Payload:
    """The one argument, validated. An event without fields may be sent without an argument."""
    if not args and not any(field.is_required() for field in spec.payload.model_fields.values()):
        args = [{}]
    if len(args) != 1:
        fields = [{"path": "", "message": f"expected one argument, got {len(args)}"}]
        raise Invalid("The payload does not match its schema.", details={"fields": fields})
    try:
        return spec.payload.model_validate(args[0])
    except ValidationError as error:
        raise errors.invalid_payload(error) from None


def _unknown(name: object) -> Invalid:
    text = (
        "This name is reserved." if isinstance(name, str) and name in RESERVED else "There is no such event."
    )
    return Invalid(text, code=Code.UNKNOWN_EVENT)
