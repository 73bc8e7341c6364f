"""Somebody with an account and one device, who uses whichever server answers, and the tab they keep open."""

import asyncio
import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bootstrap.call.errors import CallError, NoAnswer, Refused, Unreachable
from bootstrap.call.rest import Rest
from bootstrap.call.wire import Tokens
from tests.chaos.link import Hear, Link
from tests.chaos.witness import Witness

#: Real seconds between two tries to reach a server; spread, as a real client's.
BACKOFF = (0.1, 0.5)
#: How often a connection is made with a fresh token though the old one would do.
REFRESHES = 0.2
#: Repeating a question for longer helps nobody.
PATIENCE = 20.0
#: How long somebody waits for news of a call before asking over REST.
NEWS = 8.0
#: How long news may take after that: a sweep, a gap noticed, a restart of what carries it.
LATE = 6.0

OVER = frozenset({"ending", "settled", "unpaid", "declined", "missed", "cancelled", "abandoned", "failed"})
SEATED = frozenset({"ready", "live", "paused"})


@dataclass
class Member:
    """A log-in. ``dice`` decide everything that a person could decide one way or another."""

    http: aiohttp.ClientSession
    #: name → address
    servers: Mapping[str, str]
    tokens: Tokens
    device: str
    dice: random.Random
    witness: Witness

    async def connect(self, namespace: str, hear: Hear, **auth: object) -> Link:
        """A connected socket, on whichever server takes it; tries until it has one."""
        while True:
            server = self.dice.choice(list(self.servers))
            link = Link(namespace, server, hear)
            try:
                if self.dice.random() < REFRESHES:
                    await self.refresh()
                who = {"token": self.tokens.access_token, "deviceId": self.device}
                await link.open(self.http, self.servers[server], who | auth)
                return link
            except Refused as refused:
                await self._mend(refused)
            except CallError:
                self.witness.counts["connections that failed"] += 1
            await asyncio.sleep(self.dice.uniform(*BACKOFF))

    async def refresh(self) -> None:
        """The next pair of tokens; the present refresh token is kept until its successor is in hand."""
        rest = Rest(self.http, self.dice.choice(list(self.servers.values())))
        self.tokens = await rest.refresh(self.tokens.refresh_token)
        self.witness.counts["tokens refreshed"] += 1

    async def look_up(self, session_id: str) -> str | None:
        """The state of a call over REST; None while nobody answers."""
        rest = Rest(self.http, self.dice.choice(list(self.servers.values())))
        rest.bear(self.tokens.access_token)
        try:
            return (await rest.session(session_id)).state
        except (Refused, Unreachable, NoAnswer):
            return None

    async def _mend(self, refused: Refused) -> None:
        if refused.code == "TOKEN_EXPIRED":
            with suppress(CallError):
                await self.refresh()
        else:
            self.witness.refused("connect", refused.code)


@dataclass
class Tab:
    """A ``/notifications`` socket that comes back whenever it is lost, and goes on where it was."""

    member: Member
    #: (name, data) of every event
    listener: Any = None
    states: dict[str, str] = field(default_factory=dict)
    _versions: dict[str, int] = field(default_factory=dict)
    _since: dict[str, object] | None = None
    _link: Link | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def keep(self) -> None:
        """Stay connected until cancelled."""
        try:
            while True:
                since = {"since": self._since} if self._since else {}
                self._link = await self.member.connect("/notifications", self._hear, **since)
                self._stir()
                await self._link.lost.wait()
                self.member.witness.counts["tabs lost"] += 1
                await self._link.close()
        finally:
            if self._link is not None:
                await self._link.close()

    async def insist(self, event: str, payload: Mapping[str, object]) -> Any:
        """Ask until there is an answer; only for events that may be repeated.

        Raises:
            Refused: a definite no.
            NoAnswer: nobody answered for a long time.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        while loop.time() < deadline:
            try:
                async with asyncio.timeout_at(deadline):
                    link = await self._connected()
                return await link.ask(event, payload)
            except Refused as refused:
                self.member.witness.refused(event, refused.code)
                if refused.code not in ("UNAVAILABLE", "RATE_LIMITED"):
                    raise
                await asyncio.sleep((refused.retry_after_ms or 300) / 1000)
            except (CallError, TimeoutError):
                self.member.witness.counts["questions repeated"] += 1
        raise NoAnswer(f"{event} was not answered for {PATIENCE:.0f} s")

    async def until(self, session_id: str, states: frozenset[str], seconds: float) -> str | None:
        """The state of a call once it is one of ``states``; what is known of it when that takes too long."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while self.states.get(session_id) not in states and loop.time() < deadline:
            self._news.clear()
            try:
                async with asyncio.timeout_at(min(deadline, loop.time() + NEWS)):
                    await self._news.wait()
            except TimeoutError:
                await self._ask_over_rest(session_id)
        return self.states.get(session_id)

    async def _ask_over_rest(self, session_id: str) -> None:
        known, link = self.states.get(session_id), self._link
        since, witness = self.member.witness.clock.now(), self.member.witness
        state = await self.member.look_up(session_id)
        if state is None or state == known:
            return
        witness.counts["news that came late"] += 1
        await asyncio.sleep(LATE)
        if self.states.get(session_id) != known:
            return
        same = link is not None and link is self._link and not link.lost.is_set()
        if same and witness.calm(since, witness.clock.now(), "valkey", "mongod"):
            witness.violations.append(f"nobody told that {session_id} went from {known} to {state}")
        self.states[session_id] = state

    async def _connected(self) -> Link:
        while self._link is None or self._link.lost.is_set():
            self._news.clear()
            await self._news.wait()
        return self._link

    def _stir(self) -> None:
        self._news.set()

    def _hear(self, name: str, data: Any) -> None:
        if isinstance(data, dict):
            self._follow(name, data)
            if name == "live_session_update" and data["version"] > self._versions.get(data["sessionId"], 0):
                self._versions[data["sessionId"]] = data["version"]
                self.states[data["sessionId"]] = data["state"]
            if name == "payment_update" and data["state"] == "captured" and data["amount"]["amount"]:
                self.member.witness.counts["receipts"] += 1
        if self.listener is not None:
            self.listener(name, data)
        self._stir()

    def _follow(self, name: str, data: dict[str, Any]) -> None:
        """Keep the place in the feed; numbers only ever rise."""
        epoch, seq = data.get("epoch"), data.get("seq")
        if name == "recovered":
            self._since = {"epoch": epoch, "seq": seq} if epoch else None
            return
        if seq is None or epoch is None:
            return
        if self._since is not None and self._since["epoch"] == epoch and seq <= self._since["seq"]:
            self.member.witness.violations.append(f"{name} has number {seq} after {self._since['seq']}")
        self._since = {"epoch": epoch, "seq": seq}
