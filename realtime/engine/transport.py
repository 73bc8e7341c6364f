"""Engine.IO (https://socket.io/docs/v4/engine-io-protocol/): sessions over long polling and WebSocket, on aiohttp.

:class:`EngineIO` has python-engineio's interface (its options, ``on``, ``send``, ``disconnect``, ``attach``, …) and none of its
machinery. Where it differs from stock, it does what the protocol document and the reference implementation do:

* intervals below a second are announced in milliseconds, an unknown transport, method or packet gets 400, a POST is answered
  ``ok``, a second concurrent poll or a missed pong closes the session, a deliberate close ends the waiting poll with 200;
* a later WebSocket of an upgraded session is accepted and closed; HTTP requests of it get 400;
* JSONP (``j=``) is refused: it is no part of version 4, and a script that other origins can load.
"""

import asyncio
import inspect
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import engineio
import orjson
from aiohttp import web
from engineio.async_drivers.aiohttp import translate_request

from realtime.engine import websocket
from realtime.engine.eager import Eager
from realtime.engine.frames import PING, SEPARATOR, Frame
from realtime.engine.heartbeat import Heartbeat
from realtime.engine.outgoing import BufferLimits
from realtime.engine.polling import (
    BAD_METHOD,
    BAD_REQUEST,
    BAD_VERSION,
    SID_UNKNOWN,
    TRANSPORT_UNKNOWN,
    Polling,
    refusal,
)
from realtime.engine.session import Session, State, binary_frame

#: Seconds that a WebSocket may take from its first byte to the end of the upgrade.
UPGRADE_TIMEOUT = 10.0


class EngineIO(engineio.AsyncServer):  # type: ignore[misc]  # the base class has no types
    """All Engine.IO sessions of one process."""

    #: a stock program may send a lot at once; what a product allows its clients is less
    buffer_limits = BufferLimits(events=16_384, bytes=16 * 1024 * 1024)

    def __init__(self, **options: Any) -> None:
        """The options of ``engineio.AsyncServer``; ``async_mode`` can only be ``aiohttp``."""
        super().__init__(**{**options, "async_mode": "aiohttp"})
        self.eager = Eager()
        self._polling = Polling(self)
        interval = self.ping_interval + self.ping_interval_grace_period
        self.heartbeat: Heartbeat[Session] = Heartbeat(interval, self.ping_timeout, _ping, self._silent)
        self.dirty: list[Session] = []
        #: open WebSockets; aiohttp knows nothing of them
        self._carried = 0
        self._all_gone = asyncio.Event()
        #: who gets text messages
        self.message: Callable[[Session, bytes], None] = self._message

    # --- for programs that speak Engine.IO alone; a Socket.IO server overrides these --------------------------------

    async def opening(self, session: Session, request: web.Request) -> Any:
        """Ask the program; anything but None and True refuses the connection."""
        environ = translate_request(request)
        return await self._trigger_event("connect", session.sid, environ, run_async=False)

    def _message(self, session: Session, text: bytes) -> None:
        try:
            body = text[1:].decode()
        except UnicodeDecodeError:
            self.malformed(session)
            return
        self._hand_over(session, body)

    def binary(self, session: Session, data: bytes) -> None:
        """A binary message."""
        self._hand_over(session, data)

    async def leaving(self, session: Session, reason: str) -> None:
        """The session ended."""
        await self._trigger_event("disconnect", session.sid, reason, run_async=False)

    def overflowed(self, session: Session) -> None:
        """The client does not read."""
        session.drop_waiting()
        session.end(self.reason.TRANSPORT_ERROR)

    def shed(self, count: int) -> None:
        """Nothing is marked droppable here."""

    # --- engineio.AsyncServer's interface -----------------------------------------------------------------------------

    def attach(self, app: web.Application, engineio_path: str = "engine.io") -> None:
        """Answer on ``/<path>/``, whatever the method: a wrong one gets 400 from us."""
        app.router.add_route("*", f"/{engineio_path.strip('/')}/", self.handle_request)
        app.on_shutdown.append(self._app_stops)

    async def _app_stops(self, _: web.Application) -> None:
        await self.disconnect()
        await self.all_gone()

    async def all_gone(self) -> None:
        """Return once no WebSocket is open, after those who do not answer a goodbye were cut off."""
        if self._carried:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_gone.wait(), 2 * websocket.CLOSE_GRACE)

    async def send(self, sid: str, data: Any) -> None:
        """Send a text or binary message, or JSON."""
        if isinstance(data, bytes | bytearray):
            frame: Frame = binary_frame(data)
        else:
            frame = Frame(b"4" + (data.encode() if isinstance(data, str) else orjson.dumps(data)))
        self.send_frame(sid, frame)

    async def send_packet(self, sid: str, pkt: Any) -> None:
        """Send one of python-engineio's packets."""
        encoded = pkt.encode()
        self.send_frame(
            sid, binary_frame(encoded) if isinstance(encoded, bytes | bytearray) else Frame(encoded.encode())
        )

    def send_frame(self, sid: str, frame: Frame) -> None:
        """Send a frame, if the session is there."""
        session = self.sockets.get(sid)
        if session is not None:
            session.send(frame)

    async def disconnect(self, sid: str | None = None) -> None:
        """Close one session, or all."""
        for session in [self.sockets.get(sid)] if sid is not None else list(self.sockets.values()):
            if session is not None:
                session.end(self.reason.SERVER_DISCONNECT)

    async def shutdown(self) -> None:
        """Stop pinging, and forget who waits."""
        self.heartbeat.stop()
        self.eager.stop()

    async def handle_request(self, request: web.Request) -> web.StreamResponse:
        """Answer one HTTP request."""
        environ = translate_request(request) if "Origin" in request.headers else None
        if environ is not None and not self._origin_allowed(environ):
            return refusal((3, f"{environ['HTTP_ORIGIN']} is not an accepted origin."))
        try:
            response = await self._answer(request)
        except ConnectionError:
            return web.Response()  # the client left meanwhile, so nobody reads this
        if environ is not None and not response.prepared:
            response.headers.extend(self._cors_headers(environ))
        return response

    # --- requests ---------------------------------------------------------------------------------------------------------

    def _origin_allowed(self, environ: dict[str, Any]) -> bool:
        if self.cors_allowed_origins == []:
            return True
        allowed = self._cors_allowed_origins(environ)
        return allowed is None or environ["HTTP_ORIGIN"] in allowed

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        if request.method == "OPTIONS":
            return web.Response(text="OK")
        transport = query.get("transport")
        if transport is None or transport not in self.transports or "j" in query:
            return refusal(TRANSPORT_UNKNOWN)
        sid = query.get("sid")
        if sid is None:
            return await self._open(request, transport)
        session = self.sockets.get(sid)
        if session is None:
            return refusal(SID_UNKNOWN)
        if transport == "websocket":
            return await self._upgrade(session, request)
        if session.upgraded or session.state is State.CLOSED:
            return refusal(BAD_REQUEST)
        return await self._polling.answer(session, request)

    async def _open(self, request: web.Request, transport: str) -> web.StreamResponse:
        if request.query.get("EIO") != "4":
            return refusal(BAD_VERSION)
        if request.method != "GET":
            return refusal(BAD_METHOD)
        if transport == "websocket" and not _wants_websocket(request):
            return refusal(BAD_REQUEST)
        session = Session(self, self.generate_id())
        self.sockets[session.sid] = session
        try:
            answer = await self.opening(session, request)
        except BaseException:
            self.discard(session)
            raise
        if answer is not None and answer is not True:
            self.discard(session)
            return web.json_response(answer or "Unauthorized", status=401)
        if session.state is State.OPEN:  # a handler may have closed it already
            self.heartbeat.begin(session)
        handshake = Frame(b"0" + orjson.dumps(self._handshake(session, transport)), control=True)
        if transport == "websocket":
            return await self._carry(session, request, handshake)
        body = handshake.text
        if session.waiting:
            body += SEPARATOR + await session.poll()
        response = self._polling.response(body)
        if self.cookie:
            attributes = self.cookie if isinstance(self.cookie, dict) else _COOKIE | {"name": self.cookie}
            response.headers["Set-Cookie"] = self._generate_sid_cookie(session.sid, attributes)
        return response

    def _handshake(self, session: Session, transport: str) -> dict[str, Any]:
        upgrade = self.allow_upgrades and transport == "polling" and "websocket" in self.transports
        return {
            "sid": session.sid,
            "upgrades": ["websocket"] if upgrade else [],
            "pingInterval": round((self.ping_interval + self.ping_interval_grace_period) * 1000),
            "pingTimeout": round(self.ping_timeout * 1000),
            "maxPayload": self.max_http_buffer_size,
        }

    # --- WebSocket ----------------------------------------------------------------------------------------------------------

    async def _carry(self, session: Session, request: web.Request, handshake: Frame) -> web.StreamResponse:
        """A session that begins with its WebSocket."""

        def gone() -> None:
            session.lost(self.reason.TRANSPORT_CLOSE)
            self.discard(session)

        carrier = self._carrier(gone)
        try:
            response = await carrier.accept(request)
        except BaseException:
            carrier.cut_off()
            raise
        self._listen(carrier, session)
        carrier.push(handshake.wire)
        session.carry(carrier)
        carrier.listen()
        return response

    def _carrier(self, gone: Callable[[], None]) -> websocket.WebSocket:
        """A WebSocket that is counted until it is gone."""

        def counted() -> None:
            self._carried -= 1
            if not self._carried:
                self._all_gone.set()
            gone()

        self._carried += 1
        self._all_gone.clear()
        return websocket.WebSocket(counted, self.max_http_buffer_size)

    def _listen(self, carrier: websocket.WebSocket, session: Session) -> None:
        """What the WebSocket brings is the session's."""
        carrier.text, carrier.binary = session.receive_text, session.receive_binary
        carrier.malformed = lambda: self.malformed(session)

    async def _upgrade(self, session: Session, request: web.Request) -> web.StreamResponse:
        """A session that polls gets a WebSocket: ``2probe``, ``3probe``, ``5``."""
        if request.method != "GET" or not _wants_websocket(request):
            return refusal(BAD_REQUEST)
        steps = iter((b"2probe", b"5"))

        def step(data: bytes) -> bool:
            if data != next(steps, None) or not session.tries(carrier):
                return False
            if data == b"2probe":
                session.probe(carrier)
            else:
                timeout.cancel()
                self._listen(carrier, session)
                session.carry(carrier)
            return True

        def gone() -> None:
            timeout.cancel()
            session.candidate_gone(carrier)
            if carrier is session.carrier:
                session.lost(self.reason.TRANSPORT_CLOSE)
                self.discard(session)

        carrier = self._carrier(gone)
        carrier.text = step
        timeout = asyncio.get_running_loop().call_later(UPGRADE_TIMEOUT, carrier.hang_up)
        try:
            response = await carrier.accept(request)
        except BaseException:
            carrier.cut_off()
            raise
        if not self.allow_upgrades or not session.accept_candidate(carrier):
            carrier.hang_up()
        carrier.listen()
        return response

    # --- sessions -----------------------------------------------------------------------------------------------------------

    def ponged(self, session: Session) -> None:
        """The client is there."""
        self.heartbeat.answered(session)

    def malformed(self, session: Session) -> None:
        """Whoever sends what is no packet is closed, and its next request gets 400."""
        session.end(self.reason.TRANSPORT_ERROR)
        if not session.upgraded:
            self.discard(session)

    def ended(self, session: Session, reason: str) -> None:
        """The session is open no more."""
        self.heartbeat.end(session)
        self.spawn(self._leave(session, reason))

    def flush_soon(self) -> None:
        """Write what this turn brought, at its end."""
        asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        dirty, self.dirty = self.dirty, []
        for session in dirty:
            session.flush()

    def spawn(self, work: Any) -> None:
        """Start a coroutine that nobody waits for."""
        self.eager.start(work)

    @property
    def running(self) -> "set[asyncio.Task[None]]":
        """What was started and goes on."""
        return self.eager.running

    async def _leave(self, session: Session, reason: str) -> None:
        try:
            await self.leaving(session, reason)
        except Exception:
            self.logger.exception("disconnect handler error")
        finally:
            if not session.upgraded and not session.polling:
                self._discard_later(
                    session, 0 if reason == self.reason.CLIENT_DISCONNECT else websocket.CLOSE_GRACE
                )

    def _discard_later(self, session: Session, seconds: float) -> None:
        """A client between two polls may hear of the end in its next one."""
        if seconds and session.waiting:
            asyncio.get_running_loop().call_later(seconds, self.discard, session)
        else:
            self.discard(session)

    def _silent(self, session: Session) -> None:
        session.end(self.reason.PING_TIMEOUT, waiting_poll=None)
        if not session.upgraded:
            self.discard(session)

    def discard(self, session: Session) -> None:
        """There is no such session any more."""
        self.sockets.pop(session.sid, None)
        self.heartbeat.end(session)
        session.forget()

    def _get_socket(self, sid: str) -> Session:
        return self.sockets[sid]  # type: ignore[no-any-return]

    def _hand_over(self, session: Session, data: str | bytes) -> None:
        handler = self.handlers.get("message")
        if handler is None:
            return
        if inspect.iscoroutinefunction(handler):
            self.spawn(self._trigger_event("message", session.sid, data, run_async=False))
        else:
            handler(session.sid, data)


_COOKIE = {"path": "/", "SameSite": "Lax"}


def _ping(session: Session) -> None:
    session.send(PING)


def _wants_websocket(request: web.Request) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"
