"""Calendars, bookings, prices, payments of bookings and their sessions, wired to stores, gateway and clock."""

from dataclasses import dataclass

from adapters.calendars import DateutilRecurrences
from billing.prices import PricePorts, PricingService
from bootstrap.wiring.booking_cases import BookingCases, build_cases
from bootstrap.wiring.calls import CallHouse
from bootstrap.wiring.people import build_people
from bootstrap.wiring.stores import Stores
from domain.booking.flow import BookingPorts
from domain.booking.free_time import CoachTime
from domain.booking.patterns import Series
from domain.booking.ports import Calendars, FreeTime, SessionTypeStore
from domain.calls.terms import CallTerms
from domain.clock import Clock
from domain.payments.gateway import PaymentGateway
from domain.payments.purchases import SubjectKind, Till
from domain.pricing.ports import Prices
from domain.scheduled.ports import ScheduledMeetings


@dataclass(frozen=True)
class BookingHouse:
    """Everything about booked time."""

    free_time: FreeTime
    calendars: Calendars
    session_types: SessionTypeStore
    prices: Prices
    till: Till
    meetings: ScheduledMeetings
    cases: BookingCases


def build_booking(
    *,
    stores: Stores,
    calls: CallHouse,
    clock: Clock,
    terms: CallTerms,
    process: str,
    gateway: PaymentGateway,
) -> BookingHouse:
    """One per process. The parts stand in the order in which they need each other."""
    free_time = CoachTime(
        calendars=stores.calendars,
        slots=stores.slots,
        bookings=stores.bookings,
        series=Series(DateutilRecurrences()),
        clock=clock,
    )
    session_types = stores.session_types
    prices = PricingService(PricePorts(stores.price_rules, stores.discount_codes, stores.calendars, clock))
    till = calls.money.till
    calendars = build_people(stores, clock, calls.notifications).calendars
    meetings = calls.sessions.meetings
    ports = BookingPorts(
        transact=stores.transact,
        clock=clock,
        process=process,
        fee_percent=terms.fee_percent,
        accounts=stores.accounts,
        coaches=stores.coaches,
        calendars=calendars,
        shopfronts=stores.shopfronts,
        session_types=session_types,
        bookings=stores.bookings,
        sessions=stores.scheduled,
        free_time=free_time,
        prices=prices,
        till=till,
        meetings=meetings,
        notifier=calls.notifications,
    )
    cases = build_cases(ports, stores)
    calls.money.sellables[SubjectKind.BOOKING] = cases.sales
    return BookingHouse(
        free_time=free_time,
        calendars=calendars,
        session_types=session_types,
        prices=prices,
        till=till,
        meetings=meetings,
        cases=cases,
    )
