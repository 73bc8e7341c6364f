"""The tables of scheduled sessions and of overtime."""

from itertools import product

import pytest

from domain.errors import Code, Conflict
from domain.scheduled.states import (
    OVER,
    OVERTIME_MOVES,
    PAID_FOR,
    SESSION_MOVES,
    OvertimeMove,
    OvertimeState,
    SessionMove,
    SessionState,
    advance,
)

ILLEGAL_SESSIONS = [pair for pair in product(SessionState, SessionMove) if pair not in SESSION_MOVES]
ILLEGAL_OVERTIME = [pair for pair in product(OvertimeState, OvertimeMove) if pair not in OVERTIME_MOVES]


@pytest.mark.parametrize(("state", "move"), ILLEGAL_SESSIONS)
def test_an_illegal_move_of_a_session_says_both_states(state: SessionState, move: SessionMove) -> None:
    with pytest.raises(Conflict) as refused:
        advance(SESSION_MOVES, state, move, "A session")

    wanted = sorted({after.value for (_, known), after in SESSION_MOVES.items() if known is move})
    assert refused.value.code is Code.ILLEGAL_STATE
    assert refused.value.details == {"state": state.value, "wanted": wanted}


@pytest.mark.parametrize(("state", "move"), ILLEGAL_OVERTIME)
def test_an_illegal_move_of_overtime_says_both_states(state: OvertimeState, move: OvertimeMove) -> None:
    with pytest.raises(Conflict) as refused:
        advance(OVERTIME_MOVES, state, move, "Overtime")

    assert refused.value.details["state"] == state.value
    assert refused.value.details["wanted"]


def test_what_is_over_stays_over() -> None:
    assert not [state for state, _ in SESSION_MOVES if state in OVER]
    final = set(OvertimeState) - {state for state, _ in OVERTIME_MOVES}
    assert final == {
        OvertimeState.FINALIZED,
        OvertimeState.DECLINED,
        OvertimeState.EXPIRED,
        OvertimeState.FAILED,
    }


def test_every_state_can_be_reached() -> None:
    assert {SessionState.SCHEDULED, *SESSION_MOVES.values()} == set(SessionState)
    assert {OvertimeState.PENDING_CONFIRMATION, *OVERTIME_MOVES.values()} == set(OvertimeState)


def test_only_a_card_that_holds_the_price_makes_minutes_count() -> None:
    ways_in = {(state, move) for (state, move), to in OVERTIME_MOVES.items() if to in PAID_FOR}

    assert {state for state, _ in ways_in} - PAID_FOR == {OvertimeState.PENDING_CONFIRMATION}
    assert (OvertimeState.PENDING_CONFIRMATION, OvertimeMove.AUTHORIZE) in ways_in
