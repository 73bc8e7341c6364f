"""Typed identifiers.

Two of them are easy to mix and never interchangeable: a ``UserId`` names a person (profiles, settings,
sockets), a ``CoachId`` names that person's coaching business (calls, bookings, payments).

Identifiers are 24 hexadecimal digits; the storage adapters turn them into ObjectIds.
"""

import os
import time
from typing import NewType

UserId = NewType("UserId", str)
CoachId = NewType("CoachId", str)
SessionId = NewType("SessionId", str)
PaymentId = NewType("PaymentId", str)
PaymentMethodId = NewType("PaymentMethodId", str)
OperationId = NewType("OperationId", str)
JournalId = NewType("JournalId", str)
NotificationId = NewType("NotificationId", str)
#: A booked session, a group session, or a place in one; slots of availability are kept beside them.
BookingId = NewType("BookingId", str)
SlotId = NewType("SlotId", str)
SessionTypeId = NewType("SessionTypeId", str)
PriceRuleId = NewType("PriceRuleId", str)
DiscountCodeId = NewType("DiscountCodeId", str)
RefundId = NewType("RefundId", str)
ConnectionId = NewType("ConnectionId", str)
MailId = NewType("MailId", str)

ID_PATTERN = r"^[0-9a-f]{24}$"


def new_id() -> str:
    """A fresh identifier: time to about 15 microseconds, then 48 random bits; later ones sort after earlier ones.

    The first four bytes are Unix seconds, as in any ObjectId.
    """
    ticks = time.time_ns() * 65536 // 1_000_000_000
    return (ticks.to_bytes(6, "big") + os.urandom(6)).hex()
