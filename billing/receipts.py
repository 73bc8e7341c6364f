"""Receipts: what a client reads about money, built from the frozen snapshot and never calculated again."""

from collections.abc import Mapping, Sequence

from domain.accounts.account import Identity, Role
from domain.calls.session import LiveSession
from domain.errors import NotFound
from domain.events import rfc3339
from domain.ids import PaymentId, SessionId
from domain.payments.payment import Payment, PaymentStore


def receipt_of(call: LiveSession, payment: Payment) -> dict[str, object]:
    """The receipt of a call in wire form; amounts in minor units of ``currency``."""
    price = payment.snapshot
    if price is None:
        raise NotFound("This payment has no receipt yet.")
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

    def __init__(self, payments: PaymentStore) -> None:
        self._payments = payments

    async def of_user(self, who: Identity, before: PaymentId | None, limit: int) -> list[Payment]:
        """What the caller paid, newest first."""
        return await self._payments.history(who.user_id, before, limit)

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
