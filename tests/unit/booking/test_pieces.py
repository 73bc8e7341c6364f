"""Pieces of slots: what a booking gives back when it goes on keeping others."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.booking.booking import TakenPiece
from domain.booking.pieces import without

DAY = datetime(2026, 3, 2, tzinfo=UTC)
QUARTERS = st.integers(0, 40)


def piece(first: int, after: int, *, instant: bool = True) -> TakenPiece:
    """From one quarter of an hour of the day to another."""
    return TakenPiece(DAY + timedelta(minutes=15 * first), DAY + timedelta(minutes=15 * after), instant)


@st.composite
def pieces(draw: st.DrawFn) -> list[TakenPiece]:
    """Apart from each other, as those of one booking are."""
    edges = sorted(draw(st.sets(QUARTERS, max_size=8)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return [piece(first, after, instant=draw(st.booleans())) for first, after in pairs]


def quarters(some: list[TakenPiece] | tuple[TakenPiece, ...]) -> set[datetime]:
    return {
        one.start + timedelta(minutes=15) * step
        for one in some
        for step in range((one.end - one.start) // timedelta(minutes=15))
    }


def test_an_hour_moved_by_half_of_it_gives_the_first_half_back() -> None:
    assert without([piece(0, 4)], [piece(2, 6)]) == (piece(0, 2),)


def test_what_is_kept_in_the_middle_leaves_both_ends() -> None:
    assert without([piece(0, 8, instant=False)], [piece(2, 4)]) == (
        piece(0, 2, instant=False),
        piece(4, 8, instant=False),
    )


@given(pieces(), pieces())
def test_exactly_what_is_not_kept_goes_back(taken: list[TakenPiece], kept: list[TakenPiece]) -> None:
    assert quarters(without(taken, kept)) == quarters(taken) - quarters(kept)


@given(pieces())
def test_keeping_nothing_gives_all_of_it_back(taken: list[TakenPiece]) -> None:
    assert without(taken, []) == tuple(taken)
    assert without(taken, taken) == ()
