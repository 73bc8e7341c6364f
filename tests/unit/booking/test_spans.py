"""The algebra of spans, against minutes counted one by one."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.booking.spans import Span, clipped, covers, merged, shared, total, without

START = datetime(2026, 3, 1, tzinfo=UTC)
LAST = 60


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def minutes_of(spans: Iterable[Span]) -> set[int]:
    """The minutes that lie in any of them."""
    return {minute for minute in range(LAST) for span in spans if span.start <= at(minute) < span.end}


span = st.tuples(st.integers(0, LAST), st.integers(0, LAST)).filter(lambda edges: edges[0] != edges[1])
spans = st.lists(span.map(lambda edges: Span(at(min(edges)), at(max(edges)))), max_size=12)


def assert_normal(found: list[Span]) -> None:
    assert all(earlier.end < later.start for earlier, later in pairwise(found))


@given(spans)
def test_a_union_has_every_minute_once(some: list[Span]) -> None:
    union = merged(some)

    assert minutes_of(union) == minutes_of(some)
    assert merged(union) == union
    assert_normal(union)


@given(spans, spans)
def test_what_is_taken_is_gone_and_nothing_else(some: list[Span], taken: list[Span]) -> None:
    left = without(some, taken)

    assert minutes_of(left) == minutes_of(some) - minutes_of(taken)
    assert_normal(left)


@given(spans, spans)
def test_what_is_shared_is_in_both(some: list[Span], others: list[Span]) -> None:
    both = shared(some, others)

    assert minutes_of(both) == minutes_of(some) & minutes_of(others)
    assert_normal(both)


@given(spans, spans)
def test_free_and_booked_are_the_window(window: list[Span], booked: list[Span]) -> None:
    free, taken = without(window, booked), shared(window, booked)

    assert merged([*free, *taken]) == merged(window)
    assert shared(free, taken) == []
    assert total(free) + total(taken) == total(window)


@given(spans, span)
def test_clipping_leaves_what_is_inside(some: list[Span], edges: tuple[int, int]) -> None:
    window = Span(at(min(edges)), at(max(edges)))

    assert minutes_of(clipped(some, window)) == minutes_of(some) & minutes_of([window])
    assert covers(merged(some), window) == (minutes_of([window]) <= minutes_of(some))
