"""What every Python server of the benchmark does beside its sockets: statistics, fan-out on request, profiles, its start."""

import argparse
import asyncio
import cProfile
import ctypes
import gc
import io
import os
import platform
import pstats
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import jwt
import orjson
import uvloop
from aiohttp import web

from adapters.tokens import ISSUER, derive_key
from loadtests.load.pace import Alarm, Schedule, TimerAlarm

#: Whom the watchers watch, if nobody says otherwise.
COACH = "c0ac" * 6
#: Lines of a profile.
TOP = 45

#: Hands one ``coach_status`` to everybody who watches the coach.
Tell = Callable[[str, dict[str, object]], Awaitable[None]]


def verify(token: str) -> str:
    """Whose token this is; signature, issuer and expiry are checked, as any application would.

    Raises:
        jwt.InvalidTokenError: not ours, or expired.
    """
    claims = jwt.decode(token, _key(), algorithms=["HS256"], issuer=ISSUER)
    return str(claims["sub"])


def secret() -> bytes:
    """What the tokens of this benchmark are signed with."""
    return os.environ["BENCH_SECRET"].encode()


def pings() -> tuple[float, float]:
    """Seconds between two pings, and how long one may stay unanswered."""
    return float(os.environ.get("BENCH_PING_INTERVAL", "25")), float(
        os.environ.get("BENCH_PING_TIMEOUT", "20")
    )


def stats(sockets: int) -> dict[str, object]:
    """``cpuSeconds`` are all threads' of this process, since its start; ``rssBytes`` is what lies in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "pid": os.getpid(),
        "cpuSeconds": time.process_time(),
        "rssBytes": pages * os.sysconf("SC_PAGE_SIZE"),
        "sockets": sockets,
        "runtime": f"Python {platform.python_version()}",
    }


def collect_garbage() -> None:
    """Collect what is garbage and give free memory back to the system."""
    for _ in range(3):
        gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's alone
    if trim is not None:
        trim(0)


class Desk:
    """The ``/bench`` addresses of one server."""

    def __init__(self, tell: Tell, sockets: Callable[[], int]) -> None:
        self._tell = tell
        self._sockets = sockets
        self._profile: cProfile.Profile | None = None

    def add_to(self, app: web.Application) -> None:
        """Answer on this application."""
        app.router.add_get("/bench/stats", self._stats)
        app.router.add_post("/bench/gc", self._gc)
        app.router.add_post("/bench/fanout", self._fan_out)
        app.router.add_post("/bench/profile", self._profiled)

    async def _stats(self, request: web.Request) -> web.Response:
        return _json(stats(self._sockets()))

    async def _gc(self, request: web.Request) -> web.Response:
        collect_garbage()
        return _json(stats(self._sockets()) | {"objects": len(gc.get_objects())})

    async def _fan_out(self, request: web.Request) -> web.Response:
        ask = orjson.loads(await request.read())
        count, rate = int(ask["count"]), float(ask.get("perSecond", 0))
        coach, size = str(ask.get("coachId", COACH)), int(ask.get("bytes", 200))
        plan, first = Schedule(time.monotonic_ns(), rate, count), time.time()
        with closing(TimerAlarm()) as alarm:
            for n in range(count):
                if rate:
                    await _at(plan.at(n), alarm)
                else:
                    await asyncio.sleep(0)
                due = first + n / rate if rate else time.time()
                await self._tell(coach, status_event(coach, due, size))
        return _json({"sent": count})

    async def _profiled(self, request: web.Request) -> web.Response:
        if orjson.loads(await request.read())["on"]:
            self._profile = cProfile.Profile()
            self._profile.enable()
            return _json({})
        profile, self._profile = self._profile, None
        if profile is None:
            raise web.HTTPConflict(text="There is no profile.")
        profile.disable()
        text = io.StringIO()
        pstats.Stats(profile, stream=text).sort_stats("tottime").print_stats(TOP)
        return web.Response(text=text.getvalue())


async def _at(instant: int, alarm: Alarm) -> None:
    """Sleep until an instant of the monotonic clock, in nanoseconds.

    ``asyncio.sleep`` will not do: libuv waits from the end of a turn for a timer that it counts from the beginning, so an event
    would be late by what the fan-out before it took.
    """
    rung = asyncio.Event()
    alarm.set(instant, rung.set)
    await rung.wait()


def status_event(coach: str, due: float, size: int) -> dict[str, object]:
    """A ``coach_status`` whose whole frame has ``size`` bytes, and ``since`` which it was due (seconds since the epoch)."""
    since = datetime.fromtimestamp(due, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    rate = {"amount": 250, "currency": "USD"}
    event: dict[str, object] = {"coachId": coach, "status": "online", "ratePerMinute": rate, "since": since}
    plain = len(b'42/notifications,["coach_status",]') + len(orjson.dumps(event | {"pad": ""}))
    return event | {"pad": "x" * max(0, size - plain)}


def run(build: Callable[[], Awaitable[web.Application]]) -> None:
    """Serve what ``build`` builds, on uvloop, until this process is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    uvloop.run(_serve(build, parser.parse_args().port))


async def _serve(build: Callable[[], Awaitable[web.Application]], port: int) -> NoReturn:
    runner = web.AppRunner(await build(), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, backlog=1024)
    await site.start()
    listening: Any = runner.addresses[0]
    print(orjson.dumps({"port": listening[1], "pid": os.getpid()}).decode(), flush=True)
    await asyncio.Event().wait()
    raise AssertionError("nobody sets that event")


def _json(body: object) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json")


_derived: list[bytes] = []


def _key() -> bytes:
    if not _derived:
        _derived.append(derive_key(secret(), "access token"))
    return _derived[0]
