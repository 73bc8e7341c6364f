"""What is offered and booked, month by month, remembered by a process.

Every transaction about a coach's time increments the version of the calendar and notes which months that concerns, so one
small read tells which remembered months are still true. A month may be newer than the version under which it is kept, never
older: the version is read first.
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Generic, TypeVar

from domain.booking.availability_ports import SlotStore
from domain.booking.booking import LONGEST
from domain.booking.calendar import Calendar
from domain.booking.months import Month
from domain.booking.patterns import Series
from domain.booking.slots import Kind, Offer, Slot
from domain.booking.spans import Span
from domain.booking.starts import Busy, Start, Wanted, starts
from domain.ids import CoachId

#: Spans kept at most, of all months together; the fullest month has some 300. About 20 MB.
SPANS_KEPT = 100_000
#: Starts kept at most, of all months and kinds of session together; a month has 3000 at most. About 40 MB.
STARTS_KEPT = 200_000
_ANY = 1_000_000
_BUFFERED_FROM = attrgetter("buffered.start")
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Page:
    """A month of a calendar, and as much around it as a session may reach beyond."""

    offers: tuple[Offer, ...]
    busy: tuple[Busy, ...]

    def __len__(self) -> int:
        """How many spans it has."""
        return len(self.offers) + len(self.busy)


class Pages:
    """Reads calendars through what is remembered."""

    def __init__(self, slots: SlotStore, series: Series) -> None:
        self._slots = slots
        self._series = series
        self._pages: Recent[tuple[CoachId, Month], Page] = Recent(SPANS_KEPT, len)
        self._starts: Recent[tuple[CoachId, Month, Wanted], tuple[Start, ...]] = Recent(STARTS_KEPT, len)

    async def read(self, calendar: Calendar, months: Sequence[Month]) -> list[Page]:
        """These months; what is missing is read in one go."""
        known = {month: self._pages.get((calendar.id, month), calendar.changed_in(month)) for month in months}
        missing = [month for month, page in known.items() if page is None]
        if missing:
            known |= await self._load(calendar, missing)
        return [page for page in known.values() if page is not None]

    async def starts(
        self, calendar: Calendar, months: Sequence[Month], wanted: Wanted
    ) -> list[tuple[Start, ...]]:
        """All starts of each of these months."""
        keys = [(calendar.id, month, wanted) for month in months]
        known = [self._starts.get(key, calendar.changed_in(key[1])) for key in keys]
        missing = [month for month, found in zip(months, known, strict=True) if found is None]
        pages = dict(zip(missing, await self.read(calendar, missing), strict=True))
        for place, (key, month) in enumerate(zip(keys, months, strict=True)):
            if month in pages:
                found = tuple(starts(pages[month].offers, pages[month].busy, wanted, month.span, _ANY))
                self._starts.put(key, calendar.version, found)
                known[place] = found
        return [found for found in known if found is not None]

    async def _load(self, calendar: Calendar, months: Sequence[Month]) -> dict[Month, Page]:
        whole = Span(min(months).around.start, max(months).around.end)
        slots = await self._slots.inside(calendar.id, whole)
        busy = sorted(await self._slots.busy(calendar.id, whole), key=_BUFFERED_FROM)
        pages = {month: self._page(calendar, month, slots, busy) for month in months}
        for month, page in pages.items():
            self._pages.put((calendar.id, month), calendar.version, page)
        return pages

    def _page(self, calendar: Calendar, month: Month, slots: Sequence[Slot], busy: Sequence[Busy]) -> Page:
        around = month.around
        first = bisect_left(busy, around.start - LONGEST, key=_BUFFERED_FROM)
        last = bisect_left(busy, around.end, key=_BUFFERED_FROM)
        return Page(tuple(offers_inside(calendar, slots, self._series, around)), tuple(busy[first:last]))


def offers_inside(calendar: Calendar, slots: Sequence[Slot], series: Series, window: Span) -> Iterator[Offer]:
    """The schedule, one-off slots and occurrences of series, as far as they lie inside ``window``."""
    scheduled = Kind(calendar.schedule.instant)
    for part in calendar.schedule.expanded(window):
        yield Offer(part, scheduled)
    for slot in slots:
        spans = (
            [slot.span] if slot.pattern is None else [one.span for one in series.inside(slot.pattern, window)]
        )
        for span in spans:
            inside = span.within(window)
            if inside is not None:
                yield Offer(inside, slot.kind)


class Recent(Generic[K, V]):
    """Keeps about so much, by a measure of values; the least recently used goes first."""

    def __init__(self, most: int, size: Callable[[V], int]) -> None:
        self._most = most
        self._size = size
        self._kept: OrderedDict[K, tuple[int, V]] = OrderedDict()
        self._sum = 0

    def get(self, key: K, since: int) -> V | None:
        """What is kept, unless it is older than version ``since``."""
        known = self._kept.get(key)
        if known is None or known[0] < since:
            return None
        self._kept.move_to_end(key)
        return known[1]

    def put(self, key: K, version: int, value: V) -> None:
        """Keep what was read after ``version`` was."""
        self._drop(self._kept.pop(key, None))
        self._kept[key] = (version, value)
        self._sum += self._weight(value)
        while self._sum > self._most:
            self._drop(self._kept.popitem(last=False)[1])

    def _drop(self, known: tuple[int, V] | None) -> None:
        self._sum -= self._weight(known[1]) if known else 0

    def _weight(self, value: V) -> int:
        # Nothing at all takes room, too.
        return self._size(value) + 1
