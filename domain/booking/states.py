"""The states of a booking, as a table. Group sessions and the places in them are bookings too."""

from enum import StrEnum

from domain.errors import Conflict


class BookingState(StrEnum):
    """Where a booking is."""

    REQUESTED = "requested"  # the coach has to answer; the time is held
    TIME_SUGGESTED = "time_suggested"  # the coach offers other times; nothing is held
    PENDING_PAYMENT = "pending_payment"  # the time is held until it is paid or the deadline passes
    CONFIRMED = "confirmed"  # paid
    PENDING_MINIMUM_ATTENDEES = (
        "pending_minimum_attendees"  # a group session that does not have enough people yet
    )
    SCHEDULED = "scheduled"  # a group session that takes place
    COMPLETED = "completed"
    NO_SHOW = "no_show"  # somebody did not come
    DECLINED = "declined"
    EXPIRED = "expired"  # unanswered, unpaid, or a group that did not fill up
    CANCELLED_BY_CLIENT = "cancelled_by_client"
    CANCELLED_BY_COACH = "cancelled_by_coach"


class BookingMove(StrEnum):
    """What can happen to a booking."""

    ACCEPT = "accept"  # the coach takes a request
    DECLINE = "decline"  # the coach refuses a request, or the client all suggested times
    SUGGEST = "suggest"  # the coach offers other times
    CHOOSE = "choose"  # the client takes a suggested time
    PAY = "pay"  # the gateway says that it is paid, or there is nothing to pay
    RESCHEDULE = "reschedule"  # another time, same price and payment
    REACH_MINIMUM = "reach_minimum"  # enough people registered for a group
    LOSE_MINIMUM = "lose_minimum"  # somebody left a group, which is now too small
    EXPIRE = "expire"  # nobody answered, paid, or came in time
    CANCEL_BY_CLIENT = "cancel_by_client"
    CANCEL_BY_COACH = "cancel_by_coach"
    COMPLETE = "complete"  # it is over
    MISS = "miss"  # somebody did not come


_S, _M = BookingState, BookingMove
BOOKING_MOVES: dict[tuple[BookingState, BookingMove], BookingState] = {
    (_S.REQUESTED, _M.ACCEPT): _S.PENDING_PAYMENT,
    (_S.REQUESTED, _M.DECLINE): _S.DECLINED,
    (_S.REQUESTED, _M.SUGGEST): _S.TIME_SUGGESTED,
    (_S.REQUESTED, _M.RESCHEDULE): _S.REQUESTED,
    (_S.REQUESTED, _M.EXPIRE): _S.EXPIRED,
    (_S.REQUESTED, _M.CANCEL_BY_CLIENT): _S.CANCELLED_BY_CLIENT,
    (_S.TIME_SUGGESTED, _M.CHOOSE): _S.PENDING_PAYMENT,
    (_S.TIME_SUGGESTED, _M.DECLINE): _S.DECLINED,
    (_S.TIME_SUGGESTED, _M.SUGGEST): _S.TIME_SUGGESTED,
    (_S.TIME_SUGGESTED, _M.EXPIRE): _S.EXPIRED,
    (_S.TIME_SUGGESTED, _M.CANCEL_BY_CLIENT): _S.CANCELLED_BY_CLIENT,
    (_S.PENDING_PAYMENT, _M.PAY): _S.CONFIRMED,
    (_S.PENDING_PAYMENT, _M.EXPIRE): _S.EXPIRED,
    (_S.PENDING_PAYMENT, _M.CANCEL_BY_CLIENT): _S.CANCELLED_BY_CLIENT,
    (_S.PENDING_PAYMENT, _M.CANCEL_BY_COACH): _S.CANCELLED_BY_COACH,
    (_S.CONFIRMED, _M.RESCHEDULE): _S.CONFIRMED,
    (_S.CONFIRMED, _M.CANCEL_BY_CLIENT): _S.CANCELLED_BY_CLIENT,
    (_S.CONFIRMED, _M.CANCEL_BY_COACH): _S.CANCELLED_BY_COACH,
    (_S.CONFIRMED, _M.EXPIRE): _S.EXPIRED,
    (_S.CONFIRMED, _M.COMPLETE): _S.COMPLETED,
    (_S.CONFIRMED, _M.MISS): _S.NO_SHOW,
    (_S.PENDING_MINIMUM_ATTENDEES, _M.REACH_MINIMUM): _S.SCHEDULED,
    (_S.PENDING_MINIMUM_ATTENDEES, _M.EXPIRE): _S.EXPIRED,
    (_S.PENDING_MINIMUM_ATTENDEES, _M.CANCEL_BY_COACH): _S.CANCELLED_BY_COACH,
    (_S.SCHEDULED, _M.LOSE_MINIMUM): _S.PENDING_MINIMUM_ATTENDEES,
    (_S.SCHEDULED, _M.CANCEL_BY_COACH): _S.CANCELLED_BY_COACH,
    (_S.SCHEDULED, _M.COMPLETE): _S.COMPLETED,
}

#: A client may have three of these in the future, not four.
UNPAID = frozenset({_S.REQUESTED, _S.TIME_SUGGESTED, _S.PENDING_PAYMENT})
#: Nothing happens to these any more.
OVER = frozenset(
    {
        _S.COMPLETED,
        _S.NO_SHOW,
        _S.DECLINED,
        _S.EXPIRED,
        _S.CANCELLED_BY_CLIENT,
        _S.CANCELLED_BY_COACH,
    }
)


def advance(state: BookingState, move: BookingMove) -> BookingState:
    """The state after a legal move.

    Raises:
        Conflict: ILLEGAL_STATE; the details say which state it is in and which move was wanted.
    """
    after = BOOKING_MOVES.get((state, move))
    if after is None:
        wanted = {after.value for (_, known), after in BOOKING_MOVES.items() if known is move}
        raise Conflict(
            f"A booking that is {_words(state)} cannot become {_words(' or '.join(sorted(wanted)))}.",
            details={"state": state.value, "wanted": sorted(wanted)},
        )
    return after


def _words(name: str) -> str:
    return name.replace("_", " ")
