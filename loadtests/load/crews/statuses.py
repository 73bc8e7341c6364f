"""Coaches who change their rate, and tabs that watch them; some of which stop reading."""

import asyncio
import time
from dataclasses import dataclass
from functools import partial

from loadtests.load.crew import Crew, Window, all_in, all_out, attempt, paced, settled, until
from loadtests.load.crews.call import TABS, Who
from loadtests.load.crews.tabs import Tab, arrive
from loadtests.load.pace import SECOND
from loadtests.load.wire import Client

_AMOUNT = b'"amount":'
#: What every coach charges at first, minor units. Each change of a rate is another amount, from :data:`FIRST` on, so that
#: a watcher knows which change it was told of; a rate that a coach has already would be no news.
USUAL, FIRST = 250, 1_000


@dataclass(frozen=True, slots=True)
class StatusesShare:
    """``slow`` of the tabs stop reading half-way through a window."""

    tabs: tuple[Tab, ...]
    coaches: tuple[Who, ...]
    url: str
    at_once: int = 25
    slow: int = 0


class Statuses(Crew):
    """Counts ``sent`` (changes), ``changed`` (acknowledged), ``refused``, ``received`` (by readers), ``watching`` (readers),
    ``stalled`` (who read no more), ``shut`` (of those, who was disconnected), ``gone`` (readers who were disconnected). Times
    ``changed`` and ``delivery``; ``delivery beside slow`` while some do not read."""

    Share = StatusesShare
    share: StatusesShare

    def __init__(self, share: StatusesShare) -> None:
        super().__init__(share)
        self._watchers = [Client(TABS) for _ in share.tabs]
        self._readers = self._watchers[share.slow :]
        self._coaches = [Client(TABS) for _ in share.coaches]
        self._window = Window(0)
        self._offset = self._next = 0
        self._changes: set[asyncio.Task[bool]] = set()
        for client in self._readers:
            client.heard = self._heard
        self.begin()

    def begin(self) -> None:
        """A new window."""
        super().begin()
        self._counts, self._deliveries = self.record.counts, self.record.series("delivery")

    async def open(self) -> None:
        """Coaches go online, tabs watch them."""
        arrivals = [
            partial(self._go_online, client, who)
            for client, who in zip(self._coaches, self.share.coaches, strict=True)
        ]
        arrivals += [
            partial(arrive, client, tab, f"load{n}")
            for n, (client, tab) in enumerate(zip(self._watchers, self.share.tabs, strict=True))
        ]
        await all_in(self, arrivals, self.share.at_once)

    async def _go_online(self, client: Client, who: Who) -> None:
        await client.connect(
            self.share.url, {"token": who.token, "deviceId": "load-coach"}, source=who.source
        )
        await client.call("coach_status_set", _status(USUAL))

    async def run(self, window: Window) -> None:
        """Changes at :attr:`Window.rate` a second of all coaches together."""
        self._window, self._offset = window, self._next
        total = int(window.rate * window.seconds)
        self._next += total
        readers = [client for client in self._readers if client.open]
        self._counts["watching"] = len(readers)
        stalling = asyncio.create_task(self._stall(window))
        await paced(self, window, self._change)
        await settled(lambda: len(readers) * total - self._counts["received"])
        await asyncio.gather(*self._changes)
        await stalling
        self._counts["gone"] = sum(not client.open for client in readers)

    async def _stall(self, window: Window) -> None:
        slow = self._watchers[: self.share.slow]
        if not slow:
            return
        await until(window.start + int(window.seconds * SECOND / 2))
        self._deliveries = self.record.series("delivery beside slow")
        for client in slow:
            client.pause_reading()
        await until(window.end)
        for client in slow:
            client.resume_reading()
        await asyncio.sleep(1.0)  # what they were sent in the meantime, an end of the connection perhaps
        self._counts["stalled"] += len(slow)
        self._counts["shut"] += sum(not client.open for client in slow)

    def _change(self, n: int, due: int) -> None:
        if not self._coaches:
            return
        number = self._window.part + n * self._window.parts
        coach = self._coaches[n % len(self._coaches)]
        ask = _status(FIRST + self._offset + number)
        self._counts["sent"] += 1
        change = asyncio.create_task(
            attempt(self, "changed", partial(_ask, coach, "coach_status_set", ask), due)
        )
        self._changes.add(change)
        change.add_done_callback(self._changes.discard)

    def _heard(self, payload: bytes) -> None:
        at = payload.find(_AMOUNT)
        if at < 0:
            return
        at += len(_AMOUNT)
        number = int(payload[at : payload.index(b",", at)]) - FIRST - self._offset
        due = self._window.start + int(number * SECOND / self._window.rate) if self._window.rate else 0
        if 0 <= number < self._next - self._offset:
            self._deliveries.now[max(0, time.monotonic_ns() - due) // 1000] += 1
            self._counts["received"] += 1

    async def close(self) -> None:
        """Politely."""
        await all_out([*self._watchers, *self._coaches])


def _status(amount: int) -> dict[str, object]:
    return {"status": "online", "ratePerMinute": {"amount": amount, "currency": "USD"}}


async def _ask(client: Client, event: str, data: object) -> None:
    await client.call(event, data)
