"""The talk: both seated, media both ways, the meter, perhaps a drop in the middle, the end."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bootstrap.call.drop import Drop, Kind
from bootstrap.call.errors import Astray
from bootstrap.call.media import CLIENT, COACH, Audience, Studio
from bootstrap.call.meter import Meter
from bootstrap.call.peer import Peer
from bootstrap.call.seat import LiveSeat
from bootstrap.call.stage import Stage
from bootstrap.call.story import Mark, Story
from bootstrap.call.wire import Ended, Joined, LowBalance, Paused, Resumed, Tick
from bootstrap.call.words import clock, money, phrase, span

#: Real seconds until media is proven; the server itself gives up after 60 s of domain time.
START_TIMEOUT = 30.0
OVER = "live-session-ended"


@dataclass(slots=True)
class Talk:
    """A call in progress, with what its two sides saw of it."""

    story: Story
    coach: LiveSeat
    client: LiveSeat
    joined: Joined
    meter: Meter
    ticks: list[int] = field(default_factory=list)
    #: billable seconds by our own clock when the end was told
    counted: float = 0.0
    _joined_at: float = field(default_factory=time.monotonic)

    @property
    def seats(self) -> tuple[LiveSeat, LiveSeat]:
        return (self.coach, self.client)

    async def started(self) -> None:
        """Media is proven both ways.

        Raises:
            Astray: the call ended before.
        """
        for seat in self.seats:
            heard = await seat.socket.expect("live-session-started", OVER, timeout=START_TIMEOUT)
            if heard.name == OVER:
                raise Astray(f"The call ended before it began: {phrase(Ended.read(heard.data).reason)}.")

    async def hang_up(self) -> Ended:
        """The client ends it, unless it is over already; both are told the same.

        Raises:
            Astray: they are not.
        """
        if not self.meter.over:
            self.story.tell("client", "hangs up", Mark.END)
            await self.client.end()
        told = [Ended.read((await seat.socket.expect(OVER)).data) for seat in self.seats]
        if told[0] != told[1]:
            raise Astray(f"The two sides were told different ends: {told[0]} and {told[1]}.")
        return told[1]

    async def drop(self, drop: Drop) -> None:
        """Let media stop, wait for the pause, and come back if that is the plan.

        Raises:
            Astray: the call took another turn.
        """
        what = {Kind.CONNECTION: "the connection is lost", Kind.DEVICES: "microphone and camera hang"}[
            drop.kind
        ]
        self.story.tell("client", f"{what}: nothing arrives at the coach any more", Mark.PAUSE)
        await self._break(drop.kind)
        paused = Paused.read((await self._next("live-session-paused")).data)
        if not drop.comes_back:
            return
        left = self._real_until(paused.grace_ends_at)
        self.story.tell("client", f"has {span(max(left, 0))} of real time to come back", Mark.NOTE)
        await asyncio.sleep(min(drop.away, max(left, 0)))
        self.story.tell("client", "is back", Mark.STEP)
        await self._mend(drop.kind)
        await self._next("live-session-resumed")

    async def _next(self, name: str) -> Any:
        heard = await self.client.socket.expect(name, OVER, timeout=START_TIMEOUT)
        if heard.name == OVER:
            raise Astray(
                f"The call ended ({phrase(Ended.read(heard.data).reason)}) instead of {name.split('-')[-1]}."
            )
        return heard

    async def _break(self, kind: Kind) -> None:
        if kind is Kind.CONNECTION:
            await self.client.lose_connection()
        else:
            self.client.studio.stall()

    async def _mend(self, kind: Kind) -> None:
        if kind is Kind.CONNECTION:
            await self.client.restart()
        else:
            self.client.studio.flow()

    def _real_until(self, domain: datetime) -> float:
        passed = timedelta(seconds=(time.monotonic() - self._joined_at) * self.joined.clock_speed)
        return (domain - self.joined.server_time - passed).total_seconds() / self.joined.clock_speed

    def on_event(self, name: str, data: Any) -> None:
        """The client's view of the meter, told as it happens."""
        tell = _TELL.get(name)
        if tell is not None:
            tell(self, data)

    def _on_started(self, _: Any) -> None:
        self.meter.run()
        self.story.tell("both", "media proven both ways: live, the meter runs", Mark.LIVE)

    def _on_tick(self, data: Any) -> None:
        tick = Tick.read(data)
        self.ticks.append(tick.minute)
        paid = f"{clock(tick.authorized_seconds)} paid in advance"
        cost = money(tick.amount.amount, tick.amount.currency)
        self.story.tell("meter", f"minute {tick.minute}: {cost}, {paid}", Mark.TICK)

    def _on_paused(self, data: Any) -> None:
        paused = Paused.read(data)
        self.meter.stand(paused.billable_seconds)
        self.story.tell(
            "both",
            f"paused at {clock(paused.billable_seconds)}, unbilled ({phrase(paused.reason)}); both send silence, black",
            Mark.PAUSE,
        )

    def _on_resumed(self, data: Any) -> None:
        resumed = Resumed.read(data)
        self.meter.run(resumed.billable_seconds)
        self.story.tell("both", f"resumed at {clock(resumed.billable_seconds)}: the meter runs on", Mark.LIVE)

    def _on_low(self, data: Any) -> None:
        low = LowBalance.read(data)
        self.story.tell(
            "meter",
            f"the next block was refused: the call will stop at {clock(low.authorized_seconds)}",
            Mark.PAUSE,
        )

    def _on_ended(self, data: Any) -> None:
        ended = Ended.read(data)
        self.counted = self.meter.seconds
        self.meter.stop(ended.billable_seconds)
        cost = money(ended.amount.amount, ended.amount.currency)
        self.story.tell(
            "both",
            f"the call is over: {phrase(ended.reason)}, {clock(ended.billable_seconds)}, {cost}",
            Mark.END,
        )


_TELL = {
    "live-session-started": Talk._on_started,
    "live-session-tick": Talk._on_tick,
    "live-session-paused": Talk._on_paused,
    "live-session-resumed": Talk._on_resumed,
    "live-session-low-balance": Talk._on_low,
    OVER: Talk._on_ended,
}


def seats_for(stage: Stage) -> tuple[LiveSeat, LiveSeat]:
    """Coach and client with their devices, not seated yet."""
    coach = LiveSeat(stage.coach, Studio(COACH), Audience(of=CLIENT))
    client = LiveSeat(stage.client, Studio(CLIENT), Audience(of=COACH))
    return coach, client


async def approach(*peers: Peer) -> None:
    """Open the dedicated sockets while it rings: after the accept, time is short."""
    await asyncio.gather(*(peer.approach() for peer in peers))


async def sit_down(stage: Stage, coach: LiveSeat, client: LiveSeat) -> Talk:
    """Both do the handshake, and are told about the meter from now on."""
    talk: list[Talk] = []
    early: list[tuple[str, Any]] = []

    def hear(name: str, data: Any) -> None:
        if talk:
            talk[0].on_event(name, data)
        else:
            early.append((name, data))

    (await stage.client.approach()).listen(hear)
    _, joined = await asyncio.gather(coach.take(stage.known_session), client.take(stage.known_session))
    stage.result.clock_speed = joined.clock_speed
    _tell_joined(stage.story, joined)
    talk.append(Talk(stage.story, coach, client, joined, Meter(joined.clock_speed)))
    for name, data in early:
        talk[0].on_event(name, data)
    return talk[0]


def _tell_joined(story: Story, joined: Joined) -> None:
    story.tell(
        "both",
        f"take their seats; {span(joined.authorized_seconds)} paid in advance, clock ×{joined.clock_speed:g}",
    )
    relays = f"{len(joined.ice_servers)} ICE servers" if joined.ice_servers else "host candidates only"
    story.tell("both", f"client offers, coach answers ({relays})", Mark.NOTE)
