"""The whole house below the doors, on real stores and the real sandbox, with a clock that a test moves."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.mail.sandbox import SandboxMailer
from adapters.mongo.client import MongoClient, MongoDatabase
from adapters.passwords import BcryptHasher
from adapters.payments.stripe import StripeGateway, StripeSettings
from billing.payment_methods import CardPorts, PaymentMethods
from bootstrap.wiring.booking import BookingHouse, build_booking
from bootstrap.wiring.calls import CallHouse, build_calls
from bootstrap.wiring.mail import build_sending
from bootstrap.wiring.stores import Stores, open_stores
from bootstrap.wiring.worker import build_runner
from domain.accounts.account import Identity, Role
from domain.accounts.registration import Application, Registration, Trust
from domain.calls.session import LiveSession, Side
from domain.calls.states import UNCHARGED
from domain.calls.terms import CallTerms
from domain.calls.views import CallRequest, JoinCall, RequestedCall, SocketRef
from domain.clock import VirtualClock, real_seconds
from domain.coaching.coach import Coach, Wish
from domain.events import Address, ToUser, ToWatchers, to_wire
from domain.ids import PaymentMethodId, SessionId, new_id
from domain.mail.sending import Sending
from domain.money import Money
from domain.outbox import apart
from domain.payments.payment import Payment
from domain.timers import DueTimer, TimerKind
from signaling.ice import IceServers
from tasks.runner import TimerRunner
from tests.support.money import assert_charged_exactly
from tests.support.sandbox import (
    GATEWAY_PATIENCE,
    SECRET_KEY,
    WEBHOOK_SECRET,
    RunningSandbox,
    running_sandbox,
)
from tests.support.steps import SteppedGateway, SteppedTransactions, Steps

RATE = Money(250, "USD")
#: Signs links in mails, and everything else of a door (tests/support/door.py).
LINK_SECRET = b"a secret for tests, 32 bytes long"
CONSOLE = "https://console.test"
LEASE = timedelta(seconds=90)


@dataclass
class Recorded:
    """A publisher that keeps what it was given, in order."""

    events: list[tuple[Address, str, Any]] = field(default_factory=list)

    async def publish_rows(self, rows: Any) -> None:
        self.events += [event for row in rows for event in apart(row)]

    async def publish(self, events: Any) -> None:
        self.events += [(to, event.name, to_wire(event)) for to, event in events]

    def named(self, name: str) -> list[Any]:
        """The data of all events of one name."""
        return [data for _, known, data in self.events if known == name]

    def heard_by(self, party: "Party", name: str) -> list[Any]:
        """The data of the events of one name that a person's tabs got."""
        to = ToUser(party.who.user_id)
        return [data for address, known, data in self.events if known == name and address == to]

    def statuses(self, coach: "Party") -> list[str]:
        """What the watchers of a coach were told, in order."""
        assert coach.who.coach_id is not None
        to = ToWatchers(coach.who.coach_id)
        return [data["status"] for address, _, data in self.events if address == to]


@dataclass
class Party:
    """Somebody with an account, and the socket that speaks for them in a call."""

    who: Identity
    device: str
    sid: str


@dataclass
class House:
    """One process, a clock, a gateway, and everything that happened."""

    clock: VirtualClock
    stores: Stores
    calls: CallHouse
    booking: BookingHouse
    cards: PaymentMethods
    runner: TimerRunner
    sandbox: RunningSandbox
    published: Recorded
    register: Registration
    process: str
    terms: CallTerms = field(default_factory=CallTerms)

    # --- people ---

    async def coach(self, name: str = "Coach", *, online: bool = True, rate: Money = RATE) -> Party:
        party = await self._person(name, Role.COACH, rate)
        if online:
            await self.calls.presence.set_status(party.who, Wish.ONLINE, None)
        return party

    async def client(self, name: str = "Client", card: str | None = "pm_card_visa") -> Party:
        party = await self._person(name, Role.CLIENT, None)
        if card:
            await self.cards.add(party.who, card)
        return party

    async def add_card(self, party: Party, token: str) -> PaymentMethodId:
        return (await self.cards.add(party.who, token)).id

    async def _person(self, name: str, role: Role, rate: Money | None) -> Party:
        unique = new_id()
        application = Application(f"{unique}@demo.test", "a-long-password", name, role, rate)
        account, coach_id = await self.register(application, Trust(True, True))
        who = Identity(account.id, coach_id, role, "family", self.clock.wall() + timedelta(days=1))
        return Party(who, f"device-{unique}", f"socket-{unique}")

    # --- a call ---

    async def ask(
        self, client: Party, coach: Party, *, card: PaymentMethodId | None = None, request: str | None = None
    ) -> RequestedCall:
        assert coach.who.coach_id is not None
        ask = CallRequest(coach.who.coach_id, request or new_id(), card)
        return await self.calls.live_calls.request(client.who, client.device, ask)

    async def answered(self, client: Party, coach: Party) -> SessionId:
        """Asked and accepted."""
        session = (await self.ask(client, coach)).session_id
        await self.calls.answers.accept(coach.who, session, coach.device)
        return session

    async def join(self, party: Party, session: SessionId, *, resume: bool = False) -> Any:
        ask = JoinCall(session, party.device, resume)
        return await self.calls.handshakes.join(party.who, SocketRef(self.process, party.sid), ask)

    async def leave(self, party: Party, session: SessionId) -> None:
        """The party's socket is gone, as its process notices."""
        side = (await self.call(session)).side_of(party.who.user_id)
        self.calls.keeper.drop(session, side, party.sid)
        await self.calls.handshakes.left(session, party.who.user_id, party.sid)

    async def live(self, client: Party, coach: Party) -> SessionId:
        """A call with media proven both ways."""
        session = await self.answered(client, coach)
        await self.join(client, session)
        await self.join(coach, session)
        await self.proven(client, session)
        await self.proven(coach, session)
        return session

    async def media(self, party: Party, session: SessionId, state: str, epoch: int | None = None) -> None:
        call = await self.call(session)
        side = call.side_of(party.who.user_id)
        generation = call.epoch if epoch is None else epoch
        await self.calls.media.report(party.who, party.sid, session, side, generation, state)

    async def proven(self, party: Party, session: SessionId) -> None:
        await self.media(party, session, "connected")

    async def talk(self, session: SessionId, seconds: float, *, step: float = 5.0) -> None:
        """Let time pass with media flowing: both sides keep proving, and due timers run."""
        left = seconds
        while left > 0:
            self.clock.advance(min(step, left))
            left -= step
            await self.keep_proving(session)
            await self.run_due()

    async def keep_proving(self, session: SessionId, *sides: Side) -> None:
        """Whoever counts proves again: both, or those named."""
        call = await self.call(session)
        for side in sides or tuple(Side):
            seat = call.participant(side).seat
            if seat is not None:
                self.calls.keeper.renew(session, side, seat.sid)
        await self.calls.keeper.flush()

    async def silence(
        self, session: SessionId, seconds: float, *, but: Side | None = None, step: float = 1.0
    ) -> None:
        """Let time pass while at most the side ``but`` keeps proving; missing proofs are noticed as the server would."""
        left = seconds
        while left > 0:
            self.clock.advance(min(step, left))
            left -= step
            if but is not None:
                await self.keep_proving(session, but)
            await self.notice_missing_proofs()
            await self.run_due()

    async def notice_missing_proofs(self) -> None:
        timeout = real_seconds(self.clock, self.terms.proof_timeout)
        for session, side, sid in self.calls.keeper.expired(timeout):
            await self.calls.media.proof_missing(session, side, sid)
        await self.calls.keeper.flush()

    async def call(self, session: SessionId) -> LiveSession:
        return (await self.stores.calls.find([session]))[0]

    async def payment(self, session: SessionId) -> Payment:
        return (await self.stores.payments.by_sessions([session]))[session]

    # --- time ---

    async def pass_time(self, seconds: float) -> None:
        """Let time pass without any proof, then run what is due."""
        self.clock.advance(seconds)
        await self.run_due()

    async def run_due(self) -> int:
        """Run every timer that is due, and those that become due by it; how many ran."""
        ran = 0
        for _ in range(50):
            due = {"due_at": {"$lte": self.clock.now()}}
            shards, lanes = (
                await self.stores.db["timers"].distinct("shard", due),
                await self.stores.timers.due_lanes(),
            )
            if not shards and not lanes:
                return ran
            together = sum([(await self.runner.run_lane(lane)).ran for lane in lanes])
            timers = [
                timer for shard in shards for timer in await self.stores.timers.claim_due(shard, 500, LEASE)
            ]
            if not timers and not together:
                return ran
            ran += together + len(timers)
            await self._run(timers)
        raise AssertionError(f"timers never come to rest: {timers}")

    async def _run(self, timers: list[DueTimer]) -> None:
        for kind in TimerKind:
            batch = [timer for timer in timers if timer.kind is kind]
            if batch:
                await self.runner.run(kind, batch)

    async def settle(self, session: SessionId) -> Payment:
        """Run due timers until the call is settled; what waits for backoff gets its time."""
        for _ in range(60):
            await self.run_due()
            if (await self.call(session)).state == "settled":
                return await self.payment(session)
            self.clock.advance(30)
        raise AssertionError(f"not settled: {(await self.call(session)).state}")

    async def over(self, session: SessionId) -> LiveSession:
        """Run due timers until nothing of an uncharged call is open at the gateway; give backoff its time."""
        for _ in range(20):
            await self.run_due()
            call = await self.call(session)
            if call.state in UNCHARGED and not await self.open_holds() and not call.holds_unresolved:
                return call
            self.clock.advance(30)
        raise AssertionError(f"not over: {call.state}, holds {[hold.state for hold in call.holds]}")

    async def stored_coach(self, coach: Party) -> Coach:
        assert coach.who.coach_id is not None
        return (await self.stores.coaches.find([coach.who.coach_id]))[0]

    async def timers_of(self, session: SessionId) -> set[str]:
        """The kinds of timers that wait for a call."""
        return {row["kind"] async for row in self.stores.db["timers"].find({"key": session})}

    async def dead_letters(self) -> int:
        return (await self.stores.timers.counts()).dead

    # --- the gateway ---

    async def assert_books_agree(self, session: SessionId) -> None:
        """Captured exactly what the stored intervals say, no hold open, and every journal balanced."""
        call, payment = await self.call(session), await self.payment(session)
        await assert_charged_exactly(call, payment, await self.intents())
        report = await self.stores.ledger.check()
        assert report.healthy, report
        assert await self.dead_letters() == 0

    async def gateway_tells(self, event: dict[str, Any], *, secret: str = WEBHOOK_SECRET) -> None:
        """Hand in a webhook as the gateway signs it."""
        subject = {"id": event["object"]}
        body = json.dumps(
            {
                "id": event["id"],
                "type": event["type"],
                "created": event["created"],
                "data": {"object": subject},
            }
        ).encode()
        at = int(time.time())
        digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        await self.calls.webhooks.receive(body, f"t={at},v1={digest}")

    async def gateway_events(self) -> list[dict[str, Any]]:
        """Everything the gateway has to tell about intents, in order."""
        events: list[dict[str, Any]] = (await self.sandbox.view("events"))["data"]
        return [event for event in events if event["type"].startswith("payment_intent.")]

    async def intents(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.sandbox.view("payment_intents"))["data"]
        return found

    async def open_holds(self) -> list[dict[str, Any]]:
        return [intent for intent in await self.intents() if intent["amount_capturable"]]


def _sending(stores: Stores, clock: VirtualClock, sandbox: RunningSandbox) -> Sending:
    """Mail goes to the sandbox's mailbox."""
    mailer = SandboxMailer(sandbox.url, SECRET_KEY, "Rapport <no-reply@rapport.test>")
    return build_sending(stores, clock, mailer=mailer, secret=LINK_SECRET, console_url=CONSOLE)


@asynccontextmanager
async def process_on(
    client: MongoClient,
    sandbox: RunningSandbox,
    clock: VirtualClock,
    *,
    terms: CallTerms | None = None,
    process: str = "p1",
    recorded: Recorded | None = None,
    steps: Steps | None = None,
) -> AsyncIterator[House]:
    """One process of a house whose database, gateway and clock others may share. ``steps`` may kill it at any of them."""
    recorded, terms = recorded or Recorded(), terms or CallTerms()
    whole = open_stores(client, clock, recorded)
    settings = StripeSettings(SECRET_KEY, WEBHOOK_SECRET, address=sandbox.url, timeout=GATEWAY_PATIENCE)
    gateway = StripeGateway(settings)
    stores = replace(whole, transact=SteppedTransactions(whole.transact, steps)) if steps else whole  # type: ignore[arg-type]
    asked: Any = SteppedGateway(gateway, steps) if steps else gateway
    calls = build_calls(
        stores=stores,
        clock=clock,
        terms=terms,
        process=process,
        gateway=asked,
        publisher=recorded,
        ice=IceServers(clock, (), None),
        console_url=CONSOLE,
    )
    booking = build_booking(
        stores=stores, calls=calls, clock=clock, terms=terms, process=process, gateway=asked
    )
    hasher = BcryptHasher(cost=4)
    ports = CardPorts(whole.transact, stores.accounts, stores.cards, stores.card_setups, gateway, clock)
    house = House(
        clock=clock,
        stores=stores,
        calls=calls,
        booking=booking,
        cards=PaymentMethods(ports),
        runner=build_runner(stores, calls, booking, clock, sending=_sending(stores, clock, sandbox)),
        sandbox=sandbox,
        published=recorded,
        register=Registration(whole.transact, stores.accounts, stores.coaches, hasher, clock),
        process=process,
        terms=terms,
    )
    try:
        yield house
    finally:
        await whole.transact.close()
        await gateway.close()
        hasher.close()


@asynccontextmanager
async def house_on(
    client: MongoClient,
    data_dir: Path,
    *,
    terms: CallTerms | None = None,
    process: str = "p1",
    clock: VirtualClock | None = None,
    steps: Steps | None = None,
) -> AsyncIterator[House]:
    """A house with a sandbox of its own."""
    clock = clock or VirtualClock()
    async with (
        running_sandbox(data_dir, client_timeout=GATEWAY_PATIENCE) as sandbox,
        process_on(client, sandbox, clock, terms=terms, process=process, steps=steps) as house,
    ):
        yield house


@pytest.fixture
async def house(mongo: MongoDatabase, mongo_client: MongoClient, tmp_path: Path) -> AsyncIterator[House]:
    """A house with the default terms."""
    async with house_on(mongo_client, tmp_path) as built:
        yield built


@pytest.fixture
async def neighbour(house: House, mongo_client: MongoClient) -> AsyncIterator[House]:
    """A second process of ``house``: the same database, gateway, clock and record of events."""
    async with process_on(
        mongo_client, house.sandbox, house.clock, process="p2", recorded=house.published
    ) as built:
        yield built
