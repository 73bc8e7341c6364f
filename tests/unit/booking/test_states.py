"""The table of a booking's moves: what is not in it is refused, with both states."""

import pytest

from domain.booking.states import BOOKING_MOVES, OVER, UNPAID, BookingMove, BookingState, advance
from domain.errors import Code, Conflict

ILLEGAL = [
    (state, move) for state in BookingState for move in BookingMove if (state, move) not in BOOKING_MOVES
]
BEGINS = (
    BookingState.REQUESTED,
    BookingState.PENDING_PAYMENT,
    BookingState.PENDING_MINIMUM_ATTENDEES,
)


def reachable(*starts: BookingState, without: frozenset[BookingMove] = frozenset()) -> set[BookingState]:
    seen, found = set[BookingState](), set(starts)
    while found - seen:
        state = (found - seen).pop()
        seen.add(state)
        found |= {
            to for (before, move), to in BOOKING_MOVES.items() if before is state and move not in without
        }
    return seen


@pytest.mark.parametrize(("state", "move"), ILLEGAL)
def test_a_move_outside_the_table_is_refused_with_both_states(state: BookingState, move: BookingMove) -> None:
    with pytest.raises(Conflict) as refused:
        advance(state, move)

    wanted = sorted({to.value for (_, known), to in BOOKING_MOVES.items() if known is move})
    assert refused.value.code is Code.ILLEGAL_STATE
    assert refused.value.details == {"state": state.value, "wanted": wanted}
    assert state.value.replace("_", " ") in refused.value.message


@pytest.mark.parametrize(("state", "move"), list(BOOKING_MOVES))
def test_a_move_in_the_table_is_made(state: BookingState, move: BookingMove) -> None:
    assert advance(state, move) is BOOKING_MOVES[state, move]


def test_every_state_can_be_reached_and_leads_to_an_end() -> None:
    assert reachable(*BEGINS) == set(BookingState)
    assert all(reachable(state) & OVER for state in BookingState)
    assert {state for state, _ in BOOKING_MOVES} == set(BookingState) - OVER


def test_nothing_between_two_takes_place_without_being_paid() -> None:
    unpaid = reachable(
        BookingState.REQUESTED, BookingState.PENDING_PAYMENT, without=frozenset({BookingMove.PAY})
    )

    assert not unpaid & {BookingState.CONFIRMED, BookingState.COMPLETED, BookingState.NO_SHOW}
    assert unpaid >= UNPAID
