"""Clients who book and pay over HTTP in the storm, and think better of some: every cent ends with the booking it is for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from domain.booking.booking import Booking
from domain.booking.states import BookingState
from domain.events import rfc3339
from domain.ids import BookingId, new_id
from domain.payments.payment import Payment
from domain.payments.refunds import RefundState
from tests.chaos.member import Member
from tests.support.program import Program

#: Real seconds.
BETWEEN = (0.2, 1.2)
ANSWER = 6.0
PRICE = 5000
#: Bookings of one buyer: as many as half hours fit into the day they choose.
MOST = 24
#: Payments of these have taken money, of which some may have gone back.
TOOK = frozenset({"captured", "partially_refunded", "refunded"})


@dataclass
class Buyer:
    """One client of one coach; both are nobody else's."""

    member: Member
    coach_id: str
    session_type_id: str
    #: the first start of theirs, days ahead: all is given back to who cancels
    first: datetime
    closing: asyncio.Event

    async def run(self) -> None:
        """Until everybody goes home."""
        for number in range(MOST):
            if self.closing.is_set():
                return
            await self._buy(self.first + timedelta(minutes=30 * number))
            with suppress(TimeoutError):
                await asyncio.wait_for(self.closing.wait(), self.member.dice.uniform(*BETWEEN))

    async def _buy(self, start: datetime) -> None:
        counts, dice = self.member.witness.counts, self.member.dice
        ask = {"coachId": self.coach_id, "sessionTypeId": self.session_type_id, "start": rfc3339(start)}
        made = await self._insist("POST", "/api/bookings", ask | {"minutes": 30})
        if made is None:
            return
        counts["bookings"] += 1
        path = f"/api/bookings/{made['bookingId']}"
        if dice.random() < 0.85:
            paid = await self._insist("POST", "/api/payments/intents", {"bookingId": made["bookingId"]})
            counts[f"bookings: payment {paid['state'] if paid else 'unknown'}"] += 1
        if dice.random() < 0.4:
            called_off = await self._insist("POST", f"{path}/cancel", {})
            counts["bookings cancelled"] += called_off is not None

    async def _insist(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """The answer; None for a definite no, or when everybody goes home without one."""
        headers = {"Authorization": f"Bearer {self.member.tokens.access_token}", "Idempotency-Key": new_id()}
        witness = self.member.witness
        while not self.closing.is_set():
            url = self.member.dice.choice(list(self.member.servers.values()))
            with suppress(aiohttp.ClientError, TimeoutError, OSError):
                timeout = aiohttp.ClientTimeout(total=ANSWER)
                async with self.member.http.request(
                    method, url + path, json=body, headers=headers, timeout=timeout
                ) as answer:
                    told = await answer.json(content_type=None)
                if answer.status < 400:
                    return told
                witness.refused(path.rpartition("/")[2] if "cancel" in path else path, told["code"])
                if told["code"] not in ("UNAVAILABLE", "RATE_LIMITED", "INTERNAL"):
                    return None
            await asyncio.sleep(self.member.dice.uniform(0.1, 0.4))
        return None


async def buyer(program: Program, coach: Member, client: Member, closing: asyncio.Event) -> Buyer:
    """Give a coach hours and something to sell, for one client alone."""
    hours = await _setup(program, coach, "GET", "/api/availability/schedule")
    week = {
        day: [{"from": "06:00", "to": "22:00"}] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    }
    schedule = {"timeZone": "UTC", "weekly": week}
    await _setup(program, coach, "PUT", "/api/availability/schedule", schedule, version=hours["version"])
    offer = {
        "names": {"en": "A session"}, "price": {"amount": PRICE, "currency": "USD"},
        "durationMin": 30, "durationDefault": 30, "durationMax": 60,
    }  # fmt: skip
    made = await _setup(program, coach, "POST", "/api/session-types", offer)
    day = program.inside.clock.now() + timedelta(days=5)
    assert coach.tokens.user.coach_id is not None
    first = day.replace(hour=8, minute=0, second=0, microsecond=0)
    return Buyer(client, coach.tokens.user.coach_id, made["sessionTypeId"], first, closing)


async def _setup(
    program: Program, member: Member, method: str, path: str, body: Any = None, version: int | None = None
) -> Any:
    headers = {"Authorization": f"Bearer {member.tokens.access_token}"}
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    async with program.http.request(method, program.urls[0] + path, json=body, headers=headers) as answer:
        told = await answer.json(content_type=None)
        assert answer.status < 400, told
        return told


# --- afterwards ---------------------------------------------------------------------------------------------------------


async def undecided(program: Program) -> AsyncIterator[str]:
    """Payments and refunds of which the gateway's word is still awaited."""
    for payment in await _purchases(program):
        if payment.undecided and payment.state.value != "requires_action":
            yield f"payment {payment.id} is {payment.state}"
        for refund in payment.refunds:
            if refund.state is RefundState.PENDING:
                yield f"refund {refund.id} is {refund.state}"


async def of_purchases(program: Program, intents: list[dict[str, Any]]) -> AsyncIterator[str]:
    """A confirmed booking was paid once; what was paid for any other went back, to the cent."""
    stores = program.inside.stores
    payments = await _purchases(program)
    theirs = {intent["id"]: intent["amount_received"] for intent in intents}
    rows = await stores.db["bookings"].find({"is_availability": False}, {"_id": 1}).to_list(None)
    bookings = await stores.bookings.find([BookingId(str(row["_id"])) for row in rows])
    of_booking: dict[str, list[Payment]] = {}
    for payment in payments:
        of_booking.setdefault(payment.bought.subject.id, []).append(payment)
        took = sum(capture.amount for capture in payment.captures)
        if (took > 0) != (payment.state.value in TOOK):
            yield f"payment {payment.id} is {payment.state} and took {took}"
        if payment.intent_id is not None and theirs.get(payment.intent_id, 0) != took:
            yield f"payment {payment.id} took {took}, the gateway says {theirs.get(payment.intent_id)}"
    for booking in bookings:
        for fault in _of_booking(booking, of_booking.get(booking.id, [])):
            yield f"booking {booking.id} ({booking.state}): {fault}"


def _of_booking(booking: Booking, payments: list[Payment]) -> list[str]:
    kept = sum(_kept(payment) for payment in payments)
    delivered = [payment for payment in payments if payment.delivered]
    faults = []
    if len(delivered) > 1:
        faults.append("it was delivered twice")
    if booking.state is BookingState.CONFIRMED and payments and kept != booking.price.amount:
        faults.append(f"it costs {booking.price.amount}, and {kept} was kept")
    if booking.state is not BookingState.CONFIRMED and booking.state is not BookingState.COMPLETED and kept:
        faults.append(f"nothing is due, and {kept} was kept")
    return faults


def _kept(payment: Payment) -> int:
    back = sum(one.amount for one in payment.refunds if one.state is RefundState.SUCCEEDED)
    return sum(capture.amount for capture in payment.captures) - back


async def _purchases(program: Program) -> list[Payment]:
    stores = program.inside.stores
    rows = await stores.db["payments"].find({"purchase": {"$ne": None}}, {"_id": 1}).to_list(None)
    found = [await stores.payments.find(str(row["_id"])) for row in rows]  # type: ignore[arg-type]
    return [payment for payment in found if payment is not None]
