"""The states of a scheduled session, and of the overtime in it, as tables."""

from enum import StrEnum
from typing import TypeVar

from domain.errors import Conflict


class SessionState(StrEnum):
    """Where the meeting itself is; the booking says whether it is paid."""

    SCHEDULED = "scheduled"
    OPEN = "open"  # may be joined
    IN_PROGRESS = "in_progress"  # coach and client were both there
    ENDED = "ended"
    CANCELLED = "cancelled"


class SessionMove(StrEnum):
    """What can happen to a meeting."""

    OPEN = "open"  # ten minutes before its start
    BEGIN = "begin"  # both are there for the first time
    END = "end"
    CANCEL = "cancel"
    RESCHEDULE = "reschedule"


class OvertimeState(StrEnum):
    """Where a segment of overtime is."""

    PENDING_CONFIRMATION = (
        "pending_confirmation"  # one asked, the other has not answered, or the card has not
    )
    AUTHORIZED = "authorized"  # the card holds its price; it begins where the booked time ends
    ACTIVE = "active"  # its minutes are being used
    FINALIZED = "finalized"  # captured, as far as it was used
    DECLINED = "declined"
    EXPIRED = "expired"
    FAILED = "failed"  # the card was refused


class OvertimeMove(StrEnum):
    """What can happen to a segment of overtime."""

    AUTHORIZE = "authorize"
    ACTIVATE = "activate"
    FINALIZE = "finalize"
    DECLINE = "decline"
    EXPIRE = "expire"
    FAIL = "fail"


_S, _M = SessionState, SessionMove
SESSION_MOVES: dict[tuple[SessionState, SessionMove], SessionState] = {
    (_S.SCHEDULED, _M.OPEN): _S.OPEN,
    (_S.SCHEDULED, _M.RESCHEDULE): _S.SCHEDULED,
    (_S.SCHEDULED, _M.CANCEL): _S.CANCELLED,
    (_S.SCHEDULED, _M.END): _S.ENDED,
    (_S.OPEN, _M.RESCHEDULE): _S.SCHEDULED,
    (_S.OPEN, _M.BEGIN): _S.IN_PROGRESS,
    (_S.OPEN, _M.CANCEL): _S.CANCELLED,
    (_S.OPEN, _M.END): _S.ENDED,
    (_S.IN_PROGRESS, _M.END): _S.ENDED,
    (_S.IN_PROGRESS, _M.CANCEL): _S.CANCELLED,
}

_O, _T = OvertimeState, OvertimeMove
OVERTIME_MOVES: dict[tuple[OvertimeState, OvertimeMove], OvertimeState] = {
    (_O.PENDING_CONFIRMATION, _T.AUTHORIZE): _O.AUTHORIZED,
    (_O.PENDING_CONFIRMATION, _T.DECLINE): _O.DECLINED,
    (_O.PENDING_CONFIRMATION, _T.EXPIRE): _O.EXPIRED,
    (_O.PENDING_CONFIRMATION, _T.FAIL): _O.FAILED,
    (_O.AUTHORIZED, _T.ACTIVATE): _O.ACTIVE,
    (_O.AUTHORIZED, _T.FINALIZE): _O.FINALIZED,
    (_O.AUTHORIZED, _T.EXPIRE): _O.EXPIRED,
    (_O.ACTIVE, _T.FINALIZE): _O.FINALIZED,
}

#: Nothing happens in these any more.
OVER = frozenset({_S.ENDED, _S.CANCELLED})
#: The card holds the price of these, or paid it.
PAID_FOR = frozenset({_O.AUTHORIZED, _O.ACTIVE, _O.FINALIZED})

S = TypeVar("S", bound=StrEnum)
M = TypeVar("M", bound=StrEnum)


def advance(table: dict[tuple[S, M], S], state: S, move: M, what: str) -> S:
    """The state after a legal move; ``what`` names the aggregate in the error.

    Raises:
        Conflict: ILLEGAL_STATE; the details say which state it is in and which one was wanted.
    """
    after = table.get((state, move))
    if after is None:
        wanted = sorted({one.value for (_, known), one in table.items() if known is move})
        raise Conflict(
            f"{what} that is {state.value.replace('_', ' ')} cannot become {' or '.join(wanted).replace('_', ' ')}.",
            details={"state": state.value, "wanted": wanted},
        )
    return after
