"""Bookings, scheduled sessions and their overtime as tables."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

import domain
from domain.booking.states import BOOKING_MOVES, UNPAID, BookingMove, BookingState
from domain.scheduled.states import OVERTIME_MOVES, SESSION_MOVES, OvertimeState, SessionState
from tools.reference.machines import Moves, diagram, legal_moves, plain
from tools.reference.markdown import code, member_comments, table
from tools.reference.words import BOOKING_WORDS, SCHEDULED_WORDS

_DOMAIN = Path(domain.__path__[0])
_BEGINS = (
    BookingState.REQUESTED,
    BookingState.PENDING_PAYMENT,
    BookingState.PENDING_MINIMUM_ATTENDEES,
)


def booking_states() -> str:
    """Diagram and table of a booking's life."""
    moves = plain(BOOKING_MOVES)
    words = BOOKING_WORDS | member_comments(_DOMAIN / "booking/states.py")
    notes = {
        state.value: words[state.value] + ("; counts as unpaid" if state in UNPAID else "")
        for state in BookingState
    }
    return f"{diagram(moves, *_BEGINS)}\n\n{_states(BookingState, moves, notes)}"


def booking_moves() -> str:
    """What the moves mean."""
    meanings = BOOKING_WORDS | member_comments(_DOMAIN / "booking/states.py")
    return table(("move", "meaning"), ((code(move.value), meanings[move.value]) for move in BookingMove))


def session_states() -> str:
    """Table of a scheduled session's life."""
    return _states(SessionState, plain(SESSION_MOVES), _scheduled_words())


def overtime_states() -> str:
    """Table of the life of a segment of overtime."""
    return _states(OvertimeState, plain(OVERTIME_MOVES), _scheduled_words())


def _scheduled_words() -> dict[str, str]:
    return SCHEDULED_WORDS | member_comments(_DOMAIN / "scheduled/states.py")


def _states(states: Iterable[StrEnum], moves: Moves, words: Mapping[str, str]) -> str:
    legal = legal_moves(moves)
    rows = ((code(one.value), legal[one.value] or "final", words[one.value]) for one in states)
    return table(("state", "legal moves", "meaning"), rows)
