"""A booked session in the storm: both come, the booked time passes, and they go on in overtime, which is asked for again."""

import asyncio
from dataclasses import dataclass
from typing import Any

from bootstrap.call.errors import Refused
from domain.ids import CoachId, UserId
from tests.chaos.actors import GOING_HOME
from tests.chaos.link import Link
from tests.chaos.member import Member, Tab
from tests.chaos.talk import SESSION, Script, Talk, quietly
from tests.support.program import Program
from tests.support.sessions import a_booking, keep

#: Domain minutes of booked time: nearly over when they have come.
BOOKED = 0.6
#: Real seconds after which one of them has enough.
LASTING = (8.0, 25.0)
#: Domain minutes of one wish for overtime: the fewest there are.
WISHED = 5
#: Real seconds between two looks at whether more time is wanted.
ASK_EVERY = 1.0


@dataclass
class Couple:
    """Two people with one session, which begins now."""

    coach: Member
    client: Member
    booking_id: str
    closing: asyncio.Event

    async def run(self) -> None:
        """Until everybody goes home and the session is over."""
        sides = []
        for member, role in ((self.client, "caller"), (self.coach, "callee")):
            script = Script.drawn(member.dice, stays=0.5, lasting=LASTING)
            talk = Meeting(member, Tab(member), self.booking_id, role, script, self.closing)
            sides.append(asyncio.create_task(quietly(talk)))
        try:
            await self.closing.wait()
            await asyncio.wait(sides, timeout=GOING_HOME)
        finally:
            for side in sides:
                side.cancel()
            await asyncio.gather(*sides, return_exceptions=True)


async def coupled(program: Program, coach: Member, client: Member, closing: asyncio.Event) -> Couple:
    """Book a session that begins at once; it is paid for."""
    seller, buyer = coach.tokens.user, client.tokens.user
    assert seller.coach_id is not None
    inside = program.inside
    booking = a_booking(
        coach=(CoachId(seller.coach_id), UserId(seller.user_id)),
        client=UserId(buyer.user_id),
        start=inside.clock.now(),
        minutes=BOOKED,
        price=250,
    )
    await keep(inside.stores, inside.calls.sessions.meetings, booking)
    return Couple(coach, client, booking.id, closing)


class Meeting(Talk):
    """One side of a session. The coach asks for more time whenever none is left that is agreed; the client agrees."""

    words = SESSION

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._wish: dict[str, Any] | None = None
        self._asked = 0.0

    async def _besides(self, link: Link) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._asked < ASK_EVERY:
            return
        self._asked = now
        try:
            if self._role == "callee" and (
                self._wish is None or self._wish["state"] != "pending_confirmation"
            ):
                await link.ask("request-overtime", {"bookingId": self._session, "minutes": WISHED})
                self._witness.counts["overtime asked for"] += 1
            elif self._role == "caller" and self._answers_wanted():
                assert self._wish is not None
                answer = {"bookingId": self._session, "number": self._wish["number"]}
                made = await link.ask("confirm-overtime", answer)
                self._witness.counts[f"overtime {made['status']}"] += 1
        except Refused as refused:
            self._witness.refused("overtime", refused.code)

    def _answers_wanted(self) -> bool:
        wish = self._wish
        return wish is not None and wish["state"] == "pending_confirmation" and not wish["confirmed"]

    async def _end(self, link: Link) -> None:
        try:
            await super()._end(link)
        except Refused as refused:
            if refused.code != "ILLEGAL_STATE":
                raise
            # The other never came: one leaves.
            self._gone = True

    def _hear(self, name: str, data: Any) -> None:
        if name == "overtime-update":
            self._wish = data
        super()._hear(name, data)
