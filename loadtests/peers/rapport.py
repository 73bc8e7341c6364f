"""``python -m loadtests.peers.rapport``: our real socket door, as ``rapport serve`` opens it, in front of
:mod:`loadtests.peers.memory`.

What it does for a signal that no other column does: token buckets of the socket, of its user and of the event; strict
validation of the payload against the published schema; the participant's seat and the legality of the signal in the call's
negotiation; numbering and keeping it for a peer that is away; counters for the metrics. Two numbers differ from the product's:
how many connections one address may open (all clients of a benchmark share one) and how many events a second a socket
may send (so that a hundred pairs can saturate a server); the buckets are asked all the same.
``BENCH_REAL_LIMITS=1`` leaves the latter as it is.
"""

import os
from datetime import UTC, datetime
from functools import partial

from aiohttp import web

from adapters.tokens import JwtAccessTokens
from bootstrap import tuning
from domain.accounts.revocations import RevokedTokens
from domain.clock import ClockOrigin, SystemClock
from loadtests.peers import desk, memory
from realtime import limits
from realtime.admission import AdmissionRules
from realtime.engine.door import EngineOptions
from realtime.limits import Rate
from realtime.namespaces.live import live
from realtime.namespaces.notifications import notifications
from realtime.server import RealtimeOptions, RealtimeServer

#: More than any client of the benchmark sends or opens.
PLENTY = 1_000_000


def raise_limits() -> None:
    """Raise the numbers, not the work: every bucket is still asked for every event."""
    plenty = Rate(float(PLENTY), PLENTY)
    limits.ALL_OF_A_SOCKET = plenty
    limits.ALL_OF_A_USER = Rate(float(PLENTY), PLENTY, "user")
    for namespace in (live, notifications):
        for spec in namespace.events.values():
            object.__setattr__(spec, "rate", Rate(float(PLENTY), PLENTY, spec.rate.per))


async def build() -> web.Application:
    """The door, mounted."""
    if os.environ.get("BENCH_REAL_LIMITS") != "1":
        raise_limits()
    now = datetime.now(UTC)
    clock = SystemClock(ClockOrigin(now, now, 1.0))
    revoked = RevokedTokens()
    tokens = JwtAccessTokens(desk.secret(), revoked)
    bus = memory.MemoryBus()
    interval, timeout = desk.pings()
    server = RealtimeServer(
        process="p1",
        clock=clock,
        bus=bus,
        verify=lambda token: tokens.read(token, clock.wall()),
        revoked=revoked,
        use=memory.use_cases(),
        options=RealtimeOptions(
            EngineOptions(ping_interval=interval, ping_timeout=timeout, websocket_only=True),
            AdmissionRules(websocket_only=True, per_address=PLENTY, in_all=PLENTY),
        ),
    )
    app = web.Application()
    server.mount(app)
    await server.start()
    desk.Desk(partial(memory.tell, bus), lambda: sum(server.sockets().values())).add_to(app)
    tuning.tune()
    return app


if __name__ == "__main__":
    desk.run(build)
