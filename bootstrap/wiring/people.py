"""How people find each other and are told things, wired to the stores."""

from dataclasses import dataclass

from bootstrap.wiring.stores import Stores
from domain.clock import Clock
from domain.connections.connections import ConnectionPorts, Connections
from domain.connections.visibility import CalendarPrivacy, CalendarVisibility
from domain.notifications.ports import Notifier


@dataclass(frozen=True)
class PeopleHouse:
    """Everything between people."""

    connections: Connections
    calendars: CalendarVisibility
    privacy: CalendarPrivacy


def build_people(stores: Stores, clock: Clock, notifier: Notifier) -> PeopleHouse:
    """One per process."""
    s = stores
    return PeopleHouse(
        connections=Connections(
            ConnectionPorts(s.transact, s.accounts, s.blocks, s.connections, notifier, s.mail_requests, clock)
        ),
        calendars=CalendarVisibility(s.coaches, s.blocks, s.connections, s.calendar_privacy),
        privacy=CalendarPrivacy(s.transact, s.calendar_privacy),
    )
