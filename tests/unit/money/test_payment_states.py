"""A payment moves forward only."""

from datetime import UTC, datetime

import pytest

from domain.errors import Conflict
from domain.ids import CoachId, PaymentId, UserId, new_id
from domain.payments.payment import PAYMENT_MOVES, Payment, PaymentMove, PaymentState

ILLEGAL = [
    (state, move) for state in PaymentState for move in PaymentMove if (state, move) not in PAYMENT_MOVES
]


def payment_in(state: PaymentState) -> Payment:
    created = datetime(2026, 1, 1, tzinfo=UTC)
    return Payment(
        PaymentId(new_id()), UserId(new_id()), CoachId(new_id()), None, "USD", created, state=state
    )


@pytest.mark.parametrize(("state", "move"), ILLEGAL)
def test_a_move_outside_the_table_is_refused_and_changes_nothing(
    state: PaymentState, move: PaymentMove
) -> None:
    payment = payment_in(state)

    with pytest.raises(Conflict) as refused:
        payment.move(move)

    assert refused.value.details == {"state": state.value, "move": move.value}
    assert payment.state is state


@pytest.mark.parametrize(("state", "move"), list(PAYMENT_MOVES))
def test_a_move_in_the_table_is_made(state: PaymentState, move: PaymentMove) -> None:
    payment = payment_in(state)

    payment.move(move)

    assert payment.state is PAYMENT_MOVES[state, move]


def test_every_state_can_be_reached_from_created() -> None:
    reached = {PaymentState.CREATED}
    for _ in PaymentState:
        reached |= {after for (before, _), after in PAYMENT_MOVES.items() if before in reached}

    assert reached == set(PaymentState)


def test_a_payment_never_comes_back_to_where_it_was() -> None:
    again = {
        (before, after)
        for (before, move), after in PAYMENT_MOVES.items()
        if move is not PaymentMove.REFUND_PART
    }
    order: list[PaymentState] = []
    waiting = set(PaymentState)
    for _ in PaymentState:
        free = {state for state in waiting if not any(a is state and b in waiting for b, a in again)}
        order += sorted(free)
        waiting -= free

    assert not waiting
