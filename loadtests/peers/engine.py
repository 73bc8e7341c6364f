"""``python -m loadtests.peers.engine``: our engine alone, with the handlers of python-socketio's column."""

from functools import partial

from aiohttp import web

from loadtests.peers import desk, handlers
from realtime.engine import EngineServer


async def build() -> web.Application:
    """What anybody gets who replaces ``socketio.AsyncServer`` by ``EngineServer``."""
    interval, timeout = desk.pings()
    sio = EngineServer(
        async_mode="aiohttp",
        cors_allowed_origins="*",
        ping_interval=interval,
        ping_timeout=timeout,
        transports=["websocket"],
    )
    app = web.Application()
    sio.attach(app)
    handlers.register(sio)
    desk.Desk(partial(handlers.tell, sio), lambda: len(sio.eio.sockets)).add_to(app)
    return app


if __name__ == "__main__":
    desk.run(build)
