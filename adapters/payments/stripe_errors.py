"""What an error of the Stripe SDK means for us: definitely not done, or nobody knows.

=====================================================  ==============================================================
from the SDK                                           to the port
=====================================================  ==============================================================
``CardError`` (402)                                    refused: the decline code where it says more than ``card_declined``
``InvalidRequestError`` (400, 404)                     refused with its ``code``, or ``invalid_request``
``IdempotencyError`` (400: key used otherwise)         refused: ``idempotency_error``
429, 409, 5xx, lost connection, timeout, broken body   unknown
5xx with ``Idempotent-Replayed``                       unknown, ``replayed_error``
401, 403                                               unknown: our key is wrong, which says nothing about the customer,
                                                       and must not write off a payment; it heals with the key
=====================================================  ==============================================================

https://docs.stripe.com/api/errors, https://docs.stripe.com/error-low-level
"""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import stripe

from domain.payments.gateway import GatewayRefused, GatewayUnknown

_UNSPECIFIC_DECLINES = {None, "generic_decline"}


@contextmanager
def translated() -> Iterator[None]:
    """Run SDK calls; what they raise leaves as ``GatewayRefused`` or ``GatewayUnknown``, the SDK's error as its cause.

    The SDK's aiohttp client wraps errors of sending, but not of reading the body: those are aiohttp's own.
    """
    try:
        yield
    except stripe.StripeError as error:
        raise translate(error) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise GatewayUnknown(f"connection lost: {type(error).__name__}") from error


def translate(error: stripe.StripeError) -> GatewayRefused | GatewayUnknown:
    """The port's error for an SDK error."""
    message = error.user_message or type(error).__name__
    if isinstance(error, stripe.CardError):
        return GatewayRefused(decline_code(error.code, _decline(error)), message)
    if isinstance(error, stripe.IdempotencyError):
        return GatewayRefused("idempotency_error", message)
    if isinstance(error, stripe.InvalidRequestError):
        return GatewayRefused(error.code or "invalid_request", message)
    status = error.http_status or 0
    replayed = status >= 500 and (error.headers or {}).get("idempotent-replayed") == "true"
    what = f"HTTP {status}" if status else "no answer"
    return GatewayUnknown(f"{type(error).__name__} ({what})", replayed_error=replayed)


def decline_code(code: str | None, decline: str | None) -> str:
    """The most telling word: ``insufficient_funds`` rather than ``card_declined``."""
    if code in (None, "card_declined") and decline not in _UNSPECIFIC_DECLINES:
        return str(decline)
    return code or "card_declined"


def _decline(error: stripe.CardError) -> str | None:
    return None if error.error is None else error.error.decline_code
