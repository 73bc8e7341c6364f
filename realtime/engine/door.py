"""The product's sockets: :class:`EngineServer` with one door for everything a client sends, and stricter than stock.

* **Events go to the application**, not to handlers found by the client's own event name.
* **Nothing is registered before it is authenticated.** Stock enters the client into rooms first and asks afterwards.
* **In order.** The events of one socket are handled one after the other, in an :class:`~realtime.engine.inbox.Inbox`.
  Acknowledgements of the client to our own questions do not pass through it.
* **Bounded**: what waits to be sent (:mod:`realtime.engine.outgoing`), what waits to be handled, and attachments.
* **A refused or idle connection is closed.** Stock leaves it open for ever.
* **Closing means closed**: a client that does not answer the close is cut off after ``websocket.CLOSE_GRACE``.
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from realtime.closing import CloseCode, Closing
from realtime.engine import packets
from realtime.engine.answers import Answer, ConnectionLost
from realtime.engine.application import Application, ConnectRefused, ConnectRequest, Refusal, Reply
from realtime.engine.bridge import Bridge
from realtime.engine.frames import Frame
from realtime.engine.inbox import Inbox
from realtime.engine.manager import Phase, Socket
from realtime.engine.outgoing import BufferLimits
from realtime.engine.packets import Malformed
from realtime.engine.server import EngineServer
from realtime.engine.session import Session, State
from realtime.schedule import Appointment, Schedule

log = logging.getLogger(__name__)

#: A stock client asks for each namespace once; more refusals than this on one connection are somebody trying tokens.
MAX_REFUSALS = 5
#: Seconds for the last event of a socket, which gives back what it held, once those before it are cancelled.
LAST_WORDS = 2.0
#: No event of ours carries a binary attachment; a few are read so that their sender gets a proper refusal.
MAX_ATTACHMENTS = 4


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


class Connection:
    """What the door keeps of one Engine.IO session."""

    __slots__ = ("address", "idle", "refusals")

    def __init__(self, address: str) -> None:
        self.address = address
        self.idle: Appointment | None = None
        self.refusals = 0


class Engine(EngineServer):
    """Sockets, in and out. Everything public here is what the rest of ``realtime`` may use."""

    def __init__(self, application: Application, options: EngineOptions, schedule: Schedule) -> None:
        quiet = logging.getLogger("realtime.engine.stock")
        quiet.setLevel(logging.ERROR)
        super().__init__(
            logger=quiet,
            engineio_logger=quiet,
            namespaces=list(application.namespaces),
            cors_allowed_origins="*",  # who may come is decided by Application.admit, before anything else
            cors_credentials=False,
            ping_interval=options.ping_interval,
            ping_timeout=options.ping_timeout,
            max_http_buffer_size=options.max_payload,
            transports=["websocket"] if options.websocket_only else ["polling", "websocket"],
        )
        self._application = application
        self._options = options
        self._schedule = schedule
        self.eio.buffer_limits = options.buffer

    def _engineio_server_class(self) -> Any:
        return _Door

    # --- for the rest of realtime ---------------------------------------------------------------------------------------

    def mount(self, app: web.Application) -> None:
        """Answer on ``/<path>/``."""
        app.router.add_route("*", f"/{self._options.path.strip('/')}/", self._answer)

    def emit_to(
        self, namespace: str, sids: Iterable[str], name: str, data: object, *, droppable: bool = False
    ) -> None:
        """Send one event to sockets of this process: encoded once, written at once, in the order of the calls."""
        found = [self.manager.get(sid, namespace) for sid in sids]
        there = [socket for socket in found if socket is not None]
        self.emit_to_found(namespace, there, name, data, droppable=droppable)

    def find(self, namespace: str, sid: str) -> Socket:
        """A socket that is attached, for :meth:`emit_to_found`.

        Raises:
            KeyError: it is not.
        """
        return self._socket(sid, namespace)

    def emit_to_found(
        self, namespace: str, sockets: Iterable[Socket], name: str, data: object, *, droppable: bool = False
    ) -> None:
        """As :meth:`emit_to`; those who left meanwhile hear nothing."""
        frame, connected = packets.event(namespace, [name, data], droppable=droppable), Phase.CONNECTED
        Session.send_to_all([socket.session for socket in sockets if socket.phase is connected], frame)

    def emit_one(self, namespace: str, sid: str, name: str, data: object, droppable: bool) -> None:
        """The same for one socket."""
        socket = self.manager.get(sid, namespace)
        if socket is not None and socket.phase is Phase.CONNECTED:
            socket.session.send(packets.event(namespace, [name, data], droppable=droppable))

    def emit_encoded(self, namespace: str, sid: str, args: bytes) -> None:
        """Send one event whose arguments are JSON already: ``["name",…]``."""
        socket = self.manager.get(sid, namespace)
        if socket is not None and socket.phase is Phase.CONNECTED:
            socket.session.send(packets.encoded_event(namespace, args))

    async def ask(self, namespace: str, sid: str, name: str, data: object, wait: float) -> object:
        """Send an event and return the client's acknowledgement: its arguments, as a list.

        Raises:
            TimeoutError: no answer in ``wait`` seconds.
            ConnectionLost: the socket is gone.
        """
        socket = self.manager.get(sid, namespace)
        if socket is None:
            raise ConnectionLost(sid)
        answer: asyncio.Future[tuple[Any, ...]] = asyncio.get_running_loop().create_future()
        ack_id = socket.expect(Answer(answer))
        try:
            socket.send(packets.event(namespace, [name, data], ack_id))
            async with asyncio.timeout(wait):
                return list(await answer)
        finally:
            socket.acknowledged(ack_id)

    def close_socket(self, namespace: str, sid: str, closing: Closing) -> None:
        """Tell a socket why, then take its namespace away; the connection goes with its last namespace."""
        socket = self.manager.get(sid, namespace)
        if socket is not None and socket.phase is Phase.CONNECTED:
            self._soon(self._close_socket, socket, closing)

    def close_connection(self, connection: str, closing: Closing) -> None:
        """Tell every socket of a connection why, then close it."""
        session = self.eio.sockets.get(connection)
        if session is not None:
            self._soon(self._close_session, session, closing)

    async def stop(self, patience: float) -> None:
        """Close what is left, and give handlers ``patience`` seconds to finish. Afterwards none runs."""
        for session in list(self.eio.sockets.values()):
            self._close_session(session, Closing(CloseCode.DRAINING))
        await self.eio.eager.finish(patience, LAST_WORDS)
        await self.eio.all_gone()
        await self.shutdown()

    # --- HTTP -------------------------------------------------------------------------------------------------------------

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        refusal = self._application.admit(request, fresh="sid" not in request.query)
        if refusal is not None:
            return _refused(refusal)
        return await self.eio.handle_request(request)

    # --- connections --------------------------------------------------------------------------------------------------------

    async def session_opening(self, session: Session, request: web.Request) -> None:
        """A connection exists."""
        session.extra = Connection(self._application.connection_opened(session.sid, request))
        self._watch_idle(session)

    async def session_left(self, session: Session, reason: str) -> None:
        """The connection is over."""
        session.parts = None
        for socket in list(session.sockets.values()):
            self._detach(socket)
        connection: Connection | None = session.extra
        if connection is not None:
            session.extra = None
            if connection.idle is not None:
                connection.idle.cancel()
            self._application.connection_closed(session.sid)

    def overflowed(self, session: Session) -> None:
        """The client does not read: what waits for it is given up."""
        if session.state is State.OPEN:
            session.drop_waiting()
            self._close_session(session, Closing(CloseCode.SLOW_CONSUMER))

    def shed(self, count: int) -> None:
        """Droppable events were not sent."""
        self._application.shed(count)

    def malformed(self, session: Session) -> None:
        """Not Socket.IO."""
        if session.state is State.OPEN:
            self._close_session(session, Closing(CloseCode.PROTOCOL_ERROR))

    def _watch_idle(self, session: Session) -> None:
        connection: Connection = session.extra
        if connection.idle is not None:
            connection.idle.cancel()
        connection.idle = self._schedule.after(
            self._options.namespace_deadline,
            lambda: self.close_connection(session.sid, Closing(CloseCode.NO_NAMESPACE)),
        )

    def _close_socket(self, socket: Socket, closing: Closing) -> None:
        if socket.phase is not Phase.CONNECTED:
            return
        session, namespace = socket.session, socket.namespace
        socket.send(_farewell(namespace, closing))
        last = len(session.sockets) == 1
        if not (closing.may_reconnect and last):
            socket.send(packets.disconnect(namespace))
        if last:
            session.end(self.reason.SERVER_DISCONNECT)
        else:
            self._detach(socket)

    def _close_session(self, session: Session, closing: Closing) -> None:
        if session.state is not State.OPEN:
            return
        self._application.closing(session.sid, closing)
        for socket in session.sockets.values():
            socket.send(_farewell(socket.namespace, closing))
            if not closing.may_reconnect:
                socket.send(packets.disconnect(socket.namespace))
        session.end(self.reason.SERVER_DISCONNECT)

    def _soon(self, action: Any, *args: Any) -> None:
        # Whoever closes may stand in the middle of handling an event of this very socket.
        asyncio.get_running_loop().call_soon(action, *args)

    # --- packets in -----------------------------------------------------------------------------------------------------------

    def attachment(self, session: Session, data: bytes) -> None:
        """A binary message."""
        if session.parts is not None and session.parts[0].attachments > MAX_ATTACHMENTS:
            raise Malformed("too many attachments")
        super().attachment(session, data)

    def _connect(self, session: Session, namespace: str, auth: Any) -> None:
        connection: Connection = session.extra
        request = ConnectRequest(session.sid, namespace, connection.address, auth)
        try:
            grant = self._application.authenticate(request)
            socket = self.manager.add(session, namespace)
            if socket is None:
                raise ConnectRefused("Already connected to this namespace.", {"code": "ILLEGAL_STATE"})
        except ConnectRefused as refused:
            error = {"message": refused.message, "data": refused.data}
            session.send(packets.connect_error(namespace, error))
            connection.refusals += 1
            if connection.refusals >= MAX_REFUSALS:
                self._close_session(session, Closing(CloseCode.NO_NAMESPACE))
            return
        self._application.attached(socket.sid, request, grant)
        if connection.idle is not None:
            connection.idle.cancel()
            connection.idle = None
        self._welcome(socket)
        socket.inbox = Inbox(self.eio.eager, self._options.inbox)
        socket.inbox.offer(self._application.opened, socket.sid)

    async def _leave(self, socket: Socket, reason: str) -> None:
        """The client gave a namespace up."""
        session = socket.session
        self._detach(socket)
        if session.state is State.OPEN and not session.sockets:
            self._watch_idle(session)

    def _detach(self, socket: Socket) -> None:
        if socket.phase is not Phase.CONNECTED:
            return
        for callback in (socket.callbacks or {}).values():
            if isinstance(callback, Answer):
                callback.lost(socket.sid)
        self.manager.remove(socket)
        self._application.detached(socket.sid)
        if socket.inbox is not None:
            self.eio.spawn(self._finish(socket.inbox, socket.sid))

    async def _finish(self, inbox: Inbox, sid: str) -> None:
        """The last of a socket's events; stopping the server waits for it."""
        done = asyncio.Event()

        async def closed() -> None:
            try:
                await self._application.closed(sid)
            finally:
                done.set()

        inbox.finish(closed)
        if not done.is_set():
            await done.wait()

    def _event(self, session: Session, namespace: str, ack_id: int | None, event: bytes | list[Any]) -> None:
        socket = session.sockets.get(namespace)
        if socket is None or (inbox := socket.inbox) is None:
            _require_sound(event)
            self._reply(session, namespace, ack_id, self._application.not_connected(session.sid, namespace))
        elif not inbox.busy:
            outcome = self._application.handle(socket.sid, event)
            if outcome.__class__ is Reply:  # nothing to wait for: no coroutine, no task
                if ack_id is not None or outcome.after:
                    self._reply(session, namespace, ack_id, outcome)
            else:
                inbox.offer(self._answered, socket, ack_id, outcome)
        else:
            _require_sound(event)
            if not inbox.offer(self._handled_in_turn, socket, ack_id, event):
                self._reply(session, namespace, ack_id, self._application.overflow(socket.sid))

    async def _handled_in_turn(self, socket: Socket, ack_id: int | None, event: bytes | list[Any]) -> None:
        outcome = self._application.handle(socket.sid, event)
        await self._answered(socket, ack_id, outcome)

    async def _answered(self, socket: Socket, ack_id: int | None, outcome: Any) -> None:
        reply = outcome if isinstance(outcome, Reply) else await outcome
        self._reply(socket.session, socket.namespace, ack_id, reply)

    def _reply(self, session: Session, namespace: str, ack_id: int | None, reply: Reply) -> None:
        if ack_id is not None:
            session.send(packets.ack(namespace, ack_id, [reply.envelope]))
        for after in reply.after:
            after()


def _require_sound(event: bytes | list[Any]) -> None:
    """Whoever sends no JSON is closed at once, whenever the event would have been read.

    Raises:
        Malformed: it is none.
    """
    if isinstance(event, bytes):
        packets.event_args(event)


def _farewell(namespace: str, closing: Closing) -> Frame:
    frame = packets.event(namespace, ["closing", closing.wire()])
    frame.control = True
    return frame


def _refused(refusal: Refusal) -> web.Response:
    body = {"ok": False, "error": {"code": refusal.code, "message": refusal.message}}
    return web.json_response(body, status=refusal.status)


class _Door(Bridge):
    """Engine.IO under the door."""

    _program: Engine

    def overflowed(self, session: Session) -> None:
        self._program.overflowed(session)

    def shed(self, count: int) -> None:
        self._program.shed(count)

    def malformed(self, session: Session) -> None:
        self._program.malformed(session)
        super().malformed(session)
