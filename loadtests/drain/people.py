"""Two people in a call whose sockets move whenever a server asks for it, as the console's client does."""

import asyncio
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from loadtests.load.wire import Client, Failed, Lost, Refused

#: Real seconds between two proofs of media.
PROOF = 2.0
#: Between two attempts to connect.
AGAIN = 0.25
#: For any answer.
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody with an access token; ``source`` is the local address they come from."""

    token: str
    coach_id: str = ""
    source: str | None = None


class Socket:
    """One namespace's connection; made again whenever it is lost, after the wait that the server asked for."""

    namespace = ""

    def __init__(self, url: str, who: Who, device: str) -> None:
        self.url, self.who, self.device = url, who, device
        self.client: Client | None = None
        self.moves = 0
        #: what the protocol forbids
        self.faults: list[str] = []
        self._wait = 0.0
        self._news = asyncio.Event()
        self._lost = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Be connected, and stay so until :meth:`close`."""
        self._task = asyncio.create_task(self._stay())
        await self.until(lambda: self.client is not None)

    async def close(self) -> None:
        """Leave."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self.client is not None:
            self.client.close()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Until what was heard makes it true.

        Raises:
            TimeoutError: it does not in :data:`PATIENCE` seconds.
        """
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._news.clear()
                await self._news.wait()

    def auth(self) -> dict[str, Any]:
        """What it connects with."""
        return {"token": self.who.token, "deviceId": self.device}

    def hear(self, name: str, data: Any) -> None:
        """One event."""

    async def settle(self, client: Client) -> None:
        """What follows a connect."""

    async def work(self, client: Client) -> None:
        """Until the connection is lost."""
        await self._lost.wait()

    async def _stay(self) -> None:
        while True:
            client = Client(self.namespace)
            client.heard = lambda payload, client=client: self._heard(*client.event_of(payload))  # type: ignore[misc]
            client.lost = lambda _: self._lost.set()
            self._lost.clear()
            try:
                await client.connect(self.url, self.auth(), source=self.who.source)
                await self.settle(client)
                self.client = client
                self._news.set()
                await self.work(client)
            except (Lost, Refused) as reason:
                self._wait = self._wait or AGAIN
                if isinstance(reason, Refused) and reason.code not in ("", "UNAVAILABLE"):
                    self.faults.append(f"refused: {reason.code} {reason}")
            except Failed as reason:
                self._wait = self._wait or AGAIN
                if reason.code != "UNAVAILABLE":
                    self.faults.append(f"failed: {reason}")
            self.client = None
            client.abort()
            self.moves += 1
            wait, self._wait = self._wait, 0.0
            await asyncio.sleep(wait)

    def _heard(self, name: str, data: Any) -> None:
        if name == "server_draining":
            self._wait = data["reconnectInMs"] / 1000
        self.hear(name, data)
        self._news.set()


class Tab(Socket):
    """``/notifications``: its feed must have no hole and nothing twice, over all its connections."""

    namespace = "/notifications"

    def __init__(self, url: str, who: Who, device: str) -> None:
        super().__init__(url, who, device)
        self.ringing: list[str] = []
        self.states: dict[str, str] = {}
        self.events = 0
        self._since: dict[str, Any] | None = None

    def auth(self) -> dict[str, Any]:
        return super().auth() | ({"since": self._since} if self._since else {})

    async def settle(self, client: Client) -> None:
        if self.who.coach_id and self.moves == 0:
            await client.call("coach_status_set", {"status": "online"})

    def hear(self, name: str, data: Any) -> None:
        if name == "live_session_ringing":
            self.ringing.append(data["sessionId"])
        elif name == "live_session_update":
            self.states[data["sessionId"]] = data["state"]
        if name == "recovered":
            if self._since and not data["recovered"]:
                self.faults.append(f"not recovered from {self._since}")
            self._since = {"epoch": data["epoch"], "seq": data["seq"]} if data["epoch"] else None
        elif data.get("seq") is not None:
            self.events += 1
            before = self._since["seq"] if self._since else 0
            if data["seq"] != before + 1:
                self.faults.append(f"{name} has number {data['seq']} after {before}")
            self._since = {"epoch": data["epoch"], "seq": data["seq"]}


class Seat(Socket):
    """``/live``: joins, proves that media flows, and remembers when it could not."""

    namespace = "/live"

    def __init__(self, url: str, who: Who, device: str, session_id: str) -> None:
        super().__init__(url, who, device)
        self.session_id = session_id
        self.epoch = 0
        self.started = 0.0
        self.ended: dict[str, Any] | None = None
        self.minutes: list[int] = []
        #: from the last proof on a lost connection to the first on the next one (monotonic seconds)
        self.away: list[tuple[float, float]] = []
        self._proved = 0.0

    async def settle(self, client: Client) -> None:
        ask = {"sessionId": self.session_id, "deviceId": self.device, "resume": self.moves > 0}
        joined = await client.call("join-live-session-handshake", ask)
        self.epoch = max(self.epoch, joined["epoch"])

    async def work(self, client: Client) -> None:
        fresh = self._proved > 0
        while not self._lost.is_set() and self.ended is None:
            proof = {"sessionId": self.session_id, "epoch": self.epoch, "state": "connected"}
            try:
                await client.call("live-media-state", proof)
            except Failed as failure:
                if failure.code not in ("STALE_EPOCH", "GONE", "UNAVAILABLE"):
                    raise
            else:
                now = time.monotonic()
                if fresh:
                    self.away.append((self._proved, now))
                    fresh = False
                self._proved = now
            with suppress(TimeoutError):
                async with asyncio.timeout(PROOF):
                    await self._lost.wait()
        await self._lost.wait()

    def hear(self, name: str, data: Any) -> None:
        if name == "live-session-started":
            self.started = time.monotonic()
        elif name == "live-session-ended":
            self.ended = data
        elif name == "live-peer-joined":
            self.epoch = max(self.epoch, data["epoch"])
        elif name == "live-session-tick":
            self.minutes.append(data["minute"])


@dataclass
class Couple:
    """A client and the coach they talk to."""

    tabs: tuple[Tab, Tab]
    seats: list[Seat] = field(default_factory=list)
    session_id: str = ""
    hung_up: float = 0.0

    @classmethod
    def of(cls, url: str, client: Who, coach: Who) -> "Couple":
        """Both at one address."""
        return cls((Tab(url, client, secrets.token_hex(8)), Tab(url, coach, secrets.token_hex(8))))

    async def begin(self) -> None:
        """Tabs, ring, accept, seats, until the meter runs."""
        caller, callee = self.tabs
        for tab in self.tabs:
            await tab.open()
        assert caller.client is not None
        assert callee.client is not None
        ask = {"coachId": callee.who.coach_id, "clientRequestId": secrets.token_hex(12)}
        self.session_id = (await caller.client.call("live_session_request", ask))["sessionId"]
        await callee.until(lambda: self.session_id in callee.ringing)
        await callee.client.call("live_session_accept", {"sessionId": self.session_id})
        self.seats = [Seat(tab.url, tab.who, tab.device, self.session_id) for tab in self.tabs]
        for seat in self.seats:
            await seat.open()
        for seat in self.seats:
            await seat.until(lambda seat=seat: seat.started > 0)  # type: ignore[misc]

    async def end(self) -> None:
        """The client hangs up; both must hear of it."""
        caller = self.seats[0]
        await caller.until(lambda: caller.client is not None)
        assert caller.client is not None
        self.hung_up = time.monotonic()
        await caller.client.call("live-session-end", {"sessionId": self.session_id})
        for seat in self.seats:
            await seat.until(lambda seat=seat: seat.ended is not None)  # type: ignore[misc]

    async def leave(self) -> None:
        """Close everything."""
        for socket in (*self.seats, *self.tabs):
            await socket.close()

    @property
    def gap(self) -> float:
        """Seconds in which at least one side was between its last proof here and its first one there."""
        total = until = 0.0
        for start, end in sorted(away for seat in self.seats for away in seat.away):
            total += max(0.0, end - max(start, until))
            until = max(until, end)
        return total

    @property
    def talked(self) -> float:
        """Seconds from the start of the meter, as both heard of it, to hanging up."""
        return self.hung_up - min(seat.started for seat in self.seats)

    def faults(self) -> list[str]:
        """What must not be."""
        found = [fault for socket in (*self.tabs, *self.seats) for fault in socket.faults]
        for seat in self.seats:
            if seat.minutes != sorted(set(seat.minutes)):
                found.append(f"minutes {seat.minutes}")
            if seat.ended is None:
                found.append("it never heard of its end")
        return [f"{self.session_id}: {fault}" for fault in found]
