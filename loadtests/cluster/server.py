"""``python -m loadtests.cluster.server``: our real socket door, one of several on a real Valkey.

Like :mod:`loadtests.peers.rapport` but for the bus, and for how the two sides of a call find each other: where each sits is in
a hash in Valkey, as it is in the call's document in the product. ``BENCH_REDIS_URL`` names the Valkey, ``BENCH_PROCESS`` this
process.
"""

import os
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

from aiohttp import web
from redis.asyncio import Redis

from adapters.redis.bus import RedisBus
from adapters.redis.client import connect
from adapters.tokens import JwtAccessTokens
from domain.accounts.account import Identity
from domain.accounts.revocations import RevokedTokens
from domain.calls.session import Side
from domain.calls.views import CallSnapshot, JoinCall, SocketRef
from domain.clock import ClockOrigin, SystemClock
from domain.ids import SessionId, UserId
from loadtests.peers import desk, memory
from loadtests.peers.rapport import PLENTY, raise_limits
from realtime.admission import AdmissionRules
from realtime.engine.door import EngineOptions
from realtime.server import RealtimeOptions, RealtimeServer


class Handshakes(memory.Handshakes):
    """Seats of all processes."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def join(self, who: Identity, socket: SocketRef, ask: JoinCall) -> CallSnapshot:
        """Seat a participant, and say where the other one sits."""
        found = await super().join(who, socket, ask)
        key, other = f"bench:{ask.session_id}", Side(found.role).other
        pipeline: Any = self._redis.pipeline(transaction=True)
        pipeline.hset(key, found.role, f"{socket.process} {socket.sid}")
        pipeline.hget(key, other.value)
        there = (await pipeline.execute())[1]
        if there is None:
            return found
        return replace(found, peer=SocketRef(*there.decode().split(" ")), peer_present=True)

    async def left(
        self, session_id: SessionId, user_id: UserId, sid: str, at: datetime | None = None
    ) -> None:
        """Give the seat back, if it is still this socket's."""
        key, side = f"bench:{session_id}", memory._SIDES[user_id[-1]]
        held: Any = await self._redis.hget(key, side.value)
        if held is not None and held.decode().endswith(f" {sid}"):
            await self._redis.hdel(key, side.value)


async def build() -> web.Application:
    """The door, mounted."""
    raise_limits()
    now = datetime.now(UTC)
    clock = SystemClock(ClockOrigin(now, now, 1.0))
    revoked = RevokedTokens()
    tokens = JwtAccessTokens(desk.secret(), revoked)
    redis = connect(os.environ["BENCH_REDIS_URL"])
    bus = RedisBus(redis)
    server = RealtimeServer(
        process=os.environ["BENCH_PROCESS"],
        clock=clock,
        bus=bus,
        verify=lambda token: tokens.read(token, clock.wall()),
        revoked=revoked,
        use=replace(memory.use_cases(), handshakes=Handshakes(redis)),
        options=RealtimeOptions(
            EngineOptions(websocket_only=True),
            AdmissionRules(websocket_only=True, per_address=PLENTY, in_all=PLENTY),
        ),
    )
    app = web.Application()
    server.mount(app)
    await bus.start()
    await server.start()
    told = partial(memory.tell, cast(memory.MemoryBus, bus))
    desk.Desk(told, lambda: sum(server.sockets().values())).add_to(app)
    return app


if __name__ == "__main__":
    desk.run(build)
