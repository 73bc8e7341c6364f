"""Currencies the sandbox knows: the smallest amount and the step of a charge, in minor units.

Minimums: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts. Steps: three-decimal currencies must end
in 0, and ISK and UGX are two-decimal on the wire but have no decimals (same page, "Special cases").
"""

from sandbox.errors import ApiError, InvalidParameter
from sandbox.forms import Form

MINIMUM: dict[str, int] = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "isk": 7000, "jpy": 50, "krw": 700, "kwd": 160, "mxn": 1000,
    "myr": 200, "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "try": 2000,
    "twd": 1600, "ugx": 190000, "usd": 50,
}  # fmt: skip
_DECIMALS = {"jpy": 0, "krw": 0, "kwd": 3}
_STEP = {"kwd": 10, "isk": 100, "ugx": 100}
MAXIMUM = 99_999_999


def read_currency(form: Form) -> str:
    """The required ``currency``, lower case.

    Raises:
        InvalidParameter: not a currency of the table.
    """
    currency = form.required_text("currency").lower()
    if currency not in MINIMUM:
        raise InvalidParameter(f"Invalid currency: {currency}.", code="parameter_invalid", param="currency")
    return currency


def check_amount(amount: int, currency: str, param: str) -> None:
    """Refuse an amount the gateway would not move.

    Raises:
        ApiError: ``amount_too_small``, ``amount_too_large``, or not a multiple of the currency's step.
    """
    if amount < MINIMUM[currency]:
        raise ApiError(
            f"Amount must be at least {MINIMUM[currency]} {currency} in the smallest unit",
            code="amount_too_small",
            param=param,
        )
    if amount > MAXIMUM:
        raise ApiError(
            f"Amount must be no more than {MAXIMUM} {currency}", code="amount_too_large", param=param
        )
    check_step(amount, currency, param)


def check_step(amount: int, currency: str, param: str) -> None:
    """Refuse an amount with digits that the currency does not have.

    Raises:
        ApiError: not a multiple of the currency's step.
    """
    step = _STEP.get(currency, 1)
    if amount % step:
        raise ApiError(
            f"Amounts in {currency} must be multiples of {step}",
            code="parameter_invalid_integer",
            param=param,
        )


def in_words(amount: int, currency: str) -> str:
    """An amount for people: ``37.60 USD``."""
    decimals = _DECIMALS.get(currency, 2)
    whole, part = divmod(amount, 10**decimals)
    digits = f"{whole}.{part:0{decimals}}" if decimals else f"{whole}"
    return f"{digits} {currency.upper()}"
