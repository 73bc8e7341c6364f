"""One subclass each of Socket.IO's and Engine.IO's server: every deviation from stock, and why.

* **Events go through one door.** Stock looks up handlers by the client's event name, so that a client may run ``on_connect``
  with a forged environ, or ``on_disconnect``; an unknown event gets an empty acknowledgement that looks like success, and a
  handler that raises none at all. Here :meth:`_handle_event` hands every event to the application, and
  :meth:`_trigger_event` is left with what stock itself triggers.
* **Nothing is registered before it is authenticated.** Stock enters the client into rooms first and asks afterwards.
* **In order.** Stock starts one task per event; here each socket has an :class:`~realtime.engine.inbox.Inbox`. Acknowledgements
  of the client to our own questions do not pass through it.
* **Bounded.** Stock's outgoing queue is unbounded; see :mod:`realtime.engine.outgoing`. Binary attachments are too.
* **A refused or idle connection is closed.** Stock leaves it open for ever.
* **A packet that cannot be parsed closes its connection**, as in the reference implementation; stock logs a stack trace each.
  See :mod:`realtime.engine.frames` for those that are not even Engine.IO.
* **Closing means closed**: a client that does not answer the close is cut off after :data:`CLOSE_GRACE`.
"""

import asyncio
import itertools
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import socketio
from aiohttp import web
from engineio import packet as engineio_packet

from realtime.closing import CloseCode, Closing
from realtime.engine import frames, json, protocol
from realtime.engine.application import Application, ConnectRefused, ConnectRequest, Refusal, Reply
from realtime.engine.inbox import Inbox
from realtime.engine.outgoing import BufferLimits, Outgoing, OutgoingBuffer
from realtime.engine.transport import EngineIO
from realtime.schedule import Appointment, Schedule

log = logging.getLogger(__name__)

#: Seconds between asking a client to close and cutting it off.
CLOSE_GRACE = 2.0
#: A stock client asks for each namespace once; more refusals than this on one connection are somebody trying tokens.
MAX_REFUSALS = 5


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Seconds and bytes."""

    path: str = "socket.io"
    ping_interval: float = 25.0
    ping_timeout: float = 20.0
    max_payload: int = 64 * 1024
    websocket_only: bool = False
    #: how long a connection may be without an accepted namespace
    namespace_deadline: float = 10.0
    #: unhandled events of one socket
    inbox: int = 64
    buffer: BufferLimits = field(default_factory=BufferLimits)


@dataclass(slots=True)
class Connection:
    """What the engine keeps of one transport connection."""

    #: the request that became its WebSocket, if it has one: its transport carries nothing else, ever
    websocket: web.Request | None
    address: str
    buffer: OutgoingBuffer
    idle: Appointment | None = None
    refusals: int = 0


class ConnectionLost(Exception):
    """The client went away before it answered."""


class Engine(socketio.AsyncServer):  # type: ignore[misc]  # the base class has no types
    """Sockets, in and out. Everything public here is what the rest of ``realtime`` may use."""

    def __init__(self, application: Application, options: EngineOptions, schedule: Schedule) -> None:
        quiet = logging.getLogger("realtime.engine.stock")
        quiet.setLevel(logging.ERROR)  # below that its messages carry payloads
        super().__init__(
            async_mode="aiohttp",
            logger=quiet,
            engineio_logger=quiet,
            serializer=protocol.Packet,
            namespaces=list(application.namespaces),
            cors_allowed_origins="*",  # who may come is decided by Application.admit, before stock is asked
            cors_credentials=False,
            ping_interval=options.ping_interval,
            ping_timeout=options.ping_timeout,
            max_http_buffer_size=options.max_payload,
            transports=["websocket"] if options.websocket_only else ["polling", "websocket"],
        )
        self.eio.application = application
        self.eio.buffer_limits = options.buffer
        self._application = application
        self._options = options
        self._schedule = schedule
        self._connections: dict[str, Connection] = {}
        self._inboxes: dict[str, Inbox] = {}
        self._asked: dict[tuple[str, int], asyncio.Future[object]] = {}
        self._ask_ids = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._cutoffs: set[asyncio.TimerHandle] = set()

    def _engineio_server_class(self) -> type[EngineIO]:
        return EngineIO

    # --- for the rest of realtime -----------------------------------------------------------------------------

    def mount(self, app: web.Application) -> None:
        """Answer on ``/<path>/``."""
        app.router.add_route("*", f"/{self._options.path.strip('/')}/", self._answer)

    def emit_to(
        self, namespace: str, sids: Iterable[str], name: str, data: object, *, droppable: bool = False
    ) -> None:
        """Send one event to sockets of this process: encoded once, queued at once, in the order of the calls."""
        frame = protocol.event(namespace, name, data, droppable=droppable)
        for sid in sids:
            eio_sid = self.manager.eio_sid_from_sid(sid, namespace)
            if eio_sid is not None:
                self._offer(eio_sid, frame)

    async def ask(self, namespace: str, sid: str, name: str, data: object, wait: float) -> object:
        """Send an event and return the client's acknowledgement: its arguments, as a list.

        Raises:
            TimeoutError: no answer in ``wait`` seconds.
            ConnectionLost: the socket is gone.
        """
        eio_sid = self.manager.eio_sid_from_sid(sid, namespace)
        if eio_sid is None:
            raise ConnectionLost(sid)
        key = (sid, next(self._ask_ids))
        future = self._asked[key] = asyncio.get_running_loop().create_future()
        try:
            self._offer(eio_sid, protocol.event_with_ack(namespace, key[1], name, data))
            async with asyncio.timeout(wait):
                return await future
        finally:
            self._asked.pop(key, None)

    def close_socket(self, namespace: str, sid: str, closing: Closing) -> None:
        """Tell a socket why, then take its namespace away; the connection goes with its last namespace."""
        eio_sid = self.manager.eio_sid_from_sid(sid, namespace)
        if eio_sid is not None and self.manager.is_connected(sid, namespace):
            self._spawn(self._close_socket(eio_sid, namespace, sid, closing))

    def close_connection(self, connection: str, closing: Closing) -> None:
        """Tell every socket of a connection why, then close it."""
        self._spawn(self._close_connection(connection, closing))

    async def stop(self, patience: float) -> None:
        """Close what is left, and give handlers ``patience`` seconds to finish."""
        for connection in list(self._connections):
            await self._close_connection(connection, Closing(CloseCode.DRAINING))
        tasks = [*self._tasks, *(inbox.task for inbox in self._inboxes.values())]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        for handle in self._cutoffs:
            handle.cancel()
        await self.shutdown()

    # --- HTTP ----------------------------------------------------------------------------------------------------

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        refusal = self._application.admit(request, fresh="sid" not in request.query)
        if refusal is None:
            refusal = await self._bad_body(request)
        if refusal is not None:
            body = {"ok": False, "error": {"code": refusal.code, "message": refusal.message}}
            return web.Response(status=refusal.status, text=json.dumps(body), content_type="application/json")
        connection = self._connections.get(request.query.get("sid", ""))
        if connection is not None and request.query.get("transport") == "websocket":
            connection.websocket = request
        response: web.StreamResponse = await self.handle_request(request)
        return response

    async def _bad_body(self, request: web.Request) -> Refusal | None:
        connection = request.query.get("sid", "")
        if request.method != "POST" or connection not in self._connections:
            return None  # stock reads no body then
        refusal = await frames.judge_body(request, self._options.max_payload)
        if refusal is not None:
            self.close_connection(connection, Closing(CloseCode.PROTOCOL_ERROR))
        return refusal

    # --- connections ---------------------------------------------------------------------------------------------

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        await super()._handle_eio_connect(eio_sid, environ)
        request: web.Request = environ["aiohttp.request"]
        socket = self.eio.sockets[eio_sid]
        buffer: OutgoingBuffer = socket.queue
        buffer.one_by_one = lambda: bool(socket.upgraded)
        buffer.on_full = lambda: self._overflowed(eio_sid)
        address = self._application.connection_opened(eio_sid, request)
        own = request if request.query.get("transport") == "websocket" else None
        self._connections[eio_sid] = Connection(own, address, buffer)
        self._watch_idle(eio_sid)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        await super()._handle_eio_disconnect(eio_sid, reason)
        self._binary_packet.pop(eio_sid, None)
        connection = self._connections.pop(eio_sid, None)
        if connection is not None:
            if connection.idle is not None:
                connection.idle.cancel()
            self._application.connection_closed(eio_sid)
            if reason == self.reason.CLIENT_DISCONNECT:
                # Stock lets a poll that waits go on waiting for up to 45 s.
                connection.buffer.put_nowait(None)

    def _watch_idle(self, eio_sid: str) -> None:
        connection = self._connections[eio_sid]
        if connection.idle is not None:
            connection.idle.cancel()
        connection.idle = self._schedule.after(
            self._options.namespace_deadline,
            lambda: self.close_connection(eio_sid, Closing(CloseCode.NO_NAMESPACE)),
        )

    def _overflowed(self, eio_sid: str) -> None:
        connection = self._connections.get(eio_sid)
        if connection is not None:
            connection.buffer.clear()
            self.close_connection(eio_sid, Closing(CloseCode.SLOW_CONSUMER))

    def _sockets_of(self, eio_sid: str) -> list[tuple[str, str]]:
        found = ((ns, self.manager.sid_from_eio_sid(eio_sid, ns)) for ns in self._application.namespaces)
        return [(namespace, sid) for namespace, sid in found if sid is not None]

    async def _close_socket(self, eio_sid: str, namespace: str, sid: str, closing: Closing) -> None:
        if not self.manager.is_connected(sid, namespace):
            return
        self._offer(eio_sid, protocol.event(namespace, "closing", closing.wire(), control=True))
        last = self._sockets_of(eio_sid) == [(namespace, sid)]
        if not (closing.may_reconnect and last):
            self._offer(eio_sid, protocol.disconnect(namespace))
        if last:
            await self._hang_up(eio_sid)
        else:
            await self._handle_disconnect(eio_sid, namespace, self.reason.SERVER_DISCONNECT)

    async def _close_connection(self, eio_sid: str, closing: Closing) -> None:
        if eio_sid not in self._connections:
            return
        self._application.closing(eio_sid, closing)
        for namespace, _ in self._sockets_of(eio_sid):
            self._offer(eio_sid, protocol.event(namespace, "closing", closing.wire(), control=True))
            if not closing.may_reconnect:
                self._offer(eio_sid, protocol.disconnect(namespace))
        await self._hang_up(eio_sid)

    async def _hang_up(self, eio_sid: str) -> None:
        connection, socket = self._connections.get(eio_sid), self.eio.sockets.get(eio_sid)
        if connection is None or socket is None:
            return
        await socket.close(wait=False, abort=True, reason=self.reason.SERVER_DISCONNECT)
        connection.buffer.put_nowait(engineio_packet.Packet(engineio_packet.CLOSE))
        connection.buffer.put_nowait(None)  # ends stock's writer, which then closes the WebSocket
        if connection.websocket is not None:
            self._cut_off_later(connection.websocket)

    def _cut_off_later(self, request: web.Request) -> None:
        # Of a WebSocket only: a polling client's TCP connection is kept alive and may carry somebody else's request by then.
        def cut_off() -> None:
            self._cutoffs.discard(handle)
            if request.transport is not None:
                request.transport.abort()

        handle = asyncio.get_running_loop().call_later(CLOSE_GRACE, cut_off)
        self._cutoffs.add(handle)

    # --- packets in ----------------------------------------------------------------------------------------------

    async def _handle_eio_message(self, eio_sid: str, data: str | bytes) -> None:
        if eio_sid not in self._connections:
            return  # closing: what still comes in is not for anybody
        try:
            await super()._handle_eio_message(eio_sid, data)
            self._bound_attachments(eio_sid)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.info("closing a connection that does not speak Socket.IO: %s", type(error).__name__)
            await self._close_connection(eio_sid, Closing(CloseCode.PROTOCOL_ERROR))

    def _bound_attachments(self, eio_sid: str) -> None:
        waiting = self._binary_packet.get(eio_sid)
        if waiting is not None and waiting.attachment_count > protocol.MAX_ATTACHMENTS:
            del self._binary_packet[eio_sid]
            raise ValueError("too many attachments")

    async def _handle_connect(self, eio_sid: str, namespace: str | None, data: object) -> None:
        namespace = namespace or "/"
        connection = self._connections[eio_sid]
        request = ConnectRequest(eio_sid, namespace, connection.address, data)
        try:
            grant = self._application.authenticate(request)
            sid = await self.manager.pre_connect(eio_sid, namespace)
            if sid is None:
                raise ConnectRefused("Already connected to this namespace.", {"code": "ILLEGAL_STATE"})
        except ConnectRefused as refused:
            self._offer(eio_sid, protocol.connect_error(namespace, refused.message, refused.data))
            connection.refusals += 1
            if connection.refusals >= MAX_REFUSALS:
                await self._close_connection(eio_sid, Closing(CloseCode.NO_NAMESPACE))
            return
        await self.manager.connect(sid, namespace)
        self._application.attached(sid, request, grant)
        if connection.idle is not None:
            connection.idle.cancel()
        self._offer(eio_sid, protocol.connected(namespace, sid))
        self._inboxes[sid] = Inbox(lambda: self._application.opened(sid), self._options.inbox)

    async def _handle_disconnect(
        self, eio_sid: str, namespace: str | None, reason: str | None = None
    ) -> None:
        await super()._handle_disconnect(eio_sid, namespace, reason)
        if eio_sid in self._connections and not self._sockets_of(eio_sid):
            self._watch_idle(eio_sid)

    async def _handle_event(self, eio_sid: str, namespace: str | None, id: int | None, data: object) -> None:
        namespace = namespace or "/"
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
        if sid is None or not self.manager.is_connected(sid, namespace):
            self._reply(eio_sid, namespace, id, self._application.not_connected(eio_sid, namespace))
            return
        if not isinstance(data, list) or not data:
            raise ValueError("an event without a name")

        async def job() -> None:
            reply = await self._application.handle(sid, data[0], data[1:])
            self._reply(eio_sid, namespace, id, reply)

        if not self._inboxes[sid].offer(job):
            self._reply(eio_sid, namespace, id, self._application.overflow(sid))

    async def _handle_ack(self, eio_sid: str, namespace: str | None, id: int, data: object) -> None:
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace or "/")
        future = self._asked.get((sid, id))
        if future is not None and not future.done():
            future.set_result(data)

    async def _trigger_event(self, event: str, namespace: str, *args: Any) -> None:
        # Only stock itself comes here, and only when a socket is really gone: clients' events go another way.
        sid = args[0]
        for key, future in list(self._asked.items()):
            if key[0] == sid and not future.done():
                future.set_exception(ConnectionLost(sid))
        self._application.detached(sid)
        inbox = self._inboxes.pop(sid, None)
        if inbox is not None:
            inbox.finish(lambda: self._application.closed(sid))
            self._tasks.add(inbox.task)
            inbox.task.add_done_callback(self._finished)

    # --- packets out ---------------------------------------------------------------------------------------------

    def _reply(self, eio_sid: str, namespace: str, ack_id: int | None, reply: Reply) -> None:
        if ack_id is not None:
            self._offer(eio_sid, protocol.ack(namespace, ack_id, reply.envelope))
        for after in reply.after:
            after()

    def _offer(self, eio_sid: str, frame: Outgoing) -> None:
        connection = self._connections.get(eio_sid)
        if connection is not None:
            connection.buffer.put_nowait(frame)

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a socket's task failed", exc_info=task.exception())
