"""Balances: every movement is a balance transaction, and a balance is the sum of their ``net``. Nothing else changes it."""

from sandbox.call import Call
from sandbox.entities import BalanceTransaction, new_id
from sandbox.errors import ApiError

PLATFORM = ""


def stripe_fee(amount: int) -> int:
    """2.9 % + 30, halves up: Stripe's list price for a card (https://stripe.com/pricing), minor units."""
    return (amount * 29 + 500) // 1000 + 30


def move(
    call: Call, kind: str, source: str, amount: int, currency: str, *, account: str = PLATFORM, fee: int = 0
) -> BalanceTransaction:
    """Change a balance by ``amount - fee`` (minor units, either sign) and record why."""
    movement = BalanceTransaction(
        id=new_id("txn"),
        created=call.now,
        account=account,
        type=kind,
        source=source,
        amount=amount,
        fee=fee,
        net=amount - fee,
        currency=currency,
    )
    call.store.put(movement)
    call.store.connection.execute(
        "INSERT INTO balances (account, currency, amount) VALUES (?, ?, ?)"
        " ON CONFLICT (account, currency) DO UPDATE SET amount = amount + excluded.amount",
        (account, currency, movement.net),
    )
    return movement


def balance(call: Call, account: str, currency: str) -> int:
    """What an account holds in a currency, minor units."""
    row = call.store.connection.execute(
        "SELECT amount FROM balances WHERE account=? AND currency=?", (account, currency)
    ).fetchone()
    return 0 if row is None else int(row["amount"])


def require_balance(call: Call, account: str, currency: str, amount: int) -> None:
    """Refuse to move more than there is.

    Raises:
        ApiError: ``balance_insufficient``.
    """
    if balance(call, account, currency) < amount:
        raise ApiError(
            "You have insufficient available funds for this operation.", code="balance_insufficient"
        )
