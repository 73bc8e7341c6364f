"""A coach's calendar as somebody else sees it: where a session can begin, what is free, what is booked."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.accounts.account import Identity
from domain.accounts.ports import AccountStore
from domain.booking.availability_ports import CalendarStore
from domain.booking.booking import Booking
from domain.booking.free_time import BOOKABLE_AHEAD
from domain.booking.months import months_of
from domain.booking.pages import Page, Pages
from domain.booking.ports import BookingLists, BookingSearch, Calendars
from domain.booking.session_type import Format
from domain.booking.shopfront import Shopfronts
from domain.booking.slots import Kind
from domain.booking.spans import Span, clipped, merged, without
from domain.booking.starts import Start, check_minutes, wanted_of
from domain.clock import Clock
from domain.coaching.coach import Coach
from domain.coaching.ports import CoachStore
from domain.errors import Invalid, NotFound
from domain.ids import CoachId, SessionTypeId, UserId
from domain.ports import Transactions, Tx

#: How many of a viewer's own bookings a calendar shows.
OWN_SHOWN = 100


@dataclass(frozen=True, slots=True)
class StartSearch:
    """Starts inside ``window``, the first ``limit``; ``minutes`` None means the session type's default."""

    session_type_id: SessionTypeId
    minutes: int | None
    window: Span
    limit: int


@dataclass(frozen=True, slots=True)
class FoundStarts:
    """``next_from``: where to look on, if there are more."""

    time_zone: str
    minutes: int
    items: Sequence[Start]
    next_from: datetime | None


@dataclass(frozen=True, slots=True)
class FreeSpan:
    """Free time of one kind."""

    span: Span
    kind: Kind


@dataclass(frozen=True, slots=True)
class SeenCalendar:
    """``busy`` says when, never what; ``own`` are the viewer's own bookings."""

    coach_id: CoachId
    time_zone: str
    free: Sequence[FreeSpan]
    busy: Sequence[Span]
    own: Sequence[Booking]


@dataclass(frozen=True, slots=True)
class ViewPorts:
    """What looking at calendars needs."""

    transact: Transactions
    accounts: AccountStore
    coaches: CoachStore
    visibility: Calendars
    shopfronts: Shopfronts
    calendars: CalendarStore
    bookings: BookingLists
    pages: Pages
    clock: Clock


class OpenTimes:
    """Reads calendars for others, as far as their privacy and blocks allow."""

    def __init__(self, ports: ViewPorts) -> None:
        self._ports = ports

    async def starts(self, who: Identity, user_id: UserId, search: StartSearch) -> FoundStarts:
        """Where a session of this type can begin: on quarter hours, with notice, clear of everything booked.

        Raises:
            NotFound: no such coach for the asker, or no such session type of theirs.
            Forbidden: CALENDAR_PRIVATE or BLOCKED.
            Invalid: a duration that is not offered, or a type that is not booked by its start.
        """
        # Nothing here is decided for good, so no transaction is worth its round trips: whoever books is asked again.
        front = await self._ports.shopfronts.of_user(None, user_id, who.user_id, search.session_type_id)
        front.require_open()
        session_type, calendar = front.offered(), front.calendar
        if session_type.format is Format.GROUP:
            raise _wrong("sessionTypeId", "People register for group sessions; they have no free starts.")
        minutes = session_type.duration_default if search.minutes is None else search.minutes
        check_minutes(session_type, minutes)
        now = self._ports.clock.now()
        earliest = max(search.window.start, now + timedelta(minutes=session_type.notice_minutes))
        latest = min(search.window.end, now + BOOKABLE_AHEAD)
        found: list[Start] = []
        if earliest < latest:
            wanted, months = wanted_of(session_type, minutes), list(months_of(Span(earliest, latest)))
            # Most find enough in the first months; whoever does not gets the rest in one go.
            for some in (months[:2], months[2:]):
                if some and len(found) <= search.limit:
                    for of_month in await self._ports.pages.starts(calendar, some, wanted):
                        found += _between(of_month, earliest, latest)
        more = found[search.limit].span.start if len(found) > search.limit else None
        return FoundStarts(calendar.schedule.time_zone, minutes, found[: search.limit], more)

    async def calendar(self, who: Identity, user_id: UserId, window: Span) -> SeenCalendar:
        """What is free and what is booked inside ``window``.

        Raises:
            NotFound: no such coach for the asker.
            Forbidden: CALENDAR_PRIVATE or BLOCKED.
        """
        ports = self._ports
        coach = await ports.transact(lambda tx: self._seen(tx, who, user_id))
        calendar = await ports.calendars.peek(coach.id)
        pages = await ports.pages.read(calendar, list(months_of(window)))
        search = BookingSearch(start=window.start, end=window.end, newest_first=False, limit=OWN_SHOWN)
        own = await ports.bookings.of_coach(coach.id, search, client=who.user_id)
        return SeenCalendar(
            coach_id=coach.id,
            time_zone=calendar.schedule.time_zone,
            free=free_inside(pages, window, ports.clock.now()),
            busy=merged(clipped((one.plain for page in pages for one in page.busy), window)),
            own=own.items,
        )

    async def _seen(self, tx: Tx, who: Identity, user_id: UserId) -> Coach:
        """The coach, if the asker may see the calendar."""
        coach = await self._ports.coaches.of_user(tx, user_id)
        if coach is None:
            raise NotFound("There is no such coach.")
        if user_id != who.user_id:
            account = await self._ports.accounts.get(tx, user_id)
            if not coach.verified or account.suspended_at is not None:
                raise NotFound("There is no such coach.")
        await self._ports.visibility.require_visible(tx, who.user_id, coach.id, coach.user_id)
        return coach


def free_inside(pages: Sequence[Page], window: Span, now: datetime) -> list[FreeSpan]:
    """What of these pages' offers is not booked and still to come, by start. What is offered as two kinds is there twice."""
    busy = merged(one.buffered for page in pages for one in page.busy)
    if window.end <= now:
        return []
    future = Span(max(window.start, now), window.end)
    by_kind: dict[Kind, list[Span]] = {}
    for page in pages:
        for offer in page.offers:
            by_kind.setdefault(offer.kind, []).append(offer.span)
    free = [
        FreeSpan(span, kind)
        for kind, spans in by_kind.items()
        for span in without(clipped(spans, future), busy)
    ]
    return sorted(free, key=lambda one: (one.span, one.kind.instant, one.kind.session_type_ids))


def _between(found: Sequence[Start], earliest: datetime, latest: datetime) -> Sequence[Start]:
    first = bisect_left(found, earliest, key=_start_of)
    return found[first : bisect_left(found, latest, key=_start_of)]


def _start_of(found: Start) -> datetime:
    return found.span.start


def _wrong(path: str, problem: str) -> Invalid:
    return Invalid(problem, details={"fields": [{"path": path, "problem": problem}]})
