"""``GET /_sandbox/…``: the state as it is, for tests and people. Client secrets are not shown."""

from sandbox.entities import (
    BalanceTransaction,
    Charge,
    CheckoutSession,
    Event,
    PaymentIntent,
    Refund,
    Transfer,
    TransferReversal,
)
from sandbox.errors import JsonObject
from sandbox.gateway import Gateway
from sandbox.render import render


def _list(items: list[JsonObject]) -> JsonObject:
    return {"object": "list", "data": items, "has_more": False}


def payment_intents(gateway: Gateway) -> JsonObject:
    """Every intent, oldest first, with amounts, state, owner, metadata and the life of its hold."""
    gateway.lapse()
    charges = {charge.id: charge for charge in gateway.store.every(Charge)}
    shown = []
    for intent in gateway.store.every(PaymentIntent):
        charge = charges.get(intent.latest_charge or "")
        view = render(intent)
        del view["client_secret"], view["next_action"]
        view["amount_refunded"] = charge.amount_refunded if charge else 0
        view["capture_before"] = charge.capture_before if charge else None
        shown.append(view)
    return _list(shown)


def checkout_sessions(gateway: Gateway) -> JsonObject:
    """Every Checkout Session, oldest first; the address of the page is the customer's."""
    gateway.expire_sessions()
    shown = []
    for session in gateway.store.every(CheckoutSession):
        view = render(session)
        del view["url"]
        shown.append(view)
    return _list(shown)


def movements(gateway: Gateway) -> JsonObject:
    """Every movement of money, oldest first: what changed a balance, by how much, and for which intent."""
    charges = {charge.id: charge for charge in gateway.store.every(Charge)}
    intents = {charge.id: charge.payment_intent for charge in charges.values()}
    intents |= {refund.id: refund.payment_intent for refund in gateway.store.every(Refund)}
    shown = []
    for movement in gateway.store.every(BalanceTransaction):
        view = render(movement)
        view["account"] = movement.account or None
        view["payment_intent"] = intents.get(movement.source)
        shown.append(view)
    return _list(shown)


def events(gateway: Gateway) -> JsonObject:
    """Every event, oldest first, with its deliveries."""
    rows = gateway.store.connection.execute("SELECT * FROM deliveries ORDER BY id").fetchall()
    deliveries: dict[str, list[JsonObject]] = {}
    for row in rows:
        delivery = {name: row[name] for name in ("endpoint", "attempt", "status", "due")}
        deliveries.setdefault(row["event"], []).append(delivery | {"delivered": bool(row["delivered"])})
    shown: list[JsonObject] = [
        {
            "id": event.id,
            "type": event.type,
            "object": event.subject,
            "created": event.created,
            "deliveries": deliveries.get(event.id, []),
        }
        for event in gateway.store.every(Event)
    ]
    return _list(shown)


def summary(gateway: Gateway) -> JsonObject:
    """Counts and sums: what is open, what moved, what everyone holds. ``difference`` is 0 per currency, always."""
    gateway.lapse()
    store = gateway.store
    intents = store.every(PaymentIntent)
    open_holds = [intent for intent in intents if intent.status == "requires_capture"]
    by_status: dict[str, int] = {}
    for intent in intents:
        by_status[intent.status] = by_status.get(intent.status, 0) + 1
    balances = store.connection.execute("SELECT * FROM balances ORDER BY account, currency").fetchall()
    waiting = store.connection.execute(
        "SELECT count(*) AS n FROM deliveries WHERE due IS NOT NULL"
    ).fetchone()
    return {
        "payment_intents": by_status,
        "open_holds": len(open_holds),
        "open_hold_ids": [intent.id for intent in open_holds],
        "held": _sums([(intent.currency, intent.amount_capturable) for intent in open_holds]),
        "captured": _sums([(charge.currency, charge.amount_captured) for charge in store.every(Charge)]),
        "refunded": _sums(
            [(one.currency, one.amount) for one in store.every(Refund) if one.status != "failed"]
        ),
        "transferred": _sums([(transfer.currency, transfer.amount) for transfer in store.every(Transfer)]),
        "reversed": _sums([(item.currency, item.amount) for item in store.every(TransferReversal)]),
        "balances": [
            {"account": row["account"] or None, "currency": row["currency"], "amount": row["amount"]}
            for row in balances
        ],
        "difference": _difference(gateway),
        "webhooks_waiting": waiting["n"],
    }


def _sums(amounts: list[tuple[str, int]]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for currency, amount in amounts:
        totals[currency] = totals.get(currency, 0) + amount
    return totals


def _difference(gateway: Gateway) -> dict[str, int]:
    """All balances, minus what came in, plus what went out: the proof that no money was invented."""
    parts = [
        (row["currency"], int(row["amount"]))
        for row in gateway.store.connection.execute("SELECT currency, amount FROM balances")
    ]
    parts += [(charge.currency, -charge.amount_captured) for charge in gateway.store.every(Charge)]
    parts += [(one.currency, one.amount) for one in gateway.store.every(Refund) if one.status != "failed"]
    parts += [(movement.currency, movement.fee) for movement in gateway.store.every(BalanceTransaction)]
    return _sums(parts)
