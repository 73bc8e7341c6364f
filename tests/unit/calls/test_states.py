"""The tables of moves: what is not in them is refused, with both names."""

import pytest

from domain.calls.states import MOVES, OPEN, SEATED, UNCHARGED, CallState, Move, advance
from domain.errors import Conflict

ILLEGAL = [(state, move) for state in CallState for move in Move if (state, move) not in MOVES]
LIVE_OR_LATER = {CallState.LIVE, CallState.ENDING, CallState.SETTLED}


def reachable(start: CallState, *, without: frozenset[Move] = frozenset()) -> set[CallState]:
    seen, found = set[CallState](), {start}
    while found - seen:
        state = (found - seen).pop()
        seen.add(state)
        found |= {after for (before, move), after in MOVES.items() if before is state and move not in without}
    return seen


@pytest.mark.parametrize(("state", "move"), ILLEGAL)
def test_a_move_outside_the_table_is_refused_with_both_names(state: CallState, move: Move) -> None:
    with pytest.raises(Conflict) as refused:
        advance(state, move)

    assert refused.value.details == {"state": state.value, "move": move.value}
    assert state.value in refused.value.message
    assert move.value.replace("_", " ") in refused.value.message


@pytest.mark.parametrize(("state", "move"), list(MOVES))
def test_a_move_in_the_table_is_made(state: CallState, move: Move) -> None:
    assert advance(state, move) is MOVES[state, move]


def test_every_state_can_be_reached() -> None:
    assert reachable(CallState.RESERVING) == set(CallState)


def test_every_state_that_is_not_over_leads_to_an_end() -> None:
    ends = UNCHARGED | {CallState.SETTLED}

    assert all(reachable(state) & ends for state in CallState)
    assert {state for state, _ in MOVES} == set(CallState) - ends


def test_only_a_call_with_proven_media_can_be_charged() -> None:
    before_proof = reachable(CallState.RESERVING, without=frozenset({Move.PROVEN}))

    # A pause before any talk can end, but the aggregate fails it instead: END is made only when it was live.
    assert before_proof - LIVE_OR_LATER == OPEN - {CallState.LIVE} | UNCHARGED
    assert CallState.LIVE not in before_proof


def test_exits_without_a_charge_are_final() -> None:
    assert not {state for state, _ in MOVES} & UNCHARGED


def test_open_seated_and_uncharged_fit_together() -> None:
    assert SEATED < OPEN
    assert not OPEN & UNCHARGED
    assert set(CallState) - OPEN - UNCHARGED == {CallState.ENDING, CallState.SETTLED}
