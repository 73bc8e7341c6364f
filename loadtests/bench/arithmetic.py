"""Medians, spreads, and ratios that are taken inside one alternation before anything is averaged."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some figures, the least and the greatest of them."""

    median: float
    low: float
    high: float

    def scaled(self, factor: float) -> "Spread":
        """In another unit."""
        return Spread(self.median * factor, self.low * factor, self.high * factor)


def spread(values: Sequence[float]) -> Spread:
    """Of at least one figure.

    Raises:
        ValueError: of none.
    """
    if not values:
        raise ValueError("no figures")
    return Spread(median(values), min(values), max(values))


def ratios(ours: Sequence[float | None], theirs: Sequence[float | None]) -> Spread | None:
    """``ours / theirs``, alternation by alternation; those in which one of both is missing do not count.

    None if no alternation is left.

    Raises:
        ValueError: sequences of different lengths: then pairs are not of the same alternation.
    """
    found = [
        one / other for one, other in zip(ours, theirs, strict=True) if one is not None and other is not None
    ]
    return spread(found) if found else None


def percentile(ordered: Sequence[float], share: float) -> float:
    """The least of these figures, in ascending order, that ``share`` of all do not exceed (nearest rank).

    Raises:
        ValueError: of none.
    """
    if not ordered:
        raise ValueError("no figures")
    rank = -(-len(ordered) * share // 1)  # ceiling
    return ordered[min(len(ordered), max(1, int(rank))) - 1]
