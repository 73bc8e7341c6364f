"""Where every road begins: both people logged in, the coach online and seen so, and a call that rings or does not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bootstrap.call.errors import Astray, CallError, NoAnswer
from bootstrap.call.peer import Peer
from bootstrap.call.rest import sandbox_intents
from bootstrap.call.story import CallOptions, CallResult, Place, Story
from bootstrap.call.wire import CoachStatus, Requested, Ringing, Session, Updated
from bootstrap.call.words import money, span

#: Real seconds. A coach who cooled down after a call is back within 60 s of domain time.
PATIENCE = 65.0
#: Real seconds until something settles that needs the worker and the gateway.
SETTLE_TIMEOUT = 30.0
LOOK_EVERY = 0.1


@dataclass(slots=True)
class Stage:
    """Two people, and what is known of their call."""

    place: Place
    http: aiohttp.ClientSession
    story: Story
    result: CallResult
    options: CallOptions
    coach: Peer
    client: Peer
    coach_id: str
    session_id: str | None = None

    async def call(self, card_id: str | None = None) -> Requested:
        """The client calls the coach.

        Raises:
            Refused: COACH_BUSY, CALL_OPEN, PAYMENT_REFUSED, …
        """
        self.story.tell("client", f"calls {self.coach.user.name}")
        requested = await self.client.request(self.coach_id, card_id)
        self.session_id = self.result.session_id = requested.session_id
        if requested.authorization.status != "authorized":
            raise Astray(
                f"The card is not authorized but {requested.authorization.status}; this command cannot do 3-D Secure."
            )
        self.story.tell("client", "card authorized for the first block; it rings")
        return requested

    async def ring(self) -> Ringing:
        """The coach hears it."""
        heard = await self.coach.notifications.expect("live_session_ringing", where=self._of_call)
        ringing = Ringing.read(heard.data)
        self.story.tell("coach", f"{ringing.client.name} is calling")
        return ringing

    async def reaches(self, peer: Peer, state: str) -> Updated:
        """``peer`` is told that the call is in ``state``."""

        def wanted(data: Any) -> bool:
            return self._of_call(data) and data.get("state") == state

        heard = await peer.notifications.expect("live_session_update", where=wanted)
        return Updated.read(heard.data)

    async def document(self, *states: str) -> Session:
        """``GET /api/live-sessions/{sessionId}`` once its state is one of these."""
        deadline = asyncio.get_running_loop().time() + SETTLE_TIMEOUT
        while True:
            session = await self.client.rest.session(self.known_session)
            self.result.state, self.result.end_reason = session.state, session.end_reason
            if session.state in states:
                return session
            if asyncio.get_running_loop().time() > deadline:
                raise NoAnswer(f"The call is still {session.state} after {SETTLE_TIMEOUT:.0f} s.")
            await asyncio.sleep(LOOK_EVERY)

    @property
    def known_session(self) -> str:
        """The call's id."""
        if self.session_id is None:
            raise CallError("There is no call yet.")
        return self.session_id

    def _of_call(self, data: Any) -> bool:
        return isinstance(data, dict) and data.get("sessionId") == self.session_id

    async def abandon(self) -> None:
        """After an interruption: leave no call open. Best effort."""
        if self.session_id is None:
            return
        try:
            async with asyncio.timeout(5):
                await self.client.cancel(self.session_id)
        except (CallError, TimeoutError):
            return


@asynccontextmanager
async def on_stage(
    place: Place, options: CallOptions, story: Story, result: CallResult
) -> AsyncIterator[Stage]:
    """Both logged in, the coach online; everything closed at the end, and the coach offline again if it was before."""
    async with aiohttp.ClientSession() as http:
        place = await _with_sandbox(http, place)
        coach = Peer(http, place.url, options.coach, options.password, "coach")
        client = Peer(http, place.url, options.client, options.password, "client")
        async with _logged_in(coach, story), _logged_in(client, story):
            stage = Stage(place, http, story, result, options, coach, client, _coach_id(coach))
            before = await _watch(stage)
            try:
                await _go_online(stage, before)
                yield stage
            except BaseException:
                await stage.abandon()
                raise
            finally:
                if before == "offline":
                    await _go_offline(coach)


@asynccontextmanager
async def _logged_in(peer: Peer, story: Story) -> AsyncIterator[Peer]:
    async with peer:
        story.tell(peer.whose, f"logs in as {peer.user.name}")
        yield peer


def _coach_id(coach: Peer) -> str:
    if coach.user.coach_id is None:
        raise Astray(f"{coach.user.name} is no coach.")
    return coach.user.coach_id


async def _watch(stage: Stage) -> str:
    """What watchers see before the coach is here."""
    await stage.client.arrive()
    watched = await stage.client.watch(stage.coach_id)
    before = watched.status if watched else "offline"
    stage.story.tell("client", f"watches the coach: {before}")
    return before


async def _go_online(stage: Stage, before: str) -> None:
    await stage.coach.arrive()
    status = await stage.coach.set_status("online")
    rate = status.rate_per_minute
    stage.story.tell("coach", f"goes online at {money(rate.amount, rate.currency)} a minute")
    if status.status == "busy":
        await _wait_for_coach(stage)
    elif before != "online":
        await _seen(stage, "online", timeout=15)
        stage.story.tell("client", "sees the coach come online")


async def _wait_for_coach(stage: Stage) -> None:
    stage.story.tell("client", f"sees the coach busy (a call, or its cooldown); waits up to {span(PATIENCE)}")
    try:
        async with asyncio.timeout(PATIENCE):
            # Whoever had the coach before may have left by going offline.
            while await _seen(stage, "online", "offline", timeout=PATIENCE) == "offline":
                await stage.coach.set_status("online")
    except (NoAnswer, TimeoutError):
        raise Astray("The coach stays busy. Is another call running? Try again when it is over.") from None
    stage.story.tell("client", "sees the coach online again")


async def _seen(stage: Stage, *statuses: str, timeout: float) -> str:
    """The client is told one of these of the coach."""

    def wanted(data: Any) -> bool:
        return data.get("coachId") == stage.coach_id and data.get("status") in statuses

    heard = await stage.client.notifications.expect("coach_status", where=wanted, timeout=timeout)
    return CoachStatus.read(heard.data).status


async def _go_offline(coach: Peer) -> None:
    try:
        await coach.set_status("offline")
    except CallError:
        # The socket may be what failed; the coach is then absent anyway.
        return


@dataclass(frozen=True, slots=True)
class _Found:
    url: str
    sandbox_url: str | None


async def _with_sandbox(http: aiohttp.ClientSession, place: Place) -> Place:
    """A sandbox beside the server, at its default port, is found by asking."""
    if place.sandbox_url is not None:
        return place
    guess = _next_port(place.url)
    if guess is None:
        return place
    try:
        await sandbox_intents(http, guess, "")
    except CallError:
        return place
    return _Found(place.url, guess)


def _next_port(url: str) -> str | None:
    address = urlsplit(url)
    if address.hostname not in ("127.0.0.1", "localhost", "::1") or address.port is None:
        return None
    host = f"[{address.hostname}]" if ":" in address.hostname else address.hostname
    return f"http://{host}:{address.port + 1}"
