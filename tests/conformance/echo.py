"""The two echo servers that the protocol suites are written for, on any server class with python-socketio's API.

Engine.IO at ``/engine.io/``: what comes in goes back. Socket.IO at ``/socket.io/``, with the namespaces ``/`` and ``/custom``:
``auth`` with what the client sent, as soon as it is connected; ``message`` comes back as ``message-back``, and
``message-with-ack`` as its own acknowledgement.

By hand, for the suites with ``CONFORMANCE_URL``: ``python -m tests.conformance.echo stock 3000`` (or ``ours``).
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import engineio
import socketio
from aiohttp import web

#: What the suites expect to be announced: seconds here, milliseconds on the wire.
PING_INTERVAL = 0.3
PING_TIMEOUT = 0.2
MAX_PAYLOAD = 1_000_000
OPTIONS: dict[str, Any] = {
    "async_mode": "aiohttp",
    "cors_allowed_origins": "*",
    "ping_interval": PING_INTERVAL,
    "ping_timeout": PING_TIMEOUT,
    "max_http_buffer_size": MAX_PAYLOAD,
}
NAMESPACES = ("/", "/custom")


def engine_echo(server_class: Any) -> Any:
    """An Engine.IO server that sends back what it is sent, text as text and bytes as bytes."""
    eio = server_class(**OPTIONS)

    @eio.on("message")
    async def echo(sid: str, data: str | bytes) -> None:
        await eio.send(sid, data)

    return eio


def socket_echo(server_class: Any) -> Any:
    """A Socket.IO server that behaves as the suite's reference server."""
    sio = server_class(**OPTIONS)

    for namespace in NAMESPACES:

        @sio.on("connect", namespace=namespace)
        async def greet(sid: str, environ: object, auth: object, namespace: str = namespace) -> None:
            await sio.emit("auth", auth or {}, to=sid, namespace=namespace)

    @sio.on("message")
    async def echo(sid: str, *arguments: object) -> None:
        await sio.emit("message-back", arguments, to=sid)

    @sio.on("message-with-ack")
    async def acknowledge(sid: str, *arguments: object) -> tuple[object, ...]:
        return arguments

    return sio


def servers(name: str) -> tuple[Any, Any]:
    """The classes for Engine.IO and for Socket.IO: ``ours``, or ``stock``, from which our engine takes its API."""
    if name == "stock":
        return engineio.AsyncServer, socketio.AsyncServer
    from realtime.engine import EngineServer
    from realtime.engine.transport import EngineIO

    return EngineIO, EngineServer


@asynccontextmanager
async def listening(*attached: tuple[Any, str], app: web.Application | None = None) -> AsyncIterator[str]:
    """The address of a real server with these Socket.IO or Engine.IO servers, each at its path."""
    app = app or web.Application()
    for server, path in attached:
        server.attach(app, path)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        for server, _ in attached:
            await server.shutdown()
    finally:
        await runner.cleanup()


@asynccontextmanager
async def echoes(name: str) -> AsyncIterator[str]:
    """The address of both echo servers."""
    engine, socket = servers(name)
    async with listening((engine_echo(engine), "engine.io"), (socket_echo(socket), "socket.io")) as address:
        yield address


def main(name: str, port: str) -> None:
    engine, socket = servers(name)
    app = web.Application()

    async def attach(app: web.Application) -> AsyncIterator[None]:
        eio, sio = engine_echo(engine), socket_echo(socket)
        eio.attach(app, "engine.io")
        sio.attach(app, "socket.io")
        yield
        await eio.shutdown()
        await sio.shutdown()

    app.cleanup_ctx.append(attach)
    web.run_app(app, host="127.0.0.1", port=int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
