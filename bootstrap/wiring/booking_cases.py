"""The use cases of a booking's life, wired to each other."""

from dataclasses import dataclass

from adapters.mongo.bookings import MongoPaymentStates
from bootstrap.wiring.stores import Stores
from domain.booking.bookings import Bookings
from domain.booking.changes import Changes
from domain.booking.deadlines import Deadlines
from domain.booking.flow import BookingFlow, BookingPorts
from domain.booking.groups import Groups
from domain.booking.lifecycle import Lifecycle
from domain.booking.outcomes import Outcomes
from domain.booking.parties import Parties
from domain.booking.places import Places
from domain.booking.requests import Requests
from domain.booking.rescheduling import Reschedules
from domain.booking.sellable import BookingSales
from domain.booking.views import BookingQueries


@dataclass(frozen=True)
class BookingCases:
    """Everything that moves bookings, and what reads them."""

    bookings: Bookings
    requests: Requests
    reschedules: Reschedules
    changes: Changes
    outcomes: Outcomes
    groups: Groups
    deadlines: Deadlines
    sales: BookingSales
    queries: BookingQueries


def build_cases(ports: BookingPorts, stores: Stores) -> BookingCases:
    """One of each, over the same flow."""
    flow, parties = BookingFlow(ports), Parties(ports)
    places = Places(ports, flow)
    lifecycle = Lifecycle(ports, flow, places)
    reschedules = Reschedules(ports, flow, parties, lifecycle)
    outcomes = Outcomes(ports, flow, parties, lifecycle)
    groups = Groups(ports, flow, parties, lifecycle, places)
    return BookingCases(
        bookings=Bookings(ports, flow, parties, lifecycle),
        requests=Requests(ports, flow, parties, lifecycle, reschedules),
        reschedules=reschedules,
        changes=Changes(ports, flow, parties, lifecycle, places, groups),
        outcomes=outcomes,
        groups=groups,
        deadlines=Deadlines(ports, flow, lifecycle, reschedules, groups, outcomes),
        sales=BookingSales(ports, flow, lifecycle),
        queries=BookingQueries(ports, parties, stores.bookings, MongoPaymentStates(stores.db)),
    )
