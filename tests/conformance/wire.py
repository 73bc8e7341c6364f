"""A client of nothing but HTTP and WebSocket: every byte is the test's own."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import aiohttp

#: Seconds until a server that says nothing counts as silent: none of what the suites wait for takes a tenth of it.
DEADLINE = 20.0


class Answer(NamedTuple):
    """Of HTTP."""

    status: int
    text: str


class Closed(Exception):
    """The connection was closed instead."""


class Frames:
    """An open WebSocket, by its frames."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self._ws = ws

    async def send(self, *frames: str | bytes) -> None:
        for frame in frames:
            await (self._ws.send_str(frame) if isinstance(frame, str) else self._ws.send_bytes(frame))

    async def next(self) -> str | bytes:
        """The next frame.

        Raises:
            Closed: there is none.
        """
        frame = await self._ws.receive(DEADLINE)
        if frame.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            return frame.data
        raise Closed(frame.type.name)

    async def text(self) -> str:
        """The next frame, which is text."""
        frame = await self.next()
        assert isinstance(frame, str), frame
        return frame

    async def next_but_pings(self) -> str | bytes:
        while (frame := await self.next()) == "2":
            pass
        return frame

    async def closed(self) -> list[str | bytes]:
        """Until the server has closed; what it sent before, but that it closes."""
        before: list[str | bytes] = []
        async with asyncio.timeout(DEADLINE):
            while True:
                try:
                    before.append(await self.next())
                except Closed:
                    return [frame for frame in before if frame != "1"]

    async def close(self) -> None:
        await self._ws.close()

    @property
    def headers(self) -> Any:
        """What the server answered to the upgrade."""
        return self._ws._response.headers


class HeldPoll:
    """A poll of which is known that the server has it, since it said ``100 Continue``, and not yet answered."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def answer(self) -> Answer:
        """Until the server answers."""
        async with asyncio.timeout(DEADLINE):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
            lines = head.split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            body = await self._reader.readexactly(int(headers["content-length"]))
        return Answer(int(lines[0].split()[1]), body.decode())

    def abandon(self) -> None:
        """Drop the connection under it."""
        self._writer.close()


@dataclass(frozen=True)
class Endpoint:
    """Where an Engine.IO server answers: ``http://host:port/path/``."""

    http: aiohttp.ClientSession
    address: str

    async def ask(self, method: str = "GET", body: str | bytes | None = None, **query: str) -> Answer:
        """One HTTP request; ``query`` is all of its query."""
        async with (
            asyncio.timeout(DEADLINE),
            self.http.request(method, self.address, params=query, data=body) as answer,
        ):
            return Answer(answer.status, await answer.text())

    async def open_polling(self) -> "Polling":
        """A new session."""
        return Polling(self, (await self.handshake())["sid"])

    async def handshake(self) -> dict[str, Any]:
        """What a new session over HTTP is told."""
        status, text = await self.ask(EIO="4", transport="polling")
        assert (status, text[:1]) == (200, "0"), (status, text)
        opened: dict[str, Any] = json.loads(text[1:])
        return opened

    @asynccontextmanager
    async def upgraded_http(self, **query: str) -> AsyncIterator[Frames]:
        """A WebSocket with exactly this query."""
        async with self.http.ws_connect(self.address, params=query, max_msg_size=0) as ws:
            yield Frames(ws)

    @asynccontextmanager
    async def websocket(self) -> AsyncIterator[Frames]:
        """A new session over WebSocket, from after its handshake."""
        async with self.upgraded_http(EIO="4", transport="websocket") as frames:
            opening = await frames.text()
            assert opening.startswith("0"), opening
            yield frames

    async def refuses_websocket(self, **query: str) -> bool:
        """Whether this query gets nothing but an HTTP error or a closed WebSocket."""
        try:
            async with self.upgraded_http(**query) as frames:
                return await frames.closed() == []
        except aiohttp.WSServerHandshakeError as refused:
            return refused.status == 400


@dataclass(frozen=True)
class Polling:
    """A session over HTTP."""

    endpoint: Endpoint
    sid: str

    @property
    def query(self) -> dict[str, str]:
        return {"EIO": "4", "transport": "polling", "sid": self.sid}

    async def poll(self) -> Answer:
        return await self.endpoint.ask(**self.query)

    async def post(self, body: str | bytes) -> Answer:
        return await self.endpoint.ask("POST", body, **self.query)

    async def receive(self, wanted: int = 1) -> list[str]:
        """Poll until so many packets have come that are no pings, which are answered."""
        packets: list[str] = []
        while len(packets) < wanted:
            status, text = await self.poll()
            assert status == 200, text
            got = text.split("\x1e")
            packets += [packet for packet in got if packet != "2"]
            if "2" in got:
                await self.post("3")
        return packets

    @asynccontextmanager
    async def waiting_poll(self) -> AsyncIterator[HeldPoll]:
        """A poll that waits at the server."""
        async with self._begun("GET") as (reader, writer):
            yield HeldPoll(reader, writer)

    @asynccontextmanager
    async def unfinished_post(self) -> AsyncIterator[asyncio.StreamWriter]:
        """A request that the server has the head of, and waits for the body of; where to write that: 6 bytes."""
        async with self._begun("POST", "Content-Length: 6\r\n") as (_, writer):
            yield writer

    @asynccontextmanager
    async def _begun(
        self, method: str, headers: str = ""
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        where = urlsplit(self.endpoint.address)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(
            f"{method} {where.path}?{urlencode(self.query)} HTTP/1.1\r\nHost: {where.netloc}\r\n{headers}"
            "Expect: 100-continue\r\nConnection: close\r\n\r\n".encode()
        )
        try:
            async with asyncio.timeout(DEADLINE):
                interim = await reader.readuntil(b"\r\n\r\n")
            assert interim.startswith(b"HTTP/1.1 100"), interim
            yield reader, writer
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    @asynccontextmanager
    async def upgrade(self, *, upgraded: bool = True) -> AsyncIterator[Frames]:
        """A WebSocket for this session, from after the probe; ``upgraded``: and after the packet that ends the upgrade."""
        query = self.query | {"transport": "websocket"}
        async with self.endpoint.upgraded_http(**query) as frames:
            await frames.send("2probe")
            assert await frames.text() == "3probe"
            if upgraded:
                await frames.send("5")
            yield frames
