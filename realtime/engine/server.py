"""python-socketio's server on our own hot path.

:class:`EngineServer` takes the keyword arguments of ``socketio.AsyncServer`` and runs its handlers unchanged. It deviates where
stock is unsafe or wrong (docs/decisions/0025-engine.md has the measurements):

* **Reserved names** from a client are refused: stock runs ``on_connect`` for an event named ``connect``.
* **Every asked-for acknowledgement is answered**, also when there is no handler or it raised.
* **CONNECT comes first**: what a connect handler emits to its own client waits until the client was accepted.
* An unknown namespace, a malformed packet and attachments without end are answered as the protocol document says.
* A handler starts in the call that brought its event and becomes a task only if it waits. Acknowledgements are resolved by the
  reader, so a handler that waits for one never keeps it from being read.
* ``call()`` ends when the client is gone, instead of waiting for its timeout.
"""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import socketio
from aiohttp import web
from engineio.async_drivers.aiohttp import translate_request

from realtime.engine import packets
from realtime.engine.answers import Answer, ConnectionLost
from realtime.engine.bridge import Bridge
from realtime.engine.codec import Codec
from realtime.engine.inbox import Inbox
from realtime.engine.manager import Callback, Manager, Phase, Socket, adopt, arguments
from realtime.engine.packets import RESERVED, Malformed, Packet
from realtime.engine.session import Session


class EngineServer(socketio.AsyncServer):  # type: ignore[misc]  # the base class has no types
    """A Socket.IO server for aiohttp with the options of ``socketio.AsyncServer``."""

    eio: Bridge
    manager: Manager
    manager_initialized: bool

    def __init__(self, client_manager: Any = None, **options: Any) -> None:
        super().__init__(client_manager=adopt(client_manager or Manager()), **options)
        self._codec = Codec(self.packet_class, own_json="json" in options)
        self._ours = self._codec.ours
        #: an EVENT or ACK of this server's serializer
        self.encode = self._codec.encode
        #: every client there is is connected to this process
        self.only_here = client_manager is None
        self._coroutines: dict[Any, bool] = {}
        self.eio.attach_program(self)

    def _engineio_server_class(self) -> Callable[..., Bridge]:
        return Bridge

    # --- what programs call ---------------------------------------------------------------------------------------------

    async def emit(
        self,
        event: str,
        data: Any = None,
        to: Any = None,
        room: Any = None,
        skip_sid: Any = None,
        namespace: str | None = None,
        callback: Callback | None = None,
        ignore_queue: bool = False,
    ) -> None:
        """As ``socketio.AsyncServer.emit``. Nothing in it waits; one event costs one encoding, whatever the room."""
        await self.manager.emit(
            event,
            data,
            namespace or "/",
            room=to or room,
            skip_sid=skip_sid,
            callback=callback,
            ignore_queue=ignore_queue,
        )

    async def call(
        self,
        event: str,
        data: Any = None,
        to: str | None = None,
        sid: str | None = None,
        namespace: str | None = None,
        timeout: float | None = 60,
        ignore_queue: bool = False,
    ) -> Any:
        """Emit to one client and return its acknowledgement: nothing, one value, or a tuple.

        Raises:
            socketio.exceptions.TimeoutError: no answer within ``timeout`` seconds; :class:`ConnectionLost` when there can be
                none any more.
        """
        receiver = to or sid
        if receiver is None:
            raise ValueError("Cannot use call() to broadcast.")
        if self.only_here and self.manager.get(receiver, namespace or "/") is None:
            raise ConnectionLost(receiver)
        if not self.async_handlers:
            raise RuntimeError("Cannot use call() when async_handlers is False.")
        answer: asyncio.Future[tuple[Any, ...]] = asyncio.get_running_loop().create_future()
        callback = Answer(answer)
        await self.emit(
            event, data, to=receiver, namespace=namespace, callback=callback, ignore_queue=ignore_queue
        )
        try:
            async with asyncio.timeout(timeout):
                args = await answer
        except TimeoutError:
            raise socketio.exceptions.TimeoutError from None
        return args if len(args) > 1 else args[0] if args else None

    async def disconnect(self, sid: str, namespace: str | None = None, ignore_queue: bool = False) -> None:
        """Take a namespace from a client; its connection stays."""
        namespace = namespace or "/"
        if not ignore_queue and not await self.manager.can_disconnect(sid, namespace):
            return
        socket = self.manager.get(sid, namespace)
        if socket is not None and socket.phase is Phase.CONNECTED:
            socket.send(self._codec.disconnect(namespace))
            await self._leave(socket, self.reason.SERVER_DISCONNECT)

    async def get_session(self, sid: str, namespace: str | None = None) -> dict[str, Any]:
        """The program's notes about a client.

        Raises:
            KeyError: there is no such client.
        """
        namespace = namespace or "/"
        notes: dict[str, Any] = self._socket(sid, namespace).session.session.setdefault(namespace, {})
        return notes

    async def save_session(self, sid: str, session: dict[str, Any], namespace: str | None = None) -> None:
        """Replace the notes.

        Raises:
            KeyError: there is no such client.
        """
        namespace = namespace or "/"
        self._socket(sid, namespace).session.session[namespace] = session

    def instrument(self, *_: Any, **__: Any) -> None:
        """python-socketio's admin interface hooks into what is not there.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError("the admin interface is not supported by EngineServer")

    # --- what the transport says ------------------------------------------------------------------------------------------

    async def session_opening(self, session: Session, request: web.Request) -> Any:
        """A connection comes; None accepts it."""
        if not self.manager_initialized:
            self.manager_initialized = True
            self.manager.initialize()
        self.environ[session.sid] = translate_request(request)

    def text(self, session: Session, text: bytes) -> None:
        """A packet."""
        try:
            if self._ours and session.parts is None and text[1:2] == b"2":
                namespace, ack_id, raw = packets.split_event(text)
                self._event(session, namespace, ack_id, raw)
            else:
                self._parsed(session, text)
        except Malformed:
            self.eio.malformed(session)

    def _parsed(self, session: Session, text: bytes) -> None:
        if session.parts is not None:
            raise Malformed("text where an attachment was due")
        packet = self._codec.decode_text(text)
        if packet.attachments:
            session.parts = (packet, [])
        else:
            self._packet(session, packet)

    def attachment(self, session: Session, data: bytes) -> None:
        """A binary message."""
        if session.parts is None:
            if self._ours:
                raise Malformed("an attachment that nobody announced")
            self._packet(session, self._codec.decode(data))
            return
        packet, parts = session.parts
        parts.append(data)
        if len(parts) == packet.attachments:
            session.parts = None
            packet.data = packets.insert(packet.data, parts)
            self._packet(session, packet)

    async def session_left(self, session: Session, reason: str) -> None:
        """The connection is over."""
        session.parts = None
        for socket in list(session.sockets.values()):
            await self._leave(socket, reason)
        self.environ.pop(session.sid, None)

    # --- packets ------------------------------------------------------------------------------------------------------------

    def _packet(self, session: Session, packet: Packet) -> None:
        kind = packet.kind
        if kind in (packets.EVENT, packets.BINARY_EVENT):
            self._event(session, packet.namespace, packet.id, packet.data)
        elif kind in (packets.ACK, packets.BINARY_ACK):
            self._acknowledged(session, packet.namespace, packet.id or 0, packet.data)
        elif kind == packets.CONNECT:
            self._connect(session, packet.namespace, packet.data)
        elif kind == packets.DISCONNECT:
            socket = session.sockets.get(packet.namespace)
            if socket is not None:
                self.eio.spawn(self._leave(socket, self.reason.CLIENT_DISCONNECT))
        else:
            raise Malformed("packet type")

    # --- CONNECT ------------------------------------------------------------------------------------------------------------

    def _connect(self, session: Session, namespace: str, auth: Any) -> None:
        known = self.namespaces == "*" or any(
            namespace in names for names in (self.handlers, self.namespace_handlers, self.namespaces)
        )
        if not known:
            session.send(self._codec.connect_error(namespace, {"message": "Invalid namespace"}))
            return
        socket = self.manager.add(session, namespace)
        if socket is None:
            session.send(self._codec.connect_error(namespace, {"message": "Already connected"}))
            return
        self.eio.spawn(self._admit(socket, auth))

    async def _admit(self, socket: Socket, auth: Any) -> None:
        if self.always_connect:
            self._welcome(socket)
        refusal = await self._ask(socket, auth)
        if socket.phase is Phase.GONE:
            return  # left while the handler thought about it
        if refusal is None:
            if not self.always_connect:
                self._welcome(socket)
            return
        if self.always_connect:
            socket.send(self._codec.disconnect(socket.namespace, refusal))
        else:
            socket.session.send(self._codec.connect_error(socket.namespace, refusal))
        self.manager.remove(socket)

    async def _ask(self, socket: Socket, auth: Any) -> Any:
        """What the connect handler has against this client; None: nothing."""
        environ = self.environ[socket.session.sid]
        try:
            try:
                success = await self._trigger_event(
                    "connect", socket.namespace, socket.sid, environ, auth or None
                )
            except TypeError:
                if auth:
                    raise
                success = await self._trigger_event("connect", socket.namespace, socket.sid, environ)
        except socketio.exceptions.ConnectionRefusedError as refused:
            return refused.error_args
        except ConnectionRefusedError:
            return {"message": "Connection refused by server"}
        except Exception:
            self.logger.exception("connect handler error")
            return {"message": "Connection refused by server"}
        return socketio.exceptions.ConnectionRefusedError().error_args if success is False else None

    def _welcome(self, socket: Socket) -> None:
        """CONNECT, then what waited for it."""
        socket.session.send(self._codec.connected(socket.namespace, socket.sid))
        socket.phase = Phase.CONNECTED
        held, socket.held = socket.held, None
        for frame in held or ():
            socket.session.send(frame)

    async def _leave(self, socket: Socket, reason: str) -> None:
        """The client's end in a namespace. Idempotent."""
        arriving = socket.phase is Phase.ARRIVING
        if arriving or socket.phase is Phase.CONNECTED:
            socket.phase = Phase.LEAVING
            for callback in (socket.callbacks or {}).values():
                if isinstance(callback, Answer):
                    callback.lost(socket.sid)
            try:
                if not arriving:
                    await self._trigger_event("disconnect", socket.namespace, socket.sid, reason)
            except Exception:
                self.logger.exception("disconnect handler error")
            finally:
                self.manager.remove(socket)

    # --- EVENT and ACK ------------------------------------------------------------------------------------------------------

    def _event(self, session: Session, namespace: str, ack_id: int | None, event: bytes | list[Any]) -> None:
        """``event`` is ``["name",…]`` as it came, or, if attachments came with it, what they make it."""
        data = packets.event_args(event) if isinstance(event, bytes) else event
        socket = session.sockets.get(namespace)
        if socket is None or socket.phase is not Phase.CONNECTED:
            self._refuse(session, namespace, ack_id, "UNAUTHENTICATED", f"Connect to {namespace} first.")
        elif self.async_handlers:
            self.eio.spawn(self._serve(socket, ack_id, data))
        else:
            if socket.inbox is None:
                socket.inbox = Inbox(self.eio.eager, None)
            socket.inbox.offer(self._serve, socket, ack_id, data)

    async def _serve(self, socket: Socket, ack_id: int | None, data: list[Any]) -> None:
        name, session = data[0], socket.session
        if not isinstance(name, str) or name in RESERVED:
            self._refuse(session, socket.namespace, ack_id, "UNKNOWN_EVENT", "This name is reserved.")
            return
        try:
            result = await self._handled(name, socket, data)
            if result is self.not_handled:
                self._refuse(session, socket.namespace, ack_id, "UNKNOWN_EVENT", "There is no such event.")
            elif ack_id is not None:
                session.send(self.encode(socket.namespace, arguments(result), ack_id, packets.ACK))
        except ConnectionLost:
            pass  # nobody is left to be answered, and that is no fault of the handler
        except BaseException as error:
            self._refuse(session, socket.namespace, ack_id, "INTERNAL", "Something went wrong on our side.")
            if not isinstance(error, Exception):
                raise
            self.logger.exception("event handler error")

    async def _handled(self, name: str, socket: Socket, data: list[Any]) -> Any:
        handler, args = self._get_event_handler(name, socket.namespace, (socket.sid, *data[1:]))
        if handler is not None:
            return await handler(*args) if self._is_coroutine(handler) else handler(*args)
        handler, args = self._get_namespace_handler(socket.namespace, (socket.sid, *data[1:]))
        if handler is None:
            return self.not_handled
        if _routes_itself(type(handler)) or hasattr(handler, f"on_{name}"):
            return await handler.trigger_event(name, *args)
        return self.not_handled

    def _is_coroutine(self, handler: Any) -> bool:
        known = self._coroutines.get(handler)
        if known is None:
            known = self._coroutines[handler] = inspect.iscoroutinefunction(handler)
        return known

    def _acknowledged(self, session: Session, namespace: str, ack_id: int, data: list[Any]) -> None:
        socket = session.sockets.get(namespace)
        if socket is None:
            return
        callback = socket.acknowledged(ack_id)
        if callback is None:
            self.eio.spawn(self.manager.trigger_callback(socket.sid, ack_id, data))
            return
        try:
            result = callback(*data)
        except Exception:
            self.logger.exception("acknowledgement callback error")
            return
        if inspect.iscoroutine(result):
            self.eio.spawn(self._logged(result))

    async def _logged(self, work: Any) -> None:
        try:
            await work
        except Exception:
            self.logger.exception("acknowledgement callback error")

    def _refuse(self, session: Session, namespace: str, ack_id: int | None, code: str, message: str) -> None:
        """Never silence: the acknowledgement of a failure."""
        if ack_id is not None:
            error = {"code": code, "message": message, "retryable": False}
            session.send(self.encode(namespace, [{"ok": False, "error": error}], ack_id, packets.ACK))

    async def _send_packet(self, eio_sid: str, pkt: Any) -> None:
        """Stock's own way out, for managers that use it."""
        self.eio.send_frame(eio_sid, self._codec.framed(pkt))

    def _socket(self, sid: str, namespace: str) -> Socket:
        socket = self.manager.get(sid, namespace)
        if socket is None:
            raise KeyError(f"{sid!r} is not connected to {namespace}")
        return socket


def _routes_itself(kind: type) -> bool:
    return kind.trigger_event is not socketio.AsyncNamespace.trigger_event  # type: ignore[attr-defined]
