"""A Socket.IO client over one WebSocket, for what handlers do; its packets are read and written by python-socketio."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
from socketio.packet import ACK, CONNECT, CONNECT_ERROR, DISCONNECT, EVENT, Packet

from tests.conformance.echo import listening, servers
from tests.conformance.wire import Endpoint, Frames


class ConnectError(Exception):
    """A CONNECT_ERROR; its only argument is the payload."""


class Client:
    """One connection. ``events`` are those that came and were not asked for by :meth:`event`: name first, then arguments."""

    def __init__(self, frames: Frames, packet_class: Any) -> None:
        self.frames = frames
        self.packet_class = packet_class
        self.events: list[list[Any]] = []
        self.left: list[str] = []
        self.sid = ""
        #: in order, whatever came: packet types
        self.came: list[int] = []
        self._ids = 0
        self._acks: dict[int, list[Any]] = {}
        self._question: Any = None
        self._partial: Any = None

    async def connect(self, namespace: str = "/", auth: Any = None) -> str:
        """The sid in this namespace.

        Raises:
            ConnectError: not let in.
        """
        await self._send(CONNECT, namespace, auth)
        while (packet := await self._receive()).packet_type not in (CONNECT, CONNECT_ERROR):
            pass
        if packet.packet_type == CONNECT_ERROR:
            raise ConnectError(packet.data)
        self.sid = packet.data["sid"]
        return self.sid

    async def emit(self, *args: Any, namespace: str = "/") -> None:
        await self._send(EVENT, namespace, list(args))

    async def ask(self, *args: Any, namespace: str = "/") -> list[Any]:
        """Emit, and the arguments of the acknowledgement."""
        self._ids += 1
        await self._send(EVENT, namespace, list(args), self._ids)
        while self._ids not in self._acks:
            await self._receive()
        return self._acks.pop(self._ids)

    async def ask_all(self, *events: list[Any]) -> list[list[Any]]:
        """Emit all, then wait: the arguments of each acknowledgement, in the order of the events."""
        ids = range(self._ids + 1, self._ids + 1 + len(events))
        self._ids += len(events)
        for ack_id, event in zip(ids, events, strict=True):
            await self._send(EVENT, "/", event, ack_id)
        while not self._acks.keys() >= set(ids):
            await self._receive()
        return [self._acks.pop(ack_id) for ack_id in ids]

    async def event(self) -> list[Any]:
        """The next event."""
        while not self.events:
            await self._receive()
        return self.events.pop(0)

    async def answer(self, *args: Any) -> None:
        """Acknowledge the last event that wanted it."""
        await self._send(ACK, self._question.namespace or "/", list(args), self._question.id)

    async def received(self) -> list[list[Any]]:
        """All events up to now."""
        await self.ask("sync")
        events, self.events = self.events, []
        return events

    async def leave(self, namespace: str = "/") -> None:
        await self._send(DISCONNECT, namespace, None)

    async def disconnected(self) -> str:
        """Until the server takes a namespace away; which."""
        while not self.left:
            await self._receive()
        return self.left.pop(0)

    async def close(self) -> None:
        await self.frames.close()

    async def _send(self, kind: int, namespace: str, data: Any, ack_id: int | None = None) -> None:
        encoded = self.packet_class(kind, data=data, namespace=namespace, id=ack_id).encode()
        for part in encoded if isinstance(encoded, list) else [encoded]:
            await self.frames.send(part if isinstance(part, bytes) else "4" + part)

    async def _receive(self) -> Any:
        """The next packet, complete with its attachments."""
        while True:
            frame = await self.frames.next()
            if frame == "2":
                await self.frames.send("3")
                continue
            if self._partial is not None:
                packet = self._partial
                if not packet.add_attachment(frame):
                    continue
                self._partial = None
            else:
                packet = self.packet_class(encoded_packet=frame[1:] if isinstance(frame, str) else frame)
                if packet.attachment_count > 0:
                    self._partial = packet
                    continue
            self._note(packet)
            return packet

    def _note(self, packet: Any) -> None:
        self.came.append(packet.packet_type)
        if packet.packet_type == DISCONNECT:
            self.left.append(packet.namespace or "/")
        elif packet.packet_type in (ACK, 6):
            self._acks[packet.id] = packet.data
        elif packet.packet_type in (EVENT, 5):
            self.events.append(packet.data)
            if packet.id is not None:
                self._question = packet


class Stage:
    """A server of one kind, and its clients."""

    def __init__(self, kind: str, stack: AsyncExitStack) -> None:
        self.kind = kind
        self.sio: Any = None
        self.address = ""
        self.http: aiohttp.ClientSession
        self._stack = stack

    def server(self, **options: Any) -> Any:
        """The server; it answers ``sync``, and lets everybody into what has handlers."""
        given = {"async_mode": "aiohttp", "cors_allowed_origins": "*"} | options
        self.sio = servers(self.kind)[1](**given)

        @self.sio.event
        async def sync(sid: str) -> None: ...

        return self.sio

    async def start(self) -> Endpoint:
        """Where the server listens, from now on."""
        if not self.address:
            self.http = await self._stack.enter_async_context(aiohttp.ClientSession())
            self.address = await self._stack.enter_async_context(listening((self.sio, "socket.io")))
        return Endpoint(self.http, f"{self.address}/socket.io/")

    async def connection(self, packet_class: Any = Packet) -> Client:
        """A connection, in no namespace yet."""
        endpoint = await self.start()
        return Client(await self._stack.enter_async_context(endpoint.websocket()), packet_class)

    async def client(self, *namespaces: str, auth: Any = None) -> Client:
        """A connected client; ``/`` is always among its namespaces."""
        client = await self.connection()
        await client.connect("/", auth)
        for namespace in namespaces:
            await client.connect(namespace, auth)
        return client


@asynccontextmanager
async def staged(kind: str) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        yield Stage(kind, stack)


class Waiting:
    """What handlers tell a test, in order."""

    def __init__(self) -> None:
        self._told: asyncio.Queue[Any] = asyncio.Queue()

    def tell(self, what: Any) -> None:
        self._told.put_nowait(what)

    async def next(self) -> Any:
        async with asyncio.timeout(20):
            return await self._told.get()

    @property
    def silent(self) -> bool:
        return self._told.empty()
