"""Coaches who answer and clients who call, all day long."""

import asyncio
from contextlib import suppress
from typing import Any

import aiohttp

from bootstrap.call.errors import CallError, NoAnswer, Refused
from domain.ids import new_id
from tests.chaos.member import OVER, SEATED, Member, Tab
from tests.chaos.talk import Script, Talk, quietly

#: Real seconds.
RING = 25.0
BETWEEN_CALLS = (0.1, 1.0)
GOING_HOME = 12.0


class Coach:
    """Goes online and stays so; takes most calls, declines some, does not hear others."""

    def __init__(self, member: Member, closing: asyncio.Event) -> None:
        self._member = member
        self._closing = closing
        self._tab = Tab(member, self._hear)
        self._rung: set[str] = set()
        self._answers: set[asyncio.Task[None]] = set()

    @property
    def coach_id(self) -> str:
        assert self._member.tokens.user.coach_id is not None
        return self._member.tokens.user.coach_id

    async def run(self) -> None:
        """Until everybody goes home and the last call is over."""
        tab = asyncio.create_task(self._tab.keep())
        try:
            while not self._closing.is_set():
                with suppress(CallError):
                    await self._tab.insist("coach_status_set", {"status": "online"})
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), 4.0)
            await _within(GOING_HOME, self._answers)
        finally:
            await _cancel(tab, *self._answers)

    def _hear(self, name: str, data: Any) -> None:
        if name == "live_session_ringing" and data["sessionId"] not in self._rung:
            self._rung.add(data["sessionId"])
            task = asyncio.create_task(self._answer(data["sessionId"]))
            self._answers.add(task)

    async def _answer(self, session_id: str) -> None:
        dice = self._member.dice
        choice = dice.choices(("accept", "decline", "ignore"), (88, 7, 5))[0]
        self._member.witness.counts[f"rings: {choice}"] += 1
        await asyncio.sleep(dice.uniform(0.05, 0.8))
        script = Script.drawn(dice, stays=0.6)
        with suppress(Refused, NoAnswer):
            if choice == "decline":
                await self._tab.insist("live_session_decline", {"sessionId": session_id, "reason": "busy"})
            elif choice == "accept":
                await self._tab.insist("live_session_accept", {"sessionId": session_id})
                await quietly(Talk(self._member, self._tab, session_id, "callee", script, self._closing))


class Client:
    """Calls one coach after the other."""

    def __init__(
        self, member: Member, coaches: list[Coach], sandbox_url: str, closing: asyncio.Event
    ) -> None:
        self._member = member
        self._coaches = coaches
        self._sandbox_url = sandbox_url
        self._closing = closing
        self._tab = Tab(member)

    async def run(self) -> None:
        """Until everybody goes home and the last call is over."""
        tab = asyncio.create_task(self._tab.keep())
        day = asyncio.create_task(self._day())
        try:
            await self._closing.wait()
            await _within(GOING_HOME, {day})
        finally:
            await _cancel(day, tab)

    async def _day(self) -> None:
        while not self._closing.is_set():
            with suppress(CallError):
                await self._call()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self._member.dice.uniform(*BETWEEN_CALLS))

    async def _call(self) -> None:
        dice, witness = self._member.dice, self._member.witness
        coach, script = dice.choice(self._coaches), Script.drawn(dice, stays=0.3)
        cancels, patience = dice.random() < 0.1, dice.uniform(0.0, 2.0)
        ask = {"coachId": coach.coach_id, "clientRequestId": new_id()}
        made = await self._tab.insist("live_session_request", ask)
        session_id = made["sessionId"]
        witness.sessions.add(session_id)
        witness.counts["calls"] += 1
        if made["authorization"]["status"] == "requires_action":
            await self._at_the_bank(made["authorization"]["clientSecret"])
        if cancels:
            await self._tab.until(session_id, OVER | SEATED, patience)
            await self._tab.insist("live_session_cancel", {"sessionId": session_id})
            return
        if await self._tab.until(session_id, OVER | SEATED, RING) in SEATED:
            witness.counts["calls answered"] += 1
            await quietly(Talk(self._member, self._tab, session_id, "caller", script, self._closing))

    async def _at_the_bank(self, secret: str | None) -> None:
        """3-D Secure: passed, failed, or left open."""
        outcome = self._member.dice.choices(("complete", "fail", None), (75, 15, 10))[0]
        self._member.witness.counts[f"3-D Secure: {outcome or 'left open'}"] += 1
        if outcome is None or secret is None:
            return
        intent = secret.partition("_secret_")[0]
        form = {"client_secret": secret, "outcome": outcome}
        with suppress(aiohttp.ClientError, TimeoutError, OSError):
            async with self._member.http.post(
                f"{self._sandbox_url}/_sandbox/3ds/{intent}",
                data=form,
                timeout=aiohttp.ClientTimeout(total=5),
            ) as answer:
                await answer.read()


async def _within(seconds: float, tasks: set[asyncio.Task[None]]) -> None:
    if tasks:
        await asyncio.wait(tasks, timeout=seconds)


async def _cancel(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome
