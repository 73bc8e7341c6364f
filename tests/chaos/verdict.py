"""After the storm: has everything come to rest, and is every cent where it belongs?

Compared are three independent records: our MongoDB, the sandbox's own state, and what the scripted people did.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

from domain.calls.holds import HoldState
from domain.calls.session import LiveSession, Side
from domain.calls.states import UNCHARGED, CallState
from domain.clock import real_seconds
from domain.ids import BookingId, SessionId
from domain.money import charge_minimum
from domain.payments.ledger import GATEWAY_CLEARING, GATEWAY_FEE, WRITE_OFF
from domain.payments.payment import Payment
from domain.scheduled.states import OvertimeState
from domain.timers import TimerKind
from tests.chaos.buyer import of_purchases, undecided
from tests.chaos.witness import uncovered
from tests.chaos.world import World
from tests.support.money import talk_ms

#: Real seconds by which clocks of two processes and the way between them may differ.
TOLERANCE = 0.1
LOOK_EVERY = 0.25
TELL_EVERY = 5.0
#: Money may be held, or come to be held, in one of these.
OPEN_HOLDS = frozenset({HoldState.PENDING, HoldState.REQUIRES_ACTION, HoldState.AUTHORIZED})
ENDED_INTENTS = frozenset({"succeeded", "canceled", "requires_payment_method"})
ENDED_OVERTIME = frozenset(
    {OvertimeState.FINALIZED, OvertimeState.DECLINED, OvertimeState.EXPIRED, OvertimeState.FAILED}
)
#: Timers that wait although nothing is going on.
IDLE = frozenset(
    {
        TimerKind.LEDGER_CHECK, TimerKind.COACH_ABSENT,
        # of what is booked for another day
        TimerKind.BOOKING_EXPIRY, TimerKind.BOOKING_REMINDER, TimerKind.BOOKING_NO_SHOW, TimerKind.BOOKING_COMPLETE,
        TimerKind.SESSION_OPEN, TimerKind.SESSION_ENDING_SOON, TimerKind.SESSION_END,
    }
)  # fmt: skip


@dataclass
class Verdict:
    """What was found; ``faults`` is empty when all is well."""

    faults: list[str] = field(default_factory=list)
    #: everything that is known of the calls with a fault
    stories: list[str] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)
    captured: Counter[str] = field(default_factory=Counter)
    written_off: Counter[str] = field(default_factory=Counter)
    rested_after: float = 0.0


async def rest(world: World, say: Callable[[str], None]) -> list[str]:
    """Wait until nothing is under way any more; what still is when the patience is over."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + world.plan.rest
    told = loop.time()
    await _hurry(world)
    while (busy := await _under_way(world)) and loop.time() < deadline:
        await asyncio.sleep(LOOK_EVERY)
        if loop.time() - told >= TELL_EVERY:
            told = loop.time()
            await _hurry(world)
            say(f"still under way: {'; '.join(busy[:4])}{' …' if len(busy) > 4 else ''}")
    return busy


async def judge(world: World) -> Verdict:
    """Check every promise; call it once everything has come to rest."""
    verdict = Verdict(faults=list(world.witness.violations))
    calls = await _calls(world)
    intents = (await world.sandbox("payment_intents"))["data"]
    payments = await world.inside.stores.payments.by_sessions([call.id for call in calls])
    for call in calls:
        own = [intent for intent in intents if intent["metadata"].get("session") == call.id]
        problems = list(_of_call(call, payments.get(call.id), own))
        if call.state not in UNCHARGED:
            problems += _of_time(world, call)
        verdict.faults += [f"call {call.id} ({call.state}): {problem}" for problem in problems]
        verdict.stories += _story(world, call) if problems or call.open else []
        verdict.ends[f"{call.state.value}: {call.end_reason}"] += 1
        if call.final is not None:
            taken = sum(intent["amount_received"] for intent in own)
            verdict.captured[call.rate.currency] += taken
            verdict.written_off[call.rate.currency] += call.final.amount - taken
    known = {call.id for call in calls}
    verdict.faults += [f"call {lost} was acknowledged and is gone" for lost in world.witness.sessions - known]
    verdict.faults += [
        f"{intent['id']} belongs to no call"
        for intent in intents
        if intent["metadata"].get("session") not in known and "payment" not in intent["metadata"]
    ]
    verdict.faults += [fault async for fault in of_purchases(world.program, intents)]
    verdict.faults += [fault async for fault in _of_ledger(world, intents, payments)]
    verdict.faults += [fault async for fault in _of_sessions(world, {call.id: call for call in calls})]
    return verdict


async def _of_sessions(world: World, calls: dict[SessionId, LiveSession]) -> AsyncIterator[str]:
    """Every wish for overtime came to an end, and every hold of overtime was agreed to by both."""
    stores = world.inside.stores
    for couple in world.couples:
        booking_id = BookingId(couple.booking_id)
        session = await stores.transact(partial(stores.scheduled.of_booking, booking_id=booking_id))
        for segment in session.overtime_segments:
            if segment.state not in ENDED_OVERTIME:
                yield f"overtime {segment.number} of {booking_id} is {segment.state}"
        agreed = {one.operation_id for one in session.overtime_segments if one.confirmed_at is not None}
        call = calls.get(session.room)
        asked = {hold.operation_id for hold in call.holds} if call is not None else set()
        if asked - agreed:
            yield f"holds of {booking_id} that nobody agreed to: {asked - agreed}"
        for guest in (session.coach, session.client):
            if guest is not None and any(visit.left_at is None for visit in guest.visits):
                yield f"a visit to {booking_id} never ended"


async def _hurry(world: World) -> None:
    """What failed often waits for up to a minute; the gateway is well now, so it may come at once."""
    waiting = {"attempts": {"$gte": 4}, "claimed_until": None, "due_at": {"$exists": True}}
    now = {"$set": {"due_at": world.inside.clock.now()}}
    await world.inside.stores.db["timers"].update_many(waiting, now)


# --- has it come to rest? ---------------------------------------------------------------------------------------------


async def _under_way(world: World) -> list[str]:
    stores = world.inside.stores
    try:
        busy = [line for call in await _calls(world) for line in _unfinished(call)]
        async for row in stores.db["timers"].find({"dead_at": {"$exists": False}}):
            if TimerKind(row["kind"]) not in IDLE:
                busy.append(f"timer {row['_id']} after {row['attempts']} attempts")
        async for row in stores.db["coaches"].find({"claim": {"$ne": None}}):
            busy.append(f"coach {row['_id']} is claimed: {row['claim']}")
        async for row in stores.db["coaches"].find({"in_sessions.0": {"$exists": True}}):
            busy.append(f"coach {row['_id']} is in a session: {row['in_sessions']}")
        async for row in stores.db["sessions"].find({"state": {"$in": ["open", "in_progress"]}}):
            busy.append(f"session of {row['booking_id']} is {row['state']}")
        busy += [line async for line in undecided(world.program)]
        busy += [f"event {row.name} unpublished" for row in await stores.outbox.unpublished(_later(world))]
        async for row in stores.db["presence"].find():
            busy.append(f"presence of {row['_id']}")
    except Exception as error:
        return [f"the database does not answer: {error}"]
    return busy


def _later(world: World) -> datetime:
    return world.inside.clock.wall() + timedelta(minutes=1)


def _unfinished(call: LiveSession) -> Iterator[str]:
    if call.state is not CallState.SETTLED and call.state not in UNCHARGED:
        yield f"call {call.id} is {call.state}"
    for hold in call.holds:
        if hold.state in OPEN_HOLDS:
            yield f"hold {hold.number} of {call.state.value} call {call.id} is {hold.state}"


async def _calls(world: World) -> list[LiveSession]:
    stores = world.inside.stores
    found = await stores.db["live_sessions"].find({}, {"_id": 1}).to_list(None)
    return await stores.calls.find([str(row["_id"]) for row in found])  # type: ignore[misc]


# --- a call and its money ---------------------------------------------------------------------------------------------


def _of_call(call: LiveSession, payment: Payment | None, intents: list[dict[str, Any]]) -> Iterator[str]:
    captured = sum(intent["amount_received"] for intent in intents)
    for intent in intents:
        if intent["status"] not in ENDED_INTENTS or intent["amount_capturable"]:
            yield f"{intent['id']} is {intent['status']}, {intent['amount_capturable']} capturable"
    if call.final is None:
        yield "it has no final amount"
        return
    expected = _price(call)
    if call.final.amount != expected:
        yield f"its amount is {call.final.amount}, its intervals say {expected}"
    if call.state is not CallState.SETTLED:
        if captured or payment is not None:
            yield f"it is not to be charged, and {captured} was captured (payment: {payment})"
        return
    if payment is None or payment.snapshot is None:
        yield "it is settled without a payment"
        return
    yield from _of_settled(call, payment, captured, intents)


def _of_settled(
    call: LiveSession, payment: Payment, captured: int, intents: list[dict[str, Any]]
) -> Iterator[str]:
    price = payment.snapshot
    assert price is not None
    assert call.final is not None
    if not captured == payment.amount == price.gross == sum(one.amount for one in payment.captures):
        yield f"captured {captured} at the gateway, {payment.amount} in the books"
    if captured + price.written_off != call.final.amount:
        yield f"{call.final.amount} became {captured} captured and {price.written_off} written off"
    # Only what the gateway takes no part for may be forgone; a hold that lapsed would be told by its state.
    lapsed = any(hold.state is HoldState.LAPSED for hold in call.holds)
    if price.written_off >= charge_minimum(call.rate.currency) and not lapsed:
        yield f"{price.written_off} written off though the gateway would have taken it"
    if captured > sum(intent["amount"] for intent in intents):
        yield "more was captured than held"
    held = {hold.intent_id: hold.captured for hold in call.holds if hold.captured}
    theirs = {intent["id"]: intent["amount_received"] for intent in intents if intent["amount_received"]}
    if held != theirs:
        yield f"our captures {held} are not theirs {theirs}"


def _price(call: LiveSession) -> int:
    """Rate times seconds in which both counted, rounded half up, never above what was held when the call ended."""
    if call.final is None or call.state in UNCHARGED:
        return 0
    if call.overtime:
        return _price_of_overtime(call)
    block = call.block_minutes * 60
    assert call.final.authorized_seconds % block == 0
    blocks = call.final.authorized_seconds // block
    seconds = min(talk_ms(call) // 1000, call.final.authorized_seconds)
    exact = (Decimal(call.rate.amount) * seconds / 60).quantize(Decimal(1), ROUND_HALF_UP)
    held = sum(hold.amount for hold in call.holds[:blocks])
    return min(max(int(exact), call.minimum_charge if seconds else 0), held)


def _price_of_overtime(call: LiveSession) -> int:
    """The same of segments, of which some may have been let go of."""
    assert call.final is not None
    seconds = min(talk_ms(call) // 1000, call.final.authorized_seconds)
    exact = (Decimal(call.rate.amount) * seconds / 60).quantize(Decimal(1), ROUND_HALF_UP)
    return min(int(exact), sum(hold.amount for hold in call.holds if not hold.unwanted))


def _story(world: World, call: LiveSession) -> list[str]:
    """A call as the program tells it, and as the two who were in it do."""
    lines = [f"call {call.id}: {call.final}, live at {call.live_at}, ended at {call.ended_at}"]
    lines += [
        f"  {one.at:%H:%M:%S.%f} {one.what} by {one.by}, {one.process} {one.detail}" for one in call.timeline
    ]
    for hold in call.holds:
        lines.append(f"  {hold}")
    for side in Side:
        lines += [
            f"  {side} counted {one.start:%H:%M:%S.%f}–{one.end}" for one in call.participant(side).intervals
        ]
        for seen in world.witness.seen.get((call.id, side.value), []):
            lines.append(
                f"  {side} {seen.kind} {seen.sent:%H:%M:%S.%f}–{seen.known:%H:%M:%S.%f} {seen.acknowledged}"
            )
    return lines


# --- time: nobody is billed while a side was provably gone --------------------------------------------------------------


def _of_time(world: World, call: LiveSession) -> Iterator[str]:
    if call.ended_at is None:
        return
    tolerance = real_seconds(world.inside.clock, TOLERANCE)
    for side in Side:
        possible = world.witness.possible(call.id, side.value, call.ended_at)
        for interval in call.participant(side).intervals:
            if interval.end is None:
                yield f"the {side.value}'s interval of {interval.start} is open"
                continue
            # What a side proved while the other was gone for good is in the record and on no bill.
            end = min(interval.end, call.ended_at)
            missing = uncovered(interval.start, end, possible, tolerance)
            if missing:
                span = f"{interval.start:%H:%M:%S.%f}–{end:%H:%M:%S.%f}"
                yield f"the {side.value} counts {span}, of which it cannot have proven {missing}"


# --- the books --------------------------------------------------------------------------------------------------------


async def _of_ledger(world: World, intents: list[dict[str, Any]], payments: dict[Any, Payment]) -> Any:
    stores = world.inside.stores
    report = await stores.ledger.check()
    if not report.healthy:
        yield f"the ledger's own check: {report}"
    sums: Counter[str] = Counter()
    returned = 0
    booked: Counter[tuple[str, int]] = Counter()
    forgone: Counter[tuple[str, int]] = Counter()
    async for journal in stores.db["ledger"].find():
        sums[journal["currency"]] += sum(posting["amount"] for posting in journal["postings"])
        kind, _, subject = journal["movement"].partition(":")
        if kind.startswith("refund"):
            returned += _posted(journal, GATEWAY_CLEARING)
            continue
        gateway, off = _posted(journal, GATEWAY_CLEARING, GATEWAY_FEE), _posted(journal, WRITE_OFF)
        (booked if kind == "capture" else forgone)[subject, gateway or off] += 1
    for currency, total in sums.items():
        if total:
            yield f"the ledger's {currency} adds up to {total}"
    moved = Counter(
        (intent["id"], intent["amount_received"]) for intent in intents if intent["amount_received"]
    )
    if booked != moved:
        yield f"booked but not moved: {booked - moved}; moved but not booked: {moved - booked}"
    shares = Counter(
        (payment.id, payment.snapshot.written_off_share)
        for payment in payments.values()
        if payment.snapshot is not None and payment.snapshot.written_off_share
    )
    if forgone != shares:
        yield f"write-offs: journals {forgone}, payments {shares}"
    for letter in (await stores.timers.dead_letters())[0]:
        yield f"dead letter: {letter}"
    summary = await world.sandbox("summary")
    if summary["open_holds"] or any(summary["difference"].values()):
        yield f"the sandbox: {summary['open_holds']} open holds, difference {summary['difference']}"
    theirs = sum(intent["amount_refunded"] for intent in intents)
    if returned != -theirs:
        yield f"booked as given back: {-returned}; given back by the gateway: {theirs}"
    if sum(summary["captured"].values()) != sum(amount for _, amount in moved.elements()):
        yield f"the sandbox captured {summary['captured']}"


def _posted(journal: dict[str, Any], *accounts: str) -> int:
    return sum(posting["amount"] for posting in journal["postings"] if posting["account"] in accounts)
