"""The base of every price: what a coach asks for a session of some length, before anything makes it cheaper."""

from domain.booking.session_type import SessionType
from domain.currencies import Movement
from domain.money import Money, round_ratio_half_up, round_to_movable


def base_price(session_type: SessionType, minutes: int) -> Money:
    """The price of ``minutes``: that of the usual duration, prorated and rounded once to what can be charged."""
    whole, usual = session_type.price, session_type.duration_default
    amount = round_to_movable(whole.amount * minutes, usual, whole.currency, Movement.CHARGE)
    return whole.with_amount(amount)


def overtime_rate(session_type: SessionType) -> Money:
    """The price of one minute of overtime: what the coach says, else that of a booked minute."""
    if session_type.overtime_rate is not None:
        return session_type.overtime_rate
    whole = session_type.price
    return whole.with_amount(round_ratio_half_up(whole.amount, session_type.duration_default))
