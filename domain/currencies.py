"""Which amounts can be moved: a rule per currency and movement.

Amounts here are minor units as ISO 4217 counts them (JPY, ISK and UGX have none, KWD has three decimals). How a gateway writes
them on its wire is a matter of its adapter. Sources: https://docs.stripe.com/currencies (minimum amounts; three-decimal
currencies; special cases of HUF, ISK, TWD and UGX). Where Stripe names no minimum, it is about half a US dollar.
"""

from enum import StrEnum

#: Currencies that a coach may price in, with the smallest charge.
CHARGE_MINIMUM = {
    "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250, "EUR": 50, "GBP": 30, "HKD": 400,
    "HUF": 17500, "ISK": 70, "JPY": 50, "KWD": 160, "MXN": 1000, "NOK": 300, "NZD": 50, "PLN": 200, "RON": 200, "SEK": 300,
    "SGD": 50, "TWD": 1600, "UGX": 1900, "USD": 50,
}  # fmt: skip
#: The largest single charge: eight digits on the gateway's wire, of which two are always 0 in some currencies.
CHARGE_MAXIMUM = 99_999_999
_DECIMALS = {"ISK": 0, "JPY": 0, "KWD": 3, "UGX": 0}
_SMALLER_MAXIMUM = {"ISK": 999_999, "UGX": 999_999}


class Movement(StrEnum):
    """How money moves."""

    CHARGE = "charge"  # from a client to us: captures too
    REFUND = "refund"  # back to a client
    TRANSFER = "transfer"  # from us to a coach's account at the gateway
    PAYOUT = "payout"  # from that account to a bank


#: What amounts have to be multiples of, where that is not 1. The last digit of a three-decimal amount is 0, because the
#: gateway's partners do not take it; banks do not take a part of a forint or of a Taiwan dollar, cards do.
_STEPS = {
    Movement.CHARGE: {"KWD": 10},
    Movement.REFUND: {"KWD": 10},
    Movement.TRANSFER: {"KWD": 10},
    Movement.PAYOUT: {"HUF": 100, "KWD": 10, "TWD": 100},
}


def decimals_of(currency: str) -> int:
    """How many decimals the currency has (ISO 4217)."""
    return _DECIMALS.get(currency, 2)


def charge_maximum(currency: str) -> int:
    """The largest single charge, minor units."""
    return _SMALLER_MAXIMUM.get(currency, CHARGE_MAXIMUM)


def step_of(currency: str, movement: Movement) -> int:
    """What an amount has to be a multiple of, minor units."""
    return _STEPS[movement].get(currency, 1)


def movable(amount: int, currency: str, movement: Movement) -> int:
    """The most of ``amount`` (at least 0) that can be moved; the rest stays where it is, and counts the next time."""
    return amount - amount % step_of(currency, movement)
