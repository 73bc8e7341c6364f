"""Calls, payments and timers as tables."""

from pathlib import Path

import domain
from domain.calls.holds import HoldState
from domain.calls.session import EndReason
from domain.calls.states import MOVES, OPEN, SEATED, UNCHARGED, CallState, Move
from domain.payments.payment import PAYMENT_MOVES, PaymentState
from domain.timers import TimerKind
from tools.reference.machines import diagram, legal_moves, plain
from tools.reference.markdown import code, member_comments, table
from tools.reference.words import CALL_MOVES, END_REASONS, HOLD_STATES, PAYMENT_STATES

_DOMAIN = Path(domain.__path__[0])
_TRAITS = ((OPEN, "open"), (SEATED, "seats may be taken"), (UNCHARGED, "never charged"))


def call_states() -> str:
    """Diagram and table of a call's life."""
    moves = plain(MOVES)
    notes = {state: ", ".join(text for group, text in _TRAITS if state in group) for state in CallState}
    legal = legal_moves(moves)
    rows = ((code(state.value), legal[state.value] or "final", notes[state]) for state in CallState)
    return f"{diagram(moves, CallState.RESERVING)}\n\n{table(('state', 'legal moves', 'note'), rows)}"


def call_moves() -> str:
    """What the moves mean."""
    meanings = CALL_MOVES | member_comments(_DOMAIN / "calls/states.py")
    return table(("move", "meaning"), ((code(move.value), meanings[move.value]) for move in Move))


def hold_states() -> str:
    """Where a hold can be."""
    return table(("state", "meaning"), ((code(one.value), HOLD_STATES[one.value]) for one in HoldState))


def payment_states() -> str:
    """Table of a payment's life."""
    legal = legal_moves(plain(PAYMENT_MOVES))
    rows = (
        (code(state.value), legal[state.value] or "final", PAYMENT_STATES[state.value])
        for state in PaymentState
    )
    return table(("state", "legal moves", "meaning"), rows)


def end_reasons() -> str:
    """Why a call is over."""
    return table(("reason", "meaning"), ((code(one.value), END_REASONS[one.value]) for one in EndReason))


def timer_kinds() -> str:
    """What happens later, and whom it is about."""
    comments = member_comments(_DOMAIN / "timers.py")
    rows = []
    for kind in TimerKind:
        about, colon, what = comments[kind.value].partition(": ")
        rows.append((code(kind.value), about if colon else "one for the whole house", what or about))
    return table(("kind", "key", "what its being due means"), rows)
