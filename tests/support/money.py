"""What a settled call must have cost, calculated again from what is stored, by other means than the program's."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from domain.calls.session import LiveSession, Participant
from domain.payments.payment import Payment

MILLISECOND = timedelta(milliseconds=1)


def talk_ms(call: LiveSession) -> int:
    """Milliseconds in which both sides counted, by sweeping over every edge of every interval."""
    edges = [*_edges(call.caller, 1), *_edges(call.callee, 2)]
    present: list[int] = []
    total, since = 0, call.created_at
    for at, side, opens in sorted(edges):
        if {1, 2} <= set(present):
            total += (at - since) // MILLISECOND
        since = at
        present.append(side) if opens else present.remove(side)
    return total


def _edges(participant: Participant, side: int) -> list[tuple[datetime, int, bool]]:
    ended = [(one.start, one.end) for one in participant.intervals if one.end is not None]
    assert len(ended) == len(participant.intervals), "an interval of a call that is over is still open"
    # Closing sorts before opening at the same instant, except for an empty interval, which is left out.
    return [edge for start, end in ended if start < end for edge in ((start, side, True), (end, side, False))]


def exact_price(call: LiveSession) -> int:
    """Rate times seconds, half up, never above what was held when it ended."""
    seconds = talk_ms(call) // 1000
    exact = (Decimal(call.rate.amount) * seconds / 60).quantize(Decimal(1), ROUND_HALF_UP)
    minimum = call.minimum_charge if seconds else 0
    return max(int(exact), minimum)


async def assert_charged_exactly(call: LiveSession, payment: Payment, intents: list[dict[str, Any]]) -> None:
    """Captures at the gateway and in the books are the price of the intervals, or written off; no hold is open."""
    price = payment.snapshot
    own = [intent for intent in intents if intent["metadata"].get("session") == call.id]
    captured = sum(intent["amount_received"] for intent in own)
    assert call.final is not None
    assert price is not None
    assert call.final.amount <= exact_price(call)
    assert captured == payment.amount == price.gross == sum(one.amount for one in payment.captures)
    assert captured + price.written_off == call.final.amount
    assert captured <= sum(hold.amount for hold in call.holds)
    assert [intent["id"] for intent in own if intent["amount_capturable"]] == []
    assert {intent["status"] for intent in own} <= {"succeeded", "canceled", "requires_payment_method"}
