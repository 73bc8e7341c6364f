"""In which words a refused card is told, and to whom.

The gateway's exact code stays with the operation. A client is never told that a card is believed to be lost, stolen or used
for fraud: whoever holds it may be the thief (https://docs.stripe.com/declines/codes). A coach is told nothing of a client's
finances.
"""

PLAIN = "card_declined"
#: All that a coach learns of why a block is missing.
TOLD_TO_COACH = "payment"

_NEVER_TOLD = frozenset(
    {"fraudulent", "lost_card", "stolen_card", "pickup_card", "restricted_card", "merchant_blacklist"}
)


def told_to_client(code: str) -> str:
    """The code that the owner of the card may see."""
    return PLAIN if code in _NEVER_TOLD else code
