"""The server that the official client talks to in :mod:`tests.conformance.test_official_client`: stock handlers throughout."""

from pathlib import Path
from typing import Any

from aiohttp import web
from socketio.exceptions import ConnectionRefusedError as Refused

HERE = Path(__file__).parent
WEB = HERE.parents[1] / "web"
PAGE = '<!doctype html><html lang="en"><title>Conformance</title><link rel="icon" href="data:,">'


def official_server(server_class: Any) -> Any:
    """Handlers for each scenario of ``official_client.mjs``, on ``/``, ``/one`` and ``/two``."""
    sio = server_class(async_mode="aiohttp", cors_allowed_origins="*", max_http_buffer_size=1_000_000)
    gone: dict[str, str] = {}

    @sio.event
    async def connect(sid: str, environ: object, auth: dict[str, Any] | None) -> None:
        if auth and auth.get("refuse"):
            raise Refused("not you", {"code": "FORBIDDEN", "retryable": False})
        await sio.emit("auth", auth, to=sid)

    @sio.event
    async def disconnect(sid: str, reason: str) -> None:
        gone[sid] = reason

    @sio.event
    async def gone_because(sid: str, other: str) -> str | None:
        return gone.get(other)

    @sio.event
    async def echo(sid: str, *arguments: object) -> tuple[object, ...]:
        return arguments

    @sio.event
    async def again(sid: str, *arguments: object) -> None:
        await sio.emit("again", arguments, to=sid)

    @sio.event
    async def ask_me(sid: str, *arguments: object) -> object:
        return await sio.call("question", arguments, to=sid, timeout=5)

    @sio.event
    async def transport(sid: str) -> str:
        name: str = sio.transport(sid)
        return name

    @sio.event
    async def join(sid: str, room: str) -> None:
        await sio.enter_room(sid, room)

    @sio.event
    async def shout(sid: str, room: str, words: str) -> None:
        await sio.emit("shouted", words, room=room, skip_sid=sid)

    @sio.event
    async def send_away(sid: str) -> None:
        await sio.disconnect(sid)

    @sio.event
    async def cut(sid: str) -> None:
        await sio.eio.disconnect(sio.manager.eio_sid_from_sid(sid, "/"))

    for namespace in ("/one", "/two"):

        @sio.on("who", namespace=namespace)
        async def who(sid: str, namespace: str = namespace) -> list[str]:
            await sio.emit("named", namespace, to=sid, namespace=namespace)
            return [namespace, sid]

        sio.on("connect", lambda sid, environ: None, namespace=namespace)

    return sio


def page() -> web.Application:
    """What a browser needs to run the scenarios: an empty page, the client, and the script."""
    app = web.Application()
    files = {
        "/client.js": WEB / "node_modules/socket.io-client/dist/socket.io.esm.min.js",
        "/official_client.mjs": HERE / "official_client.mjs",
    }
    for path, file in files.items():

        async def serve(_: web.Request, file: Path = file) -> web.FileResponse:
            return web.FileResponse(file)

        app.router.add_get(path, serve)

    async def empty(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    app.router.add_get("/", empty)
    return app
