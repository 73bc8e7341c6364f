"""``python -m loadtests.peers.stock``: python-socketio as it is installed, on aiohttp and uvloop."""

from functools import partial

import socketio
from aiohttp import web

from loadtests.peers import desk, handlers


async def build() -> web.Application:
    """The server, with nothing changed but that it takes WebSockets alone and does not compress, as all columns do."""
    interval, timeout = desk.pings()
    sio = socketio.AsyncServer(
        async_mode="aiohttp",
        cors_allowed_origins="*",
        ping_interval=interval,
        ping_timeout=timeout,
        transports=["websocket"],
        namespaces=["/live", "/notifications"],
    )
    app = web.Application()
    sio.attach(app)
    handlers.register(sio)
    desk.Desk(partial(handlers.tell, sio), lambda: len(sio.eio.sockets)).add_to(app)
    return app


if __name__ == "__main__":
    desk.run(build)
