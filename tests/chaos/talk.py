"""One side of a call on its dedicated socket: proofs of media that never was, signals, and what goes wrong at home."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bootstrap.call.errors import CallError, Disconnected, NoAnswer, Refused
from tests.chaos.link import Link
from tests.chaos.member import OVER, Member, Tab
from tests.chaos.witness import Kind, Witness

Mishap = Literal["drop", "reload", "deny", "silence"]
Ending = Literal["hang_up", "vanish", "stay"]

#: Real seconds.
LONGEST_TALK = 25.0
AWAY = (0.0, 2.5)
#: Longer than a proof is believed, so that silence is noticed.
SILENCE = (3.0, 10.0)
SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns={session}:{role}\r\nt=0 0\r\n"


@dataclass(frozen=True)
class Words:
    """What a namespace calls what both have."""

    namespace: str
    subject: str
    join: str
    media: str
    signal: str
    end: str
    ended: str
    peer_joined: str


CALL = Words(
    "/live", "sessionId", "join-live-session-handshake", "live-media-state", "live-signal", "live-session-end",
    "live-session-ended", "live-peer-joined",
)  # fmt: skip
SESSION = Words(
    "/video", "bookingId", "join-session", "session-media-state", "session-signal", "session-end",
    "session-ended", "session-peer-joined",
)  # fmt: skip


@dataclass(frozen=True)
class Script:
    """What one side is going to do, in real seconds from its first seat."""

    mishaps: tuple[tuple[float, Mishap], ...]
    ending: Ending
    ends_after: float

    @classmethod
    def drawn(
        cls, dice: random.Random, *, stays: float, lasting: tuple[float, float] = (1.0, 16.0)
    ) -> "Script":
        """A script by chance; ``stays`` is the probability that the other side has to end the call."""
        lasts = dice.uniform(*lasting)
        count = dice.choice((0, 0, 1, 1, 2, 3))
        kinds: tuple[Mishap, ...] = ("drop", "drop", "reload", "deny", "silence", "silence")
        mishaps = sorted((dice.uniform(0.2, lasts), dice.choice(kinds)) for _ in range(count))
        if dice.random() < stays:
            return cls(tuple(mishaps), "stay", LONGEST_TALK)
        return cls(tuple(mishaps), "vanish" if dice.random() < 0.2 else "hang_up", lasts)


class Talk:
    """Joins, proves, repeats, returns after every loss, until the call is over or the script says to vanish."""

    words = CALL

    def __init__(
        self, member: Member, tab: Tab, session_id: str, role: str, script: Script, closing: asyncio.Event
    ) -> None:
        self._member = member
        self._witness: Witness = member.witness
        self._tab = tab
        self._session = session_id
        self._role = role
        self._script = script
        self._closing = closing
        self._mishaps = list(script.mishaps)
        self._epoch = 0
        self._interval = 1.0
        self._muted_until = 0.0
        self._gone = False
        self._ended = False
        self._began: float | None = None
        self._stir = asyncio.Event()
        self._answers: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """The whole of it."""
        resume = False
        try:
            while not self._over:
                link = await self._member.connect(self.words.namespace, self._hear)
                try:
                    resume = await self._seated(link, resume)
                finally:
                    self._note(link, "gone", self._witness.clock.now(), acknowledged=True)
                    await link.close(abruptly=self._member.dice.random() < 0.5)
                await self._pause(asyncio.get_running_loop().time() + self._member.dice.uniform(*AWAY))
        finally:
            for task in self._answers:
                task.cancel()
            await asyncio.gather(*self._answers, return_exceptions=True)

    @property
    def _over(self) -> bool:
        return self._gone or self._ended or self._tab.states.get(self._session) in OVER

    async def _seated(self, link: Link, resume: bool) -> bool:
        """From joining to losing the socket; whether the peer connection survives it."""
        try:
            await self._join(link, resume)
            while not self._over:
                due = await self._step(link)
                if due is None:
                    return False
                await self._pause(due, link)
                if link.lost.is_set():
                    return True
        except Refused as refused:
            await self._refused(refused)
        except (Disconnected, NoAnswer):
            self._witness.counts["seats lost"] += 1
        return True

    async def _join(self, link: Link, resume: bool) -> None:
        sent = self._witness.clock.now()
        payload = {self.words.subject: self._session, "deviceId": self._member.device, "resume": resume}
        try:
            joined = await link.ask(self.words.join, payload)
        except (Disconnected, NoAnswer):
            self._note(link, "joined", sent, acknowledged=False)
            raise
        self._note(link, "joined", sent, acknowledged=True)
        self._witness.counts["seats taken"] += 1
        self._epoch, self._interval = joined["epoch"], joined["proofIntervalMs"] / 1000
        self._began = self._began or asyncio.get_running_loop().time()
        if self._role == "caller" and not resume:
            await self._signal(link, "offer")

    async def _step(self, link: Link) -> float | None:
        """Do what is due; the instant at which something is due again, or None to leave the socket."""
        now = asyncio.get_running_loop().time()
        assert self._began is not None
        if self._closing.is_set() or now - self._began >= self._script.ends_after:
            await self._end(link)
            return None
        if self._mishaps and now - self._began >= self._mishaps[0][0]:
            return await self._mishap(link, self._mishaps.pop(0)[1])
        if now >= self._muted_until:
            await self._prove(link)
            await self._besides(link)
            if self._member.dice.random() < 0.3:
                await self._signal(link, "candidate")
        changes = [self._began + self._script.ends_after, *(self._began + at for at, _ in self._mishaps[:1])]
        return min(now + self._interval, max(now + 0.05, min(changes)))

    async def _prove(self, link: Link) -> None:
        sent, acknowledged = self._witness.clock.now(), False
        try:
            await self._report(link, "connected")
            acknowledged = True
        except Refused as refused:
            if refused.code not in ("STALE_EPOCH", "UNAVAILABLE"):
                raise
            self._witness.refused(self.words.media, refused.code)
            self._epoch = refused.epoch if refused.epoch is not None else self._epoch
        finally:
            self._note(link, "proof", sent, acknowledged=acknowledged)
        self._witness.counts["proofs"] += 1

    async def _besides(self, link: Link) -> None:
        """What else there is to do after a proof."""

    async def _report(self, link: Link, state: str) -> None:
        payload = {self.words.subject: self._session, "epoch": self._epoch, "state": state}
        await link.ask(self.words.media, payload)

    async def _mishap(self, link: Link, kind: Mishap) -> float | None:
        now = asyncio.get_running_loop().time()
        self._witness.counts[f"mishap {kind}"] += 1
        if kind == "drop":
            await link.close(abruptly=True)
            return now
        if kind == "reload":
            return None
        self._muted_until = now + self._member.dice.uniform(*SILENCE)
        if kind == "deny":
            sent = self._witness.clock.now()
            await self._report(link, "disconnected")
            self._note(link, "denial", sent, acknowledged=True)
        return now + 0.05

    async def _end(self, link: Link) -> None:
        if self._script.ending != "vanish":
            await link.ask(self.words.end, {self.words.subject: self._session})
            self._ended = True
            self._witness.counts["hung up"] += 1
        else:
            self._witness.counts["vanished"] += 1
        self._gone = True

    async def _signal(self, link: Link, kind: str) -> None:
        body: dict[str, object] = {"candidate": {"candidate": "candidate:1 1 udp 1 127.0.0.1 9 typ host"}}
        if kind != "candidate":
            sdp = SDP.format(session=self._session, role=self._role)
            body = {"description": {"type": kind, "sdp": sdp}}
        try:
            about = {self.words.subject: self._session, "epoch": self._epoch}
            await link.ask(self.words.signal, about | body)
            self._witness.counts["signals sent"] += 1
        except Refused as refused:
            self._witness.refused(self.words.signal, refused.code)

    async def _refused(self, refused: Refused) -> None:
        self._witness.refused(self.words.namespace, refused.code)
        if refused.code in ("GONE", "NOT_FOUND"):
            self._ended = True
        elif refused.retry_after_ms:
            await asyncio.sleep(refused.retry_after_ms / 1000)

    async def _pause(self, until: float, link: Link | None = None) -> None:
        """Until an instant, or until something happens: the call is over, the socket lost, or everybody goes home."""
        waits = [self._stir.wait(), self._closing.wait()] + ([link.lost.wait()] if link else [])
        tasks = [asyncio.create_task(one) for one in waits]
        left = until - asyncio.get_running_loop().time()
        self._stir.clear()
        try:
            await asyncio.wait(tasks, timeout=max(left, 0.0), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _note(self, link: Link, kind: Kind, sent: datetime, *, acknowledged: bool) -> None:
        self._witness.note(
            self._session, self._role, kind, sent, acknowledged=acknowledged, server=link.server
        )

    def _hear(self, name: str, data: Any) -> None:
        if name == self.words.ended:
            self._ended = True
            self._stir.set()
        elif name == self.words.peer_joined:
            self._epoch = max(self._epoch, data["epoch"])
        elif name == self.words.signal:
            self._relayed(data)

    def _relayed(self, data: dict[str, Any]) -> None:
        self._witness.counts["signals heard"] += 1
        description = data.get("description")
        other = "callee" if self._role == "caller" else "caller"
        if data[self.words.subject] != self._session or (
            description and f"s={self._session}:{other}\r\n" not in description["sdp"]
        ):
            self._witness.violations.append(f"a signal of another call came to {self._session}")
        if description and description["type"] == "offer":
            self._epoch = max(self._epoch, data["epoch"])


async def quietly(talk: Talk) -> None:
    """Run a talk as part of a day: a lost server is no reason to stop the day."""
    with suppress(CallError):
        await talk.run()
