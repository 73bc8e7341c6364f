"""The way of one event: rate, name, permission, payload, handler, acknowledgement. Never silence."""

from collections.abc import Coroutine, Mapping
from typing import Any, Final

from pydantic import ValidationError

from domain.errors import Code, DomainError, Invalid, RateLimited
from realtime import errors
from realtime.engine.application import Reply
from realtime.engine.packets import RESERVED, Malformed, event_args
from realtime.limits import Limits
from realtime.metrics import Counts
from realtime.registry import Call, EventSpec, Handler
from realtime.schema import Payload, ReplyBody
from realtime.sockets import Socket

#: The acknowledgement of an event that has no data to answer with.
_DONE: Final = errors.accepted({})
#: The same as a reply: how most events end.
DONE: Final = Reply(_DONE)

_END: Final = ord("]")

Found = tuple[EventSpec, Handler]
Table = Mapping[str, Found]


class Dispatch:
    """Events of all namespaces."""

    def __init__(self, tables: Mapping[str, Table], limits: Limits, counts: Counts) -> None:
        self._tables = tables
        #: the same by ``["name",``, as every client encodes it
        self._by_head = {
            namespace: {b'["%b",' % name.encode(): found for name, found in table.items()}
            for namespace, table in tables.items()
        }
        self._limits = limits
        self._counts = counts

    def __call__(self, socket: Socket, event: bytes | list[Any]) -> Reply | Coroutine[Any, Any, Reply]:
        """Handle one event and say what to answer; a coroutine that says so if the handler waits for something.

        Raises:
            Malformed: ``event`` was not read before, and is no JSON.
        """
        call, head = Call(socket), b""
        if isinstance(event, bytes):
            call.raw, head = event, event[: event.find(b",") + 1]
        found = self._by_head[socket.namespace].get(head)
        if found is None:
            event = event_args(event) if isinstance(event, bytes) else event
            found = self._tables[socket.namespace].get(event[0]) if isinstance(event[0], str) else None
        try:
            if found is None:
                missing = self._limits.take(socket.identity.user_id, socket.buckets, None, None)
                raise _too_fast(missing) if missing else _unknown(event[0])
            spec, handler = found
            missing = self._limits.take(socket.identity.user_id, socket.buckets, spec.name, spec.rate)
            if missing:
                raise _too_fast(missing)
            if not spec.open:
                spec.may.require(socket.identity)
            rest = handler(call, _payload(spec, event, len(head)))
        except ValidationError as error:
            return self._failed(call, found, errors.invalid_payload(error))
        except Malformed:
            raise
        except Exception as error:
            return self._failed(call, found, error)
        if rest is None:
            self._counts.events[socket.namespace, spec.name, "ok"] += 1
            return Reply(_DONE, call.after) if call.after else DONE
        return self._awaited(call, found, rest)

    async def _awaited(self, call: Call, found: Found, rest: Coroutine[Any, Any, ReplyBody | None]) -> Reply:
        try:
            reply = await rest
            envelope = _DONE if reply is None else errors.accepted(reply.wire())
        except Exception as error:
            return self._failed(call, found, error)
        self._counts.events[call.socket.namespace, found[0].name, "ok"] += 1
        return Reply(envelope, call.after)

    def _failed(self, call: Call, found: Found | None, error: Exception) -> Reply:
        socket, label = call.socket, found[0].name if found else "unknown"
        if isinstance(error, DomainError):
            envelope, outcome = errors.refused(error), error.code.value
        else:
            envelope = errors.crashed(error, event=label, namespace=socket.namespace, sid=socket.sid)
            outcome = Code.INTERNAL.value
        self._counts.events[socket.namespace, label, outcome] += 1
        return Reply(envelope, call.after)

    def overflow(self, socket: Socket) -> Reply:
        """The socket has too many events waiting."""
        self._counts.events[socket.namespace, "unknown", Code.RATE_LIMITED.value] += 1
        return Reply(errors.refused(RateLimited("Too many events are waiting.", retry_after_ms=1000)))


def _too_fast(missing_ms: int) -> RateLimited:
    return RateLimited("Too many events.", retry_after_ms=missing_ms)


def _payload(spec: EventSpec, event: bytes | list[Any], at: int) -> Payload:
    """What came with an event; of one that was not read yet it begins ``at``.

    Raises:
        ValidationError, Invalid: not what the event wants.
        Malformed: no JSON.
    """
    if isinstance(event, bytes):
        if event[-1] == _END:
            try:
                return spec.validate_json(event[at:-1])
            except ValidationError:
                pass  # or no JSON, or more than one argument: that is told below
        event = event_args(event)
    if len(event) == 2:
        return spec.validate(event[1])
    if len(event) > 2 or not spec.optional:
        raise errors.invalid_as_a_whole(f"expected one argument, got {len(event) - 1}")
    return spec.payload.model_validate({})


def _unknown(name: object) -> Invalid:
    text = (
        "This name is reserved." if isinstance(name, str) and name in RESERVED else "There is no such event."
    )
    return Invalid(text, code=Code.UNKNOWN_EVENT)
