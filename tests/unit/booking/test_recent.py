"""What a process remembers: as much as it may, the newest, and nothing that is out of date."""

from hypothesis import given
from hypothesis import strategies as st

from domain.booking.pages import Recent

puts = st.lists(st.tuples(st.integers(0, 5), st.text(max_size=6)), max_size=30)


@given(puts, st.integers(8, 30))
def test_it_keeps_the_newest_of_what_was_put_last_and_no_more_than_it_may(
    put: list[tuple[int, str]], most: int
) -> None:
    recent: Recent[int, str] = Recent(most, len)
    for key, value in put:
        recent.put(key, 1, value)

    by_age = list(dict.fromkeys(key for key, _ in reversed(put)))
    kept = {key: recent.get(key, 1) for key in by_age}
    there = {key: value for key, value in kept.items() if value is not None}

    assert there.items() <= dict(put).items()
    assert list(there) == by_age[: len(there)]
    assert sum(len(value) + 1 for value in there.values()) <= most
    assert bool(there) == bool(put)


def test_what_is_older_than_asked_for_is_not_there() -> None:
    recent: Recent[str, str] = Recent(10, len)
    recent.put("month", 3, "old")

    assert recent.get("month", 3) == "old"
    assert recent.get("month", 4) is None
    recent.put("month", 4, "new")
    assert recent.get("month", 4) == "new"


def test_what_was_used_stays_longer() -> None:
    recent: Recent[str, str] = Recent(6, len)
    for key in "abc":
        recent.put(key, 1, "x")
    recent.get("a", 1)
    recent.put("d", 1, "x")

    assert [key for key in "abcd" if recent.get(key, 1)] == ["a", "c", "d"]
