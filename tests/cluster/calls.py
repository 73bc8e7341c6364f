"""A call between two sockets, wherever they are."""

from dataclasses import dataclass
from typing import Any

from tests.support.house import Party
from tests.support.realtime import Node, Tab

OFFER = {"type": "offer", "sdp": "v=0\r\noffer"}


def candidate(number: int) -> dict[str, Any]:
    """The ``number``-th candidate of a call."""
    return {"candidate": f"candidate:{number} 1 udp 1 192.0.2.1 {number} typ host", "sdpMid": "0"}


@dataclass
class Talk:
    """An accepted call whose caller has offered, and how many candidates it has sent since."""

    session: str
    caller: Tab
    callee: Tab
    client: Party
    coach: Party
    sent: int = 0

    @classmethod
    async def between(cls, one: Node, two: Node) -> "Talk":
        """The caller's socket at ``one``, the callee's at ``two``."""
        coach, client = await one.house.coach(), await one.house.client()
        session = await one.house.answered(client, coach)
        caller, callee = await one.tab(client, "/live"), await two.tab(coach, "/live")
        for tab, party in ((caller, client), (callee, coach)):
            ask = {"sessionId": session, "deviceId": party.device}
            await tab.done("join-live-session-handshake", ask)
        talk = cls(session, caller, callee, client, coach)
        await caller.done("live-signal", talk.signal(description=OFFER))
        await callee.until("live-signal")
        return talk

    def signal(self, epoch: int = 0, **body: Any) -> dict[str, Any]:
        return {"sessionId": self.session, "epoch": epoch, **body}

    async def send(self) -> None:
        """One more candidate, acknowledged."""
        await self.caller.done("live-signal", self.signal(candidate=candidate(self.sent)))
        self.sent += 1

    @property
    def heard(self) -> list[dict[str, Any]]:
        """The candidates that came."""
        return [told["candidate"] for told in self.callee.named("live-signal") if "candidate" in told]

    @property
    def whole(self) -> bool:
        """Everything that was sent came once, in order."""
        return self.heard == [candidate(number) for number in range(self.sent)]
