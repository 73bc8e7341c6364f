"""Stripe's test cards (https://docs.stripe.com/testing), by the suffix of their ``pm_card_…`` token."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Card:
    """A test card and how it behaves."""

    brand: str
    last4: str
    country: str = "US"
    #: of the billing address; Stripe's own tokens have none, ours do where a tax cannot be told without
    postal_code: str | None = None
    funding: str = "credit"
    #: the charge is refused with this decline code
    decline: str | None = None
    #: refused already when it is attached to a customer; else only when charged
    refuses_attach: bool = False
    #: 3-D Secure: ``never``, ``always``, ``unless_set_up``, ``on_session_only``
    authentication: str = "never"


#: decline_code → (error code, message): https://docs.stripe.com/declines/codes
DECLINES: dict[str, tuple[str, str]] = {
    "generic_decline": ("card_declined", "Your card was declined."),
    "insufficient_funds": ("card_declined", "Your card has insufficient funds."),
    "lost_card": ("card_declined", "Your card was declined."),
    "stolen_card": ("card_declined", "Your card was declined."),
    "pickup_card": ("card_declined", "Your card was declined."),
    "fraudulent": ("card_declined", "Your card was declined."),
    "card_velocity_exceeded": (
        "card_declined",
        "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
    ),
    "do_not_honor": ("card_declined", "Your card was declined."),
    "expired_card": ("expired_card", "Your card has expired."),
    "incorrect_cvc": ("incorrect_cvc", "Your card's security code is incorrect."),
    "processing_error": ("processing_error", "An error occurred while processing your card. Try again later."),
    "authentication_required": ("authentication_required", "Your card was declined. This transaction requires authentication."),
}  # fmt: skip

_POSTAL_CODE = "94103"
_VISA = Card("visa", "4242", postal_code=_POSTAL_CODE)


def _declined(last4: str, code: str) -> Card:
    return replace(_VISA, last4=last4, decline=code, refuses_attach=True)


#: The cards whose charge is refused may not be attached, except ``chargeCustomerFail``, which is made for that.
CARDS: dict[str, Card] = {
    "visa": _VISA,
    # not one of Stripe's: a customer whose tax location cannot be told
    "noPostalCode": replace(_VISA, postal_code=None),
    "visa_debit": replace(_VISA, last4="5556", funding="debit"),
    "mastercard": Card("mastercard", "4444", postal_code=_POSTAL_CODE),
    "mastercard_debit": Card("mastercard", "3222", postal_code=_POSTAL_CODE, funding="debit"),
    "mastercard_prepaid": Card("mastercard", "5100", postal_code=_POSTAL_CODE, funding="prepaid"),
    "amex": Card("amex", "8431", postal_code=_POSTAL_CODE),
    "discover": Card("discover", "9424", postal_code=_POSTAL_CODE),
    "diners": Card("diners", "3237", postal_code=_POSTAL_CODE),
    "jcb": Card("jcb", "0505", country="JP"),
    "unionpay": Card("unionpay", "0005", country="CN"),
    "chargeCustomerFail": replace(_VISA, last4="0341", decline="generic_decline"),
    "chargeDeclined": _declined("0002", "generic_decline"),
    "chargeDeclinedInsufficientFunds": _declined("9995", "insufficient_funds"),
    "chargeDeclinedLostCard": _declined("9987", "lost_card"),
    "chargeDeclinedStolenCard": _declined("9979", "stolen_card"),
    "chargeDeclinedFraudulent": _declined("0019", "fraudulent"),
    "chargeDeclinedExpiredCard": _declined("0069", "expired_card"),
    "chargeDeclinedIncorrectCvc": _declined("0127", "incorrect_cvc"),
    "chargeDeclinedProcessingError": _declined("0119", "processing_error"),
    "chargeDeclinedVelocityLimitExceeded": _declined("6975", "card_velocity_exceeded"),
    # The refund is not over when it is made: see ``refund_ends``.
    "pendingRefund": replace(_VISA, last4="7726"),
    "refundFail": replace(_VISA, last4="5126"),
    "authenticationRequired": replace(_VISA, last4="3184", authentication="always"),
    "authenticationRequiredOnSetup": replace(_VISA, last4="3155", authentication="unless_set_up"),
    "authenticationRequiredSetupForOffSession": replace(_VISA, last4="0446", authentication="on_session_only"),
    "authenticationRequiredChargeDeclinedInsufficientFunds": replace(
        _VISA, last4="3178", authentication="always", decline="insufficient_funds"
    ),
    "threeDSecure2Required": replace(_VISA, last4="3220", authentication="on_session_only"),
    "threeDSecureRequired": replace(_VISA, last4="3063", authentication="on_session_only"),
    "threeDSecureRequiredChargeDeclined": replace(
        _VISA, last4="8400", authentication="on_session_only", decline="generic_decline"
    ),
} | {
    country.lower(): replace(_VISA, last4=last4, country=country, postal_code=_POSTAL_CODE if country == "US" else None)
    for country, last4 in {
        "US": "4242", "AR": "0021", "BR": "0036", "CA": "0000", "MX": "0000", "AT": "0008", "BE": "0000",
        "CH": "0009", "CZ": "0000", "DE": "0016", "DK": "0000", "ES": "0007", "FI": "0001", "FR": "0003",
        "GB": "0000", "GR": "0000", "HU": "0005", "IE": "0000", "IT": "0008", "LU": "0006", "NL": "0002",
        "NO": "0000", "PL": "0000", "PT": "0000", "RO": "0007", "SE": "0008", "SI": "0000", "SK": "0001",
        "AU": "0006", "IN": "0008", "JP": "0003", "NZ": "0008", "SG": "0003",
    }.items()
}  # fmt: skip


def card_of_token(token: str) -> str | None:
    """The name in :data:`CARDS` behind ``pm_card_…``; None for any other id.

    Stripe spells some tokens with the brand and some without; both are understood.
    """
    if not token.startswith("pm_card_"):
        return None
    name = token.removeprefix("pm_card_")
    for candidate in (name, name.removeprefix("visa_")):
        if candidate in CARDS:
            return candidate
    return None
