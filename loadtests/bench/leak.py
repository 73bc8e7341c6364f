"""Do thousands of clients that come and go leave anything behind? Those who say goodbye, and those who do not.

Rounds of connect and disconnect, each with a share of every kind of ending (:data:`KINDS`). After each round the server has
to be empty again, collects its garbage, and tells its memory and how many objects of Python it holds. The first round is
for what is made once; whatever grows after it is a leak.
"""

import asyncio
import random
import socket
import struct
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from picows import WSFrame, WSTransport

from loadtests.bench.columns import Column
from loadtests.bench.machine import Cores
from loadtests.bench.people import People
from loadtests.bench.servers import Server, new_secret, running
from loadtests.load.generator import Pair, Tab
from loadtests.load.wire import Client, Lost

#: Of a hundred clients. *gone* closes its connection in the middle of everything; *killed* resets it (RST); *half-open* keeps
#: it and never answers again; *slow* reads nothing of the megabytes it is sent until the server has enough of it.
KINDS = {"polite": 56, "gone": 20, "killed": 20, "half-open": 2, "slow": 2}
#: Seconds between pings, and until an unanswered one counts: half-open clients are noticed by nothing else.
PINGS = {"BENCH_PING_INTERVAL": "1", "BENCH_PING_TIMEOUT": "1"}
#: What slow clients are sent: more than the kernel takes for them (events, bytes each).
FLOOD = (60, 120_000)
AT_ONCE = 64
#: Seconds in which a server must have noticed that everybody is gone.
PATIENCE = 30.0
_RESET = struct.pack("ii", 1, 0)


class Doomed(Client):
    """A client that may end badly."""

    silent = False

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """As any client; a silent one hears nothing and answers nothing."""
        if not self.silent:
            super().on_ws_frame(transport, frame)

    def kill(self) -> None:
        """Reset the connection (SO_LINGER of nought: socket(7))."""
        transport = self._transport
        if transport is not None and not transport.is_disconnected:
            found = transport.underlying_transport.get_extra_info("socket")
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            transport.disconnect(graceful=False)


@dataclass(frozen=True, slots=True)
class Level:
    """The server after so many cycles, empty and tidied up."""

    cycles: int
    rss: int
    objects: int | None
    sockets: int


async def cycle(
    column: Column, cores: Cores, cycles: int, rounds: int, say: Callable[[str], None]
) -> list[Level]:
    """One round to warm up, then ``rounds`` with ``cycles`` clients altogether; the level after each.

    Raises:
        Lost: the server still held sockets :data:`PATIENCE` seconds after the last client was gone.
    """
    secret = new_secret()
    people, levels = People(secret), []
    each = cycles // rounds
    async with running(column, secret, cores=cores.server(0), environment=PINGS) as server:
        for number in range(rounds + 1):
            await _round(server, people, each, random.Random(number))
            levels.append(await _level(server, number * each))
            say(
                f"  leak  {column.title}  {levels[-1].cycles:>6} cycles  {levels[-1].rss / 1e6:.1f} MB  "
                f"{levels[-1].objects or 0} objects  {levels[-1].sockets} sockets"
            )
    return levels


def growth(levels: Sequence[Level]) -> tuple[float, float]:
    """Bytes and objects per cycle since the warm-up: the slope of a straight line (least squares) through the levels.

    Raises:
        ValueError: fewer than two levels.
    """
    at = [float(level.cycles) for level in levels]
    return _slope(at, [float(level.rss) for level in levels]), _slope(
        at, [float(level.objects or 0) for level in levels]
    )


def _slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    if len(xs) < 2:
        raise ValueError("a slope needs two levels")
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


async def _level(server: Server, cycles: int) -> Level:
    found = await server.collect()
    return Level(cycles, found.rss, found.objects, found.sockets)


async def _round(server: Server, people: People, cycles: int, dice: random.Random) -> None:
    """Of three clients two sit in a call and one watches a coach; how each ends is thrown with loaded dice."""
    crowd = _Crowd(dice)
    lives: list[Callable[[], Awaitable[None]]] = []
    for pair, tab in zip(
        people.pairs(cycles // 3, [server.url]), people.watchers(cycles // 3, [server.url]), strict=True
    ):
        lives += [partial(crowd.call, pair), partial(crowd.tab, tab)]
    waiting = iter(lives)

    async def usher() -> None:
        for life in waiting:
            await life()

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(usher())
        await server.fan_out(FLOOD[0], 0, FLOOD[1])
        await until_empty(server)
    finally:
        for client in crowd.staying:
            client.abort()


async def until_empty(server: Server) -> None:
    """Return when the server has forgotten every socket.

    Raises:
        Lost: it has not after :data:`PATIENCE` seconds.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            while (await server.stats()).sockets:  # noqa: ASYNC110 - of another process
                await asyncio.sleep(0.1)
    except TimeoutError:
        held = (await server.stats()).sockets
        raise Lost(f"{held} sockets are still there, {PATIENCE:g} s after their clients went") from None


class _Crowd:
    """Short lives."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        #: those whom the server has to notice by itself
        self.staying: list[Doomed] = []

    async def call(self, pair: Pair) -> None:
        """Two join, one says something, both end."""
        caller, callee = Doomed("/live"), Doomed("/live")
        for client, token in ((caller, pair.caller), (callee, pair.callee)):
            await client.connect(pair.url, {"token": token, "deviceId": "d1"})
            ask = {"sessionId": pair.session_id, "deviceId": "d1", "resume": True}
            await client.call("join-live-session-handshake", ask)
        candidate = {"candidate": "candidate:1 1 udp 2122260223 127.0.0.1 50000 typ host", "sdpMid": "0"}
        await caller.call("live-signal", {"sessionId": pair.session_id, "epoch": 0, "candidate": candidate})
        self._end(caller)
        self._end(callee)

    async def tab(self, tab: Tab) -> None:
        """One watches and ends."""
        client = Doomed("/notifications")
        await client.connect(tab.url, {"token": tab.token, "deviceId": "d1"})
        await client.call("coach_status_watch", {"coachIds": list(tab.coaches)})
        self._end(client)

    def _end(self, client: Doomed) -> None:
        (kind,) = self._dice.choices(list(KINDS), list(KINDS.values()))
        if kind == "polite":
            client.close()
        elif kind == "gone":
            client.abort()
        elif kind == "killed":
            client.kill()
        else:
            client.silent = True
            if kind == "slow":
                client.pause_reading()
            self.staying.append(client)
