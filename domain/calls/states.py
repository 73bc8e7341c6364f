"""The life of a call, as a table.

``reserving → requires_action? → ringing → ready → live ⇄ paused → ending → settled`` and its exits. Exits before ``live``
are never charged and release every hold.
"""

from enum import StrEnum

from domain.errors import Conflict


class CallState(StrEnum):
    """Where a call is."""

    RESERVING = "reserving"
    REQUIRES_ACTION = "requires_action"
    RINGING = "ringing"
    READY = "ready"
    LIVE = "live"
    PAUSED = "paused"
    ENDING = "ending"
    SETTLED = "settled"
    UNPAID = "unpaid"
    DECLINED = "declined"
    MISSED = "missed"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"
    FAILED = "failed"


class Move(StrEnum):
    """What can happen to a call."""

    AUTHORIZED = "authorized"  # the first block is held
    ACTION_REQUIRED = "action_required"  # the bank wants 3-D Secure
    REFUSED = "refused"  # the first block is not to be had, or not in time
    ACCEPT = "accept"
    DECLINE = "decline"
    MISS = "miss"  # nobody answered
    CANCEL = "cancel"  # the caller thought better of it
    ABANDON = "abandon"  # a side did not come after the accept
    FAIL = "fail"  # media was never proven both ways
    PROVEN = "proven"  # media flows both ways
    LOST = "lost"  # proof missing, or a socket lost
    END = "end"
    SETTLE = "settle"
    BEGIN = "begin"  # overtime: the booked time is over, and the card holds the price of more


S, M = CallState, Move

#: Every legal move. What is not here is refused.
MOVES: dict[tuple[CallState, Move], CallState] = {
    (S.RESERVING, M.AUTHORIZED): S.RINGING,
    (S.RESERVING, M.ACTION_REQUIRED): S.REQUIRES_ACTION,
    (S.RESERVING, M.REFUSED): S.UNPAID,
    (S.RESERVING, M.CANCEL): S.CANCELLED,
    (S.RESERVING, M.BEGIN): S.READY,
    (S.REQUIRES_ACTION, M.AUTHORIZED): S.RINGING,
    (S.REQUIRES_ACTION, M.REFUSED): S.UNPAID,
    (S.REQUIRES_ACTION, M.CANCEL): S.CANCELLED,
    (S.RINGING, M.ACCEPT): S.READY,
    (S.RINGING, M.DECLINE): S.DECLINED,
    (S.RINGING, M.MISS): S.MISSED,
    (S.RINGING, M.CANCEL): S.CANCELLED,
    (S.READY, M.PROVEN): S.LIVE,
    (S.READY, M.LOST): S.PAUSED,
    (S.READY, M.CANCEL): S.CANCELLED,
    (S.READY, M.ABANDON): S.ABANDONED,
    (S.READY, M.FAIL): S.FAILED,
    (S.LIVE, M.LOST): S.PAUSED,
    (S.LIVE, M.END): S.ENDING,
    (S.PAUSED, M.PROVEN): S.LIVE,
    (S.PAUSED, M.END): S.ENDING,
    (S.PAUSED, M.FAIL): S.FAILED,
    (S.ENDING, M.SETTLE): S.SETTLED,
}

#: A client has at most one call in these, and so has a coach.
OPEN = frozenset({S.RESERVING, S.REQUIRES_ACTION, S.RINGING, S.READY, S.LIVE, S.PAUSED})
#: Both participants may take their seats.
SEATED = frozenset({S.READY, S.LIVE, S.PAUSED})
#: Over without a charge: whatever is held must be released.
UNCHARGED = frozenset({S.UNPAID, S.DECLINED, S.MISSED, S.CANCELLED, S.ABANDONED, S.FAILED})


def advance(state: CallState, move: Move) -> CallState:
    """The state after ``move``.

    Raises:
        Conflict: ILLEGAL_STATE with both names.
    """
    try:
        return MOVES[state, move]
    except KeyError:
        raise Conflict(
            f"A call that is {state.value} cannot {move.value.replace('_', ' ')}.",
            details={"state": state.value, "move": move.value},
        ) from None
