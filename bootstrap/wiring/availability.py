"""Coaches' calendars, as they edit them and as others see them, wired to stores and clock."""

from dataclasses import dataclass

from adapters.calendars import DateutilRecurrences, IcalendarWriter
from bootstrap.wiring.stores import Stores
from domain.booking.availability import Availability, AvailabilityPorts
from domain.booking.feed import CalendarFeeds, FeedPorts
from domain.booking.open_times import OpenTimes, ViewPorts
from domain.booking.pages import Pages
from domain.booking.patterns import Series
from domain.booking.ports import Calendars
from domain.booking.schedules import Schedules
from domain.clock import Clock


@dataclass(frozen=True)
class AvailabilityHouse:
    """Everything about calendars that is no booking."""

    availability: Availability
    schedules: Schedules
    open_times: OpenTimes
    feeds: CalendarFeeds


def build_availability(stores: Stores, visibility: Calendars, clock: Clock) -> AvailabilityHouse:
    """One per process."""
    s, series = stores, Series(DateutilRecurrences())
    editing = AvailabilityPorts(s.transact, s.calendars, s.slots, s.session_types, series, clock)
    viewing = ViewPorts(
        transact=s.transact,
        accounts=s.accounts,
        coaches=s.coaches,
        visibility=visibility,
        shopfronts=s.shopfronts,
        calendars=s.calendars,
        bookings=s.bookings,
        pages=Pages(s.slots, series),
        clock=clock,
    )
    return AvailabilityHouse(
        availability=Availability(editing),
        schedules=Schedules(s.transact, s.calendars, clock),
        open_times=OpenTimes(viewing),
        feeds=CalendarFeeds(
            FeedPorts(s.transact, s.accounts, s.calendar_feeds, s.bookings, IcalendarWriter(), clock)
        ),
    )
