"""Authorized blocks of a call."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ids import OperationId, PaymentMethodId


class HoldState(StrEnum):
    """Where a hold is. PENDING means asked for and not answered, or the answer was lost."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    AUTHORIZED = "authorized"
    REFUSED = "refused"
    CAPTURED = "captured"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"  # the gateway released it by itself: it expired


#: States in which the gateway may hold, or come to hold, money.
UNRESOLVED = frozenset({HoldState.PENDING, HoldState.REQUIRES_ACTION})


@dataclass(slots=True)
class Hold:
    """One block: ``seconds`` of talk for ``amount`` minor units. ``number`` counts from 1 within the call."""

    number: int
    operation_id: OperationId
    amount: int
    seconds: int
    payment_method: PaymentMethodId
    state: HoldState = HoldState.PENDING
    intent_id: str | None = None
    #: only while 3-D Secure is open
    client_secret: str | None = None
    #: when the gateway lets go by itself, domain time
    expires_at: datetime | None = None
    #: what its owner recognises the card by; kept here because a saved card may be forgotten
    card_brand: str | None = None
    card_last4: str | None = None
    card_country: str | None = None
    card_postal_code: str | None = None
    captured: int = 0
    #: rises only when the gateway replays a stored error for the key of the capture or release
    closing_attempt: int = 1
    #: the gateway's own cost, known after the capture; 0 when the gateway never said
    fee: int | None = None
    #: how often the gateway was asked in vain
    fee_look_ups: int = 0
    #: why it was refused, in the word that the client may read
    refusal: str | None = None
    #: nobody waits for it any more, though it was authorized: it is released when the call settles, and never captured
    unwanted: bool = False

    @property
    def pays(self) -> bool:
        """Whether talk may be charged to it, or was."""
        return self.state in (HoldState.AUTHORIZED, HoldState.CAPTURED) and not self.unwanted
