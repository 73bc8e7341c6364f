"""Engine.IO and Socket.IO by hand: every byte is the test's own."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.support.program import Person

DEADLINE = 20.0
#: None of these belongs into an answer.
INTERNAL = (
    "Traceback",
    "site-packages",
    ".py",
    "pydantic",
    "mongo",
    "bson",
    "Error(",
    " 0x",
    "<script>",
    "passwd",
)


class Closed(Exception):
    """The server closed the connection instead of answering."""


@dataclass
class RawSocket:
    """One WebSocket. ``pushed`` is what came without being asked for."""

    ws: aiohttp.ClientWebSocketResponse
    namespace: str = "/"
    pushed: list[str] = field(default_factory=list)
    _ids: int = 0

    async def connect(self, namespace: str, auth: Any) -> str:
        """Ask for a namespace; the packet that answers."""
        self.namespace = namespace
        await self.ws.send_str(f"40{namespace},{json.dumps(auth)}")
        return await self.next(f"40{namespace},", f"44{namespace},")

    async def ask(self, *args: Any, namespace: str | None = None) -> Any:
        """Send an event with these arguments, the first of which is its name; the acknowledgement."""
        return await self.ask_text(json.dumps(list(args)), namespace=namespace)

    async def ask_text(
        self, text: str, *, namespace: str | None = None, attachments: tuple[bytes, ...] = ()
    ) -> Any:
        """The same, with the arguments as text, and perhaps binary attachments."""
        path = namespace or self.namespace
        self._ids += 1
        kind = f"45{len(attachments)}-" if attachments else "42"
        await self.ws.send_str(f"{kind}{path},{self._ids}{text}")
        for attachment in attachments:
            await self.ws.send_bytes(attachment)
        answer = await self.next(f"43{path},{self._ids}[")
        (ack,) = json.loads(answer[answer.index("[") :])
        return ack

    async def next(self, *kinds: str) -> str:
        """The next packet that begins so.

        Raises:
            Closed: there will be none.
        """
        async with asyncio.timeout(DEADLINE):
            while True:
                text = await self._receive()
                if text.startswith(kinds):
                    return text
                self.pushed.append(text)

    async def closed(self) -> None:
        """Until the server has closed; what it says before is kept."""
        try:
            await self.next("never")
        except Closed:
            return

    async def _receive(self) -> str:
        while True:
            message = await self.ws.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                raise Closed(message.type.name)
            if message.data != "2":
                return str(message.data)
            await self.ws.send_str("3")


@asynccontextmanager
async def raw_socket(http: aiohttp.ClientSession, url: str) -> AsyncIterator[RawSocket]:
    """An open Engine.IO connection over WebSocket."""
    async with http.ws_connect(f"{url}/socket.io/?EIO=4&transport=websocket", autoping=True) as ws:
        opening = await ws.receive_str()
        assert opening[0] == "0", opening
        yield RawSocket(ws)


def auth_of(person: Person, **other: Any) -> dict[str, Any]:
    """What a person connects with."""
    return {"token": person.tokens.access_token, "deviceId": "device-1"} | other


async def connected(
    stack: AsyncExitStack,
    http: aiohttp.ClientSession,
    urls: tuple[str, str],
    person: Person,
    at: int,
    namespace: str,
) -> RawSocket:
    """A raw socket that was let into a namespace."""
    socket = await stack.enter_async_context(raw_socket(http, urls[at]))
    answer = await socket.connect(namespace, auth_of(person))
    assert answer.startswith(f"40{namespace},"), answer
    return socket
