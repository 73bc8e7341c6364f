"""The handlers that a Socket.IO server of Python is compared with: a plain relay, written as python-socketio's
documentation writes one. :mod:`~loadtests.peers.stock` and :mod:`~loadtests.peers.engine` run the very same.
"""

from typing import Any

import jwt
import socketio

from loadtests.peers.desk import verify


def register(sio: Any) -> None:
    """Answer the benchmark's frames on ``/live`` and ``/notifications``."""
    live, tabs = Live(sio), Tabs(sio)
    sio.on("connect", live.connect, namespace="/live")
    sio.on("disconnect", live.disconnect, namespace="/live")
    sio.on("join-live-session-handshake", live.join, namespace="/live")
    sio.on("live-signal", live.signal, namespace="/live")
    sio.on("connect", tabs.connect, namespace="/notifications")
    sio.on("disconnect", tabs.disconnect, namespace="/notifications")
    sio.on("coach_status_watch", tabs.watch, namespace="/notifications")


class Tabs:
    """``/notifications``: who watches a coach is in the coach's room. Knows who its sockets are."""

    def __init__(self, sio: Any) -> None:
        self._sio = sio
        self._users: dict[str, str] = {}

    async def connect(self, sid: str, environ: dict[str, Any], auth: dict[str, Any]) -> None:
        """Let in whoever has a token."""
        try:
            self._users[sid] = verify(auth["token"])
        except (jwt.InvalidTokenError, KeyError, TypeError):
            raise socketio.exceptions.ConnectionRefusedError("UNAUTHENTICATED") from None

    async def disconnect(self, sid: str, reason: str) -> None:
        """Forget the socket."""
        self._users.pop(sid, None)

    async def watch(self, sid: str, ask: dict[str, Any]) -> dict[str, object]:
        """Enter the rooms of coaches."""
        for coach in ask["coachIds"]:
            await self._sio.enter_room(sid, coach, namespace="/notifications")
        return {"ok": True, "data": {"statuses": []}}


class Live(Tabs):
    """``/live``: the two of a session are a room."""

    async def join(self, sid: str, ask: dict[str, Any]) -> dict[str, object]:
        """Enter the room."""
        await self._sio.enter_room(sid, ask["sessionId"], namespace="/live")
        return {"ok": True, "data": {"epoch": 0}}

    async def signal(self, sid: str, told: dict[str, Any]) -> dict[str, object]:
        """Pass a signal on to the other one."""
        await self._sio.emit("live-signal", told, room=told["sessionId"], skip_sid=sid, namespace="/live")
        return {"ok": True, "data": {}}


async def tell(sio: Any, coach: str, event: dict[str, object]) -> None:
    """Fan one event out to who watches a coach."""
    await sio.emit("coach_status", event, room=coach, namespace="/notifications")
