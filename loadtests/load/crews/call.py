"""One whole call between a client and a coach, without media: what two browsers would say on their sockets."""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from loadtests.load.crews.relay import End, describe, paired
from loadtests.load.wire import PATIENCE, Client, Lost

TABS = "/notifications"
#: Seconds between two proofs of media; the server wants one every five.
PROOF = 4.0


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who is logged in, and the local address they come from."""

    token: str
    source: str | None = None
    coach_id: str = ""


@dataclass(frozen=True, slots=True)
class Couple:
    """A client and the coach they call."""

    client: Who
    coach: Who
    url: str


class Inbox:
    """Events of one client, kept by name until somebody asks for them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._heard: list[tuple[str, Any]] = []
        self._news = asyncio.Event()
        client.lost = lambda _: self._news.set()

    def take(self, payload: bytes) -> None:
        """Keep one."""
        self._heard.append(self._client.event_of(payload))
        self._news.set()

    def clear(self) -> None:
        """Forget them."""
        self._heard.clear()

    def count(self, name: str) -> int:
        """How many of that name there are."""
        return sum(known == name for known, _ in self._heard)

    async def expect(self, name: str, patience: float = PATIENCE, **fields: Any) -> Any:
        """The first of that name with these fields.

        Raises:
            Lost: the connection ended, or it did not come in time.
        """
        try:
            async with asyncio.timeout(patience):
                while True:
                    for known, data in self._heard:
                        if known == name and all(data.get(key) == value for key, value in fields.items()):
                            return data
                    if not self._client.open:
                        raise Lost(f"the connection ended before {name}")
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError as error:
            raise Lost(f"no {name} in {patience:g} s") from error


#: Times a step by its name, from a nanosecond of the monotonic clock.
Timed = Callable[[str, int], None]


class Line:
    """What a couple calls each other on: a tab each, and in a call a dedicated socket each."""

    def __init__(self, couple: Couple, device: str) -> None:
        self.couple = couple
        self.device = device
        self.client, self.coach = Client(TABS), Client(TABS)
        self._tabs = Inbox(self.client), Inbox(self.coach)
        self.client.heard, self.coach.heard = (tab.take for tab in self._tabs)
        self.ends: tuple[End, End] | None = None
        self._seats: tuple[Inbox, ...] = ()
        self.session_id = ""

    async def arrive(self) -> None:
        """Both tabs are open, and the coach is online.

        Raises:
            Refused, Lost, Failed: see :class:`~loadtests.load.wire.Client`.
        """
        for tab, who, name in ((self.client, self.couple.client, "a"), (self.coach, self.couple.coach, "b")):
            auth = {"token": who.token, "deviceId": f"{self.device}{name}"}
            await tab.connect(self.couple.url, auth, source=who.source)
        await self.coach.call("coach_status_set", {"status": "online"})

    async def ring(self) -> None:
        """Request, until the coach's tab rings."""
        for tab in self._tabs:
            tab.clear()
        ask = {"coachId": self.couple.coach.coach_id, "clientRequestId": secrets.token_hex(12)}
        made = await self.client.call("live_session_request", ask)
        self.session_id = made["sessionId"]
        await self._tabs[1].expect("live_session_ringing", sessionId=self.session_id)

    async def accept(self) -> None:
        """The coach takes it."""
        await self.coach.call("live_session_accept", {"sessionId": self.session_id})

    async def join(self) -> None:
        """Both sit down, and have made an offer and an answer."""
        self.ends = paired(End(self.session_id), End(self.session_id))
        self._seats = tuple(Inbox(end.client) for end in self.ends)
        sides = zip(self.ends, self._seats, (self.couple.client, self.couple.coach), "ab", strict=True)
        for end, seat, who, name in sides:
            end.otherwise = seat.take
            device = f"{self.device}{name}"
            await end.join(self.couple.url, who.token, device, who.source, resume=False)
        epoch = max(end.epoch for end in self.ends)
        for end in self.ends:
            end.epoch = epoch
        await describe(*self.ends)

    async def start(self) -> None:
        """Both prove media, until both are told that the call has started."""
        self.prove()
        for seat in self._seats:
            await seat.expect("live-session-started")

    def prove(self) -> None:
        """Both say that media flows."""
        for end in self.ends or ():
            proof = {"sessionId": self.session_id, "epoch": end.epoch, "state": "connected"}
            end.client.emit("live-media-state", proof)

    async def end(self) -> None:
        """The client hangs up, until both know."""
        if self.ends is None:
            return
        await self.ends[0].client.call("live-session-end", {"sessionId": self.session_id})
        for seat in self._seats:
            await seat.expect("live-session-ended")

    @property
    def ticks(self) -> int:
        """Minutes that the two were told of."""
        return sum(seat.count("live-session-tick") for seat in self._seats)

    def rise(self) -> None:
        """Leave the seats."""
        for end in self.ends or ():
            end.client.close()
        self.ends = None

    def leave(self) -> None:
        """Leave everything."""
        self.rise()
        self.client.close()
        self.coach.close()

    async def begin(self, timed: Timed, due: int) -> None:
        """From the request to the start, each step timed; ``setup`` is all of it, from when it was due."""
        for name, step in (
            ("ring", self.ring),
            ("accept", self.accept),
            ("join", self.join),
            ("start", self.start),
        ):
            began = due if name == "ring" else time.monotonic_ns()
            await step()
            timed(name, began)
        timed("setup", due)
