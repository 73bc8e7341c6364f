"""Latencies in HDR histograms (http://hdrhistogram.org): three significant digits from a microsecond to a minute.

While a load runs, a value costs one addition in a dictionary; :class:`Latencies` becomes an HDR histogram afterwards, and
travels between processes in HdrHistogram's own encoding (V2, compressed, base64), which other tools read too.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hdrh.histogram import HdrHistogram

#: Microseconds. What took longer counts as this long.
LONGEST = 60_000_000
DIGITS = 3
#: What reports show.
PERCENTILES = (50.0, 90.0, 99.0, 99.9, 99.99)


@dataclass(slots=True)
class Latencies:
    """Counts by microseconds, exact, in one process."""

    counts: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def record(self, microseconds: int) -> None:
        """One value. Hot loops add to :attr:`counts` themselves."""
        self.counts[microseconds] += 1

    def histogram(self) -> "Histogram":
        """The same, to be merged and asked."""
        found = Histogram()
        for value, count in self.counts.items():
            found.add(value, count)
        return found


class Histogram:
    """Microseconds. Adds up exactly: merging equals having recorded everything in one."""

    __slots__ = ("_hdr",)

    def __init__(self) -> None:
        self._hdr = HdrHistogram(1, LONGEST, DIGITS)

    @classmethod
    def decoded(cls, text: str) -> "Histogram":
        """From :meth:`encoded`."""
        found = cls()
        found._hdr.decode_and_add(text)
        return found

    @classmethod
    def merged(cls, many: "Iterable[Histogram]") -> "Histogram":
        """All of them in a new one."""
        found = cls()
        for one in many:
            found._hdr.add(one._hdr)
        return found

    def encoded(self) -> str:
        """HdrHistogram's V2 encoding, base64."""
        text: bytes = self._hdr.encode()
        return text.decode("ascii")

    def add(self, microseconds: int, count: int = 1) -> None:
        """Record a value so many times."""
        self._hdr.record_value(min(max(microseconds, 0), LONGEST), count)

    def __len__(self) -> int:
        return int(self._hdr.get_total_count())

    def __bool__(self) -> bool:
        return len(self) > 0

    def percentile(self, percent: float) -> float:
        """Milliseconds that ``percent`` of all values do not exceed; 0 when there are none."""
        return int(self._hdr.get_value_at_percentile(percent)) / 1000 if self else 0.0

    def percentiles(self, wanted: Iterable[float] = PERCENTILES) -> Mapping[float, float]:
        """Milliseconds by percent."""
        if not self:
            return dict.fromkeys(wanted, 0.0)
        found = self._hdr.get_percentile_to_value_dict(list(wanted))
        return {percent: value / 1000 for percent, value in found.items()}

    @property
    def longest(self) -> float:
        """Milliseconds."""
        return int(self._hdr.get_max_value()) / 1000 if self else 0.0

    @property
    def mean(self) -> float:
        """Milliseconds."""
        return float(self._hdr.get_mean_value()) / 1000
