"""``python -m loadtests.ticks.server``: the real socket door on the real bus, and use cases that answer from memory.

``REDIS_URL`` and ``BENCH_SECRET`` come from the environment. Ticks reach it as in the product: published by the worker, one
frame for each batch, taken apart here, to each socket its own.
"""

import os
from datetime import UTC, datetime

from aiohttp import web

from adapters.redis.bus import RedisBus
from adapters.redis.client import connect
from adapters.tokens import JwtAccessTokens
from domain.accounts.revocations import RevokedTokens
from domain.clock import ClockOrigin, SystemClock
from loadtests.peers import desk, memory
from loadtests.peers.rapport import PLENTY, raise_limits
from loadtests.ticks.calls import PROCESS
from realtime.admission import AdmissionRules
from realtime.engine.door import EngineOptions
from realtime.server import RealtimeOptions, RealtimeServer


async def build() -> web.Application:
    """The door, mounted."""
    raise_limits()
    now = datetime.now(UTC)
    clock = SystemClock(ClockOrigin(now, now, 1.0))
    revoked = RevokedTokens()
    tokens = JwtAccessTokens(desk.secret(), revoked)
    bus = RedisBus(connect(os.environ["REDIS_URL"]))
    server = RealtimeServer(
        process=PROCESS,
        clock=clock,
        bus=bus,
        verify=lambda token: tokens.read(token, clock.wall()),
        revoked=revoked,
        use=memory.use_cases(),
        options=RealtimeOptions(
            EngineOptions(ping_interval=60, ping_timeout=60, websocket_only=True),
            AdmissionRules(websocket_only=True, per_address=PLENTY, in_all=PLENTY),
        ),
    )
    app = web.Application()
    server.mount(app)
    await bus.start()
    await server.start()
    return app


if __name__ == "__main__":
    desk.run(build)
