"""What should have happened, looked at from outside: arithmetic of our own, the document, the gateway's books, the frames."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise

from bootstrap.call.drop import Drop, Kind
from bootstrap.call.media import Received
from bootstrap.call.rest import sandbox_intents
from bootstrap.call.stage import LOOK_EVERY, SETTLE_TIMEOUT, Stage
from bootstrap.call.story import Check
from bootstrap.call.wire import Ended, Receipt, SandboxIntent, Session
from bootstrap.call.words import money, phrase, plural

#: Real seconds by which our meter and the server's may differ: events travel, and we count between them.
METER_TOLERANCE = 1.5
#: Real seconds that a tick may come late.
TICK_LATENESS = 1.0
#: The states in which a PaymentIntent holds nothing any more.
CLOSED = frozenset({"succeeded", "canceled", "requires_payment_method"})


def price(rate_per_minute: int, seconds: int) -> int:
    """Minor units for ``seconds`` of talk: prorated by the second, rounded half up once."""
    return (2 * rate_per_minute * seconds + 60) // 120


def receipt_is_price(receipt: Receipt) -> Check:
    """Gross is the price of the billable seconds; what is below the gateway's minimum is written off."""
    due = price(receipt.rate_per_minute, receipt.billable_seconds)
    formula = (
        f"{receipt.billable_seconds} s × {money(receipt.rate_per_minute, receipt.currency)} ÷ 60 = "
        f"{money(due, receipt.currency)}"
    )
    if receipt.written_off:
        formula += f", of which {money(receipt.written_off, receipt.currency)} is written off"
    return Check("price of the seconds", receipt.gross + receipt.written_off == due, formula)


def receipt_adds_up(receipt: Receipt) -> Check:
    """Gross = net + tax = the sum of the captures."""
    captured = sum(hold.captured for hold in receipt.holds)
    ok = receipt.gross == receipt.net + receipt.tax == captured
    shown = [money(part, receipt.currency) for part in (receipt.net, receipt.tax, captured)]
    return Check(
        "receipt adds up", ok, f"net {shown[0]} + tax {shown[1]}; captured from the holds {shown[2]}"
    )


def receipt_is_document(receipt: Receipt, ended: Ended, session: Session) -> Check:
    """The event, the receipt and the stored call say the same."""
    stored = session.payment.price if session.payment else None
    said = [
        (ended.billable_seconds, ended.amount.amount),
        (receipt.billable_seconds, receipt.gross + receipt.written_off),
        (session.billable_seconds, session.amount.amount),
        (stored.billable_seconds, stored.gross + stored.written_off) if stored else None,
    ]
    ok = len(set(said)) == 1 and session.state == "settled"
    return Check("stored call says the same", ok, f"{session.state}, {session.billable_seconds} s")


def meter_is_ours(server: int, ours: float, speed: float) -> Check:
    """The server counted about as long as we saw it count."""
    slack = METER_TOLERANCE * speed + 1
    return Check(
        "meter agrees with our clock",
        abs(server - ours) <= slack,
        f"{server} s charged, {ours:.0f} s by our own clock (± {slack:.0f} s at ×{speed:g})",
    )


def ticks_in_order(minutes: Sequence[int], billable_seconds: int, speed: float) -> Check:
    """Full minutes ticked in order, once each. The last may coincide with the end.

    A clock so fast that a minute is short beside the time a tick takes makes one tick stand for several minutes.
    """
    full, late = billable_seconds // 60, TICK_LATENESS * speed / 60
    in_order = all(before < after for before, after in pairwise(minutes))
    reached = max(minutes, default=0) >= full - 1 - int(late)
    each = late >= 1 or list(minutes) == list(range(1, len(minutes) + 1))
    shown = ", ".join(map(str, minutes)) or "none"
    return Check(
        "meter ticked", in_order and reached and each, f"{plural(full, 'full minute')}; ticks: {shown}"
    )


def media_arrived(who: str, received: Received, packets: int) -> Check:
    """Frames of the other person were decoded, sound and picture."""
    detail = (
        f"{packets} RTP packets, {received.audio} audio frames ({received.voice} with the other's voice), "
        f"{received.video} video frames ({received.face} with the other's picture)"
    )
    return Check(f"{who} heard and saw the other", received.recognised and packets > 0, detail)


def ended_as(session: Session, state: str, reason: str | None = None) -> Check:
    """The stored call took the road that was shown."""
    ok = session.state == state and reason in (None, session.end_reason)
    because = f" ({phrase(session.end_reason)})" if session.end_reason else ""
    return Check(f"call is {phrase(state)}", ok, f"{session.state}{because}")


def dropped(session: Session, drop: Drop) -> Check:
    """The stored timeline has the pause, and the return if there was to be one, by the way it was to be."""
    moves = [entry.what for entry in session.timeline]
    back = "proven" in moves[moves.index("lost") :] if "lost" in moves else False
    restarted = "ice_restart" in moves
    ok = "lost" in moves and back is drop.comes_back and restarted is (drop.kind is Kind.CONNECTION)
    how = " by an ICE restart" if restarted else ""
    return Check(
        "paused, and came back" if drop.comes_back else "paused for good",
        ok,
        (
            f"{'lost' if 'lost' in moves else 'never lost'}, {'proven again' if back else 'not proven again'}{how}"
        ),
    )


def never_rang(stage: Stage, session: Session) -> Check:
    """Neither by the coach's socket nor by the call's own timeline."""
    heard = len(stage.coach.notifications.unread("live_session_ringing"))
    moves = [entry.what for entry in session.timeline]
    ok = heard == 0 and "authorized" not in moves
    return Check("coach was not disturbed", ok, f"{plural(heard, 'ring')}; timeline: {', '.join(moves)}")


async def gateway_agrees(stage: Stage, captured: int, currency: str) -> Check | None:
    """What the gateway captured, and that it holds nothing more; None when the sandbox is not known."""
    if stage.place.sandbox_url is None:
        return None
    intents = await _closed(stage, stage.place.sandbox_url)
    received = sum(intent.amount_received for intent in intents)
    open_holds = [intent.id for intent in intents if intent.status not in CLOSED or intent.amount_capturable]
    told = ", ".join(f"{intent.id} {intent.status}" for intent in intents)
    return Check(
        "gateway captured just that",
        received == captured and not open_holds and bool(intents),
        f"{money(received, currency)} captured; {told or 'no intent'}",
    )


async def _closed(stage: Stage, sandbox_url: str) -> list[SandboxIntent]:
    """The call's intents, once none holds money any more or the time is up."""
    deadline = asyncio.get_running_loop().time() + SETTLE_TIMEOUT
    while True:
        intents = await sandbox_intents(stage.http, sandbox_url, stage.known_session)
        if intents and all(intent.status in CLOSED for intent in intents):
            return intents
        if asyncio.get_running_loop().time() > deadline:
            return intents
        await asyncio.sleep(LOOK_EVERY)
