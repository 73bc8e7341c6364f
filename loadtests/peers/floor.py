"""``python -m loadtests.peers.floor``: what the stack itself costs. aiohttp's WebSockets, uvloop and orjson write the
benchmark's frames by hand; there is no server of Socket.IO in between, no state of its protocol beyond what the frames need,
no error handling.
"""

import asyncio
import itertools
from typing import Any

import orjson
from aiohttp import web

from loadtests.peers import desk

_PREFIXES = ("/live", "/notifications")


class Floor:
    """Rooms are lists of WebSockets."""

    def __init__(self) -> None:
        self._rooms: dict[str, list[web.WebSocketResponse]] = {}
        self._open: set[web.WebSocketResponse] = set()
        self._sids = itertools.count()
        interval, timeout = desk.pings()
        self._interval = interval
        times = {"pingInterval": int(interval * 1000), "pingTimeout": int(timeout * 1000)}
        self._hello = (
            "0" + orjson.dumps({"sid": "0", "upgrades": [], **times, "maxPayload": 1_000_000}).decode()
        )

    def __len__(self) -> int:
        return len(self._open)

    async def accept(self, request: web.Request) -> web.WebSocketResponse:
        """One client, as long as it stays."""
        ws = web.WebSocketResponse(compress=False, autoping=False)
        await ws.prepare(request)
        self._open.add(ws)
        rooms: list[str] = []
        try:
            await ws.send_str(self._hello)
            while True:
                message = await ws.receive()
                if message.type is not web.WSMsgType.TEXT:
                    break
                await self._hear(ws, message.data, rooms)
        finally:
            self._open.discard(ws)
            for room in rooms:
                self._leave(room, ws)
        return ws

    async def tell(self, coach: str, event: dict[str, object]) -> None:
        """Fan one event out: encoded once, written to each."""
        frame = "42/notifications," + orjson.dumps(["coach_status", event]).decode()
        for ws in list(self._rooms.get(coach, ())):
            await ws.send_str(frame)

    async def ping(self) -> None:
        """One sweep for all sockets."""
        while True:
            await asyncio.sleep(self._interval)
            for ws in list(self._open):
                if not ws.closed:
                    await ws.send_str("2")

    async def _hear(self, ws: web.WebSocketResponse, text: str, rooms: list[str]) -> None:
        if text.startswith("42/live,"):
            start = text.index("[")
            name, told = orjson.loads(text[start:])
            if name == "live-signal":
                frame = "42/live," + orjson.dumps(["live-signal", told]).decode()
                for peer in self._rooms[told["sessionId"]]:
                    if peer is not ws:
                        await peer.send_str(frame)
                answer = '[{"ok":true,"data":{}}]'
            else:
                self._join(told["sessionId"], ws, rooms)
                answer = '[{"ok":true,"data":{"epoch":0}}]'
            if ack := text[8:start]:
                await ws.send_str(f"43/live,{ack}{answer}")
        elif text.startswith("42/notifications,"):
            start = text.index("[")
            for coach in orjson.loads(text[start:])[1]["coachIds"]:
                self._join(coach, ws, rooms)
            if ack := text[17:start]:
                await ws.send_str(f'43/notifications,{ack}[{{"ok":true,"data":{{"statuses":[]}}}}]')
        elif text.startswith("40"):
            namespace, _, auth = text[2:].partition(",")
            desk.verify(orjson.loads(auth)["token"])
            await ws.send_str(f'40{namespace},{{"sid":"{next(self._sids)}"}}')

    def _join(self, room: str, ws: web.WebSocketResponse, rooms: list[str]) -> None:
        self._rooms.setdefault(room, []).append(ws)
        rooms.append(room)

    def _leave(self, room: str, ws: web.WebSocketResponse) -> None:
        there = self._rooms[room]
        there.remove(ws)
        if not there:
            del self._rooms[room]


async def build() -> web.Application:
    """The floor of the given stack."""
    floor = Floor()
    app = web.Application()
    app.router.add_get("/socket.io/", floor.accept)
    desk.Desk(floor.tell, floor.__len__).add_to(app)

    async def sweep(app: web.Application) -> Any:
        pinging = asyncio.create_task(floor.ping())
        yield
        pinging.cancel()

    app.cleanup_ctx.append(sweep)
    return app


if __name__ == "__main__":
    desk.run(build)
