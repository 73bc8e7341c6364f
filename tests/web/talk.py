"""Two people, their pages, and the call between them."""

import asyncio
from dataclasses import dataclass

from tests.support.program import Person, Program
from tests.web.pages import ClientPage


@dataclass
class Talk:
    """A client at one window and a coach at another."""

    program: Program
    coach: Person
    client: Person
    at_coach: ClientPage
    at_client: ClientPage
    session: str = ""

    @property
    def pages(self) -> tuple[ClientPage, ClientPage]:
        return self.at_coach, self.at_client

    async def accepted(self) -> str:
        """Request, ring, accept; the call."""
        ask = {"coachId": self.coach.coach_id, "clientRequestId": f"request-{self.coach.coach_id}"}
        self.session = (await self.at_client.ask("live_session_request", **ask))["sessionId"]
        await self.at_coach.until("live_session_ringing")
        await self.at_coach.ask("live_session_accept", sessionId=self.session)
        return self.session

    async def live(self) -> str:
        """Until both see and hear each other and the meter runs; the call."""
        await self.accepted()
        await asyncio.gather(*(page.join(self.session) for page in self.pages))
        for page in self.pages:
            await page.until("started")
            await page.frames_advance()
        return self.session

    async def back(self) -> None:
        """Until the meter runs again and both see each other, after a pause that the coach heard of."""
        await self.at_coach.until("paused")
        for page in self.pages:
            await page.until_state("live")
            await page.frames_advance()
