"""A call's offer and answer, by a server whose offers arrive later than their acknowledgements, as between two processes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import socketio
from aiohttp import web

from loadtests.load.crews import relay
from loadtests.load.crews.relay import End, describe
from loadtests.load.wire import Failed, Lost


class Late(socketio.AsyncNamespace):
    """Relays each offer only when its sender knows that it was taken; finds an answer to nothing illegal."""

    def __init__(self, *, loses: bool = False) -> None:
        super().__init__("/live")
        self.there: list[str] = []
        self.told: list[str] = []
        self._loses = loses
        self._relayed = False

    async def on_connect(self, sid: str, environ: object) -> None:
        self.there.append(sid)

    async def on_live_signal(self, sid: str, data: dict[str, dict[str, str]]) -> dict[str, object]:
        kind = data["description"]["type"]
        self.told.append(kind)
        if kind == "answer" and not self._relayed:
            return {"ok": False, "error": {"code": "ILLEGAL_SIGNAL"}}
        if not self._loses:
            self._later = asyncio.get_running_loop().call_later(0.05, self._relay, sid, data)
        return {"ok": True, "data": {}}

    def _relay(self, sid: str, data: object) -> None:
        self._relayed = True
        other = next(one for one in self.there if one != sid)
        self._task = asyncio.ensure_future(self.emit("live-signal", data, to=other))

    async def trigger_event(self, event: str, *args: object) -> object:
        return await super().trigger_event(event.replace("-", "_"), *args)


@asynccontextmanager
async def two_in_a_call(server: Late) -> AsyncIterator[tuple[End, End]]:
    sio, app = socketio.AsyncServer(async_mode="aiohttp"), web.Application()
    sio.attach(app)
    sio.register_namespace(server)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ends = End("s"), End("s")
    try:
        for end in ends:
            await end.client.connect(f"http://127.0.0.1:{runner.addresses[0][1]}", {})
        yield ends
    finally:
        for end in ends:
            end.client.close()
        await runner.cleanup()


async def test_the_answer_waits_for_the_offer_and_everything_else_is_handed_on() -> None:
    server = Late()
    async with two_in_a_call(server) as (caller, callee):
        heard: list[bytes] = []
        callee.otherwise = heard.append

        await describe(caller, callee)

    assert server.told == ["offer", "answer"]
    assert [b'"type":"offer"' in frame for frame in heard] == [True]
    assert callee.otherwise == heard.append


async def test_an_offer_that_never_comes_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "PATIENCE", 0.05)
    server = Late(loses=True)
    async with two_in_a_call(server) as (caller, callee):
        with pytest.raises(Lost, match="no offer"):
            await describe(caller, callee)

    assert server.told == ["offer"]


async def test_what_the_server_finds_illegal_is_told() -> None:
    async with two_in_a_call(Late()) as (_, callee):
        with pytest.raises(Failed, match="ILLEGAL_SIGNAL"):
            await relay._describe(callee, "answer")
