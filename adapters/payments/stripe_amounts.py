"""Amounts on Stripe's wire.

Ours are minor units of ISO 4217. Stripe's are, too, but for two currencies that had decimals once and keep them there: an
amount of ISK or UGX is a hundred times ours, and always ends in 00 (https://docs.stripe.com/currencies#special-cases).
"""

from domain.money import Money, round_ratio_half_up

_HUNDREDFOLD = frozenset({"ISK", "UGX"})


def to_wire(money: Money) -> int:
    """What Stripe calls it."""
    return money.amount * _factor(money.currency)


def from_wire(amount: int, currency: str) -> int:
    """Minor units of what Stripe calls ``amount``; ``currency`` in either case.

    Charges and refunds come back whole. What Stripe computes itself (tax, its fee) may not: halves away from zero.
    """
    return round_ratio_half_up(amount, _factor(currency.upper()))


def money_of(amount: int, currency: str) -> Money:
    """The same as money."""
    return Money(from_wire(amount, currency), currency.upper())


def _factor(currency: str) -> int:
    return 100 if currency in _HUNDREDFOLD else 1
