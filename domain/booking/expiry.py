"""Until when a booking waits, for whom. Pure; all instants are domain time."""

from datetime import datetime, timedelta

#: A firm booking keeps its time so long without being paid.
FIRM_PAYMENT = timedelta(minutes=15)
#: One that the coach agreed to, so long, and at most until so long before its start.
AGREED_PAYMENT = timedelta(hours=24)
AGREED_BEFORE_START = timedelta(hours=1)
#: A question to somebody (a request, suggested times, a wish for another time) is open so long.
ANSWER = timedelta(hours=48)
#: Who has not come so long after the start does not come.
NO_SHOW = timedelta(minutes=15)
#: A group session has to be large enough so long before its start.
MINIMUM = timedelta(hours=24)
#: A meeting may be joined so long before its start.
JOIN_BEFORE = timedelta(minutes=10)


def pay_until(now: datetime, start: datetime, *, agreed: bool) -> datetime:
    """When a booking that is to be paid expires. ``agreed``: the coach was asked, so the client may be elsewhere.

    An agreement shortly before the start leaves the client as long as a firm booking would; nothing is paid after the start.
    """
    least = now + FIRM_PAYMENT
    if agreed:
        least = max(least, min(now + AGREED_PAYMENT, start - AGREED_BEFORE_START))
    return min(least, start)


def answer_until(now: datetime, start: datetime, notice: timedelta = timedelta()) -> datetime:
    """When a question about a session that begins at ``start`` expires: never later than ``notice`` before that.

    A request at the last possible moment still gives the coach as long as a firm booking's client has.
    """
    until = max(min(now + ANSWER, start - notice), now + FIRM_PAYMENT)
    return min(until, start)


def minimum_at(now: datetime, start: datetime) -> datetime:
    """When a group session is called off unless it is large enough: a day before; for one made later than that, an hour
    before, or at its start."""
    for before in (MINIMUM, AGREED_BEFORE_START):
        if start - before > now:
            return start - before
    return start
