"""The base of every price: what a coach asks for a session of some length, before anything makes it cheaper."""

from fractions import Fraction

from domain.booking.session_type import SessionType
from domain.money import Money, round_half_up


def base_price(session_type: SessionType, minutes: int) -> Money:
    """The price of ``minutes``: that of the default duration, prorated and rounded once."""
    whole = session_type.price
    return whole.with_amount(round_half_up(Fraction(whole.amount * minutes, session_type.duration_default)))


def overtime_rate(session_type: SessionType) -> Money:
    """The price of one minute of overtime: what the coach says, else that of a booked minute."""
    return session_type.overtime_rate or base_price(session_type, 1)
