"""Receipts: what a client reads about money, built from the frozen snapshot and never calculated again."""

from collections.abc import Mapping, Sequence

from domain.accounts.account import Identity, Role
from domain.calls.ports import CallStore
from domain.calls.session import LiveSession
from domain.errors import NotFound
from domain.events import rfc3339
from domain.ids import PaymentId, SessionId
from domain.payments.payment import Payment, PaymentStore, PriceSnapshot


def purchase_receipt(payment: Payment) -> dict[str, object]:
    """The receipt of a purchase in wire form; amounts in minor units of ``currency``, tax included in lines."""
    bought, price = payment.bought, _final(payment)
    quote = bought.price
    line = {
        "description": bought.title,
        "startsAt": rfc3339(bought.starts_at) if bought.starts_at else None,
        "base": quote.base,
        "discount": quote.base - quote.amount,
        "reason": quote.reason.value,
        "label": quote.label,
        "amount": quote.amount,
    }
    return _head(payment, price, bought.coach_name) | {
        "subject": {"kind": bought.subject.kind.value, "id": bought.subject.id},
        "lines": [line],
    }


def call_receipt(call: LiveSession, payment: Payment) -> dict[str, object]:
    """The receipt of a call in the same form as that of a purchase: one line of talk."""
    price = _final(payment)
    line = {
        "description": "Overtime" if call.overtime else "Live call",
        "startsAt": rfc3339(call.live_at) if call.live_at else None,
        "base": price.gross,
        "discount": 0,
        "amount": price.gross,
        "ratePerMinute": price.rate_per_minute,
        "billableSeconds": price.billable_seconds,
    }
    return _head(payment, price, call.callee.name) | {
        "subject": {"kind": "live_session", "id": call.id},
        "lines": [line],
    }


def _head(payment: Payment, price: PriceSnapshot, coach: str) -> dict[str, object]:
    return {
        "number": payment.id,
        "coach": coach,
        "currency": payment.currency,
        "state": payment.state.value,
        "issuedAt": rfc3339(payment.settled_at) if payment.settled_at else None,
        "gross": price.gross,
        "tax": price.tax,
        "taxCountry": price.tax_country,
        "net": price.net,
        "writtenOff": price.written_off,
        "refunded": payment.refunded,
        "refunds": [
            {
                "refundId": refund.id,
                "amount": refund.amount,
                "tax": refund.parts.tax if refund.parts else None,
                "reason": refund.reason.value,
                "state": refund.state.value,
                "requestedAt": rfc3339(refund.requested_at),
                "finishedAt": rfc3339(refund.finished_at) if refund.finished_at else None,
            }
            for refund in payment.refunds
        ],
    }


def _final(payment: Payment) -> PriceSnapshot:
    if payment.snapshot is None:
        raise NotFound("This payment has no receipt yet.")
    return payment.snapshot


def receipt_of(call: LiveSession, payment: Payment) -> dict[str, object]:
    """What is told when a call has settled, in wire form; amounts in minor units of ``currency``."""
    price = _final(payment)
    return {
        "number": payment.id,
        "coach": call.callee.name,
        "currency": payment.currency,
        "ratePerMinute": price.rate_per_minute,
        "billableSeconds": price.billable_seconds,
        "gross": price.gross,
        "tax": price.tax,
        "taxCountry": price.tax_country,
        "net": price.net,
        "writtenOff": price.written_off,
        "startedAt": rfc3339(call.live_at) if call.live_at else None,
        "endedAt": rfc3339(call.ended_at) if call.ended_at else None,
        "endReason": call.end_reason.value if call.end_reason else None,
        "holds": [
            {
                "number": hold.number,
                "authorized": hold.amount,
                "captured": hold.captured,
                "state": hold.state.value,
            }
            for hold in call.holds
        ],
    }


class Receipts:
    """Payment history and receipts, for those whom they concern."""

    def __init__(self, payments: PaymentStore, calls: CallStore) -> None:
        self._payments = payments
        self._calls = calls

    async def of_user(self, who: Identity, before: PaymentId | None, limit: int) -> list[Payment]:
        """What the caller paid, or tried to, newest first."""
        return await self._payments.history(who.user_id, before, limit)

    async def calls_of(self, payments: Sequence[Payment]) -> Mapping[SessionId | None, LiveSession]:
        """The calls that these payments are of; the purchases among them have none."""
        wanted = [payment.session_id for payment in payments if payment.session_id is not None]
        return {call.id: call for call in await self._calls.find(wanted)} if wanted else {}

    async def payment(self, who: Identity, payment_id: PaymentId) -> Payment:
        """A payment, for its payer, its coach and the admin.

        Raises:
            NotFound: no such payment, or none of the asker's.
        """
        payment = await self._payments.find(payment_id)
        if payment is None:
            raise NotFound("There is no such payment.")
        mine = who.user_id == payment.payer or (who.coach_id is not None and who.coach_id == payment.coach_id)
        if not mine and who.role is not Role.ADMIN:
            raise NotFound("There is no such payment.")
        return payment

    async def receipt(self, who: Identity, payment_id: PaymentId) -> dict[str, object]:
        """A receipt in wire form, for who paid and for the admin.

        Raises:
            NotFound: no such payment of the asker's, or nothing was captured yet.
        """
        payment = await self._payments.find(payment_id)
        if payment is None or (who.user_id != payment.payer and who.role is not Role.ADMIN):
            raise NotFound("There is no such payment.")
        if payment.session_id is None:
            return purchase_receipt(payment)
        return call_receipt((await self._calls.find([payment.session_id]))[0], payment)

    async def of_calls(self, calls: Sequence[LiveSession]) -> Mapping[SessionId, Payment]:
        """The payments of calls that somebody may read, as far as these have settled."""
        return await self._payments.by_sessions([call.id for call in calls])

    async def of_call(self, who: Identity, session_id: SessionId) -> Payment | None:
        """The payment of a call, for its payer, its coach and the admin; None before it settles."""
        payment = (await self._payments.by_sessions([session_id])).get(session_id)
        if payment is None or who.role is Role.ADMIN:
            return payment
        if who.user_id != payment.payer and who.coach_id != payment.coach_id:
            raise NotFound("There is no such payment.")
        return payment
