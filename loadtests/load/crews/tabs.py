"""Tabs on ``/notifications``: they watch coaches and time what they are told, or just sit there."""

import time
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from loadtests.load.crew import Crew, Window, all_in, all_out, settled, until
from loadtests.load.wire import Client

_SINCE = b'"since":"'


@dataclass(frozen=True, slots=True)
class Tab:
    """Who connects where, and watches whom (24 hex digits each)."""

    token: str
    url: str
    coaches: tuple[str, ...] = ()
    source: str | None = None


@dataclass(frozen=True, slots=True)
class TabsShare:
    """All connect to one namespace."""

    tabs: tuple[Tab, ...]
    namespace: str = "/notifications"
    at_once: int = 50


class Tabs(Crew):
    """Counts ``received`` statuses, ``lost`` (of those expected), ``gone`` (connections); times ``delivery`` from the ``since``
    of each status, which a server of the benchmark sets to the instant at which it was due (wall clock)."""

    Share = TabsShare
    share: TabsShare

    def __init__(self, share: TabsShare) -> None:
        super().__init__(share)
        self.clients = [Client(share.namespace) for _ in share.tabs]
        self._since: dict[bytes, int] = {}
        self.begin()
        for client in self.clients:
            client.heard = self._heard

    def begin(self) -> None:
        """A new window."""
        super().begin()
        self._counts, self._deliveries = self.record.counts, self.record.series("delivery")

    async def open(self) -> None:
        """Connect, authenticate, watch."""
        arrivals = [
            partial(arrive, client, tab, f"d{n}")
            for n, (client, tab) in enumerate(zip(self.clients, self.share.tabs, strict=True))
        ]
        await all_in(self, arrivals, self.share.at_once)

    async def run(self, window: Window) -> None:
        """Stay until the window ends, or until everything expected has come."""
        there = [client for client in self.clients if client.open]
        if window.expect:
            wanted = window.expect * len(there)
            await settled(lambda: max(0, wanted - self._counts["received"]), window.seconds)
            self._counts["lost"] = max(0, wanted - self._counts["received"])
        else:
            await until(window.end)
        self._counts["stayed"] = sum(client.open for client in there)
        self._counts["gone"] = len(there) - self._counts["stayed"]

    async def close(self) -> None:
        """Politely."""
        await all_out(self.clients)

    def _heard(self, payload: bytes) -> None:
        at = payload.find(_SINCE)
        if at < 0:
            return
        at += len(_SINCE)
        text = payload[at : payload.index(b'"', at)]
        since = self._since.get(text)
        if since is None:
            since = self._since[text] = round(datetime.fromisoformat(text.decode()).timestamp() * 1_000_000)
        self._deliveries.now[max(0, time.time_ns() // 1000 - since)] += 1
        self._counts["received"] += 1


async def arrive(client: Client, tab: Tab, device: str) -> None:
    """Connect, and watch if there is whom.

    Raises:
        Refused, Lost, Failed: see :class:`~loadtests.load.wire.Client`.
    """
    await client.connect(tab.url, {"token": tab.token, "deviceId": device}, source=tab.source)
    if tab.coaches:
        await client.call("coach_status_watch", {"coachIds": tab.coaches})
